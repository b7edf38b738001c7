"""Checks of the fitted parameters in a pipeline configuration: bounds and initial values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from ionworks.doe.scalars import finite, known_fields
from ionworks.requests.fields import named

__all__ = ["check_parameters"]

_KEYS: Final = (
    "initial_value",
    "bounds",
    "prior",
    "normalize",
    "check_bounds",
    "check_initial_value",
    "initial_guess_distribution",
    "transform",
    "name",
)
_TRANSFORMS: Final = ("Log", "Log10", "Exp", "Pow10", "Inverse", "Negate", "Identity")
_PAIR: Final = 2


def check_parameters(parameters: Any, where: str) -> None:
    """Check the bounds and initial values of fitted parameters.

    Parameters
    ----------
    parameters : mapping
        Maps parameter name to ``{"bounds", "initial_value", ...}``. An expression that links a
        parameter to others, as a PyBaMM object or its JSON, is checked by the server.
    where : str
        Name of the argument in messages.

    Raises
    ------
    TypeError, ValueError
        If a parameter is invalid; the message gives parameter, field and value.
    """
    for name, parameter in named(parameters, where).items():
        if isinstance(parameter, Mapping) and not _is_expression(parameter):
            _check(parameter, f"{where}[{name!r}]")
        elif isinstance(parameter, (str, bytes, list, tuple)) or parameter is None:
            raise TypeError(
                f"{where}[{name!r}] must be a mapping such as {{'bounds': [low, high],"
                f" 'initial_value': value}}, not {parameter!r}"
            )


def _is_expression(parameter: Mapping[Any, Any]) -> bool:
    """Whether a mapping is PyBaMM's JSON of an expression."""
    return bool({"$type", "children"} & parameter.keys())


def _check(parameter: Mapping[str, Any], where: str) -> None:
    fields = known_fields(parameter, where, _KEYS)
    transform = fields.get("transform")
    if isinstance(transform, str) and transform not in _TRANSFORMS:
        raise ValueError(f"{where}['transform'] must be one of {_TRANSFORMS}, not {transform!r}")
    low, high = -math.inf, math.inf
    if "bounds" in fields:
        low, high = _bounds(fields["bounds"], f"{where}['bounds']")
    if "initial_value" in fields and fields.get("check_initial_value", True):
        value = finite(fields["initial_value"], f"{where}['initial_value']")
        if not low <= value <= high:
            raise ValueError(
                f"{where}['initial_value'] is {value!r}, which is outside the bounds [{low!r},"
                f" {high!r}]: widen them or choose a value between them"
            )


def _bounds(bounds: Any, where: str) -> tuple[float, float]:
    # Checked by __len__ because NumPy arrays are not Sequences; text and mappings have it too.
    if isinstance(bounds, (str, bytes, Mapping)) or not hasattr(bounds, "__len__"):
        raise TypeError(f"{where} must be a pair [low, high], not {bounds!r}")
    if len(bounds) != _PAIR:
        raise ValueError(f"{where} must be a pair [low, high], not {len(bounds)} values {bounds!r}")
    low, high = (
        _bound(bound, open_end, f"{where}[{index}]")
        for index, (bound, open_end) in enumerate(zip(bounds, (-math.inf, math.inf), strict=True))
    )
    if not low < high:
        raise ValueError(
            f"{where} are [{low!r}, {high!r}]: the first must be below the second; put a value"
            " that is not fitted into an entry"
        )
    return low, high


def _bound(bound: Any, open_end: float, where: str) -> float:
    """Return a bound; None, -inf as lower and inf as upper bound mean that there is none."""
    if bound is None:
        return open_end
    if isinstance(bound, float) and bound == open_end:
        return open_end
    return finite(bound, where)
