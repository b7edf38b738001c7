"""`client.study` on the embedded engine."""

from __future__ import annotations

import uuid

import polars as pl
import pytest

from ionworks import Ionworks
from ionworks.errors import NotFoundError
from tests.measured import cycling

DISCHARGE = """
global:
  initial_soc: 1
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    ends:
      - variable: Voltage [V]
        value: 3.4
"""


def test_create_read_update_and_delete_on_the_engine(client: Ionworks) -> None:
    name = f"study_{uuid.uuid4()}"
    made = client.study.create({"name": name, "description": "d"})
    assert client.study.get(made.id).description == "d"
    assert [each.id for each in client.study.list(name=name[2:].upper())] == [made.id]
    assert [each.id for each in client.study.list(name_exact=name)] == [made.id]
    assert made.id in [each.id for each in client.study.list(limit=1).walk()]
    assert client.study.update(made.id, {"name": name + "2"}).name == name + "2"
    other = client.project.create({"name": f"project {uuid.uuid4()}"})
    with pytest.raises(NotFoundError):
        client.study.get(made.id, project_id=other.id)
    assert client.study.list(project_id=other.id).total == 0
    client.study.delete(made.id)
    with pytest.raises(NotFoundError):
        client.study.get(made.id)


def test_runs_and_measurements_side_by_side_on_the_engine(client: Ionworks) -> None:
    study = client.study.create({"name": f"study {uuid.uuid4()}"})
    model = next(
        each
        for each in client.parameterized_model.list_by_project().walk()
        if each.name == "SPM Chen2020"
    )
    submitted = client.simulation.protocol_batch(
        {
            "parameterized_model": model.id,
            "protocol_experiment": {"protocol": DISCHARGE, "name": "rates"},
            "conditions": [{"experiment_parameters": {"C-rate": rate}} for rate in (1, 2)],
            "study_id": study.id,
        }
    )
    ids = [each.simulation_id for each in submitted]
    spec = client.cell_spec.create({"name": f"spec {uuid.uuid4()}"})
    cell = client.cell_instance.create(spec.id, {"name": "cell"})
    data = {"measurement": {"name": "lab"}, "time_series": cycling()}
    measured = client.cell_measurement.create(cell.id, data)
    for _ in range(2):
        client.study.assign_measurement(study.id, measured)
    client.simulation.wait_for_completion(ids, timeout=300, verbose=False)

    counted = client.study.get(study.id)
    assert (counted.simulation_count, counted.measurement_count) == (2, 1)
    assert {each.id for each in client.simulation.list(study_id=study.id)} == {*ids}
    assert [each.id for each in client.study.list_measurements(study.id)] == [measured.id]

    frame = client.study.compare(study.id)
    assert frame["id"].to_list() == [*ids, measured.id]
    assert frame["C-rate"].to_list() == [1, 2, None]
    slow, fast, lab = frame["Discharge capacity [A.h]"]
    assert slow > fast > 0
    assert lab == pytest.approx(2 / 6)

    series = client.study.time_series(study.id, ["Time [s]", "Capacity [A.h]"])
    assert series["id"].unique(maintain_order=True).to_list() == [*ids, measured.id]
    own = series.filter(pl.col("id") == ids[0])
    assert own["Capacity [A.h]"].max() == pytest.approx(slow, rel=1e-6)

    client.study.remove_simulation(study.id, ids[0])
    client.study.remove_measurement(study.id, measured.id)
    assert client.study.compare(study.id)["id"].to_list() == ids[1:]
    client.study.delete(study.id)
    assert client.simulation.get(ids[0]).status == "completed"
    assert client.cell_measurement.get(measured.id).name == "lab"
