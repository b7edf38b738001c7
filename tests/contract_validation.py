"""Check requests and replies against `openapi.yaml`.

A request may break the contract only if the server rejects it (4xx, or 501).
A reply must never break it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import httpx
import jsonschema_rs
import yaml

from tests.paths import ROOT

CONTRACT_FILE = ROOT / "openapi.yaml"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
LOCATION = "https://contract.invalid/openapi"
METHODS = ("get", "post", "put", "patch", "delete")
# A gateway in front of the service may send these, in a form that the contract does not cover.
GATEWAY_STATUSES = frozenset({502, 503, 504})
# The embedded engine's signed URLs play a storage host, which is not part of the contract.
STORAGE_PREFIX = "/storage/"


class ContractViolationError(AssertionError):
    """A request or a reply does not match `openapi.yaml`."""


class Operation(NamedTuple):
    """One operation of the contract."""

    operation_id: str
    method: str
    path: str
    document: Mapping[str, Any]


class Contract:
    """`openapi.yaml`, prepared for checking requests and replies.

    Parameters
    ----------
    document
        The whole OpenAPI document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._registry = jsonschema_rs.Registry([(LOCATION, dict(document))])
        self._validators: dict[str, Any] = {}
        self.operations = tuple(self._read_operations())
        self._routes = [(_path_pattern(each.path), each) for each in self.operations]

    def _read_operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield Operation(item[method]["operationId"], method.upper(), path, item[method])

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow `$ref` inside the document to the object it points to."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def find(self, method: str, path: str) -> Operation | None:
        """Find the operation of a request; fixed path segments win over parameters."""
        matches = [
            operation
            for pattern, operation in self._routes
            if operation.method == method and pattern.fullmatch(path)
        ]
        return min(matches, key=lambda each: each.path.count("{"), default=None)

    def schema_problems(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """Describe where `value` does not match `schema`."""
        key = json.dumps(schema, sort_keys=True, default=str)
        if key not in self._validators:
            absolute = json.loads(key.replace('"#/', f'"{LOCATION}#/'))
            self._validators[key] = jsonschema_rs.validator_for(
                {"$schema": DIALECT, **absolute}, registry=self._registry
            )
        return [
            f"{'/'.join(map(str, error.instance_path)) or 'the body'}: {error.message[:400]}"
            for error in self._validators[key].iter_errors(value)
        ]

    # ------------------------------------------------------------ requests

    def request_problems(self, operation: Operation, request: httpx.Request) -> list[str]:
        """Describe how a request breaks the contract."""
        problems = self._parameter_problems(operation, request)
        body = operation.document.get("requestBody")
        content = request.read()
        if body is None:
            return [*problems, "a body, but the operation takes none"] if content else problems
        body = self.resolve(body)
        # The embedded engine reads a streamed body from elsewhere; the request has only its length.
        is_elsewhere = not content and request.headers.get("content-length", "0") != "0"
        if not content and not is_elsewhere:
            return [*problems, "no body, but it is required"] if body.get("required") else problems
        media = _media_type(request.headers)
        if media not in body["content"]:
            return [*problems, f"body of type {media!r}; declared: {sorted(body['content'])}"]
        if not _is_json(media) or is_elsewhere:
            return problems
        if request.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        try:
            value = json.loads(content, parse_constant=_refuse_constant)
        except ValueError as error:
            return [*problems, f"the body is not JSON: {error}"]
        return problems + self.schema_problems(body["content"][media].get("schema", {}), value)

    def _parameter_problems(self, operation: Operation, request: httpx.Request) -> list[str]:
        item = self.document["paths"][operation.path]
        listed = [*item.get("parameters", []), *operation.document.get("parameters", [])]
        parameters = [self.resolve(each) for each in listed]
        declared = {each["name"]: each for each in parameters if each["in"] == "query"}
        sent: dict[str, list[str]] = {}
        for name, text in parse_qsl(request.url.query.decode(), keep_blank_values=True):
            sent.setdefault(name, []).append(text)
        problems = [f"query parameter {name!r} is not declared" for name in sent.keys() - declared]
        for name, parameter in declared.items():
            if name not in sent:
                if parameter.get("required"):
                    problems.append(f"query parameter {name!r} is required")
                continue
            schema = self.resolve(parameter.get("schema", {}))
            found = self.schema_problems(parameter.get("schema", {}), _typed(schema, sent[name]))
            problems += [f"query parameter {name!r}: {problem}" for problem in found]
        return problems

    # ------------------------------------------------------------ replies

    def response_problems(self, operation: Operation, response: httpx.Response) -> list[str]:
        """Describe how a reply breaks the contract."""
        declared = self._declared_response(operation, response.status_code)
        if declared is None:
            known = sorted(operation.document["responses"])
            return [f"status {response.status_code}; declared: {known}"]
        if not declared.get("content"):
            return self._redirect_problems(response)
        return self._body_problems(declared["content"], response)

    def _body_problems(self, content: Mapping[str, Any], response: httpx.Response) -> list[str]:
        if not response.content:
            return ["an empty body, but the contract declares one"]
        media = _media_type(response.headers)
        if media not in content:
            return [f"body of type {media!r}; declared: {sorted(content)}"]
        if not _is_json(media):
            return []
        try:
            value = json.loads(response.content, parse_constant=_refuse_constant)
        except ValueError as error:
            return [f"the body is not JSON: {error}"]
        return self.schema_problems(content[media].get("schema", {}), value)

    def _declared_response(self, operation: Operation, status: int) -> Mapping[str, Any] | None:
        responses = operation.document["responses"]
        candidates = [str(status), f"{status // 100}XX", "default"]
        if status in {200, 201, 204}:
            # A server may answer a create with 200 and a delete with 200 or 204.
            candidates += ["200", "201", "204"] if operation.method != "GET" else []
        for name in candidates:
            if name in responses:
                return self.resolve(responses[name])
        return None

    def _redirect_problems(self, response: httpx.Response) -> list[str]:
        if response.is_redirect and not response.headers.get("location"):
            return ["a redirect without Location"]
        return []

    # ------------------------------------------------------------ both

    def check(self, request: httpx.Request, response: httpx.Response) -> None:
        """Raise `ContractViolationError` if a request or its reply breaks the contract."""
        problems = self.problems(request, response)
        if problems:
            raise ContractViolationError(describe(request, response, problems))

    def problems(self, request: httpx.Request, response: httpx.Response) -> list[str]:
        """Describe how a request or its reply breaks the contract."""
        path = request.url.raw_path.decode().partition("?")[0]
        if path.startswith(STORAGE_PREFIX) or response.status_code in GATEWAY_STATUSES:
            return []
        operation = self.find(request.method, path)
        if operation is None:
            refused = response.status_code in {400, 404, 405}
            return [] if refused or not _is_for_the_service(request) else ["no such operation"]
        problems = self.response_problems(operation, response)
        if response.status_code < 400:
            problems += [f"request: {each}" for each in self.request_problems(operation, request)]
        return [f"{operation.operation_id}: {problem}" for problem in problems]


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    return re.compile("".join("[^/]+" if part[:1] == "{" else re.escape(part) for part in parts))


def _media_type(headers: httpx.Headers) -> str:
    content_type: str = headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower()


def _is_json(media: str) -> bool:
    return media == "application/json" or media.endswith("+json")


def _is_for_the_service(request: httpx.Request) -> bool:
    return any(name in request.headers for name in ("x-api-key", "authorization"))


def _refuse_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _typed(schema: Mapping[str, Any], texts: list[str]) -> Any:
    """Convert the text of a query parameter to the type of its schema."""
    names = schema.get("type", [])
    types = [names] if isinstance(names, str) else list(names)
    for branch in schema.get("anyOf", []):
        types.append(branch.get("type", "string"))
    if "array" in types:
        return [unquote(text) for text in texts]
    text = texts[-1]
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    if "integer" in types and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "number" in types:
        try:
            return float(text)
        except ValueError:
            return text
    return text


def describe(request: httpx.Request, response: httpx.Response, problems: list[str]) -> str:
    """Format the request, the problems and the reply as one paragraph."""
    sent = request.content.decode("utf-8", "replace")[:600]
    received = response.content[:600].decode("utf-8", "replace")
    return "\n".join(
        [
            f"{request.method} {request.url}",
            *([f"  sent: {sent}"] if sent else []),
            *[f"  contract: {problem}" for problem in problems],
            f"  received: {response.status_code} {received}",
        ]
    )


@cache
def load_contract() -> Contract:
    """Read `openapi.yaml` once."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    # The C loader is the safe loader, an order of magnitude faster.
    return Contract(yaml.load(CONTRACT_FILE.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506 - see above


Handler = Callable[[Any, httpx.Request], httpx.Response]


def validated(handle: Handler) -> Handler:
    """Wrap a transport's `handle_request` so that each request and reply is checked."""

    def handle_request(transport: Any, request: httpx.Request) -> httpx.Response:
        response = handle(transport, request)
        streamed = request.extensions.get("streamed")
        if streamed is not None and "multipart/form-data" in request.headers.get(
            "content-type", ""
        ):
            request = streamed  # a form can be read twice, other streams cannot
        request.read()
        if response.is_stream_consumed:
            load_contract().check(request, response)
            return response
        raw = b"".join(response.iter_raw())
        copies = [
            httpx.Response(
                response.status_code,
                headers=response.headers,
                stream=httpx.ByteStream(raw),
                request=request,
                extensions=response.extensions,
            )
            for _ in range(2)
        ]
        response.close()
        copies[0].read()
        load_contract().check(request, copies[0])
        return copies[1]

    return handle_request
