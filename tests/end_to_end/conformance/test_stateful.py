"""A short run of `make fuzz`, and the broken servers that it would find."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.end_to_end.conformance import stateful
from tests.end_to_end.conformance.stateful import Findings


def test_sequences_of_requests_keep_the_contract(served_url: str) -> None:
    findings = Findings(seed=1)

    stateful.run(findings, 60, served_url)

    assert "\n\n".join(findings.breaks.values()) == ""
    assert findings.cases >= 60
    assert {status for _operation, status in findings.statuses} & {200, 201}


def test_ids_of_replies_are_used_in_later_requests() -> None:
    findings = Findings(seed=1)
    findings.remember("study", {"items": [{"id": "study-7", "project_id": "p-3"}]})

    filled = [findings.filled({"study_id": "x", "project_id": "y"}) for _ in range(50)]

    assert {each["study_id"] for each in filled} == {"study-7", "x"}
    assert {each["project_id"] for each in filled} == {"p-3", "y"}


class Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving(application: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.off_contract("the server is broken on purpose")
@pytest.mark.parametrize(("status", "word"), [(500, "Server error"), (299, "Undocumented")])
def test_a_broken_server_is_found(status: int, word: str) -> None:
    findings = Findings(seed=1)

    def application(_environ: object, start_response: Any) -> list[bytes]:
        start_response(f"{status} X", [("Content-Type", "application/json")])
        return [b'{"error_code": "X", "message": "x", "detail": null}']

    with serving(application) as url:
        stateful.run(findings, 5, url)

    assert word in "\n\n".join(findings.breaks.values())
    assert "curl -X" in stateful.report(findings)
