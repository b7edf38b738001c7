"""`client.protocol`: requests and replies."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import yaml

from ionworks import Ionworks
from ionworks.errors import ConflictError
from ionworks.records.protocol import Protocol

UCP = 'global:\n  initial_soc: input["Initial SOC"]\nsteps: []\n'


class Service:
    """Simulates the server and stores the requests."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.reply: Any = {"valid": True}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((request.method, request.url.path, json.loads(request.content)))
        return httpx.Response(200, json=self.reply)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Iterator[Ionworks]:
    with Ionworks("key", "https://api.test", transport=httpx.MockTransport(service)) as client:
        yield client


def test_the_error_of_a_valid_protocol_is_none(client: Ionworks, service: Service) -> None:
    result = client.protocol.validate(UCP)

    assert service.sent == [("POST", "/protocols/validate", {"protocol": UCP})]
    assert result["valid"] is result.valid is True
    assert result["error"] is None


def test_an_invalid_protocol_is_a_result(client: Ionworks, service: Service) -> None:
    service.reply = {"valid": False, "error": "steps is empty", "warnings": ["hm"]}

    result = client.protocol.validate("")

    assert dict(result) == {"valid": False, "error": "steps is empty", "warnings": ["hm"]}


def test_input_references_are_a_list(client: Ionworks, service: Service) -> None:
    service.reply = ["Initial SOC", "C-rate"]

    assert client.protocol.find_input_references(UCP) == ["Initial SOC", "C-rate"]
    assert service.sent == [("POST", "/protocols/input_references", {"protocol": UCP})]


def test_a_dict_is_sent_as_yaml_without_anchors(client: Ionworks, service: Service) -> None:
    shared = {"variable": "Current [A]", "value": 1e-05}
    protocol = {"steps": [{"ends": [shared]}, {"ends": [shared]}], "name": "naïve"}

    client.protocol.validate(protocol)

    text = service.sent[0][2]["protocol"]
    assert yaml.safe_load(text) == protocol
    assert "&" not in text
    assert list(yaml.safe_load(text)) == ["steps", "name"]


def cyclic() -> dict[str, Any]:
    protocol: dict[str, Any] = {}
    protocol["self"] = protocol
    return protocol


@pytest.mark.parametrize("method", ["validate", "find_input_references"])
@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: 5, TypeError, "protocol must be UCP as YAML text or a dict, a pybamm.Experiment"),
        (lambda: None, TypeError, "not NoneType None"),
        (lambda: b"steps: []", TypeError, "to use a file, read its text first"),
        (lambda: ["Rest"], ValueError, "protocol: 'Rest' is not a step"),
        (lambda: {"value": math.nan}, ValueError, "protocol cannot be written as YAML"),
        (lambda: {"value": object()}, TypeError, "a object is not text, a number, list or mapping"),
        (cyclic, ValueError, "protocol cannot be written as YAML"),
    ],
)
def test_values_that_are_not_protocols_are_rejected_before_any_request(
    client: Ionworks,
    service: Service,
    method: str,
    make: Callable[[], Any],
    kind: type[Exception],
    words: str,
) -> None:
    with pytest.raises(kind) as caught:
        getattr(client.protocol, method)(make())

    assert words in str(caught.value)
    assert service.sent == []


# ---------------------------------------------------------------- saved protocols


RECORD = {"id": "t", "name": "Rest", "project_id": "p", "tags": ["mine"]}
REST = "steps:\n- Rest: {duration: 1:30:00, note: 010}\n- No load: [{Rest: {duration: 1e-3}}]\n"
DOCUMENT = {
    "steps": [
        {"Rest": {"duration": 5400, "note": 10}},
        {"No load": [{"Rest": {"duration": 0.001}}]},
    ]
}


def page(*records: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"items": [*records], "count": len(records), "total": total or len(records)}


