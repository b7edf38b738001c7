"""The embedded engine passes the contract tests, and the contract tests notice broken servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import SERVED_KEY
from tests.contract_validation import load_contract
from tests.end_to_end.conformance import reading, writing
from tests.end_to_end.conformance.probe import Probe

if TYPE_CHECKING:
    from ionworks.server.app import LocalApp


@pytest.fixture
def probe(app: LocalApp) -> Iterator[Probe]:
    transport = httpx.WSGITransport(app=app)
    with httpx.Client(transport=transport, base_url="http://engine.test") as http:
        yield Probe(http, load_contract(), key=None)


def test_the_engine_breaks_nothing(probe: Probe) -> None:
    reading.run(probe)
    writing.run(probe, pause=Event().wait)

    assert "\n\n".join(probe.breaks) == ""
    assert {"get_simulation", "list_projects", "download_simulation_steps"} <= {*probe.answered}
    data = {"study", "cell_spec", "cell_instance", "cell_measurement"}
    left = {
        each
        for each, operation in probe.operations.items()
        if data & {*operation.document["tags"]} and 501 in probe.answered.get(each, [501])
    }
    assert left == set()


@pytest.mark.off_contract("the requests carry wrong keys on purpose; the probe judges the replies")
def test_a_served_engine_passes_from_the_command_line(served_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.end_to_end.conformance", "--url", served_url],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"IONWORKS_CONTRACT_KEY": SERVED_KEY},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing breaks the contract" in done.stdout


# ---------------------------------------------------------------- broken servers are noticed


def ask(reply: httpx.Response, operation_id: str, **arguments: object) -> str:
    """Ask a server that always gives the same reply; return what the probe holds against it."""
    transport = httpx.MockTransport(lambda request: reply)
    with httpx.Client(transport=transport, base_url="http://broken.test") as http:
        probe = Probe(http, load_contract(), key="key")
        probe.ask(operation_id, **arguments)  # type: ignore[arg-type]  # the options of ask
    return "\n".join(probe.breaks)


@pytest.mark.off_contract("these servers are broken on purpose")
class TestBrokenServersAreNoticed:
    def test_a_missing_field(self) -> None:
        said = ask(
            httpx.Response(200, json={"status": "x"}), "get_simulation", path={"simulation_id": "s"}
        )

        assert "get_simulation" in said
        assert '"id" is a required property' in said
        assert '{"status":"x"}' in said

    def test_a_wrong_status(self) -> None:
        said = ask(httpx.Response(404, json={"detail": "no"}), "list_projects")

        assert "200 is the right status here" in said

    def test_a_page_instead_of_json(self) -> None:
        said = ask(httpx.Response(200, html="<html>"), "list_projects")

        assert "text/html" in said

    def test_a_number_json_does_not_have(self) -> None:
        reply = httpx.Response(
            200, content=b'{"id": "s", "x": NaN}', headers={"content-type": "application/json"}
        )

        said = ask(reply, "get_simulation", path={"simulation_id": "s"})

        assert "NaN is not JSON" in said

    def test_a_server_that_swallows_a_bad_body(self) -> None:
        said = ask(
            httpx.Response(200, json=[]),
            "get_simulation_statuses",
            json={"simulation_ids": "one"},
            expect={422},
        )

        assert "request: simulation_ids" in said

    def test_a_server_without_a_lock(self) -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"items": []}))
        with httpx.Client(transport=transport, base_url="http://open.test") as http:
            probe = Probe(http, load_contract(), key="key")
            reading.check_authentication(probe)

        assert any("401 is the right status" in each for each in probe.breaks)


def test_the_contract_is_read_whole() -> None:
    document = load_contract().document
    operations = {each.operation_id for each in load_contract().operations}

    assert len(operations) == sum(
        method in {"get", "post", "put", "patch", "delete"}
        for item in document["paths"].values()
        for method in item
    )
    assert json.dumps(document)
