"""A service for uploads of measurements that can fail at any stage."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import polars as pl

from ionworks import Ionworks

STORAGE = "https://storage.example"
PARQUET = "application/vnd.apache.parquet"
Failure = Callable[[httpx.Request], httpx.Response]


class MeasurementService:
    """Stores uploads and measurements in dicts; its storage host is separate.

    Parameters
    ----------
    failures
        Replacements for the correct reply at a stage, by ``"METHOD last-part-of-path"``; each is
        used once.
    polls
        Number of polls in which a measurement is still running.
    ratings
        Ratings in the specification of every cell.
    """

    def __init__(
        self,
        failures: dict[str, Failure] | None = None,
        polls: int = 0,
        ratings: dict[str, Any] | None = None,
    ) -> None:
        self.failures = dict(failures or {})
        self.polls = polls
        self.ratings = ratings
        self.begun: dict[str, dict[str, Any]] = {}
        self.stored: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, bytes]] = {}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        stage = f"{request.method} {request.url.path.rpartition('/')[2]}"
        if stage in self.failures:
            return self.failures.pop(stage)(request)
        if request.url.host == "storage.example":
            return self._storage(request)
        for pattern, answer in self._routes():
            if match := re.fullmatch(pattern, f"{request.method} {request.url.path}"):
                return answer(request, *match.groups())
        return httpx.Response(404, json={"detail": f"no route {request.method} {request.url.path}"})

    def client(self, **options: Any) -> Ionworks:
        """A client of this service without retries."""
        settings = {"api_key": "KEY", "project_id": "p", "max_retries": 0, **options}
        return Ionworks(transport=httpx.MockTransport(self), **settings)

    @property
    def stages(self) -> list[str]:
        """The requests in order, as ``"METHOD last-part-of-path"``."""
        return [f"{each.method} {each.url.path.rpartition('/')[2]}" for each in self.requests]

    def body(self, stage: str) -> Any:
        """The JSON body of the last request of a stage."""
        index = len(self.stages) - 1 - self.stages[::-1].index(stage)
        return json.loads(self.requests[index].content)

    def frame(self, measurement_id: str, name: str = "time_series.parquet") -> pl.DataFrame:
        """A parquet file in the storage."""
        return pl.read_parquet(io.BytesIO(self.files[measurement_id][name]))

    def _routes(self) -> list[tuple[str, Callable[..., httpx.Response]]]:
        one = "/cell_measurements/([^/]+)"
        return [
            ("GET /cell_instances/([^/]+)", self._cell),
            ("GET /cell_specifications/([^/]+)", self._specification),
            ("GET /cell_instances/([^/]+)/cell_measurements", self._list),
            ("POST /cell_instances/([^/]+)/cell_measurements/initiate-upload", self._initiate),
            (f"POST {one}/confirm-upload", self._confirm),
            (f"POST {one}/initiate-extend", self._initiate_extend),
            (f"POST {one}/confirm-extend", self._confirm_extend),
            (f"GET {one}/files", self._names),
            (f"GET {one}/(?:time_series/download|files/[^/]+)", self._redirect),
            (f"GET {one}", self._get),
            (f"DELETE {one}", self._delete),
        ]

    def _storage(self, request: httpx.Request) -> httpx.Response:
        _, measurement_id, name = request.url.path.split("/")
        if request.method == "PUT":
            self.files.setdefault(measurement_id, {})[name] = request.read()
            return httpx.Response(200)
        return httpx.Response(200, content=self.files[measurement_id][name])

    def _cell(self, _: httpx.Request, cell: str) -> httpx.Response:
        reply = {"id": cell, "name": cell, "cell_specification_id": "spec"}
        return httpx.Response(200, json=reply)

    def _specification(self, _: httpx.Request, spec: str) -> httpx.Response:
        reply = {"id": spec, "name": "M50", "ratings": self.ratings}
        return httpx.Response(200, json=reply)

    def _list(self, request: httpx.Request, cell: str) -> httpx.Response:
        wanted = request.url.params.get("name", "").removeprefix("eq.")
        found = [
            each
            for each in self.stored.values()
            if each["cell_instance_id"] == cell and wanted in {"", each["name"]}
        ]
        return httpx.Response(200, json={"items": found, "count": len(found), "total": len(found)})

    def _initiate(self, request: httpx.Request, cell: str) -> httpx.Response:
        body = json.loads(request.content)
        conflict = self._conflict(cell, body["measurement"]["name"])
        if conflict is not None:
            return conflict
        measurement_id = f"m{len(self.begun) + 1}"
        self.begun[measurement_id] = body
        names = body.get("filenames", ["time_series.parquet", "steps.parquet"])
        return self._uploads(measurement_id, names)

    def _uploads(self, measurement_id: str, names: list[str]) -> httpx.Response:
        targets = [
            {"filename": name, "signed_url": f"{STORAGE}/{measurement_id}/{name}?token=t"}
            for name in names
        ]
        reply = {"measurement_id": measurement_id, "uploads": targets}
        return httpx.Response(201, json=reply)

    def _conflict(self, cell: str, name: str) -> httpx.Response | None:
        for each in self.stored.values():
            if (each["cell_instance_id"], each["name"]) == (cell, name):
                detail = {"existing_id": each["id"]}
                body = {"error_code": "CONFLICT", "message": "taken", "detail": detail}
                return httpx.Response(409, json=body)
        return None

    def _confirm(self, request: httpx.Request, measurement_id: str) -> httpx.Response:
        body = json.loads(request.content)
        conflict = self._conflict(body["cell_instance_id"], body["measurement"]["name"])
        if conflict is not None:
            return conflict
        self.stored[measurement_id] = {
            "id": measurement_id,
            "cell_instance_id": body["cell_instance_id"],
            "measurement_type": body["measurement_type"],
            "processing_status": "pending",
            "steps_created": 0,
            **body["measurement"],
        }
        return httpx.Response(200, json=self.stored[measurement_id])

    def _initiate_extend(self, _: httpx.Request, measurement_id: str) -> httpx.Response:
        return self._uploads(measurement_id, ["time_series_extend.parquet"])

    def _confirm_extend(self, _: httpx.Request, measurement_id: str) -> httpx.Response:
        self.stored[measurement_id]["processing_status"] = "pending"
        return httpx.Response(200, json=self.stored[measurement_id])

    def _get(self, _: httpx.Request, measurement_id: str) -> httpx.Response:
        record = self.stored.get(measurement_id)
        if record is None:
            return httpx.Response(404, json={"detail": "no such measurement"})
        if record["processing_status"] in {"pending", "running"}:
            record["processing_status"] = "running" if self.polls > 0 else "ready"
            record["steps_created"] = 0 if self.polls > 0 else 6
            self.polls -= 1
        return httpx.Response(200, json=record)

    def _delete(self, _: httpx.Request, measurement_id: str) -> httpx.Response:
        self.begun.pop(measurement_id, None)
        self.stored.pop(measurement_id, None)
        self.files.pop(measurement_id, None)
        return httpx.Response(204)

    def _names(self, _: httpx.Request, measurement_id: str) -> httpx.Response:
        return httpx.Response(200, json={"filenames": [*self.files[measurement_id]]})

    def _redirect(self, request: httpx.Request, measurement_id: str) -> httpx.Response:
        name = request.url.path.rpartition("/")[2].replace("download", "time_series.parquet")
        return httpx.Response(307, headers={"Location": f"{STORAGE}/{measurement_id}/{name}?t=1"})
