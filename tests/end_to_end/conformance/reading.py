"""Checks that change nothing on the server: GET requests, and POST requests that only read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import httpx

from tests.contract_validation import Operation
from tests.end_to_end.conformance.probe import Probe, path_parameters

GOOD_PROTOCOL = """
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    ends:
      - variable: Voltage [V]
        value: 2.5
"""
BAD_PROTOCOL = """
steps:
  - direction: Sideways
    mode: C-rate
    value: 1
"""
# Lists whose items do not have the id in `id` or `<noun>_id`, and the field it is in.
ID_OF_LIST = {"list_protocols": "template_id", "list_jobs": "job_id"}
PLURALS = {"studies": "study"}
# GET /simulations requires exactly one scope.
SCOPES = {"list_simulations": ["parameterized_model_id"]}


def run(probe: Probe) -> None:
    """Run every check of this module."""
    check_discovery(probe)
    check_every_reading_operation(probe)
    check_authentication(probe)
    check_unknown_ids(probe)
    check_hostile_paths(probe)
    check_protocol_questions(probe)
    check_status_questions(probe)


def check_discovery(probe: Probe) -> None:
    """Health needs no key; capabilities give the URL of the contract, which can be read."""
    probe.ask("get_health", key=None)
    capabilities = probe.ask("get_capabilities")
    if capabilities.status_code != 200:
        return
    place = capabilities.json().get("openapi_spec")
    probe.claim("get_capabilities", isinstance(place, str), "openapi_spec is not a URL")
    if not isinstance(place, str):
        return
    target = urljoin(str(capabilities.request.url), place)
    if urlsplit(target).netloc != capabilities.request.url.netloc.decode():
        return  # never send the key to another host
    headers = {"X-API-Key": probe.key} if probe.key else {}
    document = probe.http.get(target, headers=headers)
    probe.claim(
        "get_capabilities",
        document.status_code == 200 and "paths" in document.json(),
        f"{place} is not an OpenAPI document: {document.status_code}",
    )


def check_every_reading_operation(probe: Probe) -> None:
    """Call each GET once its path and required query are known; lists provide ids."""
    waiting = [each for each in probe.contract.operations if each.method == "GET"]
    while True:
        ready = [each for each in waiting if _arguments(probe, each) is not None]
        if not ready:
            return
        waiting = [each for each in waiting if each not in ready]
        for operation in ready:
            _read(probe, operation)


def _read(probe: Probe, operation: Operation) -> None:
    arguments = _arguments(probe, operation)
    assert arguments is not None
    path, query = arguments
    # 404 and 409 are allowed, because a record may lack a file, a source text or a result.
    expect = {200, 307, 404, 409} if path else {200}
    response = probe.ask(operation.operation_id, path=path, query=query, expect=expect)
    if response.status_code == 200 and operation.operation_id.startswith("list_"):
        _learn(probe, operation, response)


def _learn(probe: Probe, operation: Operation, response: httpx.Response) -> None:
    noun = operation.operation_id.removeprefix("list_")
    name = ID_OF_LIST.get(operation.operation_id) or f"{PLURALS.get(noun, noun[:-1])}_id"
    rows = _rows(response.json())
    if rows and isinstance(rows[0], dict):
        found = rows[0].get("id") or rows[0].get(name)
        if isinstance(found, str):
            probe.ids.setdefault(name, found)


def _rows(body: Any) -> list[Any]:
    if isinstance(body, list):
        return body
    for name in ("items", "simulations", "pipelines"):
        if isinstance(body.get(name), list):
            return list(body[name])
    return []


def _arguments(probe: Probe, operation: Operation) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Return path and query of a call, or None if an id is not known yet."""
    needed = path_parameters(operation)
    if any(name not in probe.ids for name in needed):
        return None
    query: dict[str, Any] = {}
    listed = [probe.contract.resolve(each) for each in operation.document.get("parameters", [])]
    wanted = SCOPES.get(operation.operation_id, [])
    for parameter in listed:
        name = parameter["name"]
        if parameter["in"] != "query":
            continue
        if name in wanted or parameter.get("required"):
            if name not in probe.ids:
                return None
            query[name] = probe.ids[name]
        elif name == "limit":
            query[name] = 1
    return {name: probe.ids[name] for name in needed}, query


def check_authentication(probe: Probe) -> None:
    """Every protected GET answers 401 without a key and with a wrong key."""
    if probe.key is None:
        return
    for operation in probe.contract.operations:
        if operation.method != "GET" or not _is_protected(probe, operation):
            continue
        path = {name: str(uuid4()) for name in path_parameters(operation)}
        for key in (None, "not-a-key"):
            probe.ask(operation.operation_id, path=path, key=key, expect={401})


def _is_protected(probe: Probe, operation: Operation) -> bool:
    security = operation.document.get("security", probe.contract.document.get("security", []))
    return bool(security) and {} not in security


def check_unknown_ids(probe: Probe) -> None:
    """An unknown id is a 404 with the error body of the contract."""
    for operation in probe.contract.operations:
        names = path_parameters(operation)
        if operation.method != "GET" or not names or operation.path.count("{schema_name}"):
            continue
        path = {name: probe.ids.get(name, str(uuid4())) for name in names[:-1]}
        path[names[-1]] = str(uuid4())
        arguments = _arguments(probe, operation)
        query = arguments[1] if arguments else {}
        probe.ask(operation.operation_id, path=path, query=query, expect={404, 422})


def check_hostile_paths(probe: Probe) -> None:
    """An id that contains path segments stays an id, and an unknown path is a 404."""
    for hostile in ("../projects", "..%2Fprojects", "%2e%2e", "a/b"):
        probe.ask("get_simulation", path={"simulation_id": hostile}, expect={404, 422})
    headers = {"X-API-Key": probe.key} if probe.key else {}
    response = probe.http.get("/no-such-place", headers=headers)
    probe.claim("every", response.status_code == 404, f"/no-such-place: {response.status_code}")


def check_protocol_questions(probe: Probe) -> None:
    """An invalid protocol is answered with 200 and an error text; inputs are found."""
    good = probe.ask("validate_protocol", json={"protocol": GOOD_PROTOCOL})
    if good.status_code == 200:
        probe.claim("validate_protocol", good.json()["valid"] is True, f"rejected: {good.text}")
    bad = probe.ask("validate_protocol", json={"protocol": BAD_PROTOCOL})
    if bad.status_code == 200:
        result = bad.json()
        fine = result["valid"] is False and bool(result.get("error"))
        probe.claim("validate_protocol", fine, f"direction: Sideways is not explained: {bad.text}")
    inputs = probe.ask("find_protocol_input_references", json={"protocol": GOOD_PROTOCOL})
    if inputs.status_code == 200:
        probe.claim(
            "find_protocol_input_references",
            inputs.json() == ["Initial SOC", "C-rate"],
            f"the inputs are Initial SOC and C-rate, not {inputs.text}",
        )


def check_status_questions(probe: Probe) -> None:
    """Unknown ids are left out of the statuses; a body that breaks the contract is rejected."""
    unknown = probe.ask(
        "get_simulation_statuses", json={"simulation_ids": [str(uuid4())], "limit": 1}
    )
    if unknown.status_code == 200:
        probe.claim(
            "get_simulation_statuses", unknown.json() == [], f"an unknown id: {unknown.text}"
        )
    probe.ask("get_simulation_statuses", json={"simulation_ids": "one"}, expect={400, 422})
    probe.ask("get_simulation_statuses", json={}, expect={400, 422})
    probe.ask("get_simulation_statuses", content=b"{not json", expect={400, 422})
