"""Conversion of a pipeline configuration to JSON types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ionworks.data.inline_data import with_inline_data
from ionworks.data.json_values import plain
from ionworks.data.pybamm_objects import with_plain_objects

if TYPE_CHECKING:
    from ionworks.requests.pipeline import PipelineConfig

__all__ = ["wire_elements", "wire_options"]

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
        If a value cannot be sent; the message gives its place and the remedy.
    """
    objects = with_plain_objects(config.elements, _WHERE)
    elements: dict[str, Any] = plain(
        with_inline_data(objects, _WHERE, wrap_frames=wrap_frames), _WHERE
    )
    return elements


def wire_options(config: PipelineConfig) -> dict[str, Any] | None:
    """Return the options as JSON values, None if they are not given."""
    options: dict[str, Any] | None = plain(config.options, "options")
    return options
