"""Fixtures of all tests: requests checked against the contract, a clean environment, engines."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, settings

from ionworks.server.jobs.targets import WORKER_ENVIRONMENT
from tests import databases, object_store
from tests.contract_validation import CONTRACT_FILE, validated
from tests.paths import ROOT

if TYPE_CHECKING:
    from ionworks import Ionworks

# No deadline, because the speed of the machine is not tested. The same code always runs the same
# cases; `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeat", settings.get_profile("search"), derandomize=True)
settings.load_profile("repeat")

TESTS = ROOT / "tests"
TREE = (ROOT, ROOT / "generated", TESTS / "startup")
SERVED_KEY = "a-key-for-the-tests"
LEAF_TRANSPORTS = (httpx.HTTPTransport, httpx.WSGITransport, httpx.MockTransport)


def pytest_configure() -> None:
    # Programs that tests start import the packages of this checkout, installed or not.
    paths = [*map(str, TREE), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    # When models would be compiled depends on the speed of the machine. Engines that tests share
    # are started before `clean_environment`.
    os.environ["IONWORKS_COMPILE"] = "never"
    # Tests of the history turn it on, with a folder of their own.
    os.environ["IONWORKS_HISTORY"] = "0"
    if databases.SERVER is not None:
        databases.use_for_stores()
    # Workers of engines in this process do not load coverage; see tests/startup for the others.
    WORKER_ENVIRONMENT["COVERAGE_PROCESS_CONFIG"] = ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with its folder: unit, engine, fit or end_to_end; on PostgreSQL, omit some."""
    counts = Counter(item.nodeid for item in items)
    repeated = [identifier for identifier, count in counts.items() if count > 1]
    if repeated:
        # pytest-xdist runs one of the tests that share an id, and does not report the others.
        raise pytest.UsageError(f"several tests have the same id: {', '.join(repeated)}")
    for item in items:
        folder, *subfolders = item.path.relative_to(TESTS).parent.parts
        item.add_marker(folder)
        if object_store.IS_DEFAULT and (marker := item.get_closest_marker("folder_blobs")):
            item.add_marker(pytest.mark.skip(reason=f"results are in a bucket: {marker.args[0]}"))
        # What these reach in this process, other tests reach too, except for the command.
        if folder == "end_to_end" and subfolders != ["command"]:
            item.add_marker("unmeasured")
    if databases.SERVER is not None:
        others = [item for item in items if not databases.has_one_here(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if databases.has_one_here(item)]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Release the databases of a test, whose engines are closed."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if folder is not None:
        databases.release_below(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Pause coverage during a test marked ``unmeasured``, with the fixtures made for it."""
    tracer = sys.gettrace()
    # A debugger has a tracer too. Coverage needs none in Python 3.14.
    is_measured = type(tracer).__module__.partition(".")[0] == "coverage"
    if not is_measured or item.get_closest_marker("unmeasured") is None:
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(autouse=True)
def contract_checks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check every request and reply of every test against `openapi.yaml`."""
    marker = request.node.get_closest_marker("off_contract")
    if marker is not None:
        assert any(marker.args), "off_contract needs a reason"
        return
    assert CONTRACT_FILE.exists(), "openapi.yaml is missing, so nothing can be checked against it"
    for transport in LEAF_TRANSPORTS:
        monkeypatch.setattr(transport, "handle_request", validated(transport.handle_request))


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep the developer's settings out of the tests, and the tests out of the developer's data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "config"))
    for name in list(os.environ):
        if name.startswith("IONWORKS_") or name == "PROJECT_ID":
            monkeypatch.delenv(name)
    monkeypatch.setenv("IONWORKS_COMPILE", "never")
    monkeypatch.setenv("IONWORKS_HISTORY", "0")


@pytest.fixture(autouse=True)
def clean_logging() -> Iterator[None]:
    """Undo what a test of a served engine sets: its log is that of the whole process."""
    root, own = logging.getLogger(), logging.getLogger("ionworks")
    handlers, levels = [*root.handlers], (root.level, own.level)
    yield
    for added in {*root.handlers} - {*handlers}:
        root.removeHandler(added)
    root.setLevel(levels[0])
    own.setLevel(levels[1])


@pytest.fixture(scope="session")
def local_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ionworks]:
    """A client of an embedded engine in this process, on a temporary folder."""
    from ionworks import Ionworks

    with Ionworks.local(tmp_path_factory.mktemp("engine")) as client:
        yield client


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Run an embedded engine in another process; yields its URL. Its key is `SERVED_KEY`."""
    environment = os.environ | {"IONWORKS_API_KEY": SERVED_KEY}
    log = (folder / "server.log").open("w")
    command = [sys.executable, "-m", "ionworks.local", "--port", "0", "--path", str(folder)]
    # On a busy machine too, the reply to a submission has the verdict and the notes of the check.
    command += ["--check-limit", "100"]
    with (
        log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http"), (
            f"no URL on stdout; stderr: {Path(log.name).read_text(encoding='utf-8')}"
        )
        try:
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="session")
def served_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded engine in another process."""
    with serve(tmp_path_factory.mktemp("served")) as url:
        yield url


@pytest.fixture(scope="session")
def served_client(served_url: str) -> Iterator[Ionworks]:
    """A client of the embedded engine over a loopback socket, with a key."""
    from ionworks import Ionworks

    # A check waits until a worker has imported PyBaMM; on a busy machine that takes longer than the
    # default timeout.
    connect = partial(Ionworks, api_key=SERVED_KEY, api_url=served_url, timeout=120)
    with connect() as client:
        project = client.project.list()[0]
    with connect(project_id=project.id) as client:
        yield client


@pytest.fixture(params=["in process", "over a socket"])
def client(request: pytest.FixtureRequest) -> Ionworks:
    """The embedded engine, once in process and once over a loopback socket."""
    name = "local_client" if request.param == "in process" else "served_client"
    found: Ionworks = request.getfixturevalue(name)
    return found
