"""A pytest plugin: the tests of a session share one embedded engine.

Name it in the ``conftest.py`` at the root of your tests::

    pytest_plugins = ["ionworks.testing"]

Installing this package does not activate the plugin, so it does not affect other test suites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ionworks import Ionworks

__all__ = ["ionworks_client"]

_MOST_PROCESSORS = "LOKY_MAX_CPU_COUNT"
"""Environment variable of loky, which starts the worker processes."""
_TIMEOUT = 120.0
"""Seconds for a request: the first waits for PyBaMM's import, which is slow on a busy machine."""


@pytest.fixture(scope="session")
def ionworks_client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ionworks]:
    """A client of an embedded engine in a new folder, which all tests of the session share.

    It starts with the first test that uses it. What tests submit is not recorded in the user's
    history, and settings of a service in environment variables are ignored. With pytest-xdist each
    of its processes has an engine, and their worker processes share the processors.

    Yields
    ------
    Ionworks
        The client.

    Raises
    ------
    ImportError
        If the engine's packages are not installed (extra ``local``).
    """
    from ionworks import Ionworks

    folder = tmp_path_factory.mktemp("ionworks")
    with pytest.MonkeyPatch.context() as patch:
        _share_processors(request.config, patch)
        client = Ionworks.local(folder, history=False, timeout=_TIMEOUT)
    with client:
        yield client


def _share_processors(config: pytest.Config, patch: pytest.MonkeyPatch) -> None:
    """Limit the worker processes of an engine, if each process of pytest-xdist has an engine."""
    sessions = getattr(config, "workerinput", {}).get("workercount", 1)
    if sessions == 1:
        return
    import loky

    patch.setenv(_MOST_PROCESSORS, str(max(1, loky.cpu_count() // sessions)))
