"""The embedded engine passes the contract tests, and the contract tests find broken servers."""

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


def test_the_engine_keeps_the_contract(probe: Probe) -> None:
    reading.run(probe)
    writing.run(probe, pause=Event().wait)

    assert "\n\n".join(probe.breaks) == ""
    assert {"get_simulation", "list_projects", "download_simulation_steps"} <= {*probe.answered}
    data = {"study", "cell_spec", "cell_instance", "cell_measurement"}
    not_implemented = {
        each
        for each, operation in probe.operations.items()
        if data & {*operation.document["tags"]} and 501 in probe.answered.get(each, [501])
    }
    assert not_implemented == set()


@pytest.mark.off_contract("sends wrong keys on purpose; the probe checks the replies")
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


# ---------------------------------------------------------------- broken servers are found


def ask(reply: httpx.Response, operation_id: str, **arguments: object) -> str:
    """Send a request to a server that always gives the same reply; return the problems found."""
    transport = httpx.MockTransport(lambda request: reply)
    with httpx.Client(transport=transport, base_url="http://broken.test") as http:
        probe = Probe(http, load_contract(), key="key")
        probe.ask(operation_id, **arguments)  # type: ignore[arg-type]  # the options of ask
    return "\n".join(probe.breaks)


@pytest.mark.off_contract("these servers are broken on purpose")
class TestBrokenServersAreFound:
    def test_a_missing_field(self) -> None:
        problems = ask(
            httpx.Response(200, json={"status": "x"}), "get_simulation", path={"simulation_id": "s"}
        )

        assert "get_simulation" in problems
        assert '"id" is a required property' in problems
        assert '{"status":"x"}' in problems

    def test_a_wrong_status(self) -> None:
        problems = ask(httpx.Response(404, json={"detail": "no"}), "list_projects")

        assert "the status should be 200" in problems

    def test_html_instead_of_json(self) -> None:
        problems = ask(httpx.Response(200, html="<html>"), "list_projects")

        assert "text/html" in problems

    def test_nan_in_json(self) -> None:
        reply = httpx.Response(
            200, content=b'{"id": "s", "x": NaN}', headers={"content-type": "application/json"}
        )

        problems = ask(reply, "get_simulation", path={"simulation_id": "s"})

        assert "NaN is not JSON" in problems

    def test_a_server_that_accepts_a_bad_body(self) -> None:
        problems = ask(
            httpx.Response(200, json=[]),
            "get_simulation_statuses",
            json={"simulation_ids": "one"},
            expect={422},
        )

        assert "request: simulation_ids" in problems

    def test_a_server_that_needs_no_key(self) -> None:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"items": []}))
        with httpx.Client(transport=transport, base_url="http://open.test") as http:
            probe = Probe(http, load_contract(), key="key")
            reading.check_authentication(probe)

        assert any("the status should be 401" in each for each in probe.breaks)


def test_every_operation_of_the_contract_is_read() -> None:
    document = load_contract().document
    operations = {each.operation_id for each in load_contract().operations}

    assert len(operations) == sum(
        method in {"get", "post", "put", "patch", "delete"}
        for item in document["paths"].values()
        for method in item
    )
    assert json.dumps(document)
