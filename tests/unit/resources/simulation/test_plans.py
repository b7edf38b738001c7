"""`client.simulation.plan`: what is asked, what is returned, and what other services cannot say."""

from __future__ import annotations

from typing import Any

import httpx
import polars as pl
import pytest

from ionworks import Ionworks, doe
from ionworks.errors import NotFoundError
from ionworks.records.plan import duration
from tests.unit.resources.simulation.simulation_service import CONFIG, EXPERIMENT, UCP, Service

REPLY: dict[str, Any] = {
    "count": 2,
    "seed": None,
    "notes": [{"category": "protocol", "message": "doubtful"}],
    "is_checked": True,
    "reused": 1,
    "estimate": {
        "seconds": 150.0,
        "seconds_per_run": 1.5,
        "past_runs": 1200,
        "same_protocol": True,
        "workers": 4,
    },
    "digest": "0f3a",
}
DESIGN = {
    "sampling": "grid",
    "rows": [
        {"type": "discrete", "name": "x", "values": [1, 2]},
        {"type": "range", "name": "C-rate", "min": 0.0, "max": 1.0, "count": 2},
    ],
}


@pytest.fixture
def planning(service: Service) -> Service:
    """A service with plans."""
    service.capabilities = {"simulation_plans": True}
    service.answer("/simulations/plan", REPLY)
    return service


def test_a_plan_has_what_the_service_says(client: Ionworks, planning: Service) -> None:
    config = {**CONFIG, "design_parameters_doe": DESIGN, "experiment_parameters": {"C-rate": 2}}

    plan = client.simulation.plan({**config, "study_id": "st", "reuse": True})

    assert planning.sent == [
        (
            "POST",
            "/simulations/plan",
            {},
            {
                "parameterized_model": "pm-id",
                "protocol": UCP,
                "experiment_parameter_sets": [{"C-rate": 2}],
                "design_parameters_doe": doe.normalise(DESIGN),
                "reuse": True,
            },
        )
    ]
    assert (plan.count, plan.reused, plan.seconds, plan.digest) == (2, 1, 150.0, "0f3a")
    assert plan.warnings == ["doubtful"]
    assert (
        plan.basis == "1.5 s a run, as in 1,200 past runs of this model and protocol, 4 at a time"
    )
    assert plan.is_checked
    assert isinstance(plan.design, pl.DataFrame)
    assert plan.design.to_dict(as_series=False) == {
        "run": [0, 1, 2, 3],
        "C-rate": [2, 2, 2, 2],
        "x": [1.0, 1.0, 2.0, 2.0],
        "C-rate (design)": [0.0, 1.0, 0.0, 1.0],
    }
    assert str(plan) == (
        "2 runs, 1 of them with the results of equal runs\n"
        "about 2 min (1.5 s a run, as in 1,200 past runs of this model and protocol, 4 at a time)\n"
        "warning: doubtful"
    )


def test_a_plan_of_one_run_and_of_a_list_of_runs(client: Ionworks, planning: Service) -> None:
    saved = {"parameterized_model": "pm-id", "protocol_id": "tpl"}
    one = client.simulation.plan({**saved, "design_parameters": {"x": 1}})
    runs = [
        {"experiment_parameters": {"a": 2.0}, "design_parameters": {"x": 1}},
        {"experiment_parameters": {"a": "text"}},
    ]
    several = client.simulation.plan({**saved, "conditions": runs})

    first, second = [body for *_, body in planning.sent]
    assert (first["experiment_template_id"], second["experiment_template_id"]) == ("tpl", "tpl")
    assert isinstance(one.design, pl.DataFrame)
    assert isinstance(several.design, pl.DataFrame)
    assert one.design.to_dict(as_series=False) == {"run": [0], "x": [1.0]}
    assert several.design.to_dict(as_series=False) == {
        "run": [0, 1],
        "a": ["2.0", "text"],
        "x": [1.0, None],
    }


def test_random_values_are_those_that_the_service_plans(
    client: Ionworks, planning: Service
) -> None:
    row = {"type": "normal", "name": "x", "mean": 1.0, "std": 0.1}
    design = {"sampling": "latin_hypercube", "count": 3, "rows": [row]}

    plan = client.simulation.plan({**CONFIG, "design_parameters_doe": design})

    [(*_, body)] = planning.sent
    seeded = body["design_parameters_doe"]
    assert isinstance(seeded["seed"], int)
    assert list(plan.design["x"]) == [point["x"] for point in doe.points(seeded)]


def test_a_plan_without_past_runs(client: Ionworks, planning: Service) -> None:
    planning.answer(
        "/simulations/plan", {**REPLY, "count": 1, "reused": 0, "estimate": None, "notes": []}
    )

    plan = client.simulation.plan(CONFIG)

    assert (plan.seconds, plan.basis, str(plan)) == (None, None, "1 run")


