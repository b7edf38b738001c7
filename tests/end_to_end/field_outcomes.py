"""What a request does: its reply, what it stored, and the results of what it ran."""

from __future__ import annotations

import io
import itertools
import json
import re
import tarfile
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import httpx
import polars as pl

from tests.unit.server.engines import wait_until

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_NAME = re.compile(r"record \d+")
_ENDED = {"completed", "failed", "canceled"}
CYCLES = {"US06": [[0, 0.1], [10, 0.2]]}


@attrs.frozen
class Outcome:
    """The status of a reply, and everything the request changed, without what is always new."""

    status: int
    seen: Any


@attrs.define
class World:
    """An engine with some records that requests refer to.

    Attributes
    ----------
    api : httpx.Client
        Its client.
    labels : dict of str to str
        Names of the records that were there before the requests, by id.
    simulation_ids : list of str
        Simulations that have ended.
    """

    api: httpx.Client
    labels: dict[str, str] = attrs.field(factory=dict)
    simulation_ids: list[str] = attrs.field(factory=list)
    numbers: itertools.count[int] = attrs.field(factory=itertools.count)

    def name(self) -> str:
        """Return a name that no record has; outcomes do not depend on its number."""
        return f"record {next(self.numbers)}"

    def made(self, label: str, path: str, body: Mapping[str, Any], key: str = "id") -> str:
        """Make a record and return its id, which outcomes show as the label."""
        reply = self.api.post(path, json=body)
        assert reply.is_success, reply.text
        identifier: str = reply.json()[key]
        self.labels[identifier] = label
        return identifier

    def fresh(self, path: str, body: Mapping[str, Any]) -> str:
        """Make a record with a name of its own and return its id."""
        reply = self.api.post(path, json={"name": self.name(), **body})
        assert reply.is_success, reply.text
        identifier: str = reply.json()["id"]
        return identifier

    def outcome(self, reply: httpx.Response, *more: Any) -> Outcome:
        """Return the outcome of a request, with what else was read about it."""
        content = reply.json() if reply.content else None
        return Outcome(reply.status_code, self._plain([content, *more]))

    def read(self, path: str, **query: Any) -> Any:
        """Read a record."""
        reply = self.api.get(path, params=query)
        return reply.json() if reply.is_success else reply.status_code

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {self._plain(name): self._plain(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._plain(each) for each in value]
        if not isinstance(value, str):
            return value
        named = _ID.sub(lambda found: self.labels.get(found[0], "an id"), value)
        return _NAME.sub("record", _TIME.sub("a time", named))


Send = Callable[[World, Mapping[str, Any]], Outcome]


def posted(path: str) -> Send:
    """Send a body to a path; the outcome is the reply."""
    return lambda world, body: world.outcome(world.api.post(path, json=body))


def archived(path: str) -> Send:
    """Send a body to a path; the outcome is the files of the archive in the reply."""

    def send(world: World, body: Mapping[str, Any]) -> Outcome:
        reply = world.api.post(path, json=body)
        if not reply.is_success:
            return world.outcome(reply)
        files = {}
        with tarfile.open(fileobj=io.BytesIO(reply.content)) as archive:
            for member in archive:
                file = archive.extractfile(member)
                assert file is not None
                is_table = member.name.endswith(".parquet")
                files[member.name] = (
                    pl.read_parquet(file.read()).columns if is_table else json.load(file)
                )
        return world.outcome(httpx.Response(reply.status_code, json=files))

    return send


def changed(path: str, made_at: str, before: Mapping[str, Any]) -> Send:
    """Change a new record; the outcome is the reply."""

    def send(world: World, body: Mapping[str, Any]) -> Outcome:
        identifier = world.fresh(made_at, before)
        return world.outcome(world.api.patch(f"{path}/{identifier}", json=body))

    return send


def added(world: World, body: Mapping[str, Any]) -> Outcome:
    """Add a variable to a new model."""
    model = world.fresh("/models", {"config": {"type": "SPM"}})
    return world.outcome(world.api.post(f"/models/{model}/custom-variables", json=body))


def templated(world: World, body: Mapping[str, Any]) -> Outcome:
    """Make a template of a protocol; the outcome has the template."""
    reply = world.api.post("/protocols/parse-to-template", json=body)
    stored = None
    if reply.is_success:
        stored = world.read(f"/experiment_templates/{reply.json()['template_id']}")
    return world.outcome(reply, stored)


def wait_until_ended(world: World, ids: list[str]) -> None:
    """Return once simulations have ended."""

    def ended() -> bool:
        asked = {"simulation_ids": ids, "limit": len(ids)}
        found = world.api.post("/simulations/statuses", json=asked).json()
        return {status["status"] for status in found} <= _ENDED

    wait_until(ended)


def simulated(world: World, body: Mapping[str, Any]) -> Outcome:
    """Run simulations; the outcome has their records and results."""
    reply = world.api.post("/simulations/with-template/batch", json=body)
    if not reply.is_success:
        return world.outcome(reply)
    return _simulated(world, reply, [each["simulation_id"] for each in reply.json()])


def repeated(world: World, body: Mapping[str, Any]) -> Outcome:
    """Run simulations again; the outcome has the records and results of the new ones."""
    reply = world.api.post("/simulations/repeat", json=body)
    if not reply.is_success:
        return world.outcome(reply)
    receipt = reply.json()
    prefix = receipt["submission_id"][:24]
    return _simulated(world, reply, [f"{prefix}{index:012x}" for index in range(receipt["count"])])


def _simulated(world: World, reply: httpx.Response, ids: list[str]) -> Outcome:
    wait_until_ended(world, ids)
    records = [world.read(f"/simulations/{each}") for each in ids]
    return world.outcome(
        reply,
        [{**record, "storage_folder": None} for record in records],
        [world.read(f"/simulations/{each}/result") for each in ids],
    )
