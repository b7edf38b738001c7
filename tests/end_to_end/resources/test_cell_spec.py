"""`client.cell_spec` on the embedded engine."""

import uuid

import pytest

from ionworks import Ionworks
from ionworks.errors import ConflictError, NotFoundError

FULL = {
    "name": "LG M50",
    "form_factor": "21700",
    "manufacturer": "LG",
    "ratings": {
        "capacity": {"value": 5.0, "unit": "A.h"},
        "voltage_min": {"value": 2.5, "unit": "V"},
    },
    "cathode": {
        "properties": {"thickness": {"value": 75.6, "unit": "um"}, "coating": "double"},
        "material": {"name": "NMC811", "manufacturer": "Example", "definition": {}},
    },
    "source": {"doi": "10.1149/1945-7111/ab9050"},
}


def test_create_read_update_and_delete_on_the_engine(client: Ionworks) -> None:
    name = f"spec_{uuid.uuid4()}"
    made = client.cell_spec.create({**FULL, "name": name})
    assert made.ratings == FULL["ratings"]
    got = client.cell_spec.get(made.id)
    assert got.cathode is not None
    assert got.cathode["material"]["name"] == "NMC811"
    assert client.cell_spec.create_or_get({**FULL, "name": name}).id == made.id
    found = client.cell_spec.list(name=name[2:-2].upper(), form_factor="21700")
    assert [each.id for each in found] == [made.id]
    assert client.cell_spec.list(name=name.replace("_", "x")).total == 0
    assert made.id in [each.id for each in client.cell_spec.list(limit=1).walk()]
    assert client.cell_spec.list(True, name_exact=name)[0].cathode == got.cathode
    material = got.cathode["material_id"]
    assert made.id in [each.id for each in client.cell_spec.list(cathode_material_id=material)]
    assert client.cell_spec.update(made.id, {"notes": "x"}).notes == "x"
    with pytest.raises(ConflictError) as caught:
        client.cell_spec.create({"name": name})
    assert caught.value.existing_id == made.id
    client.cell_spec.delete(made.id)
    with pytest.raises(NotFoundError):
        client.cell_spec.get(made.id)
