"""Fixtures of the tests of scripts."""

import pytest

from tests.engine.eject.scripts import PlainPython


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return a process without this project that runs scripts."""
    with PlainPython(tmp_path_factory.mktemp("plain") / "log.txt") as process:
        yield process
