"""`client.simulation.plan`: what is asked, what is returned, and what other services cannot say."""

from __future__ import annotations

from typing import Any

import httpx
import polars as pl
import pytest

from ionworks import Ionworks, doe
from ionworks.errors import NotFoundError
from ionworks.records.parameterized_model import ParameterizedModel
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


PLAN = "/simulations/plan"
UUID = "0f3a8c1e-7b2d-4f60-9a11-0000000000aa"


def with_models(service: Service) -> None:
    """Have a service list two models, and refuse plans of models given by their names."""
    items = [{"id": "pm-1", "name": "NMC cell"}, {"id": "pm-2", "name": "LFP"}]
    service.answer("/parameterized_models", {"items": items, "total": 2})

    def answer(_: httpx.Request) -> httpx.Response:
        model = service.sent[-1][3]["parameterized_model"]
        if model in ("pm-1", "pm-2"):
            return httpx.Response(200, json=REPLY)
        message = f"there is no parameterized model {model!r}"
        return httpx.Response(404, json={"error_code": "NOT_FOUND", "message": message})

    service.replies[PLAN] = answer


def planned(service: Service) -> list[Any]:
    return [body["parameterized_model"] for _, path, _, body in service.sent if path == PLAN]


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
        "C-rate (design parameter)": [0.0, 1.0, 0.0, 1.0],
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


def test_a_model_is_also_given_by_its_name_or_record(client: Ionworks, planning: Service) -> None:
    with_models(planning)
    record = ParameterizedModel(id="pm-2", name="LFP")

    for model in ("NMC cell", "LFP", record):
        client.simulation.plan({**CONFIG, "parameterized_model": model, "project_id": "p"})

    assert planned(planning) == ["pm-1", "LFP", "pm-2", "pm-2"]
    with pytest.raises(NotFoundError, match="no parameterized model has the id or name 'NMC'"):
        client.simulation.plan({**CONFIG, "parameterized_model": "NMC", "project_id": "p"})


def test_one_plan_of_several_models(client: Ionworks, planning: Service) -> None:
    with_models(planning)
    estimates = [
        {**REPLY["estimate"], "seconds_per_run": 40.0, "past_runs": 1},
        {**REPLY["estimate"], "seconds_per_run": 2.0, "same_protocol": False},
    ]
    answers = iter(estimates)
    planning.replies["/simulations/plan"] = lambda _: httpx.Response(
        200, json={**REPLY, "count": 3, "reused": 0, "estimate": next(answers)}
    )
    record = ParameterizedModel(id="pm-2", name="LFP")
    row = {"type": "normal", "name": "parameterized_model", "mean": 1.0, "std": 0.1}
    design = {"sampling": "latin_hypercube", "count": 3, "rows": [row]}
    models = ["NMC cell", record]

    plan = client.simulation.plan(
        {
            **CONFIG,
            "parameterized_model": models,
            "project_id": "p",
            "design_parameters_doe": design,
        }
    )

    assert planned(planning) == ["pm-1", "pm-2"]
    [first, second] = [body for _, path, _, body in planning.sent if path == PLAN]
    assert first["design_parameters_doe"] == second["design_parameters_doe"]
    assert (plan.count, plan.reused, plan.is_checked) == (6, 0, True)
    assert plan.warnings == ["doubtful"]
    values = [point["parameterized_model"] for point in doe.points(first["design_parameters_doe"])]
    assert isinstance(plan.design, pl.DataFrame)
    assert plan.design.to_dict(as_series=False) == {
        "run": [0, 1, 2, 3, 4, 5],
        "parameterized_model": ["NMC cell"] * 3 + ["LFP"] * 3,
        "parameterized_model (design parameter)": values * 2,
    }
    # 3 runs of 40 s and 3 of 2 s: those of both models share the four workers, and one of the
    # longer runs cannot take less than its time.
    assert plan.seconds == 40.0
    assert plan.basis == (
        "NMC cell: 40 s a run, as in the past run of this model and protocol;"
        " LFP: 2 s a run, as in 1,200 past runs of this model with other protocols, 4 at a time"
    )


def test_a_plan_of_several_models_needs_past_runs_of_all(
    client: Ionworks, planning: Service
) -> None:
    replies = iter([REPLY, {**REPLY, "estimate": None, "is_checked": False}])
    planning.replies["/simulations/plan"] = lambda _: httpx.Response(200, json=next(replies))
    models = [{"capacity": 2.0}, {"capacity": 3.0}]

    plan = client.simulation.plan({**CONFIG, "parameterized_model": models})

    assert (plan.seconds, plan.basis, plan.is_checked) == (None, None, False)
    labels = ['{"capacity": 2.0}', '{"capacity": 3.0}']
    assert list(plan.design["parameterized_model"]) == labels


def test_several_models_of_a_service_without_plans(client: Ionworks, service: Service) -> None:
    plan = client.simulation.plan({**CONFIG, "parameterized_model": [UUID, {"capacity": 2.0}]})

    assert service.sent == []
    assert (plan.count, plan.seconds, plan.digest) == (2, None, None)
    assert list(plan.design["parameterized_model"]) == [UUID, '{"capacity": 2.0}']


def test_a_plan_takes_sentences(client: Ionworks, planning: Service) -> None:
    cycle = ("Discharge at 1C until 3 V", "Rest for 10 minutes")

    client.simulation.plan({**CONFIG, "protocol_experiment": [cycle] * 2})
    client.simulation.protocol_batch({**CONFIG, "protocol_experiment": [cycle] * 2})

    planned_text = next(body["protocol"] for _, path, _, body in planning.sent if path == PLAN)
    submitted = next(body for _, path, _, body in planning.sent if "parse" in path)
    assert "Rest" in planned_text
    assert submitted["protocol_experiment"]["protocol"] == planned_text


@pytest.mark.parametrize(
    "config",
    [
        {},
        {**CONFIG, "parameterized_model": []},
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
