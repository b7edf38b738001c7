"""Batches that the service answers with one receipt for all runs."""

from __future__ import annotations

import copy
import gc
import pickle
import tracemalloc

import pytest

from ionworks import Ionworks
from ionworks.errors import (
    JobFailedError,
    NotFoundError,
    ParameterWarning,
    WaitTimeoutError,
)
from ionworks.records.simulation import Simulation, SimulationResponse
from ionworks.records.submission import Submission
from ionworks.resources.simulation import SimulationResource
from tests.unit.resources.simulation.receipts import STATUSES, SUBMISSION, Runs, simulation_id
from tests.unit.resources.simulation.simulation_service import CONFIG, Service, config

BATCH = "/simulations/with-template/batch"


def sweep(count: int) -> dict[str, object]:
    row = {"type": "range", "name": "x", "min": 0.0, "max": 1.0, "count": count}
    return config(design_parameters_doe={"sampling": "grid", "rows": [row]})


def submit(
    simulation: SimulationResource, service: Service, *statuses: str | None
) -> tuple[Runs, list[SimulationResponse]]:
    """Submit runs that then have these statuses."""
    runs = Runs(service, [*statuses])
    runs.receipt()
    return runs, simulation.protocol_batch(sweep(len(statuses)))


def test_only_a_batch_of_several_runs_prefers_a_receipt(client: Ionworks, service: Service) -> None:
    client.simulation.protocol(CONFIG)
    client.simulation.protocol_batch(sweep(2))

    assert service.preferred[BATCH] == [None, "return=minimal"]


def test_the_responses_of_a_receipt_are_like_those_of_a_list(
    client: Ionworks, service: Service
) -> None:
    note = {"category": "parameters", "message": "an unusual value"}
    Runs(service, ["pending"] * 27).receipt(
        seed=7, notes=[{"first": 1, "count": 2, "notes": [note]}]
    )

    with pytest.warns(ParameterWarning, match="an unusual value") as issued:
        responses = client.simulation.protocol_batch(sweep(27))

    assert len(issued) == 1
    assert isinstance(responses, list)
    assert len(responses) == 27
    last = responses[26]
    assert last.to_dict() == {
        "simulation_id": "0f3a8c1e-7b2d-4f60-9a11-00000000001a",
        "job_id": "0f3a8c1e-7b2d-4f60-9a11-10000000001a",
        "protocol_id": "tpl-1",
        "already_existed": False,
        "seed": 7,
        "notes": [],
    }
    assert [len(each["notes"]) for each in responses[:4]] == [0, 1, 1, 0]
    plain = SimulationResponse.from_dict(last.to_dict())
    assert last == plain
    assert plain == last
    assert last != responses[25]
    assert repr(last) == repr(plain)
    assert copy.deepcopy(last) == pickle.loads(pickle.dumps(last)) == last  # noqa: S301 - own data
    with pytest.raises(AttributeError, match="no field 'colour'"):
        _ = last.colour
    with pytest.raises(KeyError):
        _ = last["colour"]


def test_responses_and_records_of_many_runs_are_small(
    simulation: SimulationResource, service: Service
) -> None:
    count = 10_000
    runs = Runs(service, [])
    runs.receipt(count=count)
    ended = {
        "submission_id": SUBMISSION,
        "count": count,
        "as_of": "0",
        "statuses": [{"first": 0, "count": count, "status": "completed"}],
    }
    service.answer(STATUSES, ended)
    config = sweep(count)
    # Once before, because the memory of imports and caches is not that of runs.
    simulation.wait_for_completion(simulation.protocol_batch(config), verbose=False)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        responses = simulation.protocol_batch(config)
        records = simulation.wait_for_completion(responses, verbose=False)
        after, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(records) == count
    assert (after - before) / count < 475  # bytes; 600 for the ids alone as text
    assert (most - before) / count < 550


def test_statuses_of_all_runs_are_one_request(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "pending", None, "failed", "completed")
    runs.errors[2] = "the solver failed"
    service.add("other")

    all_of_them = simulation.get_statuses(responses)
    some = simulation.get_statuses([responses[3], "other", responses[0], responses[3]])

    assert service.paths[2:] == [STATUSES, "/simulations/statuses", STATUSES]
    assert [each.simulation_id for each in all_of_them] == [simulation_id(n) for n in (0, 2, 3)]
    assert all_of_them[1].to_dict() == {
        "simulation_id": simulation_id(2),
        "status": "failed",
        "error": "the solver failed",
        "error_code": None,
        "delay_reason": None,
        "updated_at": None,
        "phase": None,
        "progress": None,
    }
    assert [each.status for each in some] == ["completed", "completed", "pending"]
    assert [each["simulation_id"] for each in some] == [simulation_id(3), "other", simulation_id(0)]
    assert repr(some[2]).startswith("SimulationStatus(simulation_id=")
    assert simulation.get_statuses(reversed(responses[2:])) == [all_of_them[2], all_of_them[1]]


