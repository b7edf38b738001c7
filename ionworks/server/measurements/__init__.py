"""Measured time series: checks, steps and cycles, reading of parts.

Pure functions of frames and parquet files: no HTTP, no records, no PyBaMM.
"""

from ionworks.server.measurements.checks import check
from ionworks.server.measurements.columns import MeasurementError, schema_faults
from ionworks.server.measurements.cycles import derive_cycles
from ionworks.server.measurements.extension import extended, extension_faults
from ionworks.server.measurements.selection import LEAST_POINTS, Selection, select
from ionworks.server.measurements.steps import completed, derive_steps

__all__ = [
    "LEAST_POINTS",
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
