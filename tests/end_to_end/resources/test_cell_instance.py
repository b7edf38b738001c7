"""`client.cell_instance` on the embedded engine."""

import uuid

import pytest

from ionworks import Ionworks
from ionworks.errors import ConflictError, NotFoundError
from tests.measured import cycling

MASS = {"cell": {"mass": {"value": 68.4, "unit": "g"}}}


def test_create_read_update_and_delete_on_the_engine(client: Ionworks) -> None:
    spec = client.cell_spec.create({"name": f"spec {uuid.uuid4()}"})
    made = client.cell_instance.create(spec.id, {"name": "c_1", "measured_properties": MASS})
    assert client.cell_instance.get(made.id) == made
    assert made.measured_properties == MASS
    assert client.cell_instance.create_or_get(spec.id, {"name": "c_1"}).id == made.id
    with pytest.raises(ConflictError) as caught:
        client.cell_instance.create(spec.id, {"name": "c_1"})
    assert caught.value.existing_id == made.id
    other = client.cell_instance.create(spec.id, {"name": "cx1"})
    assert [each.id for each in client.cell_instance.list(spec.id, name="C_")] == [made.id]
    assert {each.id for each in client.cell_instance.list(spec.id, limit=1).walk()} == {
        made.id,
        other.id,
    }
    assert client.cell_instance.update(made.id, {"notes": "dented"}).notes == "dented"
    client.cell_instance.delete(other.id)
    with pytest.raises(NotFoundError):
        client.cell_instance.get(other.id)


def test_a_cell_with_all_its_data_on_the_engine(client: Ionworks) -> None:
    spec = client.cell_spec.create({"name": f"spec {uuid.uuid4()}"})
    cell = client.cell_instance.create(spec.id, {"name": "c"})
    for name in ("first", "second"):
        data = {"measurement": {"name": name}, "time_series": cycling()}
        client.cell_measurement.create(cell.id, data)
    client.cell_measurement.create_properties(cell.id, "mass", MASS["cell"])
    detail = client.cell_instance.detail(cell.id, include_cycles=False)
    assert detail.instance.id == cell.id
    by_name = {each.measurement.name: each for each in detail.measurements}
    assert {*by_name} == {"first", "second", "mass"}
    series = by_name["first"].time_series
    assert series is not None
    assert series.equals(cycling())
    assert by_name["second"].steps is not None
    assert by_name["second"].cycles is None
    assert by_name["mass"].time_series is None
