"""`client.job` on the embedded engine."""

import pytest

from ionworks import Ionworks
from ionworks.errors import GoneError, NotFoundError
from ionworks.records.job import Job


def test_a_job_on_the_engine(client: Ionworks) -> None:
    assert all(isinstance(job, Job) for job in client.job.list(limit=5))
    assert client.job.get_posterior_samples("missing") == {}
    with pytest.raises(NotFoundError):
        client.job.cancel("missing")
    with pytest.raises(GoneError, match="submit a simulation"):
        client.job.create({"job_type": "simulate"})
