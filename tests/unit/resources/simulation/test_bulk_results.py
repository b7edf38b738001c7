"""Results of a service that can send those of many simulations at once."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable
from typing import Any

import httpx
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks import Ionworks
from ionworks.errors import NotFoundError, ResponseDecodeError, ServerError
from ionworks.records.simulation import SimulationResult
from ionworks.workflows.simulations import bulk_results
from tests.unit.resources.simulation.simulation_service import Service

TAR = {"Content-Type": "application/x-tar"}
PATH = "/simulations/results"


def parquet(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def archive(members: Iterable[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def series(number: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Time [s]": [float(point) for point in range(number + 2)],
            "Step count": [0] * (number + 2),
            "Discharge capacity [A.h]": [number + 0.5] * (number + 2),
            "Charge capacity [A.h]": [0.0] * (number + 2),
        }
    )


class BulkService(Service):
    """Has the results of s0, s1, ... in packs of four, and sends the packs backwards."""

    def __init__(self, runs: int = 0) -> None:
        super().__init__()
        self.capabilities = {"bulk_results": True}
        self.stored = [f"s{number}" for number in range(runs)]
        #: Status and error of simulations without results.
        self.failed: dict[str, tuple[str | None, str | None]] = {}
        self.replies[PATH] = self.bulk

    def bulk(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        wanted = body["simulation_ids"]
        assert len(set(wanted)) == len(wanted)
        members: list[tuple[str, bytes]] = []
        packs = [self.stored[start : start + 4] for start in range(0, len(self.stored), 4)]
        groups = [[each for each in pack if each in wanted] for pack in packs]
        for number, ids in enumerate(ids for ids in groups[::-1] if ids):
            members += self.group(number, ids, body)
        problems = [
            {
                "simulation_id": each,
                "status": self.failed.get(each, (None, None))[0],
                "error": self.failed.get(each, (None, "no such simulation"))[1],
            }
            for each in wanted
            if each not in self.stored
        ]
        members.append(("problems.json", json.dumps(problems).encode()))
        return httpx.Response(200, content=archive(members), headers=TAR)

    def group(
        self, folder: int, ids: list[str], body: dict[str, Any]
    ) -> Iterable[tuple[str, bytes]]:
        numbers = [int(each[1:]) for each in ids]
        parts = body.get("parts", ["time_series", "steps", "metrics"])
        document: dict[str, Any] = {
            "simulation_ids": ids,
            "points": [
                (sum(before + 2 for before in numbers[:place]), number + 2)
                for place, number in enumerate(numbers)
            ],
            "steps": [(place, 1) for place in range(len(ids))],
            "columns": series(0).columns,
            "notes": [
                [{"category": "run", "message": "a remark"}] if number == 1 else []
                for number in numbers
            ],
        }
        if "metrics" in parts:
            document["metrics"] = {
                "of": numbers,
                "Cycles": {"Cycle count": [[0]] * len(ids), "of": [None] * len(ids)},
            }
        yield f"{folder}/runs.json", json.dumps(document).encode()
        if "steps" in parts:
            steps = pl.DataFrame({"Position": range(len(ids)), "Label": ids})
            yield f"{folder}/steps.parquet", parquet(steps)
        if "time_series" in parts:
            table = pl.concat([series(number) for number in numbers])
            columns = [name for name in body.get("columns", table.columns) if name in table.columns]
            yield f"{folder}/time_series.parquet", parquet(table.select(columns))

    def statuses(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        for each in self.stored:
            self.add(each)
        for each, (status, error) in self.failed.items():
            self.add(each, status=status, error=error)
        return super().statuses(body)

    @property
    def asked(self) -> list[list[str]]:
        return [body["simulation_ids"] for _, path, _, body in self.sent if path == PATH]


@pytest.fixture
def service() -> BulkService:
    return BulkService(20)


def test_a_result_is_one_request(client: Ionworks, service: BulkService) -> None:
    result = client.simulation.get_result("s1")

    assert service.paths == [PATH]
    assert isinstance(result, SimulationResult)
    assert result.time_series["Time [s]"].to_list() == [0.0, 1.0, 2.0]
    assert result.time_series["Capacity [A.h]"].to_list() == [1.5] * 3
    assert_frame_equal(result.steps, pl.DataFrame({"Label": ["s1"]}))
    assert result.metrics == {
        "of": 1,
        "Cycles": [{"Cycle count": 0, "of": 1}],
        "notes": ["a remark"],
    }
    assert result.notes == ["a remark"]


def test_many_results_come_in_the_order_of_their_ids(
    client: Ionworks, service: BulkService
) -> None:
    wanted = ["s7", "s0", "s19", "s0", *(f"s{number}" for number in range(12))]

    found = list(client.simulation.get_results(wanted))

    assert [f"s{result.metrics['of']}" for result in found] == wanted
    assert [result.steps["Label"].item() for result in found] == wanted
    assert [result.time_series.height - 2 for result in found] == [int(each[1:]) for each in wanted]
    assert service.paths == [PATH] * 2, "a small piece, which shows the size, and the rest"


def test_results_are_read_in_pieces_of_bounded_size(
    client: Ionworks, service: BulkService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_results, "PIECE_SIZE", 1000)
    results = client.simulation.get_results(service.stored)
    assert service.sent == [], "nothing is read before the first look"
    for _ in range(bulk_results.FIRST_PIECE):
        next(results)
    assert [len(ids) for ids in service.asked] == [bulk_results.FIRST_PIECE]
    assert [*results][-1].metrics["of"] == 19
    assert max(len(ids) for ids in service.asked[1:]) < bulk_results.FIRST_PIECE


def test_a_simulation_without_results_does_not_cost_those_of_others(
    client: Ionworks, service: BulkService
) -> None:
    service.add("bad", status="failed", error="no convergence")
    results = client.simulation.get_results(["s1", "bad", "s2"])

    assert next(results).metrics["of"] == 1
    with pytest.raises(NotFoundError, match="bad has no results: it failed: no convergence"):
        next(results)
    assert service.asked == [["s1", "bad", "s2"]]


@pytest.mark.off_contract("a damaged table")
def test_a_damaged_table_costs_the_results_of_its_group_only(
    client: Ionworks, service: BulkService
) -> None:
    whole = service.group

    def damaged(folder: int, ids: list[str], body: dict[str, Any]) -> Iterable[tuple[str, bytes]]:
        for name, content in whole(folder, ids, body):
            yield name, content[:20] if "s4" in ids and "steps" in name else content

    service.group = damaged  # type: ignore[method-assign]  # a service whose disk fails
    service.add("s4", status="completed")
    results = client.simulation.get_results(["s4", "s1", "s9"])

    with pytest.raises(NotFoundError, match="s4"):
        next(results)
    found = dict(bulk_results.read_in_pieces(client.simulation._connection, ["s4", "s1", "s9"]))
    assert [each is None for each in found.values()] == [True, False, False]


def test_a_reply_with_much_else_makes_the_next_piece_small(
    client: Ionworks, service: BulkService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_results, "PIECE_SIZE", 100_000)

    def large(request: httpx.Request) -> httpx.Response:
        content = service.bulk(request).content + bytes(200_000)
        return httpx.Response(200, content=content, headers=TAR)

    service.replies[PATH] = large
    results = client.simulation.get_results(service.stored)
    assert [next(results).metrics["of"] for _ in range(9)] == [*range(9)]
    assert [len(ids) for ids in service.asked] == [8, 3]


def test_a_piece_without_results_does_not_let_the_next_one_grow(
    client: Ionworks, service: BulkService
) -> None:
    wanted = [*(f"missing {number}" for number in range(8)), *service.stored]
    assert len([*bulk_results.read_in_pieces(client.simulation._connection, wanted)]) == 28
    assert [len(ids) for ids in service.asked] == [8, 8, 12]


def test_the_missing_result_of_one_simulation_is_explained(
    client: Ionworks, service: BulkService
) -> None:
    service.add("late", status="processing")
    with pytest.raises(NotFoundError, match="it has not finished"):
        client.simulation.get_result("late")


def test_very_many_failures_take_no_request_each(client: Ionworks, service: BulkService) -> None:
    service.failed = {f"f{number}": ("failed", "no convergence") for number in range(50)}
    service.failed["p"] = ("processing", None)
    ids = ["s0", *service.failed, "x", "s1"]

    kept = [*client.simulation.get_results(ids, on_error="skip")]
    first, *errors, last = client.simulation.get_results(ids, on_error="return")

    assert {*service.paths} == {PATH}
    assert [each.metrics["of"] for each in kept] == [0, 1]
    assert isinstance(first, SimulationResult)
    assert isinstance(last, SimulationResult)
    assert len(errors) == 52
    messages = [str(each) for each in errors if isinstance(each, NotFoundError)]
    assert messages[0].startswith("simulation f0 has no results: it failed: no convergence (status")
    assert "simulation p has no results: it has not finished (status processing)" in messages[50]
    assert messages[51].startswith("simulation 'x' does not exist")


def test_very_many_failures_before_the_first_result_take_few_requests(
    client: Ionworks, service: BulkService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_results, "LARGEST_PIECE", 200)
    service.failed = {f"f{number}": ("failed", "no convergence") for number in range(300)}
    service.failed["p"] = ("processing", None)
    ids = [*service.failed, "x", *service.stored]

    outcomes = [*client.simulation.get_results(ids, on_error="return")]

    messages = [str(each) for each in outcomes if isinstance(each, NotFoundError)]
    assert len(messages) == 302
    for number, message in enumerate(messages[:300]):
        assert message.startswith(f"simulation f{number} has no results: it failed: no convergence")
    assert "it has not finished (status processing)" in messages[300]
    assert messages[301].startswith("simulation 'x' does not exist")
    results = [each for each in outcomes if isinstance(each, SimulationResult)]
    assert [each.metrics["of"] for each in results] == [*range(20)]
    assert [len(each) for each in service.asked] == [8, 8, 8, 12]
    assert service.paths.count("/simulations/statuses") == 2


def test_results_are_pandas_frames_if_the_client_uses_pandas(service: BulkService) -> None:
    transport = httpx.MockTransport(service)
    options = {"transport": transport, "dataframe_backend": "pandas"}
    with Ionworks("key", "https://api.test", "PROJ", **options) as client:
        [result] = client.simulation.get_results(["s3"])
    assert isinstance(result.time_series, pd.DataFrame)
    assert result.steps["Label"].to_list() == ["s3"]


def test_the_capabilities_are_asked_for_once(client: Ionworks, service: BulkService) -> None:
    client.simulation.get_result("s1")
    service.capabilities = {}
    client.simulation.get_result("s1")
    assert service.paths == [PATH] * 2


def test_a_service_without_capabilities_sends_single_results(
    client: Ionworks, service: BulkService
) -> None:
    service.capabilities = {}
    with pytest.raises(NotFoundError):
        client.simulation.get_result("s1")
    assert PATH not in service.paths


@pytest.mark.off_contract("replies of other services")
@pytest.mark.parametrize(
    ("reply", "times"),
    [
        (httpx.Response(403, json={}), 1),
        (httpx.Response(404, json={}), 1),
        (httpx.Response(501, json={}), 1),
        (httpx.Response(200, text="<html>"), 1),
        (httpx.Response(500, json={}), 2),
    ],
    ids=["forbidden", "unknown", "not available", "no JSON", "failing"],
)
def test_a_service_that_does_not_tell_its_capabilities_sends_single_results(
    service: BulkService, reply: httpx.Response, times: int
) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/discovery/capabilities":
            return service(request)
        asked.append(request)
        return reply

    options = {"transport": httpx.MockTransport(answer), "max_retries": 0}
    with Ionworks("key", "https://api.test", "PROJ", **options) as client:
        for _ in range(2):
            with pytest.raises(NotFoundError):
                client.simulation.get_result("s1")
    assert len(asked) == times
    assert PATH not in service.paths


@pytest.mark.off_contract("a cut archive")
@pytest.mark.parametrize(
    "cut", [lambda c: c[: len(c) // 2], lambda c: b"<html>", lambda c: archive([])]
)
def test_a_reply_that_is_not_a_whole_archive_is_reported(
    client: Ionworks, service: BulkService, cut: Any
) -> None:
    whole = service.bulk(httpx.Request("POST", "/", json={"simulation_ids": ["s1"]})).content
    service.replies[PATH] = lambda _: httpx.Response(200, content=cut(whole), headers=TAR)
    with pytest.raises(ResponseDecodeError, match=PATH):
        client.simulation.get_result("s1")


@pytest.mark.off_contract("an archive with other counts than rows")
def test_counts_that_do_not_agree_with_the_tables_are_reported(
    client: Ionworks, service: BulkService
) -> None:
    whole = service.bulk(httpx.Request("POST", "/", json={"simulation_ids": ["s1"]})).content
    wrong = whole.replace(b'"points": [[0, 3]]', b'"points": [[0, 4]]')
    assert wrong != whole
    service.replies[PATH] = lambda _: httpx.Response(200, content=wrong, headers=TAR)
    with pytest.raises(ResponseDecodeError, match="does not agree with the tables"):
        client.simulation.get_result("s1")


def test_a_failing_service_is_reported(service: BulkService) -> None:
    service.replies[PATH] = lambda _: httpx.Response(500, json={"detail": "it broke"})
    transport = httpx.MockTransport(service)
    with (
        Ionworks("key", "https://api.test", "PROJ", transport=transport, max_retries=0) as client,
        pytest.raises(ServerError, match="it broke"),
    ):
        client.simulation.get_result("s1")


def test_rows_of_other_simulations_are_not_kept(client: Ionworks, service: BulkService) -> None:
    single = service.group

    def whole_pack(
        folder: int, ids: list[str], body: dict[str, Any]
    ) -> Iterable[tuple[str, bytes]]:
        start = service.stored.index(ids[0]) // 4 * 4
        pack = service.stored[start : start + 4]
        (name, document), *tables = single(folder, pack, body)
        whole = json.loads(document)
        places = [pack.index(each) for each in ids]
        for column in ("simulation_ids", "points", "steps", "notes"):
            whole[column] = [whole[column][place] for place in places]
        whole["metrics"] = {"of": [whole["metrics"]["of"][place] for place in places]}
        yield name, json.dumps(whole).encode()
        yield from tables

    service.group = whole_pack  # type: ignore[method-assign]  # a service that sends whole packs
    found = {each.metrics["of"]: each for each in client.simulation.get_results(["s3", "s1", "s8"])}

    assert sorted(found) == [1, 3, 8]
    for number, result in found.items():
        assert_frame_equal(result.time_series.select(series(0).columns), series(number))
        assert result.steps["Label"].to_list() == [f"s{number}"]
    [(_, run)] = bulk_results.read_in_pieces(client.simulation._connection, ["s0"])
    assert run is not None
    assert run._group.size == series(0).estimated_size() + len("s0")