def test_runs_of_a_submission_that_was_deleted_have_no_statuses(
    client: Ionworks, service: Service
) -> None:
    _, responses = submit(client.simulation, service, "completed", "completed")
    del service.replies[STATUSES]
    service.add("other")
    assert client.simulation.get_statuses(responses) == []
    [left] = client.simulation.get_statuses([*responses, "other"])
    assert left.simulation_id == "other"


def test_a_wait_asks_for_the_statuses_of_all_runs_and_then_for_changes(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "pending", "processing", "completed")
    runs.later = {0.2: {1: "completed"}, 0.5: {0: "completed"}}
    service.add(simulation_id(0), metrics={"a": 1.0})

    ended = simulation.wait_for_completion(responses, verbose=False)

    assert runs.asked[0] is None
    assert None not in runs.asked[1:]
    assert set(service.paths[2:]) == {STATUSES}
    assert [each.id for each in ended] == [simulation_id(index) for index in range(3)]
    assert [each.status for each in ended] == ["completed"] * 3
    assert {type(each.error) for each in ended} == {type(None)}
    assert isinstance(ended[0], Simulation)
    assert ended[0].job_id == responses[0].job_id
    # Other fields are fetched when they are read.
    assert ended[0].metrics == {"a": 1.0}
    assert service.paths[-1] == f"/simulations/{simulation_id(0)}"


def test_the_end_of_a_long_batch_is_noticed_at_once_at_little_cost(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "processing", "completed")
    runs.later = {100.0: {0: "completed"}}
    runs.latency = 0.001

    simulation.wait_for_completion(responses, timeout=None, verbose=False)

    assert 100.0 <= service.clock() <= 100.06
    assert len(runs.asked) * runs.latency < 0.02 * 100.0 + 0.1


def test_some_runs_and_other_simulations_are_waited_for_together(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "pending", "completed", "failed", "processing")
    runs.later = {0.3: {3: "completed"}}
    service.add("other", ends=0.6)

    ended = simulation.wait_for_completion(
        [responses[3], "other", responses[1], responses[3]], verbose=False
    )

    assert [each.id for each in ended] == [
        simulation_id(3),
        "other",
        simulation_id(1),
        simulation_id(3),
    ]
    assert [each.status for each in ended] == ["completed"] * 4


def test_a_failed_run_ends_the_wait_with_what_has_ended(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "pending", "completed", "failed", "processing")
    runs.errors[2] = "the solver failed"

    with pytest.raises(JobFailedError, match="the solver failed") as raised:
        simulation.wait_for_completion(responses, verbose=False)

    assert list(raised.value.pending) == [simulation_id(0), simulation_id(3)]
    assert list(raised.value.finished) == [simulation_id(1), simulation_id(2)]
    assert set(service.paths[2:]) == {STATUSES}


def test_failed_runs_are_returned_if_asked_for(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "completed", "failed", "canceled")
    runs.errors[1] = "the solver failed"

    ended = simulation.wait_for_completion(responses, verbose=False, raise_on_failure=False)

    assert [(each.status, each.error) for each in ended] == [
        ("completed", None),
        ("failed", "the solver failed"),
        ("canceled", None),
    ]


def test_a_timeout_names_the_runs_that_have_not_ended(
    simulation: SimulationResource, service: Service
) -> None:
    _, responses = submit(simulation, service, "pending", "completed", "processing")

    with pytest.raises(WaitTimeoutError, match="2 of 3 simulations have not ended") as raised:
        simulation.wait_for_completion(responses, timeout=5, verbose=False)

    assert list(raised.value.pending) == [simulation_id(0), simulation_id(2)]
    assert list(raised.value.finished) == [simulation_id(1)]


def test_a_run_that_is_deleted_during_a_wait_is_reported(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "pending", "pending", "completed")
    runs.later = {0.2: {1: None}}

    with pytest.raises(NotFoundError, match=f"{simulation_id(1)}' does not exist"):
        simulation.wait_for_completion(responses, verbose=False)


def test_a_change_that_the_service_missed_only_delays_the_end(
    simulation: SimulationResource, service: Service
) -> None:
    runs, responses = submit(simulation, service, "pending", "completed")
    runs.later = {0.2: {0: "completed"}}
    reply = runs.reply

    def forgetful(request):
        runs.changed.clear()
        response = reply(request)
        runs.changed.clear()
        return response

    service.replies[STATUSES] = forgetful
    runs.changed = {}
    ended = simulation.wait_for_completion(responses, timeout=None, verbose=False)

    assert [each.status for each in ended] == ["completed"] * 2


def test_many_records_are_made_without_collections_of_garbage() -> None:
    collections: list[str] = []

    def count(phase: str, _details: dict[str, int]) -> None:
        collections.append(phase)

    gc.collect()
    gc.callbacks.append(count)
    try:
        Submission("0f3a8c1e-7b2d-4f60-9a11-f00000000000", 100_000).runs()
    finally:
        gc.callbacks.remove(count)
    assert gc.isenabled()
    assert collections.count("start") <= 2
