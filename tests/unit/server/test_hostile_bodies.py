"""JSON that no client writes, sent to every route: an error reply says so, and it is short."""

import json

import httpx
import pytest

from ionworks.server.http.contract import Contract
from ionworks.transport.embedded import EngineTransport

CONTRACT = Contract()
HOSTILE = {
    "a long text": json.dumps("x" * 100_000),
    "long words": json.dumps("ab 'c\" d " * 12_000),
    "many names": json.dumps([f"name {index}" for index in range(2000)]),
    "many fields": json.dumps({f"name {index}": index for index in range(2000)}),
    "a long field": json.dumps({"k" * 100_000: 1}),
    "300 lists": "[" * 300 + "]" * 300,
    "300 objects": '{"a":' * 300 + "1" + "}" * 300,
    "as many levels as allowed": '{"a":' * 195 + "1" + "}" * 195,
    "a number beyond floats": "1e999",
    "an integer beyond floats": "1" + "0" * 400,
    "an integer beyond 64 bits": "18446744073709551616",
    "half a character": '"\\ud800"',
    "the character zero": '"a\\u0000b"',
    "a field twice": '{"a": 1, "a": 2}',
}
PLACE = "the place of the hostile value"


def _operations():
    for path, item in CONTRACT.document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            body = CONTRACT.resolve(operation.get("requestBody", {}))
            content = body.get("content", {}).get("application/json")
            if content is not None:
                yield pytest.param(method, path, content, id=operation["operationId"])


def _variants(example):
    """Yield bodies with a place for a value: all of it, each field, the first field of each."""
    yield PLACE
    yield {**example, "unknown": PLACE}
    for name, value in example.items():
        yield {**example, name: PLACE}
        if isinstance(value, dict) and value:
            yield {**example, name: {**value, next(iter(value)): PLACE}}


@pytest.mark.off_contract("bodies that are no JSON, or too deep for the validator of the tests")
@pytest.mark.parametrize(("method", "path", "content"), list(_operations()))
def test_no_body_is_an_error_of_the_server(shared_app, shared_template, method, path, content):
    example = content.get("example") or next(iter(content.get("examples", {}).values()), {}).get(
        "value", {}
    )
    known = {"project_id": "default", "experiment_template_id": shared_template}
    example = {**example, **{name: known[name] for name in known if name in example}}
    address = path.format_map(_Ids())
    headers = {"Content-Type": "application/json"}
    faults = []
    with httpx.Client(
        transport=EngineTransport(shared_app), base_url="http://engine", headers=headers
    ) as api:
        for variant in _variants(example):
            text = json.dumps(variant)
            for name, value in HOSTILE.items():
                reply = api.request(method, address, content=text.replace(json.dumps(PLACE), value))
                is_short = reply.status_code < 400 or len(reply.content) < 15_000
                if reply.status_code == 500 or not is_short:
                    faults.append((name, text[:200], reply.status_code, reply.text[:200]))
    assert faults == []


class _Ids(dict):
    """The default project, and the same id for whatever else is in a path."""

    def __missing__(self, key):
        return "default" if key == "project_id" else "spm-chen2020"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_path_is_shown_in_part(shared_api, method):
    for address in ("/nothing/" + "x" * 5000, "/projects/" + "x" * 5000, "/jobs/" + "a%20" * 5000):
        reply = shared_api.request(method, address)
        assert reply.status_code in (404, 405)
        assert len(reply.content) < 1000


def test_a_header_and_a_query_are_shown_in_part(shared_api):
    headers = {"Content-Type": "application/json", "Content-Encoding": "x" * 5000}
    assert len(shared_api.post("/projects", content=b"{}", headers=headers).content) < 1000
    for name in ("limit", "order_by", "summary", "unknown", "y" * 5000):
        reply = shared_api.get("/simulations", params={name: "x" * 5000})
        assert reply.status_code == 422
        assert len(reply.content) < 2000


@pytest.mark.parametrize("name", ["name", "description"])
def test_a_file_is_no_text(shared_api, name):
    parts = {
        "name": (None, "a model"),
        "file": ("model.json", b'{"model": {"name": "x"}}'),
        name: ("text.txt", b"a text"),
    }

    reply = shared_api.post("/models/upload-custom", files=parts)

    assert reply.status_code == 422
    assert reply.json()["message"] == f"body.{name}: must be a field without a file name"
    assert shared_api.get("/models").status_code == 200


@pytest.mark.parametrize("address", ["/models/upload-custom", "/protocols/parse"])
def test_a_text_is_no_file(shared_api, address):
    reply = shared_api.post(address, files={"name": (None, "x"), "file": (None, "/etc/passwd")})

    assert reply.status_code == 422
    assert "body.file: must be an uploaded file with a file name" in reply.json()["message"]
