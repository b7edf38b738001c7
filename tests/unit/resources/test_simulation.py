"""Simulations on the client: the wire, the checks before it, waiting and reading."""

from __future__ import annotations

import copy
import io
import json
import math
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import numpy as np
import pandas as pd
import polars as pl
import pytest

from ionworks import Ionworks
from ionworks.data.paging import Page
from ionworks.errors import (
    BadRequestError,
    JobCanceledError,
    JobFailedError,
    NotFoundError,
    ResponseDecodeError,
    WaitTimeoutError,
)
from ionworks.records.simulation import (
    SettledSimulation,
    Simulation,
    SimulationResponse,
    SimulationResult,
)
from ionworks.resources.simulation import SimulationResource

UCP = "steps:\n  - {direction: Discharge, mode: C-rate, value: 1}\n"
EXPERIMENT = {"protocol": UCP, "name": "1C Discharge"}
CONFIG = {"parameterized_model": "pm-id", "protocol_experiment": EXPERIMENT}
THICKNESS = "Positive electrode thickness [m]"
PARQUET = {"Content-Type": "application/vnd.apache.parquet"}


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Service:
    """Plays the server; keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, str], Any]] = []
        self.accepted: list[str] = []
        self.clock = Clock()
        self.simulations: dict[str, dict[str, Any]] = {}
        self.ends: dict[str, float] = {}
        self.runs = 1
        self.replies: dict[str, Callable[[httpx.Request], httpx.Response]] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        path = request.url.raw_path.decode().partition("?")[0]
        self.sent.append((request.method, path, dict(parse_qsl(request.url.query.decode())), body))
        self.accepted.append(request.headers["Accept"])
        if path in self.replies:
            return self.replies[path](request)
        if path == "/protocols/parse-to-template":
            return httpx.Response(200, json={"template_id": "tpl-1"})
        if path == "/simulations/with-template/batch":
            return httpx.Response(
                200,
                json=[
                    {"simulation_id": f"s{n}", "job_id": f"j{n}", "already_existed": False}
                    for n in range(1, self.runs + 1)
                ],
            )
        if path == "/simulations/statuses":
            return httpx.Response(200, json=self.statuses(body))
        simulation = self.simulations.get(path.removeprefix("/simulations/"))
        if simulation is None:
            return httpx.Response(404, json={"error_code": "NOT_FOUND", "message": "no such thing"})
        return httpx.Response(200, json=simulation)

    def add(self, identifier: str, *, ends: float = 0.0, **fields: Any) -> None:
        self.simulations[identifier] = {
            "id": identifier,
            "job_id": f"job of {identifier}",
            "status": "completed",
            **fields,
        }
        self.ends[identifier] = ends

    def statuses(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        rows = []
        for identifier in body["simulation_ids"][: body["limit"]]:
            record = self.simulations.get(identifier)
            if record is None:
                continue
            has_ended = self.clock() >= self.ends[identifier]
            status = record["status"] if has_ended else "processing"
            error = record.get("error") if has_ended else None
            rows.append({"simulation_id": identifier, "status": status, "error": error})
        return rows

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _, _ in self.sent]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[Ionworks]:
    with Ionworks(
        "key", "https://api.test", "PROJ", transport=httpx.MockTransport(service)
    ) as client:
        yield client


@pytest.fixture
def simulation(client: Ionworks, service: Service) -> SimulationResource:
    return SimulationResource(
        client.simulation._connection, clock=service.clock, sleep=service.clock.sleep
    )


# ---------------------------------------------------------------- submission


TEMPLATE = (
    "POST",
    "/protocols/parse-to-template",
    {},
    {"protocol_experiment": EXPERIMENT, "experiment_parameters": {}, "project_id": "PROJ"},
)


def batch(**fields: Any) -> tuple[str, str, dict[str, str], Any]:
    return (
        "POST",
        "/simulations/with-template/batch",
        {},
        {
            "parameterized_model": "pm-id",
            "experiment_template_id": "tpl-1",
            "experiment_parameter_sets": [{}],
            "project_id": "PROJ",
            **fields,
        },
    )


def test_the_plain_protocol(client: Ionworks, service: Service) -> None:
    response = client.simulation.protocol(CONFIG)

    assert service.sent == [TEMPLATE, batch()]
    assert (response.simulation_id, response.job_id) == ("s1", "j1")
    assert (response.protocol_id, response.already_existed) == ("tpl-1", False)
    assert response["simulation_id"] == "s1"


def test_parameters_of_one_run(client: Ionworks, service: Service) -> None:
    parameters = {"Initial SOC": 1.0, "C-rate": 0.5}

    client.simulation.protocol(
        CONFIG | {"experiment_parameters": parameters, "design_parameters": {THICKNESS: 75e-6}}
    )

    template, submission = service.sent
    assert template[3]["experiment_parameters"] == parameters
    assert submission == batch(
        experiment_parameter_sets=[parameters],
        design_parameters_doe={
            "sampling": "grid",
            "rows": [{"type": "discrete", "name": THICKNESS, "values": [7.5e-05]}],
        },
    )


def test_no_design_parameters_send_no_design(client: Ionworks, service: Service) -> None:
    client.simulation.protocol(CONFIG | {"design_parameters": {}})

    assert service.sent[1] == batch()


def test_a_batch_with_every_option(client: Ionworks, service: Service) -> None:
    service.runs = 18
    quick = {"capacity": 2.0, "chemistry": "LFP/Graphite"}
    rows = [
        {"type": "discrete", "name": "x", "values": [1.0, 2.0, 3.0]},
        {"type": "range", "name": "y", "min": 0.0, "max": 1.0, "count": 3},
        {"type": "normal", "name": "z", "count": 2, "mean": 0.0, "std": 1.0},
    ]

    responses = client.simulation.protocol_batch(
        {
            "parameterized_model": quick,
            "protocol_experiment": EXPERIMENT,
            "design_parameters_doe": {"sampling": "grid", "rows": rows},
            "max_backward_jumps": 3,
            "study_id": "st",
            "extra_variables": ["v"],
            "conditions": None,
        }
    )

    assert service.sent == [
        TEMPLATE,
        batch(
            parameterized_model={"quick_model": quick},
            design_parameters_doe={"sampling": "grid", "rows": rows},
            max_backward_jumps=3,
            study_id="st",
            extra_variables=["v"],
        ),
    ]
    assert [response.simulation_id for response in responses] == [f"s{n}" for n in range(1, 19)]


def test_a_saved_protocol_and_conditions(client: Ionworks, service: Service) -> None:
    conditions = [
        {"experiment_parameters": {"T": 2.0}, "design_parameters": {}},
        {"experiment_parameters": {"T": 1.0}, "design_parameters": {"d": 3.0}},
    ]

    client.simulation.protocol_batch(
        {
            "parameterized_model": "pm",
            "protocol_id": "prot",
            "experiment_parameters": {"T": 1.0},
            "conditions": conditions,
        }
    )

    assert service.sent == [
        (
            "POST",
            "/simulations/with-template/batch",
            {},
            {
                "parameterized_model": "pm",
                "experiment_template_id": "prot",
                "experiment_parameter_sets": [{"T": 1.0}],
                "conditions": conditions,
            },
        )
    ]


def test_the_template_sees_the_inputs_of_all_conditions(client: Ionworks, service: Service) -> None:
    client.simulation.protocol_batch(
        CONFIG
        | {
            "experiment_parameters": {"shared": 0.0, "T": 9.0},
            "conditions": [
                {"experiment_parameters": {"T": 1.0, "a": 1.0}},
                {"experiment_parameters": {"a": 2.0, "b": 2.0}},
            ],
        }
    )

    assert service.sent[0][3]["experiment_parameters"] == {
        "shared": 0.0,
        "T": 9.0,
        "a": 1.0,
        "b": 2.0,
    }


def test_an_inline_model_and_numpy_numbers_travel_as_plain_json(
    client: Ionworks, service: Service
) -> None:
    client.simulation.protocol(
        {
            "parameterized_model": {
                "model_id": "m",
                "parameters": {"a": np.float32(1.5), "b": np.array([1, 2]), "c": {"d": "e"}},
            },
            "protocol_experiment": EXPERIMENT,
            "experiment_parameters": {"cycles": np.int64(3), "mode": "fast"},
            "design_parameters": {"x": np.float64(2)},
            "max_backward_jumps": np.int32(0),
            "project_id": "OTHER",
        }
    )

    body = service.sent[1][3]
    assert body["parameterized_model"] == {
        "model_id": "m",
        "parameters": {"a": 1.5, "b": [1, 2], "c": {"d": "e"}},
    }
    assert body["experiment_parameter_sets"] == [{"cycles": 3, "mode": "fast"}]
    assert body["design_parameters_doe"]["rows"][0]["values"] == [2.0]
    assert body["max_backward_jumps"] == 0
    assert [sent[3]["project_id"] for sent in service.sent] == ["OTHER", "OTHER"]


def test_a_protocol_as_a_dict_travels_as_yaml(client: Ionworks, service: Service) -> None:
    client.simulation.protocol(
        CONFIG | {"protocol_experiment": {"protocol": {"steps": [{"value": 1e-05}]}, "name": "x"}}
    )

    assert service.sent[0][3]["protocol_experiment"]["protocol"] == "steps:\n- value: 1.0e-05\n"


def test_without_a_project_none_is_sent(service: Service) -> None:
    with Ionworks("key", "https://api.test", transport=httpx.MockTransport(service)) as client:
        client.simulation.protocol(CONFIG)

    assert ["project_id" in sent[3] for sent in service.sent] == [False, False]


def test_a_service_that_wants_a_project_is_explained(service: Service) -> None:
    service.replies["/protocols/parse-to-template"] = lambda _: httpx.Response(
        422,
        json={"detail": [{"loc": ["body", "project_id"], "msg": "Field required", "type": "m"}]},
    )
    with (
        Ionworks("key", "https://api.test", transport=httpx.MockTransport(service)) as client,
        pytest.raises(Exception, match="IONWORKS_PROJECT_ID") as caught,
    ):
        client.simulation.protocol(CONFIG)

    assert getattr(caught.value, "status_code", None) == 422


def test_one_simulation_must_be_answered_by_one(client: Ionworks, service: Service) -> None:
    service.runs = 0

    with pytest.raises(ResponseDecodeError, match="with 0 submissions"):
        client.simulation.protocol(CONFIG)


def test_the_config_is_left_alone(client: Ionworks) -> None:
    config = CONFIG | {"parameterized_model": {"capacity": 1}, "design_parameters": {"x": 1}}
    before = copy.deepcopy(config)

    client.simulation.protocol(config)

    assert config == before


# ---------------------------------------------------------------- bad inputs


DISCRETE = {"type": "discrete", "name": "x", "values": [1.0, 2.0]}
TWO_RUNS = {"sampling": "grid", "rows": [DISCRETE]}
RANGE = {"type": "range", "name": "x", "min": 0.0, "max": 1.0, "count": 5}
CONDITION = {"experiment_parameters": {"T": 1.0}, "design_parameters": {}}


def config(**changes: Any) -> dict[str, Any]:
    return {**CONFIG, **changes}


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
    (config(protocol_experiment=UCP), TypeError, "config['protocol_experiment'] must be a mapping"),
    (experiment(name=None), ValueError, "config['protocol_experiment']['name'] is missing"),
    (experiment(protocol=None), ValueError, "config['protocol_experiment']['protocol'] is missing"),
    (experiment(name=" "), ValueError, "config['protocol_experiment']['name'] is empty"),
    (experiment(protocol=""), ValueError, "config['protocol_experiment']['protocol'] is empty"),
    (experiment(protocol=["Rest"]), TypeError, "must be UCP as YAML text or a dict, not list"),
    (experiment(protocol={"a": math.nan}), ValueError, "cannot be written as YAML"),
    (experiment(protocol={"a": {1, 2}}), TypeError, "cannot be written as YAML"),
    (experiment(nmae="x"), ValueError, "unknown key 'nmae' (did you mean 'name'?)"),
    (model(""), ValueError, "config['parameterized_model'] is empty"),
    (model(7), TypeError, "give the id of a parameterized model, a quick model"),
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
    (lambda s: s.list("m", "s"), ValueError, "both parameterized_model_id and study_id"),
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
def test_bad_configs_are_refused_unsent(
    client: Ionworks, service: Service, method: str, bad: Any, kind: type[Exception], words: str
) -> None:
    refuse(service, lambda: getattr(client.simulation, method)(bad), kind, words)


@pytest.mark.parametrize(("bad", "kind", "words"), BAD_FOR_ONE)
def test_what_is_no_single_run_is_refused_unsent(
    client: Ionworks, service: Service, bad: Any, kind: type[Exception], words: str
) -> None:
    refuse(service, lambda: client.simulation.protocol(bad), kind, words)


@pytest.mark.parametrize(("bad", "kind", "words"), BAD_FOR_BATCH)
def test_what_is_no_batch_is_refused_unsent(
    client: Ionworks, service: Service, bad: Any, kind: type[Exception], words: str
) -> None:
    refuse(service, lambda: client.simulation.protocol_batch(bad), kind, words)


@pytest.mark.parametrize(("attempt", "kind", "words"), BAD_CALLS)
def test_bad_calls_are_refused_unsent(
    client: Ionworks,
    service: Service,
    attempt: Callable[[SimulationResource], Any],
    kind: type[Exception],
    words: str,
) -> None:
    refuse(service, lambda: attempt(client.simulation), kind, words)


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


def test_a_thousand_simulations_cost_one_request_a_round(
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


def test_a_record_of_a_list_completes_itself_once(
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
def test_copies_of_a_record_of_a_list_are_whole(
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


def test_waiting_for_nothing_asks_nothing(simulation: SimulationResource, service: Service) -> None:
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


def test_a_reason_the_statuses_lack_is_looked_up(
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
    assert {key: each.status for key, each in caught.value.data.items()} == {
        "a": "completed",
        "b": "canceled",
        "c": "failed",
    }


def test_a_long_list_of_failures_is_bounded(
    simulation: SimulationResource, service: Service
) -> None:
    ids = [f"s{n}" for n in range(500)]
    for identifier in ids:
        service.add(identifier, status="failed", error="x")

    with pytest.raises(JobFailedError, match="and 480 more") as caught:
        simulation.wait_for_completion(ids, verbose=False)

    assert len(str(caught.value).splitlines()) == 22
    assert len(caught.value.data) == 500


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


def test_a_simulation_that_is_not_there_is_said_at_once(
    simulation: SimulationResource, service: Service
) -> None:
    with pytest.raises(NotFoundError, match="simulation 'typo' does not exist"):
        simulation.wait_for_completion("typo", verbose=False)

    assert service.paths == ["/simulations/statuses", "/simulations/typo"]


@pytest.mark.off_contract("an old service whose records have no status and which lists none")
def test_a_simulation_the_statuses_leave_out_is_judged_by_its_results(
    simulation: SimulationResource, service: Service
) -> None:
    service.simulations["s1"] = {"id": "s1", "storage_folder": "here"}
    service.replies["/simulations/statuses"] = lambda _: httpx.Response(200, json=[])

    assert simulation.wait_for_completion("s1", verbose=False).status == "completed"


def test_the_progress_is_drawn_on_stderr_only_when_wanted(
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


def test_statuses_of_many_are_asked_for_in_thousands(client: Ionworks, service: Service) -> None:
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


def test_ids_cannot_leave_their_place(client: Ionworks, service: Service) -> None:
    with pytest.raises(NotFoundError):
        client.simulation.get("../users/me")

    assert service.paths == ["/simulations/..%2Fusers%2Fme"]


def test_delete(client: Ionworks, service: Service) -> None:
    service.replies["/simulations/s1"] = lambda _: httpx.Response(204)

    client.simulation.delete(SimulationResponse(simulation_id="s1"))

    assert service.sent == [("DELETE", "/simulations/s1", {}, None)]


def serve_list(service: Service, total: int, page: int = 100) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params.get("offset", 0))
        limit = int(request.url.params.get("limit", page))
        rows = [{"id": f"s{n}"} for n in range(total)][offset : offset + limit]
        return httpx.Response(200, json={"simulations": rows, "total": total})

    service.replies["/simulations"] = serve


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({}, {"project_id": "PROJ"}),
        ({"project_id": "OTHER"}, {"project_id": "OTHER"}),
        ({"parameterized_model_id": "m"}, {"parameterized_model_id": "m"}),
        (
            {"study_id": "st", "protocol_id": "p", "state": "failed", "summary": True},
            {
                "study_id": "st",
                "experiment_template_id": "p",
                "state": "failed",
                "summary": "true",
            },
        ),
    ],
)
def test_list_asks_what_it_is_asked(
    client: Ionworks, service: Service, arguments: dict[str, Any], query: dict[str, str]
) -> None:
    serve_list(service, 2)

    simulations = client.simulation.list(**arguments)

    assert service.sent == [("GET", "/simulations", query, None)]
    assert type(simulations) is list
    assert [each.id for each in simulations] == ["s0", "s1"]


def test_a_list_without_window_is_the_whole_list(client: Ionworks, service: Service) -> None:
    serve_list(service, 250)

    simulations = client.simulation.list("m")

    assert [each.id for each in simulations] == [f"s{n}" for n in range(250)]
    assert [query.get("offset") for _, _, query, _ in service.sent] == [None, "100", "200"]


def test_a_list_with_a_window_is_a_page(client: Ionworks, service: Service) -> None:
    serve_list(service, 250)

    page = client.simulation.list("m", limit=20, offset=240)

    assert isinstance(page, Page)
    assert (page.count, page.total, len(service.sent)) == (10, 250, 1)


@pytest.fixture
def scoped(service: Service) -> Service:
    """A service that lists simulations by model or study only."""
    rows = {
        "m1": [("a", "2026-01-01"), ("b", "2026-01-03")],
        "m2": [("c", "2026-01-02"), ("b", "2026-01-03")],
        "m3": [],
    }

    def models(request: httpx.Request) -> httpx.Response:
        items = [{"id": each, "name": each} for each in rows]
        offset = int(request.url.params.get("offset", 0))
        batch = items[offset : offset + 2]
        return httpx.Response(200, json={"items": batch, "count": len(batch), "total": len(items)})

    def simulations(request: httpx.Request) -> httpx.Response:
        model_id = request.url.params.get("parameterized_model_id")
        if model_id is None:
            return httpx.Response(422, json={"detail": "give parameterized_model_id or study_id"})
        found = [{"id": each, "created_at": created} for each, created in rows[model_id]]
        return httpx.Response(200, json={"simulations": found, "total": len(found)})

    service.replies |= {"/parameterized_models": models, "/simulations": simulations}
    return service


def test_a_service_that_wants_a_scope_is_asked_model_by_model(
    client: Ionworks, scoped: Service
) -> None:
    simulations = client.simulation.list(state="completed")

    assert [each.id for each in simulations] == ["b", "c", "a"]
    models = [query for _, path, query, _ in scoped.sent if path == "/parameterized_models"]
    assert [query["summary"] for query in models] == ["true", "true"]
    assert [query["project_id"] for query in models] == ["PROJ", "PROJ"]
    narrow = [query for _, path, query, _ in scoped.sent if path == "/simulations"][1:]
    assert [query["parameterized_model_id"] for query in narrow] == ["m1", "m2", "m3"]
    assert {(query["summary"], query["state"]) for query in narrow} == {("true", "completed")}


def test_a_window_of_a_list_model_by_model(client: Ionworks, scoped: Service) -> None:
    page = client.simulation.list(limit=2)

    assert isinstance(page, Page)
    assert [each.id for each in page] == ["b", "c"]
    assert [each.id for each in page.walk()] == ["b", "c", "a"]
    assert page.total == 3


def test_without_a_project_the_wanted_scope_is_explained(scoped: Service) -> None:
    with (
        Ionworks("key", "https://api.test", transport=httpx.MockTransport(scoped)) as client,
        pytest.raises(Exception, match="or a project_id to list") as caught,
    ):
        client.simulation.list()

    assert getattr(caught.value, "status_code", None) == 422


def test_the_refusal_of_a_scoped_list_is_passed_on(client: Ionworks, service: Service) -> None:
    service.replies["/simulations"] = lambda _: httpx.Response(400, json={"detail": "no"})

    with pytest.raises(BadRequestError):
        client.simulation.list("m")

    assert len(service.sent) == 1


# ---------------------------------------------------------------- results


TIME_SERIES = pl.DataFrame(
    {
        "Time [s]": [0.0, 1.0, 1.0, 2.0],
        "Step count": [0, 0, 1, 1],
        "Discharge capacity [A.h]": [0.0, 1.0, 0.0, 0.0],
        "Charge capacity [A.h]": [0.0, 0.0, 0.0, 0.25],
    }
)
STEPS = pl.DataFrame({"Step count": [0, 1], "Step type": ["Discharge", "Charge"]})


def parquet(frame: pl.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def add_result(service: Service, identifier: str, frame: pl.DataFrame = TIME_SERIES) -> None:
    service.add(identifier, metrics={"of": identifier})
    files = {"time_series": parquet(frame), "steps": parquet(STEPS)}
    for name, content in files.items():
        service.replies[f"/simulations/{identifier}/{name}/download"] = lambda _, content=content: (
            httpx.Response(200, content=content, headers=PARQUET)
        )


def test_a_result_has_its_three_parts(client: Ionworks, service: Service) -> None:
    add_result(service, "s1")

    result = client.simulation.get_result("s1")

    assert isinstance(result, SimulationResult)
    assert sorted(service.paths) == [
        "/simulations/s1",
        "/simulations/s1/steps/download",
        "/simulations/s1/time_series/download",
    ]
    asked = dict(zip(service.paths, service.accepted, strict=True))
    assert asked["/simulations/s1/steps/download"] == PARQUET["Content-Type"]
    assert isinstance(result.time_series, pl.DataFrame)
    assert result.time_series["Capacity [A.h]"].to_list() == [0.0, 1.0, 1.0, 0.75]
    assert result.steps["Step type"].to_list() == ["Discharge", "Charge"]
    assert result.metrics == {"of": "s1"}
    with pytest.raises(AttributeError):
        result.metrics = {}


def test_a_client_with_pandas_returns_pandas(service: Service) -> None:
    add_result(service, "s1")
    transport = httpx.MockTransport(service)

    with Ionworks(
        "key", "https://api.test", dataframe_backend="pandas", transport=transport
    ) as client:
        result = client.simulation.get_result("s1")

    assert isinstance(result.time_series, pd.DataFrame)
    assert isinstance(result.steps, pd.DataFrame)
    assert result.time_series["Step capacity [A.h]"].tolist() == [0.0, 1.0, 0.0, -0.25]


def test_an_old_result_is_read_as_json(client: Ionworks, service: Service) -> None:
    service.add("s1")
    service.replies["/simulations/s1/result"] = lambda _: httpx.Response(
        200,
        json={
            "time_series": TIME_SERIES.to_dict(as_series=False),
            "steps": STEPS.to_dict(as_series=False),
            "metrics": {"x": 1.0},
        },
    )

    result = client.simulation.get_result("s1")

    assert result.time_series["Capacity [A.h]"].to_list() == [0.0, 1.0, 1.0, 0.75]
    assert result.steps.height == 2
    assert result.metrics == {"x": 1.0}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "processing"}, "it has not finished (status processing); wait first"),
        ({"status": "failed", "error": "no convergence"}, "it failed: no convergence"),
        ({"status": "canceled"}, "it was canceled"),
        ({"status": "completed"}, "it completed, but nothing is stored for it"),
    ],
)
@pytest.mark.parametrize(
    "read", [lambda s: s.get_result("s1"), lambda s: list(s.get_results(["s1"]))]
)
def test_a_result_that_is_not_there_is_explained(
    client: Ionworks,
    service: Service,
    fields: dict[str, str],
    words: str,
    read: Callable[[SimulationResource], Any],
) -> None:
    service.add("s1", **fields)

    with pytest.raises(NotFoundError) as caught:
        read(client.simulation)

    assert f"simulation s1 has no results: {words}" in str(caught.value)


def test_a_missing_result_whose_record_has_no_status(client: Ionworks, service: Service) -> None:
    service.add("s1", ends=1.0)
    service.replies["/simulations/s1"] = lambda _: httpx.Response(200, json={"id": "s1"})

    with pytest.raises(NotFoundError, match=r"not finished \(status processing\); wait first"):
        client.simulation.get_result("s1")


def test_the_result_of_no_simulation(client: Ionworks) -> None:
    with pytest.raises(NotFoundError, match="no such thing"):
        client.simulation.get_result("nobody")


@pytest.mark.off_contract("an error page where a file should be")
def test_a_download_that_is_no_parquet_is_said_to_be_none(
    client: Ionworks, service: Service
) -> None:
    add_result(service, "s1")
    service.replies["/simulations/s1/steps/download"] = lambda _: httpx.Response(
        200, content=b"<html>hello</html>"
    )

    with pytest.raises(ResponseDecodeError, match=r"/simulations/s1/steps/download: .*<html>"):
        client.simulation.get_result("s1")


def test_many_results_come_in_order(client: Ionworks, service: Service) -> None:
    ids = [f"s{n}" for n in range(12)]
    for n, identifier in enumerate(ids):
        add_result(service, identifier, TIME_SERIES.with_columns(pl.lit(n).alias("run")))

    found = [
        (result.time_series["run"][0], result.metrics["of"])
        for result in client.simulation.get_results(ids, max_workers=3)
    ]

    assert found == [(n, f"s{n}") for n in range(12)]


def test_results_are_read_only_a_few_ahead(client: Ionworks, service: Service) -> None:
    ids = [f"s{n}" for n in range(50)]
    for identifier in ids:
        add_result(service, identifier)

    results = client.simulation.get_results(ids, max_workers=3)
    assert service.sent == [], "nothing is read before the first look"
    next(results)
    results.close()

    read = {path.split("/")[2] for path in service.paths}
    assert "s0" in read
    assert len(read) <= 3


def test_results_are_read_at_the_same_time(client: Ionworks, service: Service) -> None:
    meeting = threading.Barrier(3, timeout=30)
    content = parquet(TIME_SERIES)

    def serve(_: httpx.Request) -> httpx.Response:
        meeting.wait()
        return httpx.Response(200, content=content, headers=PARQUET)

    for identifier in ("s1", "s2", "s3"):
        add_result(service, identifier)
        service.replies[f"/simulations/{identifier}/time_series/download"] = serve

    assert len(list(client.simulation.get_results(["s1", "s2", "s3"], max_workers=3))) == 3


def test_a_failing_result_comes_at_its_turn(client: Ionworks, service: Service) -> None:
    add_result(service, "s1")
    results = client.simulation.get_results(["s1", "nobody"])

    assert next(results).metrics == {"of": "s1"}
    with pytest.raises(NotFoundError):
        next(results)
