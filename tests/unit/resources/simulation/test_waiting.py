"""Waiting for simulations, their statuses and records."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import (
    BatchCanceledError,
    BatchFailedError,
    JobCanceledError,
    JobFailedError,
    NotFoundError,
    WaitTimeoutError,
)
from ionworks.records.simulation import (
    SettledSimulation,
    Simulation,
    SimulationResponse,
)
from ionworks.resources.simulation import SimulationResource
from tests.unit.resources.simulation.simulation_service import (
    Service,
)

# ---------------------------------------------------------------- waiting


def test_one_simulation_is_waited_for_and_returned_whole(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("s1", ends=3.0, metrics={"Energy [W.h]": 1.0}, surprise=7)

    record = simulation.wait_for_completion("s1", verbose=False)

    assert service.sent[0] == (
        "POST",
        "/simulations/statuses",
        {},
        {"simulation_ids": ["s1"], "limit": 1},
    )
    assert service.paths[-1] == "/simulations/s1"
    assert service.paths.count("/simulations/s1") == 1
    assert type(record) is Simulation
    assert (record.id, record.status, record["job_id"]) == ("s1", "completed", "job of s1")
    assert record.metrics == {"Energy [W.h]": 1.0}
    assert record["surprise"] == record.surprise == 7


def test_a_thousand_simulations_cost_one_request_per_poll(
    simulation: SimulationResource, service: Service
) -> None:
    ids = [f"s{n}" for n in range(1000)]
    for n, identifier in enumerate(ids):
        service.add(identifier, ends=0.0 if n % 2 else 0.03)

    records = simulation.wait_for_completion(ids, verbose=False)

    assert set(service.paths) == {"/simulations/statuses"}
    assert [len(body["simulation_ids"]) for *_, body in service.sent][:2] == [1000, 500]
    assert len(service.sent) <= 4
    assert all(body["limit"] == len(body["simulation_ids"]) for *_, body in service.sent)
    assert [record.id for record in records] == ids
    assert {record.status for record in records} == {"completed"}
    assert {record.error for record in records} == {None}
    assert "completed" in repr(records[0])
    assert set(service.paths) == {"/simulations/statuses"}, "a look at the status fetches nothing"


def test_a_record_fetches_its_missing_fields_once(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("s1", metrics={"x": 1}, surprise=7)
    (record,) = simulation.wait_for_completion(["s1"], verbose=False)
    assert isinstance(record, SettledSimulation)
    service.sent.clear()

    assert record.metrics == {"x": 1}
    assert record["surprise"] == 7
    assert record.job_id == "job of s1"
    assert dict(record) == dict(simulation.get("s1"))

    assert service.paths == ["/simulations/s1", "/simulations/s1"], "one is the comparison's"
    with pytest.raises(AttributeError, match="nonsense"):
        _ = record.nonsense
    with pytest.raises(KeyError):
        record["nonsense"]
    with pytest.raises(AttributeError):
        record.status = "other"


def pickled(record: Any) -> Any:
    return pickle.loads(pickle.dumps(record))  # noqa: S301 - these bytes are the test's own


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_copies_of_an_incomplete_record_are_complete(
    simulation: SimulationResource, service: Service, copied: Callable[[Any], Any]
) -> None:
    service.add("s1", metrics={"x": 1})
    (record,) = simulation.wait_for_completion(["s1"], verbose=False)

    twin = copied(record)

    assert type(twin) is Simulation
    assert twin.metrics == {"x": 1}
    assert record == twin


@pytest.mark.parametrize("form", [list, tuple, iter])
def test_ids_responses_records_and_mixes_can_be_waited_for(
    simulation: SimulationResource, service: Service, form: Callable[[Any], Any]
) -> None:
    for identifier in ("s1", "s2", "s3"):
        service.add(identifier)
    response = SimulationResponse(simulation_id="s2", job_id="j2")
    record = Simulation(id="s3")

    records = simulation.wait_for_completion(form(["s1", response, record, "s1"]), verbose=False)

    assert [each.id for each in records] == ["s1", "s2", "s3", "s1"]
    assert service.sent[0][3]["simulation_ids"] == ["s1", "s2", "s3"]
    assert records[1].job_id == "j2"
    assert simulation.wait_for_completion(response, verbose=False).id == "s2"


def test_waiting_for_no_simulations_sends_nothing(
    simulation: SimulationResource, service: Service
) -> None:
    assert simulation.wait_for_completion([]) == []
    assert service.sent == []


@pytest.mark.parametrize(
    ("status", "kind"), [("failed", JobFailedError), ("canceled", JobCanceledError)]
)
def test_a_failure_is_raised_at_once(
    simulation: SimulationResource, service: Service, status: str, kind: type[Exception]
) -> None:
    service.add("s1", status=status, error="the solver gave up")

    with pytest.raises(kind) as caught:
        simulation.wait_for_completion("s1", timeout=60, verbose=False)

    assert str(caught.value).startswith(f"Simulation s1 {status}: the solver gave up")
    assert caught.value.job.id == "s1"
    assert service.clock() == 0.0


def test_a_failure_can_be_returned(simulation: SimulationResource, service: Service) -> None:
    service.add("s1", status="failed", error="the solver gave up")

    record = simulation.wait_for_completion("s1", verbose=False, raise_on_failure=False)

    expected = {"id": "s1", "status": "failed", "error": "the solver gave up"}
    assert expected.items() <= dict(record).items()
    assert record["job_id"] == "job of s1"


def test_a_reason_missing_in_the_statuses_is_looked_up(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("s1", status="failed", error="from the record")
    service.replies["/simulations/statuses"] = lambda _: httpx.Response(
        200, json=[{"simulation_id": "s1", "status": "failed"}]
    )

    with pytest.raises(JobFailedError, match="from the record"):
        simulation.wait_for_completion("s1", verbose=False)


def test_a_list_keeps_its_order_and_its_failures(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("a")
    service.add("b", status="failed", error="bad mesh")
    service.add("c", status="canceled", error="by the user")
    service.add("d", ends=9.0)

    records = simulation.wait_for_completion(list("dcba"), verbose=False, raise_on_failure=False)

    assert [(each.id, each.status) for each in records] == [
        ("d", "completed"),
        ("c", "canceled"),
        ("b", "failed"),
        ("a", "completed"),
    ]


def test_the_failures_of_a_list_are_one_error(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("a", ends=9.0)
    service.add("b", status="canceled", error="by the user")
    service.add("c", status="failed", error="bad mesh")

    with pytest.raises(JobFailedError) as caught:
        simulation.wait_for_completion(list("abc"), verbose=False)

    assert "2 of 3 simulations did not complete" in str(caught.value)
    assert "Simulation b canceled: by the user\nSimulation c failed: bad mesh" in str(caught.value)
    assert caught.value.job.id == "c"
    assert {key: each.status for key, each in caught.value.finished.items()} == {
        "b": "canceled",
        "c": "failed",
    }
    assert caught.value.data == caught.value.finished


def test_a_list_raises_as_soon_as_one_has_failed(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("done")
    service.add("fails", ends=5.0, status="failed", error="bad mesh")
    service.add("long", ends=9e9)

    with pytest.raises(JobFailedError, match="1 that keeps running") as caught:
        simulation.wait_for_completion(["long", "done", "fails"], timeout=None, verbose=False)

    assert 5.0 <= service.clock() <= 5.0 + 2.0
    assert caught.value.pending == ("long",)
    assert [*caught.value.finished] == ["done", "fails"]
    restored = pickled(caught.value)
    assert (restored.pending, [*restored.finished]) == (("long",), ["done", "fails"])


@pytest.mark.parametrize(("reasons", "others"), [(30, "27 other reasons"), (4, "1 other reason")])
def test_a_long_list_of_failures_is_bounded(
    simulation: SimulationResource, service: Service, reasons: int, others: str
) -> None:
    ids = [f"s{n}" for n in range(500)]
    for number, identifier in enumerate(ids):
        service.add(identifier, status="failed", error=f"reason {number % reasons}")

    with pytest.raises(BatchFailedError) as caught:
        simulation.wait_for_completion(ids, verbose=False)

    heading, *lines, last = str(caught.value).splitlines()
    assert heading.startswith("500 of 500 simulations did not complete (500 failed); ")
    same = len(ids[reasons::reasons])
    assert lines[0] == f"Simulation s0 failed: reason 0 (and {same} more for this reason)"
    assert len(lines) == 3
    assert last == f"and {others}, see .exceptions and .finished"
    assert len(caught.value.exceptions) == min(reasons, 20)
    assert len(caught.value.data) == 500


def test_the_error_of_a_list_is_a_group_with_an_error_for_each_reason(
    simulation: SimulationResource, service: Service
) -> None:
    for identifier, error in {"a": "bad mesh", "b": "no convergence", "c": "bad mesh"}.items():
        service.add(identifier, status="failed", error=error)
    service.add("d", status="canceled")

    with pytest.raises(ExceptionGroup) as caught:
        simulation.wait_for_completion(list("abcd"), verbose=False)

    assert isinstance(caught.value, JobFailedError)
    assert [(type(each), each.message, each.job.id) for each in caught.value.exceptions] == [
        (JobFailedError, "Simulation a failed: bad mesh (and 1 more for this reason)", "a"),
        (JobFailedError, "Simulation b failed: no convergence", "b"),
        (JobCanceledError, "Simulation d canceled: no reason given", "d"),
    ]
    assert "4 of 4 simulations did not complete (3 failed, 1 canceled)" in str(caught.value)
    restored = pickled(caught.value)
    assert type(restored) is BatchFailedError
    assert (str(restored), len(restored.exceptions)) == (str(caught.value), 3)
    failed, canceled = caught.value.split(lambda each: type(each) is JobFailedError)
    assert failed is not None
    assert canceled is not None
    assert (len(failed.exceptions), len(canceled.exceptions)) == (2, 1)
    assert isinstance(canceled, JobFailedError)


def test_canceled_simulations_are_one_error(
    simulation: SimulationResource, service: Service
) -> None:
    for identifier in "ab":
        service.add(identifier, status="canceled")

    with pytest.raises(BatchCanceledError, match=r"2 of 2 simulations .* \(2 canceled\)") as caught:
        simulation.wait_for_completion(list("ab"), verbose=False)

    assert isinstance(caught.value, JobCanceledError)
    assert not isinstance(caught.value, JobFailedError)


def test_a_timeout_keeps_what_has_finished(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("a", metrics={"x": 1})
    service.add("b", ends=1e9)

    with pytest.raises(WaitTimeoutError, match="1 of 2 simulations") as caught:
        simulation.wait_for_completion(["a", "b"], timeout=10, verbose=False)

    assert service.clock() == pytest.approx(10.0)
    assert caught.value.pending == ("b",)
    assert caught.value.finished["a"].metrics == {"x": 1}


def test_an_unknown_simulation_is_reported_immediately(
    simulation: SimulationResource, service: Service
) -> None:
    with pytest.raises(NotFoundError, match="simulation 'typo' does not exist"):
        simulation.wait_for_completion("typo", verbose=False)

    assert service.paths == ["/simulations/statuses", "/simulations/typo"]


@pytest.mark.off_contract("an old service whose records have no status and which lists none")
def test_a_simulation_missing_in_the_statuses_is_judged_by_its_results(
    simulation: SimulationResource, service: Service
) -> None:
    service.simulations["s1"] = {"id": "s1", "storage_folder": "here"}
    service.replies["/simulations/statuses"] = lambda _: httpx.Response(200, json=[])

    assert simulation.wait_for_completion("s1", verbose=False).status == "completed"


def test_the_progress_is_shown_on_stderr_only_on_request(
    simulation: SimulationResource, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    service.add("s1", ends=1.0)

    simulation.wait_for_completion("s1", verbose=False)
    assert capsys.readouterr() == ("", "")
    service.clock.now = 0.0
    simulation.wait_for_completion("s1")

    printed = capsys.readouterr()
    assert printed.out == ""
    assert [line.split(",")[0] for line in printed.err.splitlines()] == [
        "simulation s1: processing",
        "simulation s1: completed",
    ]


def test_statuses_of_many_are_requested_in_thousands(client: Ionworks, service: Service) -> None:
    ids = [f"s{n}" for n in range(2001)]
    for identifier in ids[1:]:
        service.add(identifier)

    statuses = client.simulation.get_statuses(reversed(ids))

    assert [body["limit"] for *_, body in service.sent] == [1000, 1000, 1]
    assert [status.simulation_id for status in statuses] == ids[:0:-1]
    assert statuses[0].status == statuses[0]["status"] == "completed"


# ---------------------------------------------------------------- get, delete, list


def test_get_returns_a_record_with_keys(client: Ionworks, service: Service) -> None:
    service.add("s1", design={"design_parameters": {"x": 1.0}})

    record = client.simulation.get("s1")

    assert record.design == record["design"] == {"design_parameters": {"x": 1.0}}
    assert client.simulation.get(record).id == "s1"


def test_ids_stay_one_path_segment(client: Ionworks, service: Service) -> None:
    with pytest.raises(NotFoundError):
        client.simulation.get("../users/me")

    assert service.paths == ["/simulations/..%2Fusers%2Fme"]


def test_delete(client: Ionworks, service: Service) -> None:
    service.replies["/simulations/s1"] = lambda _: httpx.Response(204)

    client.simulation.delete(SimulationResponse(simulation_id="s1"))

    assert service.sent == [("DELETE", "/simulations/s1", {}, None)]