def test_list_asks_for_a_project_and_filters(stub_service: Any) -> None:
    service = stub_service({"GET /experiment_templates": page(RECORD)})
    protocols = service.client(project_id="p").protocol

    (first,) = protocols.list()
    protocols.list(
        "q", 10, 20, include=["source_protocol", "protocol_config"], name="rest",
        created_by_email="ada", updated_after="2026-05-08", order_by="name", order="asc",
    )  # fmt: skip
    protocols.list(include="plot_options", name="x", name_exact="Rest")

    assert isinstance(first, Protocol)
    assert (first.name, first.protocol_config, first.tags) == ("Rest", None, ["mine"])
    assert [query for _, query, _ in service.sent] == [
        {"project_id": "p"},
        {
            "project_id": "q",
            "limit": "10",
            "offset": "20",
            "include": "source_protocol,protocol_config",
            "name": "ilike.%rest%",
            "created_by_email": "ilike.%ada%",
            "updated_at_gt": "2026-05-08",
            "order_by": "name",
            "order": "asc",
        },
        {"project_id": "p", "include": "plot_options", "name": "eq.Rest"},
    ]


def test_pages_walk(stub_service: Any) -> None:
    replies = (page(RECORD, total=2), page({**RECORD, "id": "u"}, total=2))
    service = stub_service({"GET /experiment_templates": replies})

    listed = service.client(project_id="p").protocol.list(limit=1, include="source_protocol")

    assert [protocol.id for protocol in listed.walk()] == ["t", "u"]
    assert service.sent[1][1] == {
        "project_id": "p", "limit": "1", "offset": "1", "include": "source_protocol",
    }  # fmt: skip


def test_find_by_name(stub_service: Any) -> None:
    replies = (page(RECORD), page(), page(RECORD, {**RECORD, "id": "u"}, total=7))
    service = stub_service({"GET /experiment_templates": replies})
    protocols = service.client(project_id="p").protocol

    assert protocols.find_by_name("Rest") == Protocol.from_dict(RECORD)
    assert protocols.find_by_name("Rest", "q") is None
    message = "several protocols are named 'Rest', including 't' and 'u'"
    with pytest.raises(ValueError, match=message):
        protocols.find_by_name("Rest")
    queries = [query for _, query, _ in service.sent]
    assert queries[0] == {"project_id": "p", "limit": "2", "name": "eq.Rest"}
    assert queries[1]["project_id"] == "q"


@pytest.mark.parametrize("protocol", [REST, DOCUMENT], ids=["text", "mapping"])
def test_create_sends_the_document(stub_service: Any, protocol: Any) -> None:
    service = stub_service({"POST /experiment_templates": httpx.Response(201, json=RECORD)})
    protocols = service.client(project_id="p").protocol

    made = protocols.create("Rest", protocol)
    protocols.create(
        "Rest", protocol, "q", "a rest", {"type": "object"}, "the text", force_create=True
    )

    assert made == Protocol.from_dict(RECORD)
    assert [body for _, _, body in service.sent] == [
        {
            "name": "Rest",
            "protocol_config": DOCUMENT,
            "parameters_schema": {},
            "project_id": "p",
            "force_create": False,
        },
        {
            "name": "Rest",
            "protocol_config": DOCUMENT,
            "parameters_schema": {"type": "object"},
            "project_id": "q",
            "force_create": True,
            "description": "a rest",
            "source_protocol": "the text",
        },
    ]


def test_create_or_get_gets_the_existing_protocol(stub_service: Any) -> None:
    refusal = {"error_code": "CONFLICT", "message": "is there", "detail": {"existing_id": "t"}}
    blunt = {"error_code": "CONFLICT", "message": "is there", "detail": None}
    replies = tuple(httpx.Response(409, json=reply) for reply in (refusal, blunt))
    service = stub_service(
        {
            "POST /experiment_templates": (httpx.Response(200, json=RECORD), *replies),
            "GET /experiment_templates/t": RECORD,
        }
    )
    protocols = service.client(project_id="p").protocol

    assert protocols.create_or_get("Rest", REST).id == "t"
    assert protocols.create_or_get("Rest", REST).id == "t"
    with pytest.raises(ConflictError, match="is there"):
        protocols.create_or_get("Rest", REST)
    assert [route for route, _, _ in service.sent].count("GET /experiment_templates/t") == 1


