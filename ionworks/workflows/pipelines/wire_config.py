"""The elements of a pipeline in the form they travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ionworks.data.inline_data import with_inline_data
from ionworks.data.json_values import plain
from ionworks.data.pybamm_objects import with_plain_objects
from ionworks.requests.fields import text

if TYPE_CHECKING:
    from ionworks.requests.pipeline import PipelineConfig

__all__ = ["wire_changes", "wire_elements", "wire_options"]

_WHERE = "config['elements']"


def wire_elements(config: PipelineConfig, *, wrap_frames: bool) -> dict[str, Any]:
    """Return the elements of a checked configuration as JSON values.

    Parameters
    ----------
    config : PipelineConfig
        The configuration.
    wrap_frames : bool
        See `ionworks.data.inline_data.with_inline_data`.

    Returns
    -------
    dict
        PyBaMM objects as its JSON, data as references or columns, NaN and infinities as None.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        If something cannot be sent, saying where it stands and what to do.
    """
    objects = with_plain_objects(config.elements, _WHERE)
    elements: dict[str, Any] = plain(
        with_inline_data(objects, _WHERE, wrap_frames=wrap_frames), _WHERE
    )
    return elements


def wire_options(config: PipelineConfig) -> dict[str, Any] | None:
    """Return the options as JSON values, None if there are none."""
    options: dict[str, Any] | None = plain(config.options, "options")
    return options


def wire_changes(name: str | None, description: str | None) -> dict[str, str]:
    """Return what to change beside a pipeline.

    Raises
    ------
    TypeError, ValueError
        If one is no text, or neither is given.
    """
    given = {"name": name, "description": description}
    changes = {key: value for key, value in given.items() if value is not None}
    if not changes:
        raise ValueError("there is nothing to change: give name or description, or both")
    # A description may be emptied, a name may not.
    if name is not None:
        text(name, "name")
    if description is not None and not isinstance(description, str):
        raise TypeError(f"description must be text, not {description!r}")
    return changes
