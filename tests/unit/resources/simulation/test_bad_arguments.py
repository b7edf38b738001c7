"""Simulation configs and arguments that are rejected before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from ionworks import Ionworks
from ionworks.resources.simulation import SimulationResource
from tests.unit.resources.simulation.simulation_service import (
    EXPERIMENT,
    UCP,
    Service,
    config,
)

# ---------------------------------------------------------------- bad inputs


DISCRETE = {"type": "discrete", "name": "x", "values": [1.0, 2.0]}
TWO_RUNS = {"sampling": "grid", "rows": [DISCRETE]}
RANGE = {"type": "range", "name": "x", "min": 0.0, "max": 1.0, "count": 5}
CONDITION = {"experiment_parameters": {"T": 1.0}, "design_parameters": {}}


def model(value: Any) -> dict[str, Any]:
    return config(parameterized_model=value)


def experiment(**changes: Any) -> dict[str, Any]:
    return config(protocol_experiment={**EXPERIMENT, **changes})


BAD_CONFIGS: list[tuple[Any, type[Exception], str]] = [
    ("pm-id", TypeError, "config must be a mapping"),
    ({}, ValueError, "config['parameterized_model'] is missing"),
    (config(protocl_id="x"), ValueError, "unknown key 'protocl_id' (did you mean 'protocol_id'"),
    (config(timeout=3), ValueError, "valid keys: parameterized_model, protocol_experiment"),
    (config(protocol_id="p"), ValueError, "both protocol_experiment and protocol_id"),
    (config(protocol_experiment=None), ValueError, "neither protocol_experiment nor protocol_id"),
    (config(protocol_experiment=None, protocol_id=3), TypeError, "config['protocol_id'] must be"),
    (config(protocol_experiment=UCP), TypeError, "must be {'protocol': text, 'name': text}"),
    (experiment(name=None), ValueError, "config['protocol_experiment']['name'] is missing"),
    (experiment(protocol=None), ValueError, "config['protocol_experiment']['protocol'] is missing"),
    (experiment(name=" "), ValueError, "config['protocol_experiment']['name'] is empty"),
    (experiment(protocol=""), ValueError, "config['protocol_experiment']['protocol'] is empty"),
    (experiment(protocol=["Rest"]), ValueError, "['protocol']: 'Rest' is not a step"),
    (experiment(protocol=5), TypeError, "or a list of steps or cycles, not int 5"),
    (experiment(protocol={"a": math.nan}), ValueError, "cannot be written as YAML"),
    (experiment(protocol={"a": {1, 2}}), TypeError, "cannot be written as YAML"),
    (experiment(nmae="x"), ValueError, "unknown key 'nmae' (did you mean 'name'?)"),
    (model(""), ValueError, "config['parameterized_model'] is empty"),
    (model(7), TypeError, "the record of a parameterized model, a quick model"),
    (model({}), ValueError, "config['parameterized_model'] is empty"),
    (model({"chemistri": "x"}), ValueError, "'chemistri' (did you mean 'chemistry'?)"),
    (model({"capacity": 0}), ValueError, "['capacity'] must be above 0 A.h, not 0"),
    (model({"capacity": "2"}), TypeError, "['capacity'] must be a number, not '2'"),
    (model({"capacity": 1, "size": 2}), ValueError, "unknown key 'size'"),
    (model({"quick_model": {"capcity": 1}}), ValueError, "did you mean 'capacity'"),
    (model({"quick_model": {}, "capacity": 1}), ValueError, "unknown key 'capacity'"),
    (model({"quick_model": {"chemistry": 1}}), TypeError, "['chemistry'] must be text"),
    (model({"model_id": "m"}), ValueError, "['parameters'] is missing"),
    (model({"model_id": "m", "parameters": [1]}), TypeError, "['parameters'] must be a mapping"),
    (model({"model_id": "m", "parameters": {"a": math.inf}}), ValueError, "finite number"),
    (model({"model_id": "m", "parameters": {"a": len}}), TypeError, "['a'] must be a number"),
    (config(experiment_parameters=[1]), TypeError, "['experiment_parameters'] must be a mapping"),
    (config(experiment_parameters={1: 2}), TypeError, "a key that is not text: 1"),
    (config(experiment_parameters={"": 2}), ValueError, "['experiment_parameters'] has an empty"),
    (config(experiment_parameters={"a": True}), TypeError, "must be a number or text, not True"),
    (config(experiment_parameters={"a": None}), TypeError, "['a'] must be a number or text"),
    (config(experiment_parameters={"a": [1]}), TypeError, "['a'] must be a number or text"),
    (config(experiment_parameters={"a": math.nan}), ValueError, "must be a finite number, not nan"),
    (config(max_backward_jumps=-1), ValueError, "['max_backward_jumps'] must be at least 0"),
    (config(max_backward_jumps=1.5), ValueError, "['max_backward_jumps'] must be a whole number"),
    (config(max_backward_jumps=True), TypeError, "['max_backward_jumps'] must be a whole number"),
    (config(study_id=""), ValueError, "config['study_id'] is empty"),
    (config(project_id=4), TypeError, "config['project_id'] must be text"),
    (config(extra_variables="Voltage [V]"), TypeError, "['extra_variables'] must be a list"),
    (config(reuse="no"), TypeError, "config['reuse']"),
    (config(extra_variables=[1]), TypeError, "['extra_variables'][0] must be text"),
    (config(extra_variables=[""]), ValueError, "['extra_variables'][0] is empty"),
    (
        config(design_parameters_doe={"sampling": "sobol", "rows": [DISCRETE]}),
        ValueError,
        "valid: grid, random, latin_hypercube",
    ),
    (
        config(design_parameters_doe={"sampling": "grid", "rows": [{"type": "zzz"}]}),
        ValueError,
        "valid: discrete, range, normal",
    ),
]

BAD_FOR_ONE: list[tuple[Any, type[Exception], str]] = [
    (config(design_parameters={"x": "1"}), TypeError, "config['design_parameters']['x'] must be"),
    (config(design_parameters={"x": math.inf}), ValueError, "config['design_parameters']['x']"),
    (config(design_parameters=[("x", 1)]), TypeError, "['design_parameters'] must be a mapping"),
    (
        config(design_parameters={"x": 1}, design_parameters_doe=TWO_RUNS),
        ValueError,
        "both design_parameters and design_parameters_doe",
    ),
    (config(design_parameters_doe=TWO_RUNS), ValueError, "has 2 runs, but protocol() submits one"),
    (
        config(design_parameters_doe={"sampling": "latin_hypercube", "rows": [RANGE]}),
        ValueError,
        "has 5 runs",
    ),
    (
        config(design_parameters_doe={"sampling": "random", "rows": [RANGE], "count": 3}),
        ValueError,
        "use protocol_batch()",
    ),
    (config(conditions=[CONDITION]), ValueError, "submit them with protocol_batch()"),
]

BAD_FOR_BATCH: list[tuple[Any, type[Exception], str]] = [
    (config(design_parameters={"x": 1}), ValueError, "give design_parameters_doe"),
    (
        config(conditions=[CONDITION], design_parameters_doe=TWO_RUNS),
        ValueError,
        "both conditions and design_parameters_doe",
    ),
    (config(conditions=[]), ValueError, "config['conditions'] is empty"),
    (config(conditions=CONDITION), TypeError, "config['conditions'] must be a list"),
    (config(conditions=["T"]), TypeError, "config['conditions'][0] must be a mapping"),
    (config(conditions=[{"T": 1}]), ValueError, "config['conditions'][0] has the unknown key 'T'"),
    (
        config(conditions=[CONDITION, {"design_parameters": {"d": "1"}}]),
        TypeError,
        "config['conditions'][1]['design_parameters']['d'] must be a number",
    ),
]

BAD_CALLS: list[tuple[Callable[[SimulationResource], Any], type[Exception], str]] = [
    (lambda s: s.wait_for_completion(7), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.wait_for_completion(None), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.wait_for_completion(["s1", 2]), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.wait_for_completion(""), ValueError, "simulation_id must be the id of a record"),
    (lambda s: s.wait_for_completion("s", timeout=-1), ValueError, "timeout must not be negative"),
    (lambda s: s.wait_for_completion("s", timeout="1"), TypeError, "timeout must be a number"),
    (lambda s: s.wait_for_completion("s", poll_interval=0), ValueError, "poll_interval must be"),
    (lambda s: s.get(".."), ValueError, "simulation_id must be the id of a record"),
    (lambda s: s.get(3), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.delete(""), ValueError, "simulation_id must be the id of a record"),
    (lambda s: s.get_result({"id": "s"}), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.get_results("s1"), TypeError, "simulation_ids must be a list"),
    (lambda s: s.get_results(5), TypeError, "simulation_ids must be a list"),
    (lambda s: s.get_results(["s1", ""]), ValueError, "simulation_id must be the id of a record"),
    (lambda s: s.get_results(["s1"], max_workers=0), ValueError, "max_workers must be at least 1"),
    (lambda s: s.get_results(["s1"], max_workers=65), ValueError, "at least 1 and at most 64"),
    (lambda s: s.get_results(["s1"], max_workers="4"), TypeError, "must be a whole number"),
    (lambda s: s.get_statuses("s1"), TypeError, "simulation_ids must be a list"),
    (lambda s: s.get_statuses([None]), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.get_failed("s1"), TypeError, "simulation_ids must be a list"),
    (lambda s: s.retry("s1"), TypeError, "simulation_ids must be a list"),
    (lambda s: s.cancel(["s1", 2]), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.cancel(None), TypeError, "simulation_id must be the id as text"),
    (lambda s: s.delete(["s1", ""]), ValueError, "simulation_id must be the id of a record"),
    (lambda s: s.as_completed("s1"), TypeError, "simulation_ids must be a list"),
    (lambda s: s.as_completed(["s1"], timeout=-1), ValueError, "timeout must not be negative"),
    (lambda s: s.as_completed(["s1"], max_workers=0), ValueError, "max_workers must be at least 1"),
    (lambda s: s.get_table("s1"), TypeError, "simulation_ids must be a list"),
    (lambda s: s.get_table(["s1"], max_workers=0), ValueError, "max_workers must be at least 1"),
    (lambda s: s.get_time_series(["s1"], 5), TypeError, "columns must be a name or a list"),
    (lambda s: s.get_time_series(["s1"], [""]), ValueError, "columns[0] is empty"),
    (
        lambda s: s.list("m", "s"),
        ValueError,
        "parameterized_model_id and study_id cannot be combined",
    ),
    (lambda s: s.list(""), ValueError, "parameterized_model_id is empty"),
    (lambda s: s.list(3), TypeError, "parameterized_model_id must be text"),
    (lambda s: s.list(state="done"), ValueError, "state must be one of queued, running"),
    (lambda s: s.list(limit=0), ValueError, "limit must be at least 1"),
    (lambda s: s.list(limit=1001), ValueError, "at most 1000"),
    (lambda s: s.list(offset=-1), ValueError, "offset must be at least 0"),
    (lambda s: s.list(limit=2.0), TypeError, "limit must be a whole number"),
]


def refuse(service: Service, attempt: Callable[[], Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        attempt()
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert service.sent == []


@pytest.mark.parametrize("method", ["protocol", "protocol_batch"])
@pytest.mark.parametrize(("bad", "kind", "words"), BAD_CONFIGS)
def test_bad_configs_are_rejected_before_any_request(
    client: Ionworks, service: Service, method: str, bad: Any, kind: type[Exception], words: str
) -> None:
    refuse(service, lambda: getattr(client.simulation, method)(bad), kind, words)


@pytest.mark.parametrize(("bad", "kind", "words"), BAD_FOR_ONE)
def test_configs_of_several_runs_are_rejected_by_protocol(
    client: Ionworks, service: Service, bad: Any, kind: type[Exception], words: str
) -> None:
    refuse(service, lambda: client.simulation.protocol(bad), kind, words)


@pytest.mark.parametrize(("bad", "kind", "words"), BAD_FOR_BATCH)
def test_configs_of_one_run_are_rejected_by_protocol_batch(
    client: Ionworks, service: Service, bad: Any, kind: type[Exception], words: str
) -> None:
    refuse(service, lambda: client.simulation.protocol_batch(bad), kind, words)


@pytest.mark.parametrize(("attempt", "kind", "words"), BAD_CALLS)
def test_bad_calls_are_rejected_before_any_request(
    client: Ionworks,
    service: Service,
    attempt: Callable[[SimulationResource], Any],
    kind: type[Exception],
    words: str,
) -> None:
    refuse(service, lambda: attempt(client.simulation), kind, words)
