"""Engines of these tests run their jobs in worker processes."""

import pytest

from tests.unit.server.fixtures import *  # noqa: F403 pytest finds fixtures by name


@pytest.fixture(autouse=True)
def _real_workers(worker_processes):
    """Have `open_app` start worker processes."""
