"""The command in a real shell, and a served engine for it."""

import pytest

from tests.end_to_end.command.shell import Shell, served


@pytest.fixture(scope="session")
def engine_url(tmp_path_factory):
    """The URL of an engine whose runs take no time; its key is `KEY`."""
    with served(tmp_path_factory.mktemp("engine") / "engine") as url:
        yield url


@pytest.fixture
def shell(tmp_path):
    """A shell with a home of its own and no settings."""
    return Shell(tmp_path)


@pytest.fixture
def served_shell(tmp_path, engine_url):
    """A shell whose environment has the address and key of the served engine."""
    return Shell(tmp_path, url=engine_url)
