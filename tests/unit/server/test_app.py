"""Requests that are rejected before any handler, keys, and large bodies."""

import gzip
import json
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from attrs import evolve

from ionworks.server import app as app_module
from ionworks.server import request_bodies
from ionworks.server.app import create_app
from ionworks.server.routing import routes
from tests.unit.server import blocked
from tests.unit.server.engines import QUICK, client_of, grid, submit

BATCH = "/simulations/with-template/batch"


def problem(reply):
    body = reply.json()
    assert set(body) == {"error_code", "message", "detail"}
    assert len(reply.headers["x-correlation-id"]) == 32
    return body["error_code"], body["message"]


@pytest.mark.parametrize("address", ["/nothing", "/simulations/..%2Fusers%2Fme", "//projects"])
def test_an_unknown_address_is_404(shared_api, address):
    reply = shared_api.get(address)

    assert reply.status_code == 404
    assert problem(reply)[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    "address",
    [
        "/simulations/none",
        "/jobs/none",
        "/projects/none",
        "/models/none",
        "/parameterized_models/none",
        "/experiment_templates/none",
        "/discovery/schemas/none",
        "/simulations/none/time_series/download",
    ],
)
def test_an_unknown_id_is_404_and_named(shared_api, address):
    reply = shared_api.get(address)

    assert reply.status_code == 404
    code, message = problem(reply)
    assert code == "NOT_FOUND"
    assert "'none'" in message


def test_another_method_is_405_with_the_allowed_ones(shared_api):
    reply = shared_api.put("/projects")

    assert reply.status_code == 405
    assert reply.headers["allow"] == "GET, HEAD, POST"
    assert problem(reply)[0] == "METHOD_NOT_ALLOWED"


@pytest.mark.off_contract("sends methods that the contract does not have")
def test_every_path_names_its_own_methods(shared_api):
    methods = defaultdict(set)
    for route in routes():
        methods[re.sub(r"<\w+>", "x", route.rule)] |= {route.method}
    for path, own in methods.items():
        allowed = own | {"HEAD"} if "GET" in own else own
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - allowed:
            reply = shared_api.request(method, path)

            assert (reply.status_code, reply.headers["allow"]) == (405, ", ".join(sorted(allowed)))


@pytest.mark.off_contract("sends a method that the contract does not have")
def test_a_signed_link_names_its_methods(shared_api):
    reply = shared_api.delete("/storage/x")

    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD, PUT")


def test_a_slash_at_the_end_does_not_matter(shared_api):
    assert shared_api.get("/jobs").json() == shared_api.get("/jobs/").json() == []


def test_an_unknown_query_parameter_is_rejected_with_the_valid_ones(shared_api):
    reply = shared_api.get("/simulations", params={"stat": "failed"})

    assert reply.status_code == 422
    code, message = problem(reply)
    assert code == "VALIDATION_ERROR"
    assert "query.stat" in message
    assert "state" in message


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({"limit": "many"}, "query.limit"),
        ({"limit": 0}, "query.limit"),
        ({"offset": -1}, "query.offset"),
        ({"state": "sleeping"}, "query.state"),
        ({"summary": "perhaps"}, "query.summary"),
    ],
)
def test_an_invalid_query_parameter_is_rejected_by_name(shared_api, parameters, place):
    reply = shared_api.get("/simulations", params=parameters)

    assert reply.status_code == 422
    assert problem(reply)[1].startswith(place)


