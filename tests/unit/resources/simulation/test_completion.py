"""Results of many simulations of which some fail, and results as simulations end."""

from __future__ import annotations

import gc
import weakref

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import (
    GoneError,
    IonworksError,
    JobCanceledError,
    JobFailedError,
    NotFoundError,
    ServerError,
    WaitTimeoutError,
)
from ionworks.records.simulation import SimulationResult
from ionworks.resources.simulation import SimulationResource
from tests.unit.resources.simulation.receipts import Runs, simulation_id
from tests.unit.resources.simulation.simulation_service import Service, config
from tests.unit.resources.simulation.test_results import add_result


def summary(outcome: object) -> object:
    """Return what a result is of, or the type and the message of an error."""
    if isinstance(outcome, SimulationResult):
        return outcome.metrics["of"]
    assert isinstance(outcome, IonworksError)
    return type(outcome), outcome.message


@pytest.fixture
def mixed(service: Service) -> Service:
    """Has results of a and d; b failed, and the files of c are missing."""
    add_result(service, "a")
    service.add("b", status="failed", error="no convergence")
    add_result(service, "c")
    add_result(service, "d")
    gone = httpx.Response(410, json={"error_code": "GONE", "message": "the file is missing"})
    service.replies["/simulations/c/time_series/download"] = lambda _: gone
    return service


def test_results_of_those_that_have_none_can_be_skipped(client: Ionworks, mixed: Service) -> None:
    found = client.simulation.get_results(["a", "b", "c", "x", "d"], on_error="skip")

    assert [each.metrics["of"] for each in found] == ["a", "d"]


def test_errors_can_be_returned_in_place_of_results(client: Ionworks, mixed: Service) -> None:
    a, b, c, x, d = client.simulation.get_results(["a", "b", "c", "x", "d"], on_error="return")

    assert (summary(a), summary(d)) == ("a", "d")
    assert summary(b) == (
        NotFoundError,
        "simulation b has no results: it failed: no convergence",
    )
    assert summary(c) == (GoneError, "the file is missing")
    assert isinstance(x, NotFoundError)


@pytest.mark.parametrize("on_error", ["skip", "return"])
def test_a_failure_of_the_service_is_not_that_of_a_simulation(
    client: Ionworks, mixed: Service, on_error: str
) -> None:
    mixed.replies["/simulations/d"] = lambda _: httpx.Response(
        500, json={"error_code": "INTERNAL", "message": "broken"}
    )

    with pytest.raises(ServerError, match="broken"):
        list(client.simulation.get_results(["a", "d"], on_error=on_error))  # type: ignore[call-overload]  # a parametrized literal


def test_another_way_to_treat_errors_is_refused(client: Ionworks, service: Service) -> None:
    for read in (client.simulation.get_results, client.simulation.as_completed):
        with pytest.raises(
            ValueError, match="on_error must be one of raise, skip, return, not 'no'"
        ):
            read(["a"], on_error="no")  # type: ignore[call-overload]  # a wrong value
    assert service.sent == []


def test_a_result_that_was_skipped_past_is_freed(client: Ionworks, mixed: Service) -> None:
    found = client.simulation.get_results(["a", "b", "d"], on_error="skip", max_workers=1)
    frame = weakref.ref(next(found).time_series)
    gc.collect()

    assert frame() is None
    assert next(found).metrics == {"of": "d"}


def test_results_come_as_the_simulations_end(
    simulation: SimulationResource, service: Service
) -> None:
    for identifier, ends in {"a": 300.0, "b": 5.0, "c": 40.0}.items():
        add_result(service, identifier)
        service.ends[identifier] = ends
    responses = [*simulation.batch(["a", "b", "c"])]

    seen = []
    for response, result in simulation.as_completed([*responses, responses[0]]):
        assert response is responses["abc".index(result.metrics["of"])]
        seen.append((result.metrics["of"], service.clock()))

    assert [name for name, _ in seen] == ["b", "c", "a"]
    for (_, moment), ends in zip(seen, [5.0, 40.0, 300.0], strict=True):
        assert ends <= moment <= ends + 3.0


def test_runs_of_a_submission_come_as_they_end(
    simulation: SimulationResource, service: Service
) -> None:
    runs = Runs(service, ["processing"] * 4)
    runs.receipt()
    runs.later = {1.0: {2: "completed"}, 50.0: {0: "completed", 3: "completed"}}
    runs.statuses[1] = "completed"
    for index in range(4):
        add_result(service, simulation_id(index))
    row = {"type": "range", "name": "x", "min": 0.0, "max": 1.0, "count": 4}
    doe = {"sampling": "grid", "rows": [row]}
    batch = simulation.protocol_batch(config(design_parameters_doe=doe))

    order = [(batch.index(each), result.metrics["of"]) for each, result in batch.as_completed()]

    assert order == [(index, simulation_id(index)) for index in (1, 2, 0, 3)]


@pytest.fixture
def failing(service: Service) -> Service:
    """Has a and d, which end at once and late; b fails and c is canceled with a."""
    add_result(service, "a")
    service.add("b", status="failed", error="no convergence")
    service.add("c", status="canceled")
    add_result(service, "d")
    service.ends["d"] = 30.0
    return service


def test_a_failure_is_raised_after_the_results_that_are_there(
    simulation: SimulationResource, failing: Service
) -> None:
    found = simulation.as_completed(["b", "a", "c", "d"])

    assert next(found)[0] == "a"
    with pytest.raises(JobFailedError) as caught:
        next(found)

    assert caught.value.pending == ("d",)
    assert "; on_error='return' goes on with the others:" in str(caught.value)
    assert len(caught.value.exceptions) == 2  # type: ignore[attr-defined]  # it is a group


def test_failures_can_be_skipped_or_returned(
    simulation: SimulationResource, failing: Service
) -> None:
    skipped = [each for each, _ in simulation.as_completed(["b", "a", "c", "d"], on_error="skip")]
    failing.clock.now = 0.0
    returned = dict(simulation.as_completed(["b", "a", "c", "d"], on_error="return"))

    assert skipped == ["a", "d"]
    assert [*returned] == ["b", "a", "c", "d"]
    assert summary(returned["b"]) == (JobFailedError, "Simulation b failed: no convergence")
    assert summary(returned["c"]) == (
        JobCanceledError,
        "Simulation c canceled: no reason given",
    )
    assert isinstance(returned["d"], SimulationResult)


def test_the_timeout_is_that_of_all_results_together(
    simulation: SimulationResource, service: Service
) -> None:
    add_result(service, "a")
    service.ends["a"] = 8.0
    service.add("b", ends=1e9)
    found = simulation.as_completed(["a", "b"], timeout=10)

    assert next(found)[0] == "a"
    with pytest.raises(
        WaitTimeoutError, match="1 of 2 simulations have not ended after 10 s"
    ) as caught:
        next(found)

    assert caught.value.pending == ("b",)
    assert service.clock() == pytest.approx(10.0)


def test_as_completed_of_nothing_is_empty(simulation: SimulationResource, service: Service) -> None:
    assert [*simulation.as_completed([])] == []
    assert service.sent == []
