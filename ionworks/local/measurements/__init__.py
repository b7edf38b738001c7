"""Measured time series: checked, cut into steps and cycles, read in parts.

Pure work on frames and parquet files: no HTTP, no records, no PyBaMM.
"""

from ionworks.local.measurements.checks import check
from ionworks.local.measurements.columns import MeasurementError, schema_faults
from ionworks.local.measurements.cycles import derive_cycles
from ionworks.local.measurements.extension import extended, extension_faults
from ionworks.local.measurements.selection import LEAST_POINTS, Selection, select
from ionworks.local.measurements.steps import STEP_COLUMNS, completed, derive_steps

__all__ = [
    "LEAST_POINTS",
    "STEP_COLUMNS",
    "MeasurementError",
    "Selection",
    "check",
    "completed",
    "derive_cycles",
    "derive_steps",
    "extended",
    "extension_faults",
    "schema_faults",
    "select",
]
