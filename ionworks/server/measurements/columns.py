"""Names of the columns of a cycler's time series, and which are required."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from ionworks.ucp.step_table import COUNTERS

TIME: Final = "Time [s]"
VOLTAGE: Final = "Voltage [V]"
CURRENT: Final = "Current [A]"
TEMPERATURE: Final = "Temperature [degC]"
FREQUENCY: Final = "Frequency [Hz]"
STEP_COUNT: Final = "Step count"
CYCLE_COUNT: Final = "Cycle count"
STEP_FROM_CYCLER: Final = "Step from cycler"
CYCLE_FROM_CYCLER: Final = "Cycle from cycler"
LABEL: Final = "Label"
GROUP_NUMBER: Final = "Group number"
POWER: Final = "Power [W]"
STEP_TYPE: Final = "Step type"
START_INDEX: Final = "Start index"
END_INDEX: Final = "End index"
DURATION: Final = "Duration [s]"
DISCHARGE_CAPACITY: Final = "Discharge capacity [A.h]"
CHARGE_CAPACITY: Final = "Charge capacity [A.h]"
DISCHARGE_ENERGY: Final = "Discharge energy [W.h]"
CHARGE_ENERGY: Final = "Charge energy [W.h]"

_MEASURED = (TIME, VOLTAGE, CURRENT)
#: One of these is required: it tells where steps begin.
_STEPS = (STEP_COUNT, STEP_FROM_CYCLER)
_NUMERIC = (*_MEASURED, TEMPERATURE, FREQUENCY, STEP_COUNT, CYCLE_COUNT, *COUNTERS)


class MeasurementError(ValueError):
    """Data from which no steps can be derived; the message says where they are wrong."""


def schema_faults(schema: Mapping[str, pl.DataType]) -> list[str]:
    """Return why a time series with these columns cannot be processed; empty when it can."""
    missing = [f"{name!r}" for name in _MEASURED if name not in schema]
    if not any(name in schema for name in _STEPS):
        missing.append(" or ".join(f"{name!r}" for name in _STEPS))
    faults = []
    if missing:
        faults.append(f"the time series lacks {', '.join(missing)}; it has {', '.join(schema)}")
    faults += [
        f"the column {name!r} holds {schema[name]}, not numbers"
        for name in _NUMERIC
        if name in schema and not schema[name].is_numeric() and schema[name] != pl.Null
    ]
    return faults