def test_all_errors_of_a_body_are_reported_together(shared_api):
    reply = shared_api.post(
        BATCH,
        json={
            "parameterized_model": {"quick_model": {"capacity": -1, "colour": "red"}},
            "experiment_parameter_sets": [{"rate": [1]}],
        },
    )

    assert reply.status_code == 422
    places = {tuple(item["loc"]) for item in reply.json()["detail"]}
    assert ("body", "parameterized_model", "quick_model", "capacity") in places
    assert ("body", "experiment_parameter_sets", 0, "rate") in places
    assert ("body",) in places
    assert "experiment_template_id" in problem(reply)[1]
    assert "colour" in problem(reply)[1]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {"Content-Type": "application/json"}, 422),
        (b"{", {"Content-Type": "application/json"}, 422),
        (b"null", {"Content-Type": "application/json"}, 422),
        (b'{"protocol": NaN}', {"Content-Type": "application/json"}, 422),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Type": "application/json", "Content-Encoding": "br"}, 415),
        (b"{}", {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 400),
        (
            gzip.compress(b'{"protocol": ""}', mtime=0)[:-4],
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            400,
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(shared_api, content, headers, status):
    reply = shared_api.post("/protocols/validate", content=content, headers=headers)

    assert reply.status_code == status
    assert problem(reply)[1]


def test_a_gzip_body_is_read(shared_api):
    body = gzip.compress(json.dumps({"simulation_ids": ["x"] * 900}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    reply = shared_api.post("/simulations/statuses", content=body, headers=headers)

    assert (reply.status_code, reply.json()) == (200, [])


@pytest.mark.parametrize("packed", [True, False])
def test_a_body_too_large_is_413_compressed_or_not(folder, monkeypatch, packed):
    for module in (app_module, request_bodies):
        monkeypatch.setattr(module, "LARGEST_BODY", 1000)
    app = create_app(folder)
    body = json.dumps({"simulation_ids": ["x" * 100] * 20}).encode()
    headers = {"Content-Type": "application/json"}
    if packed:
        body = gzip.compress(body)
        headers["Content-Encoding"] = "gzip"

    with client_of(app) as api:
        reply = api.post("/simulations/statuses", content=body, headers=headers)
    app.close()

    assert reply.status_code == 413
    assert problem(reply)[0] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "wrong"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic secret"},
    ],
)
def test_a_request_without_the_key_is_401(open_app, headers):
    with client_of(open_app(api_key="secret")) as api:
        for address in ("/users/me", "/projects", "/roles/project"):
            reply = api.get(address, headers=headers)
            assert reply.status_code == 401
            assert problem(reply)[0] == "UNAUTHORIZED"
            assert "secret" not in reply.text


@pytest.mark.off_contract("the address is not one of the contract's")
@pytest.mark.parametrize("address", ["/nothing", "/simulations/..%2Fusers%2Fme"])
def test_without_a_key_unknown_addresses_are_not_revealed(open_app, address):
    with client_of(open_app(api_key="secret")) as api:
        assert api.get(address).status_code == 401


@pytest.mark.parametrize("headers", [{"X-API-Key": "secret"}, {"Authorization": "Bearer secret"}])
def test_a_request_with_the_key_is_answered(open_app, headers):
    with client_of(open_app(api_key="secret")) as api:
        assert api.get("/users/me", headers=headers).status_code == 200


def test_health_needs_no_key(open_app):
    with client_of(open_app(api_key="secret")) as api:
        assert api.get("/healthz").json()["status"] == "ok"


def test_an_empty_key_is_refused(folder):
    with pytest.raises(ValueError, match="api_key is empty"):
        create_app(folder, api_key="")
    with pytest.raises(ValueError, match="workers=0"):
        create_app(folder, workers=0)
    with pytest.raises(ValueError, match="run_limit=0"):
        create_app(folder, run_limit=0)


def test_an_unknown_value_of_a_setting_is_rejected_before_the_folder_is_opened(folder, monkeypatch):
    monkeypatch.setenv("IONWORKS_COMPILE", "on")
    with pytest.raises(ValueError, match="IONWORKS_COMPILE is 'on': set it to one of auto, never"):
        create_app(folder)
    assert not folder.exists()


def test_an_internal_error_is_500_without_a_traceback(shared_api, monkeypatch, caplog):
    def fail(*_arguments):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("ionworks.server.handlers.discovery._version", fail)

    reply = shared_api.get("/healthz")

    assert reply.status_code == 500
    code, message = problem(reply)
    assert code == "INTERNAL_ERROR"
    assert "inside" not in reply.text
    assert reply.headers["x-correlation-id"] in message
    assert "ZeroDivisionError: inside" in caplog.text


def test_infinite_numbers_are_null_on_the_wire(api, template):
    from tests.unit.server.engines import finish

    [simulation] = finish(api, submit(api, template))

    assert simulation["metrics"]["bad"] is None


def test_an_encoded_slash_in_an_id_does_not_reach_another_address(app, template):
    with client_of(app) as api:
        from tests.unit.server.engines import finish

        [simulation] = finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1])))
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/simulations/{simulation['id']}/result",
        "REQUEST_URI": f"/simulations/{simulation['id']}%2Fresult",
        "SERVER_NAME": "engine",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": None,
    }
    seen = []

    body = b"".join(app(environ, lambda status, _headers, _error=None: seen.append(status)))

    assert seen == ["404 NOT FOUND"]
    assert json.loads(body)["error_code"] == "NOT_FOUND"


def test_capabilities_link_to_the_openapi_document(shared_api):
    capabilities = shared_api.get("/discovery/capabilities").json()

    document = shared_api.get(capabilities["openapi_spec"]).json()

    assert document["openapi"].startswith("3.1")
    assert "/simulations/statuses" in document["paths"]
    for address in capabilities["schemas"].values():
        assert shared_api.get(address).status_code == 200


def test_a_published_schema_can_be_used_alone(shared_api):
    import jsonschema_rs

    schema = shared_api.get("/discovery/schemas/parameterized_model").json()
    validator = jsonschema_rs.validator_for(schema)

    assert validator.is_valid({"name": "mine", "model_id": "spm"})
    assert not validator.is_valid({"name": "mine"})


def test_the_user_knows_the_default_project(shared_api):
    me = shared_api.get("/users/me").json()

    assert shared_api.get(f"/projects/{me['default_project_id']}").status_code == 200


def test_links_do_not_follow_the_host_of_a_request(shared_app):
    with httpx.Client(
        transport=httpx.WSGITransport(app=shared_app), base_url="http://other.test:9000"
    ) as api:
        assert api.get("/discovery/capabilities").json()["openapi_spec"] == (
            "http://ionworks.local/discovery/openapi.json"
        )


def test_questions_to_workers_leave_threads_for_other_requests(open_app):
    targets = evolve(QUICK, describe="tests.unit.server.blocked:describe")
    app = open_app(targets=targets, question_limit=2)
    address = "/parameterized_models/spm-chen2020/variable-names"
    with client_of(app) as api, ThreadPoolExecutor(2) as clients:
        waiting = [clients.submit(api.get, address)]
        blocked.asked.acquire()  # the only worker is busy, so another starts for the next question
        waiting.append(clients.submit(api.get, address))
        blocked.asked.acquire()

        refused = api.get(address)
        healthy = api.get("/healthz")
        blocked.gate.set()

        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert problem(refused)[0] == "ENGINE_UNAVAILABLE"
        assert healthy.status_code == 200
        assert [each.result().status_code for each in waiting] == [200, 200]
        assert api.get(address).status_code == 200
