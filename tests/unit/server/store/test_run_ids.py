"""Ids of runs lead back to the submission and the index they were made from."""

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks.server.store import run_ids
from ionworks.server.store.run_ids import JOB, SIMULATION, RunId

LARGEST = 16**11 - 1


@given(st.integers(0, LARGEST))
def test_ids_lead_back_to_their_run(index):
    submission = run_ids.new_submission_id()

    simulation = run_ids.simulation_id(submission, index)
    job = run_ids.job_id(submission, index)

    assert run_ids.parsed(simulation) == RunId(submission, index, SIMULATION)
    assert run_ids.parsed(job) == RunId(submission, index, JOB)
    for identifier in (submission, simulation, job):
        assert str(UUID(identifier)) == identifier
        assert (UUID(identifier).version, UUID(identifier).variant) == (4, RFC_4122)


def test_ids_sort_as_the_runs_do():
    submission = run_ids.new_submission_id()
    ids = [run_ids.simulation_id(submission, index) for index in (0, 9, 10, 17, 1000, LARGEST)]

    assert ids == sorted(ids)


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "simulation",
        "0f3a8c1e-7b2d-4f60-9a11-f00000000000",  # a submission
        "0f3a8c1e-7b2d-4f60-9a11-200000000000",
        "0f3a8c1e-7b2d-1f60-9a11-000000000003",  # a UUID of version 1
        "0F3A8C1E-7B2D-4F60-9A11-000000000003",
        "0f3a8c1e-7b2d-4f60-9a11-000000000003\n",
    ],
)
def test_other_ids_are_of_no_run(identifier):
    assert run_ids.parsed(identifier) is None
