"""`client.cell_spec`."""

from typing import Any

import httpx
import pytest

from ionworks.errors import ConflictError
from ionworks.records.cell_spec import CellSpecification

ROUTE = "/cell_specifications"
PAGE = {"items": [{"id": "s", "name": "LG M50"}], "count": 1, "total": 1}
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


def test_list_translates_its_filters(stub_service: Any) -> None:
    service = stub_service({f"GET {ROUTE}": PAGE})
    found = service.client(project_id="p").cell_spec.list(
        True,
        10,
        5,
        name="50%_",
        form_factor="21700",
        created_by_email="ada",
        anode_material_id="gr",
        exclude_cell_spec_id="other",
        order_by="name",
        order="asc",
    )
    assert isinstance(found[0], CellSpecification)
    assert service.sent[0][1] == {
        "full": "true",
        "limit": "10",
        "offset": "5",
        "project_id": "p",
        "name": r"ilike.%50\%\_%",
        "form_factor": "eq.21700",
        "created_by_email": "ilike.%ada%",
        "anode_material_id": "gr",
        "exclude_cell_spec_id": "other",
        "order_by": "name",
        "order": "asc",
    }


def test_a_list_without_a_project_has_the_specifications_of_all_projects(
    stub_service: Any,
) -> None:
    service = stub_service({f"GET {ROUTE}": PAGE})
    specs = service.client(project_id="p").cell_spec

    specs.list()
    specs.list(project_id="q")
    specs.list(name_exact="M50")

    assert [query.get("project_id") for _, query, _ in service.sent] == [None, "q", "p"]
    with pytest.raises(ValueError, match="project_id"):
        specs.list(project_id="")


def test_several_materials_are_repeated_keys(stub_service: Any) -> None:
    service = stub_service({f"GET {ROUTE}": PAGE})
    specs = service.client(project_id="p").cell_spec
    specs.list(material_id="gr")
    specs.list(material_id=["gr", "si"])
    queries = [request.url.params.multi_items() for request in service.requests]
    assert queries == [
        [("project_id", "p"), ("material_id", "gr")],
        [("project_id", "p"), ("material_ids", "gr"), ("material_ids", "si")],
    ]


def test_a_list_needs_no_project_but_a_search_does(stub_service: Any) -> None:
    service = stub_service({f"GET {ROUTE}": PAGE})
    specs = service.client().cell_spec
    specs.list()
    assert service.sent == [(f"GET {ROUTE}", {}, None)]
    searches: list[dict[str, Any]] = [
        {"name_exact": "x"},
        {"material_id": "m"},
        {"case_material_id": "m"},
    ]
    for search in searches:
        with pytest.raises(ValueError, match="no project"):
            specs.list(**search)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"include_components": 1}, TypeError, "include_components must be True or False"),
        ({"limit": 101}, ValueError, "limit must be at least 1 and at most 100"),
        ({"material_id": []}, ValueError, "material_id is an empty list"),
        ({"form_factor": ""}, ValueError, "form_factor must not be empty"),
        ({"formfactor": "x"}, TypeError, "unknown filter 'formfactor'"),
    ],
)
def test_bad_searches_send_nothing(
    arguments: dict[str, Any], error: type[Exception], message: str, stub_service: Any
) -> None:
    service = stub_service({})
    with pytest.raises(error, match=message):
        service.client(project_id="p").cell_spec.list(**arguments)
    assert service.requests == []


