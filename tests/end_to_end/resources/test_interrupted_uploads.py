"""Uploads to the embedded engine that are interrupted at each stage, as seen by the client.

Crashes of the engine itself are tested in `tests/unit/server/ingestion/test_uploads.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError, ServerError, ServiceConnectionError
from ionworks.server.app import create_app
from ionworks.transport.embedded import EngineTransport
from tests.conftest import SERVED_KEY
from tests.measured import cycling

PUT, CONFIRM = "PUT /storage/", "confirm-upload"
Cut = Callable[[httpx.BaseTransport, httpx.Request], httpx.Response]
DATA: dict[str, Any] = {"measurement": {"name": "cycling"}, "time_series": cycling()}


class Cutting(httpx.BaseTransport):
    """Forwards requests, but replaces the first one of a stage."""

    def __init__(self, carrier: httpx.BaseTransport) -> None:
        self.carrier = carrier
        self.stage: str | None = None
        self.cut: Cut | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.stage is not None and self.stage in f"{request.method} {request.url.path}":
            assert self.cut is not None
            self.stage = None
            return self.cut(self.carrier, request)
        return self.carrier.handle_request(request)


class _Half(httpx.SyncByteStream):
    """The first half of a body, then an error."""

    def __init__(self, stream: Any, error: BaseException) -> None:
        self._body = b"".join(stream)
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise self._error


def half(error: BaseException) -> Cut:
    """Send half of the body; then the connection breaks or the user presses Ctrl-C."""

    def cut(carrier: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        part = _Half(request.stream, error)
        url, headers = request.url, request.headers
        return carrier.handle_request(
            httpx.Request(request.method, url, headers=headers, stream=part)
        )

    return cut


def instead(carrier: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """A gateway that replies instead of the server."""
    return httpx.Response(503, text="<html><title>busy</title></html>")


def before(carrier: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """The connection breaks before the server sees the request."""
    raise httpx.WriteError("cut", request=request)


def after(carrier: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """The server has handled the request, but its reply is lost."""
    carrier.handle_request(request).read()
    raise httpx.ReadError("cut", request=request)


def ctrl_c(carrier: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    raise KeyboardInterrupt


CUTS: dict[str, tuple[str, Cut, type[BaseException]]] = {
    "begun, answer lost": ("initiate-upload", after, ServiceConnectionError),
    # In process no connection can break, so the engine returns an error instead.
    "half sent, cut": (PUT, half(httpx.WriteError("cut")), IonworksError),
    "half sent, Ctrl-C": (PUT, half(KeyboardInterrupt()), KeyboardInterrupt),
    "not sent, 503": (PUT, instead, ServerError),
    "sent, answer lost": (PUT, after, ServiceConnectionError),
    "not confirmed, cut": (CONFIRM, before, ServiceConnectionError),
    "not confirmed, 503": (CONFIRM, instead, ServerError),
    "not confirmed, Ctrl-C": (CONFIRM, ctrl_c, KeyboardInterrupt),
    "confirmed, answer lost": (CONFIRM, after, ServiceConnectionError),
}


@pytest.fixture(params=["in process", "over a socket"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ionworks, Cutting]]:
    """A client of the engine without retries, and the transport that interrupts it."""
    if request.param == "in process":
        app = create_app(tmp_path / "engine")
        cutting = Cutting(EngineTransport(app))
        with Ionworks("key", "http://engine.test", transport=cutting, max_retries=0) as client:
            yield client, cutting
        app.close()
        return
    url = request.getfixturevalue("served_url")
    cutting = Cutting(httpx.HTTPTransport())
    options: dict[str, Any] = {"transport": cutting, "max_retries": 0, "timeout": 120}
    with Ionworks(SERVED_KEY, url, **options) as client:
        yield client, cutting
    cutting.carrier.close()


@pytest.fixture
def cell(engine: tuple[Ionworks, Cutting], request: pytest.FixtureRequest) -> str:
    client = engine[0]
    project = client.project.list()[0].id
    spec = client.cell_spec.create_or_get({"name": request.node.name, "project_id": project})
    return client.cell_instance.create(spec.id, {"name": "cell"}).id


@pytest.mark.parametrize("name", CUTS)
def test_an_interrupted_upload_leaves_nothing_and_can_be_repeated(
    name: str, engine: tuple[Ionworks, Cutting], cell: str, tmp_path: Path
) -> None:
    client, cutting = engine
    cutting.stage, cutting.cut, error = CUTS[name]
    with pytest.raises(error):
        client.cell_measurement.create(cell, DATA)
    assert client.cell_measurement.list(cell).total == 0
    files = tmp_path / "engine" / "blobs" / "measurements"
    assert [path for path in files.rglob("*") if path.is_file()] == []

    made = client.cell_measurement.create(cell, DATA)
    assert client.cell_measurement.time_series(made.id).equals(cycling())
    assert client.cell_measurement.list(cell).total == 1


def test_an_upload_is_retried_when_the_connection_recovers(served_client: Ionworks) -> None:
    spec = served_client.cell_spec.create_or_get({"name": "comes back"})
    cell = served_client.cell_instance.create(spec.id, {"name": "cell"}).id
    cutting = Cutting(httpx.HTTPTransport())
    cutting.stage, cutting.cut = PUT, half(httpx.WriteError("cut"))
    url = served_client.settings.api_url
    with Ionworks(SERVED_KEY, url, transport=cutting, max_retries=1, timeout=120) as client:
        made = client.cell_measurement.create(cell, DATA)
        assert client.cell_measurement.time_series(made.id).equals(cycling())
    cutting.carrier.close()
    assert cutting.stage is None


def test_an_error_does_not_contain_the_signed_url(
    engine: tuple[Ionworks, Cutting], cell: str
) -> None:
    client, cutting = engine
    cutting.stage, cutting.cut = PUT, before
    with pytest.raises(ServiceConnectionError) as caught:
        client.cell_measurement.create(cell, DATA)
    assert "PUT of a file to " in str(caught.value)
    assert "/storage/" not in str(caught.value)


SCRIPT = """
import os, signal, sys
from ionworks import Ionworks
from ionworks.transport import connection
from tests.measured import cycling

folder, stage = sys.argv[1:]

class Killer(connection.EngineTransport):
    def handle_request(self, request):
        if stage in request.url.path and request.method in ("PUT", "POST"):
            if stage == "/storage/":
                piece = next(iter(request.stream))
            os.kill(os.getpid(), signal.SIGKILL)
        return super().handle_request(request)

connection.EngineTransport = Killer
client = Ionworks.local(folder)
spec = client.cell_spec.create({"name": "spec"})
cell = client.cell_instance.create(spec.id, {"name": "cell"})
client.cell_measurement.create(
    cell.id, {"measurement": {"name": "cycling"}, "time_series": cycling()}
)
"""


@pytest.mark.parametrize("stage", ["/storage/", "confirm-upload"])
def test_a_killed_program_leaves_nothing_after_the_next_start(stage: str, tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    program = [sys.executable, "-c", SCRIPT, str(folder), stage]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    killed = subprocess.run(
        program, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with Ionworks.local(folder) as client:
        spec = client.cell_spec.create_or_get({"name": "spec"})
        cell = client.cell_instance.create_or_get(spec.id, {"name": "cell"}).id
        assert client.cell_measurement.list(cell).total == 0
        files = folder / "blobs" / "measurements"
        assert [path for path in files.rglob("*") if path.is_file()] == []
        made = client.cell_measurement.create(cell, DATA)
        assert client.cell_measurement.time_series(made.id).equals(cycling())
