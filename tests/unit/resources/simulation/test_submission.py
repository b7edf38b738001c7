"""Submitting simulations: the requests that are sent."""

from __future__ import annotations

import copy

import httpx
import numpy as np
import pytest

from ionworks import Ionworks
from ionworks.errors import (
    ResponseDecodeError,
)
from tests.unit.resources.simulation.simulation_service import (
    CONFIG,
    EXPERIMENT,
    Service,
    batch,
)

THICKNESS = "Positive electrode thickness [m]"


# ---------------------------------------------------------------- submission


TEMPLATE = (
    "POST",
    "/protocols/parse-to-template",
    {},
    {"protocol_experiment": EXPERIMENT, "experiment_parameters": {}, "project_id": "PROJ"},
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


def test_every_condition_has_the_shared_values(client: Ionworks, service: Service) -> None:
    client.simulation.protocol_batch(
        CONFIG
        | {
            "experiment_parameters": {"shared": 0.0, "T": 9.0},
            "conditions": [
                {"experiment_parameters": {"T": 1.0, "a": 1.0}},
                {"experiment_parameters": {"a": 2.0}, "design_parameters": {"d": 3.0}},
            ],
        }
    )

    template, batch = (body for _, _, _, body in service.sent)
    assert template["experiment_parameters"] == {"shared": 0.0, "T": 9.0, "a": 1.0}
    assert batch["conditions"] == [
        {"experiment_parameters": {"shared": 0.0, "T": 1.0, "a": 1.0}, "design_parameters": {}},
        {
            "experiment_parameters": {"shared": 0.0, "T": 9.0, "a": 2.0},
            "design_parameters": {"d": 3.0},
        },
    ]


def test_a_condition_does_not_get_the_values_of_another(client: Ionworks, service: Service) -> None:
    conditions = [{"experiment_parameters": {"T": 1.0}}, {"design_parameters": {"d": 3.0}}]
    with pytest.raises(ValueError, match=r"conditions'\]\[1\].* has no value for 'T'"):
        client.simulation.protocol_batch(CONFIG | {"conditions": conditions})
    assert service.sent == []


def test_an_inline_model_and_numpy_numbers_are_sent_as_json(
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


def test_a_protocol_as_a_dict_is_sent_as_yaml(client: Ionworks, service: Service) -> None:
    client.simulation.protocol(
        CONFIG | {"protocol_experiment": {"protocol": {"steps": [{"value": 1e-05}]}, "name": "x"}}
    )

    assert service.sent[0][3]["protocol_experiment"]["protocol"] == "steps:\n- value: 1.0e-05\n"


def test_without_a_project_none_is_sent(service: Service) -> None:
    with Ionworks("key", "https://api.test", transport=httpx.MockTransport(service)) as client:
        client.simulation.protocol(CONFIG)

    assert ["project_id" in sent[3] for sent in service.sent] == [False, False]


def test_a_service_that_requires_a_project_is_explained(service: Service) -> None:
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


def test_one_simulation_must_have_one_response(client: Ionworks, service: Service) -> None:
    service.runs = 0

    with pytest.raises(ResponseDecodeError, match="with 0 submissions"):
        client.simulation.protocol(CONFIG)


def test_the_config_is_not_modified(client: Ionworks) -> None:
    config = CONFIG | {"parameterized_model": {"capacity": 1}, "design_parameters": {"x": 1}}
    before = copy.deepcopy(config)

    client.simulation.protocol(config)

    assert config == before
