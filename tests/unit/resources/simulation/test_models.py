"""The parameterized model of a submission: its id, name or record, or a list of models."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import IonworksError, NotFoundError, UnprocessableError
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.project import Project
from tests.unit.resources.simulation.simulation_service import Service, config

LIST = "/parameterized_models"
BATCH = "/simulations/with-template/batch"
UUID = "0f3a8c1e-7b2d-4f60-9a11-0000000000aa"


@pytest.fixture
def service(service: Service) -> Service:
    """Has models with ids pm-1 to pm-4, two of which have the same name."""
    names = ["NMC cell", "LFP", "twin", "twin"]
    items = [{"id": f"pm-{n}", "name": name} for n, name in enumerate(names, start=1)]
    service.answer(LIST, {"items": items, "total": 4})
    refuse_unknown(service, {"pm-1", "pm-2", "pm-3", "pm-4", UUID})
    return service


def refuse_unknown(service: Service, known: set[str], status: int = 404) -> None:
    """Have the service refuse submissions of models that it does not know by their ids."""

    def answer(_: httpx.Request) -> httpx.Response:
        model = service.sent[-1][3]["parameterized_model"]
        if isinstance(model, str) and model not in known:
            message = f"there is no parameterized model {model!r}"
            return httpx.Response(status, json={"error_code": "NOT_FOUND", "message": message})
        number = len(submitted(service))
        row = {"simulation_id": f"s{number}", "job_id": None, "seed": None}
        return httpx.Response(201, json=[row] * service.runs)

    service.replies[BATCH] = answer


def submitted(service: Service) -> list[Any]:
    return [body["parameterized_model"] for _, path, _, body in service.sent if path == BATCH]


@pytest.mark.parametrize("model", ["pm-1", UUID])
def test_an_id_is_not_looked_up(client: Ionworks, service: Service, model: str) -> None:
    client.simulation.protocol(config(parameterized_model=model))

    assert submitted(service) == [model]
    assert LIST not in service.paths


def test_a_record_stands_for_its_id(client: Ionworks, service: Service) -> None:
    record = ParameterizedModel(id="pm-2", name="LFP", parameters={"x": 1.0})

    client.simulation.protocol(config(parameterized_model=record))

    assert submitted(service) == ["pm-2"]


def test_a_name_that_cannot_be_an_id_is_looked_up_first(client: Ionworks, service: Service) -> None:
    client.simulation.protocol(config(parameterized_model="NMC cell"))

    assert submitted(service) == ["pm-1"]
    assert (*service.sent[0][:2], service.sent[0][2]["project_id"]) == ("GET", LIST, "PROJ")


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_name_that_may_be_an_id_is_looked_up_if_it_is_none(
    client: Ionworks, service: Service, status: int
) -> None:
    refuse_unknown(service, {"pm-2"}, status)

    response = client.simulation.protocol(config(parameterized_model="LFP"))

    assert submitted(service) == ["LFP", "pm-2"]
    assert service.paths.count("/protocols/parse-to-template") == 1
    assert response.protocol_id == "tpl-1"


@pytest.mark.parametrize("name", ["LFQ", "NMC cel"])
def test_an_unknown_name_is_refused_with_near_ones(
    client: Ionworks, service: Service, name: str
) -> None:
    near = {"LFQ": "LFP", "NMC cel": "NMC cell"}[name]

    with pytest.raises(NotFoundError) as caught:
        client.simulation.protocol(config(parameterized_model=name))

    assert f"no parameterized model has the id or name {name!r}" in caught.value.message
    assert f"did you mean {near!r}?" in caught.value.message
    assert "the project has 'NMC cell', 'LFP', 'twin', 'twin'" in caught.value.message


def test_a_name_of_several_models_is_refused(client: Ionworks, service: Service) -> None:
    with pytest.raises(
        ValueError, match=r"2 parameterized models .* the name 'twin'; .*'pm-3', 'pm-4'"
    ):
        client.simulation.protocol(config(parameterized_model="twin"))


def test_a_name_needs_a_project(service: Service) -> None:
    transport = httpx.MockTransport(service)

    with (
        Ionworks("key", "https://api.test", transport=transport) as client,
        pytest.raises(NotFoundError, match="names are looked up in the project, and none is set"),
    ):
        client.simulation.protocol(config(parameterized_model="NMC cell"))


def test_another_refusal_stays_as_it_is(client: Ionworks, service: Service) -> None:
    refusal = httpx.Response(422, json={"error_code": "X", "message": "the current is too large"})
    service.replies[BATCH] = lambda _: refusal

    with pytest.raises(UnprocessableError, match="the current is too large"):
        client.simulation.protocol(config(parameterized_model="pm-1"))

    assert LIST not in service.paths


def test_a_list_that_cannot_be_read_does_not_hide_the_refusal(
    client: Ionworks, service: Service
) -> None:
    refusal = {"error_code": "FORBIDDEN", "message": "not allowed"}
    service.replies[LIST] = lambda _: httpx.Response(403, json=refusal)

    with pytest.raises(NotFoundError, match="there is no parameterized model 'LFP'"):
        client.simulation.protocol(config(parameterized_model="LFP"))


def test_a_batch_of_several_models_has_the_same_runs_for_each(
    client: Ionworks, service: Service
) -> None:
    record = ParameterizedModel(id="pm-3")
    quick = {"capacity": 2.0}
    row = {"type": "normal", "name": "x", "mean": 1.0, "std": 0.1, "count": 2}
    service.runs = 2

    batch = client.simulation.protocol_batch(
        config(
            parameterized_model=["NMC cell", record, quick],
            design_parameters_doe={"sampling": "grid", "rows": [row]},
        )
    )

    assert [each.simulation_id for each in batch] == ["s1", "s1", "s2", "s2", "s3", "s3"]
    assert submitted(service) == ["pm-1", "pm-3", {"quick_model": quick}]
    bodies = [body for _, path, _, body in service.sent if path == BATCH]
    assert len({body["design_parameters_doe"]["seed"] for body in bodies}) == 1
    assert service.paths.count("/protocols/parse-to-template") == 1


def test_what_was_submitted_before_a_failure_is_told(client: Ionworks, service: Service) -> None:
    service.runs = 2

    with pytest.raises(IonworksError) as caught:
        client.simulation.protocol_batch(config(parameterized_model=["pm-1", UUID[::-1]]))

    [note] = caught.value.__notes__
    assert note == (
        "2 simulations were submitted before this error, and can be waited for, read or canceled"
        " by id: 's1', 's1'"
    )


def test_a_list_of_models_is_for_batches(client: Ionworks, service: Service) -> None:
    with pytest.raises(TypeError, match=r"protocol_batch\(\) also takes a list"):
        client.simulation.protocol(config(parameterized_model=["pm-1", "pm-2"]))
    with pytest.raises(TypeError, match=r"cannot be Project .*the record of a parameterized model"):
        client.simulation.protocol(config(parameterized_model=Project(id="p")))
    with pytest.raises(ValueError, match="is an empty list"):
        client.simulation.protocol_batch(config(parameterized_model=[]))
    with pytest.raises(
        ValueError, match=r"config\['parameterized_model'\]\[1\]\['capacity'\] must"
    ):
        client.simulation.protocol_batch(config(parameterized_model=["pm-1", {"capacity": 0}]))
    assert service.sent == []
