"""Engines of these tests have a worker that needs no time; see tests/unit/server."""

from tests.unit.server.fixtures import *  # noqa: F403 pytest finds fixtures by name