def test_get_update_and_delete(stub_service: Any) -> None:
    service = stub_service(
        {
            f"POST {ROUTE}": httpx.Response(201, json={"id": "s", **FULL}),
            f"GET {ROUTE}/s": {"id": "s", **FULL},
            f"GET {ROUTE}/s/resolved": {"id": "s", "properties": {"mass": 1}},
            f"PATCH {ROUTE}/s": {"id": "s", "notes": "new"},
            f"DELETE {ROUTE}/s": httpx.Response(204),
        }
    )
    specs = service.client(project_id="p").cell_spec
    assert specs.create(FULL).ratings == FULL["ratings"]
    assert specs.get("s").cathode["material"]["name"] == "NMC811"
    assert specs.get_resolved("s").properties == {"mass": 1}
    assert specs.update("s", {"notes": "new"}).notes == "new"
    assert specs.delete("s") is None
    assert service.sent[0] == (f"POST {ROUTE}", {}, {**FULL, "project_id": "p"})
    assert service.sent[3] == (f"PATCH {ROUTE}/s", {}, {"notes": "new"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "data needs 'name'"),
        ({"ratings": {"capacity": 5.0}}, r"data\['ratings'\]\['capacity'\] must be a number with"),
        ({"ratings": {"capacity": {"value": 5}}}, r"\['capacity'\] must be a number with a unit"),
        ({"anode": {"properties": {"mass": {"value": "x", "unit": "g"}}}}, r"\['value'\] must be"),
        ({"anode": {"properties": {"mass": []}}}, r"data\['anode'\]\['properties'\]\['mass'\]"),
        ({"cathode": "NMC"}, r"data\['cathode'\] must be a mapping"),
        ({"case": {"material": {"name": ""}}}, r"data\['case'\]\['material'\]\['name'\] is empty"),
    ],
)
def test_bad_data_send_nothing(change: dict[str, Any], message: str, stub_service: Any) -> None:
    service = stub_service({})
    with pytest.raises((TypeError, ValueError), match=message):
        service.client(project_id="p").cell_spec.create(FULL | change)
    assert service.requests == []


def conflict(**detail: Any) -> httpx.Response:
    return httpx.Response(409, json={"error_code": "CONFLICT", "message": "taken", **detail})


@pytest.mark.parametrize(
    "body",
    [{"detail": {"existing_id": "s"}}, {"existing_cell_specification_id": "s"}],
)
def test_create_or_get_follows_the_id(body: dict[str, Any], stub_service: Any) -> None:
    service = stub_service({f"POST {ROUTE}": conflict(**body), f"GET {ROUTE}/s": {"id": "s"}})
    assert service.client(project_id="p").cell_spec.create_or_get(FULL).id == "s"


def test_create_or_get_searches_the_exact_name(stub_service: Any) -> None:
    service = stub_service({f"POST {ROUTE}": conflict(), f"GET {ROUTE}": PAGE})
    assert service.client(project_id="p").cell_spec.create_or_get(FULL).id == "s"
    assert service.sent[-1][1]["name"] == "eq.LG M50"


def test_create_or_get_raises_the_conflict_if_it_finds_nothing(stub_service: Any) -> None:
    service = stub_service({f"POST {ROUTE}": conflict(), f"GET {ROUTE}": {"items": []}})
    with pytest.raises(ConflictError, match="taken"):
        service.client(project_id="p").cell_spec.create_or_get(FULL)


def test_related_specs_share_a_material(stub_service: Any) -> None:
    spec = {
        "id": "s",
        "project_id": "p",
        "anode": {"material_id": "gr"},
        "cathode": {"material_id": "nmc"},
        "case": None,
    }
    service = stub_service({f"GET {ROUTE}/s": spec, f"GET {ROUTE}": PAGE})
    specs = service.client().cell_spec
    specs.related_specs("s")
    specs.related_specs("s", "anode", exclude_self=False)
    assert specs.related_specs("s", ["case"]).total == 0
    searches = [
        request.url.params.multi_items()
        for request in service.requests
        if request.url.path == ROUTE
    ]
    assert searches == [
        [
            ("project_id", "p"),
            ("material_ids", "gr"),
            ("material_ids", "nmc"),
            ("exclude_cell_spec_id", "s"),
        ],
        [("project_id", "p"), ("material_ids", "gr")],
    ]
    with pytest.raises(ValueError, match="unknown slots 'lid'; valid slots: anode"):
        specs.related_specs("s", "lid")
