"""What a file format is to the rest: its name, what it can say, and its writer."""

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
    """What a writer is told beside the plan.

    Attributes
    ----------
    stem : str
        Name of the file without its ending.
    nominal_capacity : float or None
        In A.h.
    saved_at : datetime
        The date a file carries.
    options : dict
        Options of the format, checked.
    """

    stem: str
    saved_at: datetime
    nominal_capacity: float | None = None
    options: Mapping[str, Any] = Factory(dict)


@frozen
class Written:
    """A file, those that belong to it, and what its user should know."""

    content: bytes
    assets: tuple[tuple[str, bytes], ...] = ()
    notes: tuple[str, ...] = ()


def _no_options(options: Mapping[str, Any]) -> dict[str, Any]:
    return dict(options)


def _nothing_more(plan: Plan, settings: Settings) -> Iterator[Problem]:  # noqa: ARG001  a default
    yield from ()


def _as_it_is(plan: Plan, settings: Settings) -> Plan:  # noqa: ARG001  a default
    return plan


@frozen
class Format:
    """A format that protocols are written in.

    Attributes
    ----------
    target : str
        Its name in calls.
    suffix, media_type, encoding : str
        Of the main file.
    capability : Capability
        What it can say.
    write : callable
        From a plan that passed all checks, and settings, to a file.
    prepare : callable
        Brings a plan into the form the format needs, before the checks.
    check : callable
        Yields problems that a table of capabilities cannot express.
    option_names : tuple of str
        Options it has.
    read_options : callable
        Checks the values of options; raises ValueError.
    notes : tuple of str
        Go with every file: how sure its format is.
    counts_cycles : bool
        Whether a place where a cycle is counted can be written.
    """

    target: str
    suffix: str
    media_type: str
    encoding: str
    capability: Capability
    write: Callable[[Plan, Settings], Written]
    prepare: Callable[[Plan, Settings], Plan] = _as_it_is
    check: Callable[[Plan, Settings], Iterator[Problem]] = _nothing_more
    option_names: tuple[str, ...] = ()
    read_options: Callable[[Mapping[str, Any]], dict[str, Any]] = _no_options
    notes: tuple[str, ...] = ()
    counts_cycles: bool = True
