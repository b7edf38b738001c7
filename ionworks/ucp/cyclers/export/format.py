"""The description of a file format: its name, what it supports, and its writer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import Factory, frozen

from ionworks.ucp.cyclers.export.capability import Capability
from ionworks.ucp.cyclers.plan import Plan
from ionworks.ucp.problems import Problem


@frozen
class Settings:
    """What a writer needs besides the plan.

    Attributes
    ----------
    stem : str
        Name of the file without its extension.
    saved_at : datetime
        The date written into the file.
    nominal_capacity : float or None
        In A.h.
    options : dict
        Checked options of the format.
    """

    stem: str
    saved_at: datetime
    nominal_capacity: float | None = None
    options: Mapping[str, Any] = Factory(dict)


@frozen
class WrittenFile:
    """A file, the files that belong to it, and notes for its user."""

    content: bytes
    assets: tuple[tuple[str, bytes], ...] = ()
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Format:
    """A file format that protocols can be written in.

    Attributes
    ----------
    target : str
        Its name in calls.
    suffix, media_type, encoding : str
        Of the main file.
    capability : Capability
        What it supports.
    write : callable
        Writes a plan that passed all checks.
    count_steps : callable
        How many steps of the file a plan becomes, as the format counts them.
    prepare : callable
        Brings a plan into the form the format needs, before the checks.
    check : callable
        Yields problems that a table of capabilities cannot express.
    options : mapping
        What each of its options is, by name.
    read_options : callable
        Checks the values of options; raises ValueError.
    trust : str
        How well the format is known; given with every file and explained in ``docs/vendors.md``.
    counts_cycles : bool
        Whether the file can mark where a cycle is counted.
    directs_holds : bool
        Whether the file says in which direction a constant voltage drives the cell; else the cell
        decides.
    """

    target: str
    suffix: str
    media_type: str
    encoding: str
    capability: Capability
    write: Callable[[Plan, Settings], WrittenFile]
    count_steps: Callable[[Plan], int]
    trust: str
    prepare: Callable[[Plan, Settings], Plan] = lambda plan, _settings: plan
    check: Callable[[Plan, Settings], Iterator[Problem]] = lambda _plan, _settings: iter(())
    options: Mapping[str, str] = Factory(dict)
    read_options: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    counts_cycles: bool = True
    directs_holds: bool = True