def test_one_protocol_by_its_id(stub_service: Any) -> None:
    text = httpx.Response(200, text="1. Rest.\n", headers={"Content-Type": "text/plain"})
    service = stub_service(
        {
            "GET /experiment_templates/t": {**RECORD, "protocol_config": DOCUMENT},
            "GET /experiment_templates/t/human_readable": text,
            "GET /experiment_templates/t/source_protocol": text,
            "PATCH /experiment_templates/t": RECORD,
            "DELETE /experiment_templates/t": httpx.Response(204),
        }
    )
    protocols = service.client().protocol

    assert protocols.get("t").protocol_config == DOCUMENT
    assert protocols.human_readable("t") == protocols.source_protocol("t") == "1. Rest.\n"
    assert protocols.update("t", description="").name == "Rest"
    protocols.update("t", "New", "text")
    protocols.delete("t")
    assert [body for _, _, body in service.sent[3:]] == [
        {"description": ""},
        {"name": "New", "description": "text"},
        None,
    ]


@pytest.mark.parametrize(
    ("method", "arguments", "kind", "words"),
    [
        ("create", ("n", "- Rest"), ValueError, "protocol must be a YAML mapping with 'steps'"),
        ("create", ("n", "Rest for 1 hour"), ValueError, "protocol must be a YAML mapping"),
        ("create", ("n", "steps: ["), ValueError, "not YAML"),
        ("create", ("n", "{a: &x 1, b: *x}"), ValueError, "alias"),
        ("create", ("n", {}), ValueError, "protocol is empty"),
        ("create", ("n", b"steps: []"), TypeError, "read its text first"),
        ("create", ("n", {"steps": object()}), TypeError, "cannot be written as YAML"),
        ("create", (" ", REST), ValueError, "name is empty"),
        ("create", (3, REST), TypeError, "name must be text"),
        ("create", ("n", REST, "p", 3), TypeError, "description must be text"),
        ("create", ("n", REST, "p", "d", "schema"), TypeError, "parameters_schema must be a map"),
        ("create", ("n", REST, 3), TypeError, "project_id must be the id as text"),
        ("create", ("n", REST), ValueError, "IONWORKS_PROJECT_ID"),
        ("create_or_get", ("n", REST), ValueError, "IONWORKS_PROJECT_ID"),
        ("list", (), ValueError, "IONWORKS_PROJECT_ID"),
        ("find_by_name", ("",), ValueError, "name is empty"),
        ("update", ("t",), ValueError, "nothing to change"),
        ("update", ("t", ""), ValueError, "name is empty"),
        ("update", ("t", None, 3), TypeError, "description must be text"),
        ("get", ("",), ValueError, "protocol_id must be the id"),
        ("human_readable", ("..",), ValueError, "protocol_id must be the id"),
        ("source_protocol", (None,), TypeError, "protocol_id must be the id"),
        ("delete", ("",), ValueError, "protocol_id must be the id"),
    ],
)
def test_bad_arguments_of_saved_protocols_send_nothing(
    stub_service: Any, method: str, arguments: tuple[Any, ...], kind: type[Exception], words: str
) -> None:
    service = stub_service({})

    with pytest.raises(kind, match=words):
        getattr(service.client().protocol, method)(*arguments)

    assert service.requests == []


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"include": ["colour"]}, ValueError, "'colour'; valid fields: protocol_config"),
        ({"include": 3}, TypeError, "include must be names"),
        ({"nam": "x"}, TypeError, "unknown filter 'nam'"),
    ],
)
def test_bad_list_options_send_nothing(
    stub_service: Any, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    service = stub_service({})

    with pytest.raises(kind, match=words):
        service.client(project_id="p").protocol.list(**options)

    assert service.requests == []


def test_force_create_must_be_a_bool(stub_service: Any) -> None:
    with pytest.raises(TypeError, match="force_create must be True or False"):
        stub_service({}).client(project_id="p").protocol.create("n", REST, force_create="yes")
