"""A record is accepted wherever its id is, and only there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.records.cell_instance import CellInstance
from ionworks.records.cell_measurement import CellMeasurement
from ionworks.records.cell_spec import CellSpecification
from ionworks.records.job import Job
from ionworks.records.model import Model
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.pipeline import Pipeline
from ionworks.records.project import Project
from ionworks.records.protocol import Protocol
from ionworks.records.record import Record
from ionworks.records.simple_pipeline import SimplePipeline
from ionworks.records.simulation import Simulation, SimulationResponse, SimulationStatus
from ionworks.records.study import Study
from ionworks.requests.simulation import SimulationConfig

GONE = httpx.Response(204)
CALLS: list[tuple[Record, Callable[[Ionworks, Any], Any], str]] = [
    (Study(id="x"), lambda c, r: c.study.delete(r, Project(id="p")), "/projects/p/studies/x"),
    (Project(id="x"), lambda c, r: c.project.delete(r), "/projects/x"),
    (Model(id="x"), lambda c, r: c.model.delete(r), "/models/x"),
    (Protocol(id="x"), lambda c, r: c.protocol.delete(r), "/experiment_templates/x"),
    (CellSpecification(id="x"), lambda c, r: c.cell_spec.delete(r), "/cell_specifications/x"),
    (CellInstance(id="x"), lambda c, r: c.cell_instance.delete(r), "/cell_instances/x"),
    (CellMeasurement(id="x"), lambda c, r: c.cell_measurement.delete(r), "/cell_measurements/x"),
    (Simulation(id="x"), lambda c, r: c.simulation.delete(r), "/simulations/x"),
    (SimulationStatus(simulation_id="x"), lambda c, r: c.simulation.delete(r), "/simulations/x"),
    (SimulationResponse(simulation_id="x"), lambda c, r: c.simulation.delete(r), "/simulations/x"),
    (Pipeline(id="x"), lambda c, r: c.pipeline.delete(r), "/pipelines/x"),
    (SimplePipeline(id="x"), lambda c, r: c.simple_pipeline.delete(r), "/simple_pipelines/x"),
    (
        ParameterizedModel(id="x"),
        lambda c, r: c.parameterized_model.delete(CellSpecification(id="s"), r),
        "/cells/s/parameterized_models/x",
    ),
]


@pytest.mark.parametrize(
    ("record", "delete", "path"), CALLS, ids=[type(record).__name__ for record, *_ in CALLS]
)
def test_a_record_stands_for_its_id(
    stub_service: Callable[..., Any],
    record: Record,
    delete: Callable[[Ionworks, Any], Any],
    path: str,
) -> None:
    service = stub_service({f"DELETE {path}": GONE})
    with service.client() as client:
        delete(client, record)

    assert [route for route, *_ in service.sent] == [f"DELETE {path}"]


def test_a_record_of_another_kind_is_refused(stub_service: Callable[..., Any]) -> None:
    service = stub_service({})
    with service.client() as client:
        for delete in (client.model.delete, client.project.delete, client.simulation.delete):
            with pytest.raises(
                TypeError, match=r"_id must be the id as text or its record, not Study"
            ):
                delete(Study(id="x"))  # type: ignore[arg-type]  # what is tested

    assert service.sent == []


def test_the_jobs_of_simulations_and_pipelines_are_found_by_these(
    stub_service: Callable[..., Any],
) -> None:
    service = stub_service({"GET /jobs/j": {"job_id": "j", "status": "completed"}})
    with service.client() as client:
        for record in (
            Job(job_id="j"),
            Simulation(id="s", job_id="j"),
            SimulationResponse(simulation_id="s", job_id="j"),
            SimplePipeline(id="p", job_id="j"),
        ):
            assert client.job.get(record).job_id == "j"  # type: ignore[arg-type]


def test_one_measurement_can_be_tagged_by_its_record(stub_service: Callable[..., Any]) -> None:
    service = stub_service({"POST /cell_measurements/tags/bulk": {"updated_count": 1}})
    with service.client() as client:
        assert client.cell_measurement.add_tags(CellMeasurement(id="m"), "good") == 1

    [(_, _, body)] = service.sent
    assert body["measurement_ids"] == ["m"]


def test_records_stand_for_ids_in_bodies_and_configs(stub_service: Callable[..., Any]) -> None:
    service = stub_service(
        {
            "POST /models": httpx.Response(201, json={"id": "m"}),
            "POST /simulations/with-template/batch": [{"simulation_id": "s", "job_id": "j"}],
        }
    )
    with service.client() as client:
        client.model.create({"name": "n", "config": {"type": "SPM"}, "project_id": Project(id="p")})
        client.simulation.protocol(
            {
                "parameterized_model": "pm",
                "protocol_id": Protocol(id="t"),
                "study_id": Study(id="st"),
                "project_id": Project(id="p"),
            }
        )

    (_, _, model), (_, _, batch) = service.sent
    assert model["project_id"] == "p"
    assert (batch["experiment_template_id"], batch["study_id"]) == ("t", "st")
    assert batch["project_id"] == "p"


def test_a_record_without_such_an_id_is_refused(stub_service: Any) -> None:
    service = stub_service({})

    with pytest.raises(ValueError, match="this SimulationResponse has no job_id"):
        service.client().job.get(SimulationResponse(simulation_id="s"))

    assert service.requests == []


def test_a_uuid_stands_for_its_text(stub_service: Callable[..., Any]) -> None:
    identifier = uuid.UUID("0f3a8c1e-7b2d-4f60-9a11-000000000001")
    service = stub_service({"GET /simulations": {"simulations": [], "total": 0}})
    with service.client() as client:
        client.simulation.list(identifier, protocol_id=identifier, project_id=identifier)
        client.simulation.list(study_id=identifier)

    assert [dict(each.url.params) for each in service.requests] == [
        {
            "parameterized_model_id": str(identifier),
            "experiment_template_id": str(identifier),
            "project_id": str(identifier),
        },
        {"study_id": str(identifier)},
    ]
    config = {"parameterized_model": identifier, "protocol_id": identifier, "conditions": [{}]}
    checked = SimulationConfig.for_batch({**config, "study_id": identifier})
    assert checked.parameterized_model == checked.protocol_id == str(identifier)
    assert checked.options["study_id"] == str(identifier)
