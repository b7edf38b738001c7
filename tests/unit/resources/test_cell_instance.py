"""`client.cell_instance`."""

from datetime import date
from typing import Any

import httpx
import pytest

from ionworks.errors import BadRequestError

ROUTE = "/cell_specifications/s/cell_instances"
CELL = {"id": "c", "name": "M50-1", "cell_specification_id": "s"}
MASS = {"cell": {"mass": {"value": 68.4, "unit": "g"}}}


def test_list_translates_its_filters(stub_service: Any) -> None:
    service = stub_service({f"GET {ROUTE}": {"items": [CELL], "count": 1, "total": 1}})
    found = service.client().cell_instance.list(
        "s", 10, 5, batch_id="b", name="M50", updated_after=date(2026, 5, 8), order="desc"
    )
    assert found[0].cell_specification_id == "s"
    assert service.sent[0][1] == {
        "limit": "10",
        "offset": "5",
        "batch_id": "b",
        "name": "ilike.%M50%",
        "updated_at_gt": "2026-05-08",
        "order": "desc",
    }


def test_get_update_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            f"POST {ROUTE}": httpx.Response(201, json=CELL),
            "GET /cell_instances/c": CELL,
            "PATCH /cell_instances/c": {**CELL, "notes": "dented"},
            "DELETE /cell_instances/c": httpx.Response(204),
        }
    )
    cells = service.client().cell_instance
    data = {"name": "M50-1", "date_manufactured": date(2026, 5, 1), "measured_properties": MASS}
    assert cells.create("s", data).id == "c"
    assert cells.get("c").name == "M50-1"
    assert cells.update("c", {"notes": "dented"}).notes == "dented"
    assert cells.delete("c") is None
    assert service.sent[0][2] == {**data, "date_manufactured": "2026-05-01"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "data needs 'name'"),
        ({"name": "c", "batch": "b"}, r"data\['batch'\] is no longer supported.*batch_id"),
        (
            {"name": "c", "measured_properties": {"cell": {"mass": 68.4}}},
            r"data\['measured_properties'\]\['cell'\]\['mass'\] must be a number with a unit",
        ),
        ({"name": "c", "measured_properties": {"cell": 3}}, r"\['cell'\] must be a mapping"),
    ],
)
def test_bad_data_send_nothing(data: dict[str, Any], message: str, stub_service: Any) -> None:
    service = stub_service({})
    with pytest.raises((TypeError, ValueError), match=message):
        service.client().cell_instance.create("s", data)
    assert service.requests == []


def test_a_batch_of_another_specification(stub_service: Any) -> None:
    refusal = httpx.Response(400, json={"detail": "the batch is of another specification"})
    service = stub_service({f"POST {ROUTE}": refusal})
    with pytest.raises(BadRequestError, match="another specification"):
        service.client().cell_instance.create("s", {"name": "c", "batch_id": "b"})


OLDER = {"error_code": "CONFLICT", "message": "taken", "existing_cell_instance_id": "c"}


@pytest.mark.parametrize("body", [OLDER, {"detail": "taken"}])
def test_create_or_get(body: dict[str, Any], stub_service: Any) -> None:
    service = stub_service(
        {
            f"POST {ROUTE}": httpx.Response(409, json=body),
            "GET /cell_instances/c": CELL,
            f"GET {ROUTE}": {"items": [CELL], "count": 1, "total": 1},
        }
    )
    assert service.client().cell_instance.create_or_get("s", {"name": "M50-1"}).id == "c"
    if "detail" in body:
        assert service.sent[-1] == (f"GET {ROUTE}", {"limit": "1", "name": "eq.M50-1"}, None)


def test_a_detail_reads_no_data_of_files_and_properties(stub_service: Any) -> None:
    records = [
        {"id": "f", "measurement_type": "file"},
        {"id": "p", "measurement_type": "properties"},
    ]
    service = stub_service(
        {
            "GET /cell_instances/c": CELL,
            "GET /cell_instances/c/cell_measurements": {"items": records, "count": 2, "total": 2},
            "GET /cell_measurements/f": records[0],
            "GET /cell_measurements/p": records[1],
        }
    )
    detail = service.client().cell_instance.detail("c")
    assert [each.measurement.id for each in detail.measurements] == ["f", "p"]
    assert all(each.time_series is None for each in detail.measurements)
    with pytest.raises(TypeError, match="include_steps must be True or False"):
        service.client().cell_instance.detail("c", include_steps="yes")
