"""The kinds of steps, modes and markers: their names, spellings and fields."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from ionworks.ucp.expressions import FUNCTION_ARGUMENTS, RESERVED_NAMES
from ionworks.ucp.nodes import Kind, Mode
from ionworks.ucp.problems import shown
from ionworks.ucp.units import Dimension

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
KIND_NAMES: Final = tuple("Direction[...]" if kind == "Direction" else kind for kind in KINDS)
"""The kinds as they are written in a document."""

MODES: Final[dict[Mode, Dimension]] = {
    "C-rate": "c-rate",
    "Current": "current",
    "Power": "power",
    "Voltage": "voltage",
    "Resistance": "resistance",
}
"""Control modes and the dimension of their value."""

MARKERS: Final[dict[str, Literal["End", "Advance cycle", "Pause"]]] = {
    "end": "End",
    "advancecycle": "Advance cycle",
    "cycle": "Advance cycle",
    "pause": "Pause",
}
SHAPES: Final = ("sine", "square", "triangle", "sawtooth")

_COMMON: Final = ("note", "name", "set_variable")
_TIMED: Final = ("duration", "ends", "temperature", "resolution", *_COMMON)
_CONTROLLED: Final = ("mode", "value", *_TIMED)
FIELDS: Final[dict[Kind, tuple[str, ...]]] = {
    "Rest": _TIMED,
    "Charge": _CONTROLLED,
    "Discharge": _CONTROLLED,
    "Direction": _CONTROLLED,
    "Drive": ("drive_cycle", "file", "value", "mode", "data", "scale", "repeat", *_TIMED),
    "EIS": (
        "min_frequency",
        "max_frequency",
        "points_per_decade",
        "frequencies",
        "amplitude",
        "mode",
        "temperature",
        *_COMMON,
    ),
    "Waveform": (
        "shape",
        "mode",
        "amplitude",
        "offset",
        "frequency",
        "cycles",
        "data",
        "scale",
        "repeat",
        *_TIMED,
    ),
    "Ambient temperature": ("value", "temperature", *_COMMON),
    "Control": ("ends", *_COMMON),
}
"""The allowed fields of each kind of step."""

GLOBAL_FIELDS: Final = (
    "initial_temperature",
    "temperature",
    "initial_state_type",
    "initial_state_value",
    "initial_soc",
    "initial_voltage",
    "resolution",
)
LIMITS: Final[dict[str, Dimension]] = {
    "voltage_min": "voltage",
    "voltage_max": "voltage",
    "temperature_min": "temperature",
    "temperature_max": "temperature",
    "charge_current_max": "current",
    "discharge_current_max": "current",
}
"""Safety limits in canonical order, and their dimension."""

STATE_TYPES: Final = ("soc_percentage", "voltage")

QUANTITIES: Final[dict[str, Dimension | None]] = {
    "Voltage": "voltage",
    "Current": "current",
    "C-rate": "c-rate",
    "Capacity": "capacity",
    "Temperature": "temperature",
    "Time": "time",
    "SOC": "soc",
    "Energy": "energy",
    "Power": "power",
    "Cycle count": None,
    "Step count": None,
    "Cell capacity": "capacity",
    "Minimum voltage": "voltage",
}
"""Quantities an end may compare, and their dimension."""

READ_OUTS: Final = {
    "Cycle count": "CYCLE_COUNT",
    "Step count": "STEP_COUNT",
    "Cell capacity": "CELL_CAPACITY",
    "Minimum voltage": "CYCLE_V_MIN",
}
"""Quantities that are those of the last finished step -> their names in expressions."""

MAGNITUDES: Final = frozenset({"Current", "C-rate", "Power", "Capacity", "Energy"})
"""Quantities counted in the direction of the step and therefore written without a sign."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# C is the unit of C-rates: "C / 20" is a number.
_KEYWORDS: Final = frozenset({"and", "or", "not", "input", "c", *FUNCTION_ARGUMENTS})
_SEPARATORS: Final = re.compile(r"[\s_-]+")
_SPELLINGS: Final[dict[str, Kind]] = {
    **{_SEPARATORS.sub("", kind.lower()): kind for kind in KINDS if kind != "Direction"},
    "drivecycle": "Drive",
}
_MODE_SPELLINGS: Final = {_SEPARATORS.sub("", mode.lower()): mode for mode in MODES}
_DIRECTION: Final = re.compile(r"\s*direction\s*\[(.*)\]\s*", re.IGNORECASE | re.DOTALL)


def folded(text: str) -> str:
    """Return a name in lower case without blanks, underscores and hyphens."""
    return _SEPARATORS.sub("", text[:200].lower())


def kind_of(text: str) -> Kind | None:
    """Return the kind a key names, in any spelling; None for ``Direction[...]`` and others."""
    return _SPELLINGS.get(folded(text))


def mode_of(text: str) -> Mode | None:
    """Return the control mode a word names, in any spelling, or None."""
    return _MODE_SPELLINGS.get(folded(text))


def direction_text(text: str) -> str | None:
    """Return the text in the brackets of ``Direction[...]``, or None."""
    match = _DIRECTION.fullmatch(text)
    return match.group(1) if match else None


def name_problem(name: str) -> str | None:
    """Return why a name cannot be assigned to, or None if it can."""
    if not _IDENTIFIER.fullmatch(name):
        return f"the variable name {shown(name)!r} may contain only letters, digits and underscores"
    canonical = RESERVED_NAMES.get(name.lower())
    if canonical or name.lower() in _KEYWORDS or name in QUANTITIES:
        return f"{name!r} is reserved; choose another name, such as 'VAR_{name.upper()}'"
    return None