def test_a_plan_of_which_all_runs_are_stored(client: Ionworks, planning: Service) -> None:
    estimate = {**REPLY["estimate"], "seconds": 0.0}
    stored = {**REPLY, "notes": [], "reused": 2, "estimate": estimate}
    planning.answer("/simulations/plan", stored)

    assert str(client.simulation.plan(CONFIG)) == (
        "2 runs, 2 of them with the results of equal runs"
    )


def test_another_basis_of_the_estimate(client: Ionworks, planning: Service) -> None:
    estimate = {"seconds": 3.0, "seconds_per_run": 3.0, "past_runs": 1, "same_protocol": False}
    planning.answer("/simulations/plan", {**REPLY, "estimate": estimate})

    basis = client.simulation.plan(CONFIG).basis

    assert basis == "3 s a run, as in the past run of this model with other protocols"


def test_a_plan_for_several_models_is_that_of_all(client: Ionworks, planning: Service) -> None:
    row = {"type": "normal", "name": "x", "mean": 1.0, "std": 0.1}
    design = {"sampling": "random", "count": 2, "rows": [row]}
    models = ["pm-id", {"quick_model": {"capacity": 2.0}}]
    config = {**CONFIG, "parameterized_model": models, "design_parameters_doe": design}

    plan = client.simulation.plan(config)

    first, second = [body for *_, body in planning.sent]
    assert [first["parameterized_model"], second["parameterized_model"]] == models
    assert first["design_parameters_doe"] == second["design_parameters_doe"]
    assert (plan.count, plan.reused, plan.seconds, plan.digest) == (4, 2, 300.0, "0f3a-0f3a")
    assert plan.warnings == ["doubtful"]
    assert plan.basis == (
        "1.5 s a run, as in 1,200 past runs of this model and protocol, 4 at a time"
    )
    assert isinstance(plan.design, pl.DataFrame)
    assert plan.design["run"].to_list() == [0, 1, 2, 3]
    described = ["pm-id", "pm-id", '{"capacity": 2.0}', '{"capacity": 2.0}']
    assert plan.design["parameterized_model"].to_list() == described
    assert plan.design["x"][:2].to_list() == plan.design["x"][2:].to_list()


def test_a_plan_of_several_models_knows_no_time_if_that_of_one_is_unknown(
    client: Ionworks, planning: Service
) -> None:
    answers = iter([REPLY, {**REPLY, "estimate": None, "is_checked": False}])
    planning.replies["/simulations/plan"] = lambda _: httpx.Response(200, json=next(answers))

    plan = client.simulation.plan({**CONFIG, "parameterized_model": ["a-1", "b-1"]})

    assert (plan.seconds, plan.reused, plan.is_checked) == (None, 2, False)


def test_a_plan_takes_the_name_of_a_model(client: Ionworks, planning: Service) -> None:
    items = [{"id": "pm-1", "name": "LFP"}, {"id": "pm-2", "name": "My cell"}]
    planning.answer("/parameterized_models", {"items": items, "total": 2})

    client.simulation.plan({**CONFIG, "parameterized_model": "My cell"})

    assert planning.sent[-1][-1]["parameterized_model"] == "pm-2"
    with pytest.raises(NotFoundError, match=r"id or name 'My cel l'.*did you mean 'My cell'"):
        client.simulation.plan({**CONFIG, "parameterized_model": "My cel l"})


def test_of_a_service_without_plans_only_what_the_client_knows(
    client: Ionworks, service: Service
) -> None:
    row = {"type": "normal", "name": "x", "mean": 1.0, "std": 0.0, "count": 2}
    doubtful = "global: {temperature: 300}\n" + UCP
    config = {
        **CONFIG,
        "protocol_experiment": {**EXPERIMENT, "protocol": doubtful},
        "design_parameters_doe": {"sampling": "grid", "rows": [row]},
    }

    plan = client.simulation.plan(config)

    assert service.sent == []
    assert (plan.count, plan.reused, plan.seconds, plan.is_checked) == (2, None, None, False)
    assert isinstance(plan.seed, int)
    assert any("300" in warning for warning in plan.warnings)
    assert str(plan).endswith("model and runs were not checked: that is done at the submission")


@pytest.mark.parametrize(
    "config",
    [
        {},
        {**CONFIG, "colour": 1},
        {**CONFIG, "design_parameters": {}, "design_parameters_doe": DESIGN},
        {**CONFIG, "conditions": [], "design_parameters_doe": DESIGN},
    ],
)
def test_an_invalid_config_is_refused_before_any_request(
    client: Ionworks, planning: Service, config: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="config"):
        client.simulation.plan(config)

    assert planning.sent == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "0.012 s"),
        (42.4, "42 s"),
        (119.0, "119 s"),
        (150.0, "2 min"),
        (5400.0, "90 min"),
        (9000.0, "2.5 h"),
        (1e6, "11.6 days"),
    ],
)
def test_times_are_written_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
