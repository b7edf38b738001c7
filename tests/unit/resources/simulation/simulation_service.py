"""A server of simulations for tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tests.clock import Clock

UCP = "steps:\n  - {direction: Discharge, mode: C-rate, value: 1}\n"
EXPERIMENT = {"protocol": UCP, "name": "1C Discharge"}
CONFIG = {"parameterized_model": "pm-id", "protocol_experiment": EXPERIMENT}


class Service:
    """Simulates the server and stores the requests."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, str], Any]] = []
        self.accepted: list[str] = []
        self.preferred: dict[str, list[str | None]] = {}
        self.clock = Clock()
        self.simulations: dict[str, dict[str, Any]] = {}
        self.ends: dict[str, float] = {}
        self.runs = 1
        self.capabilities: dict[str, Any] = {}
        self.replies: dict[str, Callable[[httpx.Request], httpx.Response]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/discovery/capabilities":
            return httpx.Response(200, json=self.capabilities)
        return self._reply(request)

    def _reply(self, request: httpx.Request) -> httpx.Response:
        body: Any = json.loads(request.content) if request.content else None
        path = request.url.raw_path.decode().partition("?")[0]
        self.sent.append((request.method, path, dict(parse_qsl(request.url.query.decode())), body))
        self.accepted.append(request.headers["Accept"])
        self.preferred.setdefault(path, []).append(request.headers.get("Prefer"))
        if path in self.replies:
            return self.replies[path](request)
        if path == "/protocols/parse-to-template":
            return httpx.Response(200, json={"template_id": "tpl-1"})
        if path == "/simulations/with-template/batch":
            return httpx.Response(
                200,
                json=[
                    {"simulation_id": f"s{n}", "job_id": f"j{n}", "already_existed": False}
                    for n in range(1, self.runs + 1)
                ],
            )
        if path == "/simulations/statuses":
            return httpx.Response(200, json=self.statuses(body))
        simulation = self.simulations.get(path.removeprefix("/simulations/"))
        if simulation is None:
            return httpx.Response(404, json={"error_code": "NOT_FOUND", "message": "no such thing"})
        return httpx.Response(200, json=simulation)

    def answer(self, path: str, content: Any) -> None:
        """Have the service answer requests for a path with JSON."""
        self.replies[path] = lambda _: httpx.Response(200, json=content)

    def add(self, identifier: str, *, ends: float = 0.0, **fields: Any) -> None:
        self.simulations[identifier] = {
            "id": identifier,
            "job_id": f"job of {identifier}",
            "status": "completed",
            **fields,
        }
        self.ends[identifier] = ends

    def statuses(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        rows = []
        for identifier in body["simulation_ids"][: body["limit"]]:
            record = self.simulations.get(identifier)
            if record is None:
                continue
            has_ended = self.clock() >= self.ends[identifier]
            status = record["status"] if has_ended else "processing"
            error = record.get("error") if has_ended else None
            rows.append({"simulation_id": identifier, "status": status, "error": error})
        return rows

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.sent]


def batch(**fields: Any) -> tuple[str, str, dict[str, str], Any]:
    return (
        "POST",
        "/simulations/with-template/batch",
        {},
        {
            "parameterized_model": "pm-id",
            "experiment_template_id": "tpl-1",
            "experiment_parameter_sets": [{}],
            "project_id": "PROJ",
            **fields,
        },
    )


def config(**changes: Any) -> dict[str, Any]:
    return {**CONFIG, **changes}
