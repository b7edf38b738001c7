"""Batches: lists of responses with methods for all of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from ionworks import Ionworks
from ionworks.errors import JobFailedError
from ionworks.resources.simulation import SimulationResource
from ionworks.resources.simulation_batch import SimulationBatch
from tests.unit.resources.simulation.receipts import STATUSES, Runs, simulation_id
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

    assert repr(batch) == (
        f"<SimulationBatch of 1000 simulations: [{simulation_id(0)!r}, {simulation_id(1)!r},"
        f" {simulation_id(2)!r}, ...]>"
    )
    assert repr(batch[:1]) == f"<SimulationBatch of 1 simulation: [{simulation_id(0)!r}]>"
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


def test_a_batch_waits_and_returns_itself(simulation: SimulationResource, service: Service) -> None:
    runs, batch = submit(simulation, service, "processing", "pending")
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
    assert len(service.sent) == sent + 2
