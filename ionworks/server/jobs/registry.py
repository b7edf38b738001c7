"""The types of jobs by name, and by the files with their outcomes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.measurements import MeasurementJobs
from ionworks.server.jobs.pipelines import PipelineJobs
from ionworks.server.jobs.simulations import SimulationJobs
from ionworks.server.store.job_states import JOBS
from ionworks.server.store.measurement_states import MEASUREMENTS, PROCESS_MEASUREMENT
from ionworks.server.store.run_states import RUNS, SIMULATE

_SIMULATIONS: Final = SimulationJobs()
_PIPELINES: Final = PipelineJobs()
_MEASUREMENTS: Final = MeasurementJobs()
_BY_NAME: Final = {SIMULATE: _SIMULATIONS, PROCESS_MEASUREMENT: _MEASUREMENTS}
#: Every type of jobs.
TYPES: Final[tuple[JobType, ...]] = (_SIMULATIONS, _PIPELINES, _MEASUREMENTS)
#: Tables of jobs that can be canceled.
CANCELABLE: Final = (RUNS, JOBS)
#: Every table of jobs.
STATES: Final = (*CANCELABLE, MEASUREMENTS)


def job_type_of(name: str) -> JobType:
    """Return a type of jobs; the name of a pipeline's is the type of its main element."""
    return _BY_NAME.get(name, _PIPELINES)


def job_type_of_file(path: Path) -> JobType:
    """Return the type of the jobs a file has outcomes of."""
    # The suffix of simulations, the plain one, fits all files.
    for job_type in (_PIPELINES, _MEASUREMENTS):
        if path.name.endswith(job_type.outcome_suffix):
            return job_type
    return _SIMULATIONS
