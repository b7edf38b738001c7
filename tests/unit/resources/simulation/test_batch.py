"""Batches: lists of responses with methods for all of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import httpx
import pytest

from ionworks import Ionworks
from ionworks.data.record_list import RecordList
from ionworks.errors import BadRequestError, JobFailedError, NotAvailableError, NotFoundError
from ionworks.records.simulation import Simulation, SimulationResponse
from ionworks.resources.simulation import SimulationResource
from ionworks.resources.simulation_batch import SimulationBatch
from ionworks.workflows.simulations import run_table
from tests.unit.resources.simulation.receipts import STATUSES, SUBMISSION, Runs, simulation_id
from tests.unit.resources.simulation.simulation_service import Service, config


def sweep(count: int) -> dict[str, object]:
    row = {"type": "range", "name": "x", "min": 0.0, "max": 1.0, "count": count}
    return config(design_parameters_doe={"sampling": "grid", "rows": [row]})


def submit(
    simulation: SimulationResource, service: Service, *statuses: str | None
) -> tuple[Runs, SimulationBatch]:
    """Submit runs that then have these statuses."""
    runs = Runs(service, [*statuses])
    runs.receipt()
    return runs, simulation.protocol_batch(sweep(len(statuses)))


def test_a_batch_is_a_list_whose_slices_and_sums_are_batches(
    client: Ionworks, service: Service
) -> None:
    service.runs = 4
    batch = client.simulation.protocol_batch(sweep(4))
    first, *_, last = batch

    assert isinstance(batch, list)
    assert (len(batch), batch[0], batch[-1]) == (4, first, last)
    for part in (batch[1:], batch[::-1], batch + batch[:1], batch[:1] + batch[2:]):
        assert type(part) is SimulationBatch
    assert [each.simulation_id for each in batch[:1] + batch[2:]] == ["s1", "s3", "s4"]


def test_ids_and_records_are_added_to_a_batch_as_responses(
    client: Ionworks, service: Service
) -> None:
    batch = client.simulation.batch(["a"])

    more = batch + ["b", Simulation(id="c")]  # noqa: RUF005 - the sum is what is tested

    assert more == [SimulationResponse(simulation_id=each) for each in "abc"]
    assert batch == more[:1]
    same = batch
    batch += ["b", Simulation(id="c")]
    assert batch is same
    assert batch == more
    with pytest.raises(TypeError, match="simulation_id must be the id as text or its record"):
        batch + [7]  # noqa: RUF005 - as above
    assert service.sent == []


def pickled(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - own data


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_copies_of_a_batch_are_plain_lists(
    client: Ionworks, service: Service, copied: Callable[[object], object]
) -> None:
    service.runs = 2
    batch = client.simulation.protocol_batch(sweep(2))

    copies = copied(batch)

    assert type(copies) is list
    assert copies == batch


def test_the_text_of_a_large_batch_is_short(
    simulation: SimulationResource, service: Service
) -> None:
    _, batch = submit(simulation, service, *["pending"] * 1000)

    lines = repr(batch).splitlines()
    assert lines[0] == "1,000 simulations"
    assert lines[2].strip() == simulation_id(0)
    assert len(lines) < 40
    assert repr(batch[:1]).startswith("1 simulation\n")
    assert f"<td>{simulation_id(0)}</td>" in batch[:1]._repr_html_()
    assert STATUSES not in service.paths


def test_a_batch_is_made_again_from_ids_and_records(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("a")
    service.add("b")
    [response] = simulation.batch(["c"])
    [status] = simulation.get_statuses(["b"])
    sent = len(service.sent)

    batch = simulation.batch([simulation.get("a"), status, response, "d"])

    assert [each.simulation_id for each in batch] == ["a", "b", "c", "d"]
    assert batch[2] is response
    assert len(service.sent) == sent + 1
    with pytest.raises(TypeError, match="pass \\[simulation\\]"):
        simulation.batch("a")
    with pytest.raises(TypeError, match="simulation_id must be the id as text"):
        simulation.batch([1])  # type: ignore[list-item]


def test_records_of_the_runs_of_a_submission_make_a_batch_of_its_runs(
    simulation: SimulationResource, service: Service
) -> None:
    _, batch = submit(simulation, service, "failed", "completed", "failed")
    failed, statuses = batch.failed, batch.statuses()
    assert isinstance(failed, RecordList)
    sent = len(service.sent)

    again, same = simulation.batch(failed), simulation.batch(statuses)

    assert [*again] == [batch[0], batch[2]]
    assert [*same] == [*batch]
    assert {each.status for each in again.statuses()} == {"failed"}
    assert service.paths[sent:] == [STATUSES]


def test_a_batch_waits_and_returns_itself(simulation: SimulationResource, service: Service) -> None:
    runs, batch = submit(simulation, service, "processing", "pending")
    runs.latency = 0.1
    runs.later = {1.0: {0: "completed"}, 700.0: {1: "completed"}}

    assert batch.wait(verbose=False) is batch

    assert service.clock() >= 700.0
    assert [each.status for each in batch.statuses()] == ["completed", "completed"]
    assert simulation.batch([]).wait() == []


def test_a_batch_that_failed_raises_unless_it_is_asked_not_to(
    simulation: SimulationResource, service: Service
) -> None:
    runs, batch = submit(simulation, service, "failed", "completed")
    runs.errors[0] = "the solver gave up"

    with pytest.raises(JobFailedError, match="the solver gave up"):
        batch.wait(verbose=False)

    assert batch.wait(verbose=False, raise_on_failure=False) is batch


def test_the_failed_simulations_of_a_batch_have_their_reasons(
    simulation: SimulationResource, service: Service
) -> None:
    runs, batch = submit(
        simulation, service, "failed", "completed", "canceled", "failed", "pending"
    )
    runs.errors |= {0: "the solver gave up", 3: "the mesh is too coarse"}
    service.add("other", status="failed", error="no reason in its status")
    service.add("good")
    sent = len(service.sent)

    failed = (batch + simulation.batch(["good", "other"])).failed

    assert [(each.id, each.status, each.error) for each in failed] == [
        (simulation_id(0), "failed", "the solver gave up"),
        (simulation_id(2), "canceled", None),
        (simulation_id(3), "failed", "the mesh is too coarse"),
        ("other", "failed", "no reason in its status"),
    ]
    assert repr(failed).startswith("4 records")
    assert len(service.sent) == sent + 2


def test_the_completed_simulations_of_a_batch_are_a_batch(
    simulation: SimulationResource, service: Service
) -> None:
    _, batch = submit(simulation, service, "failed", "completed", "pending", "completed")
    service.add("good")

    completed = (batch + simulation.batch(["good"])).completed

    assert [each.simulation_id for each in completed] == [
        simulation_id(1), simulation_id(3), "good"
    ]  # fmt: skip
    assert completed.completed == completed


def cancel_jobs(service: Service, *ids: str) -> None:
    for identifier in ids:
        job = {"job_id": f"job of {identifier}", "status": "canceled"}
        service.answer(f"/jobs/job%20of%20{identifier}/cancel", job)


def test_simulations_are_canceled_through_their_jobs(
    simulation: SimulationResource, service: Service
) -> None:
    for identifier in "ab":
        service.add(identifier)
    cancel_jobs(service, "a", "b", "c")
    known = SimulationResponse(simulation_id="c", job_id="job of c")

    simulation.cancel("a")
    simulation.batch([known, "b"]).cancel()

    assert sorted(service.paths) == [
        "/jobs/job%20of%20a/cancel",
        "/jobs/job%20of%20b/cancel",
        "/jobs/job%20of%20c/cancel",
        "/simulations/a",
        "/simulations/b",
    ]


def test_a_simulation_without_a_job_is_canceled_or_named(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("a")
    service.add("ended", job_id=None)
    for identifier in ("running", "waiting"):
        service.add(identifier, job_id=None, status="processing")
    cancel_jobs(service, "a")

    simulation.cancel("ended")
    with pytest.raises(NotAvailableError, match="not canceled: 'running', 'waiting', because"):
        simulation.cancel(["running", "waiting", "a"])
    with pytest.raises(NotFoundError, match="'x'") as caught:
        simulation.cancel(["running", "x", "a"])

    assert "not canceled: 'running'" in caught.value.__notes__[0]
    assert service.paths.count("/jobs/job%20of%20a/cancel") == 2


def test_those_that_do_not_exist_are_named_after_the_others_were_deleted(
    simulation: SimulationResource, service: Service
) -> None:
    for identifier in "ab":
        service.replies[f"/simulations/{identifier}"] = lambda _: httpx.Response(204)

    with pytest.raises(NotFoundError) as caught:
        simulation.delete(["a", *(f"x{number}" for number in range(5)), "b", "a"])

    assert caught.value.message == (
        "5 simulations do not exist: 'x0', 'x1', 'x2' and 2 more; the other 2 were deleted"
    )
    assert caught.value.data == {"unknown": ["x0", "x1", "x2", "x3", "x4"]}
    assert sorted(service.paths)[:2] == ["/simulations/a", "/simulations/b"]


@pytest.mark.parametrize("change", ["cancel", "delete"])
def test_many_are_changed_in_few_requests(
    simulation: SimulationResource,
    service: Service,
    change: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service.capabilities = {"bulk_simulations": True}
    service.answer(f"/simulations/{change}", {"unknown": ["s4"]})
    monkeypatch.setattr(run_table, "LARGEST_SELECTION", 3)
    batch = simulation.batch([f"s{number}" for number in range(5)])

    with pytest.raises(NotFoundError, match=r"'s4'|2 simulations"):
        getattr(batch, change)()

    assert service.sent == [
        ("POST", f"/simulations/{change}", {}, {"simulation_ids": ["s0", "s1", "s2"]}),
        ("POST", f"/simulations/{change}", {}, {"simulation_ids": ["s3", "s4"]}),
    ]


def test_only_what_failed_is_submitted_again(
    simulation: SimulationResource, service: Service
) -> None:
    service.runs = 3
    row = {"type": "discrete", "name": "x", "values": [1.0, 2.0, 3.0]}
    batch = simulation.protocol_batch(
        config(
            design_parameters_doe={"sampling": "grid", "rows": [row]},
            experiment_parameters={"rate": 2},
            max_backward_jumps=3,
        )
    )
    for number, status in enumerate(["failed", "completed", "canceled"], start=1):
        service.add(
            f"s{number}",
            status=status,
            experiment_template_id="tpl-1",
            experiment_parameters={"rate": 2},
            design_parameters={"x": float(number)},
        )
    del service.sent[:]
    service.runs = 2

    again = batch.retry()

    assert [each.simulation_id for each in again] == ["s1", "s2"]
    assert type(again) is SimulationBatch
    [submitted] = [body for _, path, _, body in service.sent if path.endswith("/batch")]
    assert submitted == {
        "parameterized_model": "pm-id",
        "experiment_template_id": "tpl-1",
        "experiment_parameter_sets": [{"rate": 2}],
        "conditions": [
            {"experiment_parameters": {"rate": 2}, "design_parameters": {"x": 1.0}},
            {"experiment_parameters": {"rate": 2}, "design_parameters": {"x": 3.0}},
        ],
        "max_backward_jumps": 3,
        "project_id": "PROJ",
    }
    assert "/protocols/parse-to-template" not in service.paths


def test_nothing_is_submitted_again_if_nothing_failed(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("a")

    assert simulation.batch(["a"]).retry() == []
    assert service.paths == ["/simulations/statuses"]


def test_a_service_that_does_not_tell_what_was_submitted_cannot_submit_it_again(
    simulation: SimulationResource, service: Service
) -> None:
    service.add("a", status="failed")

    with pytest.raises(NotAvailableError, match="keep the batch that protocol_batch"):
        simulation.retry(["a"])


def repeat_service(service: Service, ids: list[str], submissions: list[str | None]) -> None:
    """Have a service with operations on many simulations, all of which have failed."""
    service.capabilities = {"bulk_simulations": True}
    empty = [None] * len(ids)
    texts = ("parameterized_model_id", "parameterized_model", "error", "error_code")
    table = {
        "simulation_ids": ids,
        "submission_id": submissions,
        "experiment_template_id": ["tpl-1"] * len(ids),
        "status": ["failed"] * len(ids),
        **dict.fromkeys(texts, empty),
        **{group: {} for group in ("design_parameters", "experiment_parameters", "metrics")},
    }
    for identifier in ids:
        service.add(identifier, status="failed")
    service.answer("/simulations/table", table)


@pytest.mark.off_contract("ids that are short")
def test_what_was_submitted_again_before_a_failure_is_told(
    simulation: SimulationResource, service: Service
) -> None:
    repeat_service(service, ["a", "b", "c"], ["one", "two", "one"])
    first = {"submission_id": SUBMISSION, "count": 2, "seed": None, "notes": []}
    replies = iter([httpx.Response(201, json=first), httpx.Response(400, json={"message": "no"})])
    service.replies["/simulations/repeat"] = lambda _: next(replies)

    with pytest.raises(BadRequestError) as caught:
        simulation.retry(["a", "b", "c"])

    bodies = [body for _, path, _, body in service.sent if path == "/simulations/repeat"]
    assert [each["simulation_ids"] for each in bodies] == [["a", "c"], ["b"]]
    [note] = caught.value.__notes__
    assert note == (
        "2 simulations were submitted before this error, and can be waited for, read or canceled by"
        f" id: '{simulation_id(0)}', '{simulation_id(1)}'"
    )
