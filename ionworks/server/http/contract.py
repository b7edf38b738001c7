"""The contract's schemas as compiled validators: what a request must look like."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from importlib import resources
from typing import Any

import jsonschema_rs
import orjson
from attrs import frozen

from ionworks.server.http.excerpts import shown
from ionworks.server.http.pieces import pieces
from ionworks.server.http.problems import MOST_ENTRIES, entry, invalid, refuse

FORM = "multipart/form-data"
_CONTRACT = "urn:ionworks:contract"
#: Stands for the value in the validator's messages, which would show all of it.
_VALUE = "\N{OBJECT REPLACEMENT CHARACTER}"
_NUMBERS = {"integer": int, "number": float}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


@frozen
class Parameter:
    """One query parameter of an operation."""

    name: str
    type: str
    comma_joined: bool


class Contract:
    """The OpenAPI document beside the generated client, and validators for its operations.

    Validators are compiled when an operation is first called, so that start-up stays fast.

    Parameters
    ----------
    text
        The document as JSON; None for the one beside the generated client.
    """

    def __init__(self, text: bytes | None = None) -> None:
        own = resources.files("ionworks_api_client").joinpath("openapi.json")
        self.text = own.read_bytes() if text is None else text
        self.document: dict[str, Any] = orjson.loads(self.text)
        self._operations: dict[str, dict[str, Any]] = {
            operation["operationId"]: {**operation, "shared": item.get("parameters", [])}
            for item in self.document["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict) and "operationId" in operation
        }
        self._registry = jsonschema_rs.Registry(
            [(_CONTRACT, {**self.document, "$id": _CONTRACT})], draft=jsonschema_rs.Draft202012
        )
        self._checks: dict[str, RequestCheck] = {}

    def check(self, operation_id: str) -> RequestCheck:
        """Return the compiled check of an operation's requests."""
        check = self._checks.get(operation_id)
        if check is None:
            check = RequestCheck(self, self._operations[operation_id])
            self._checks[operation_id] = check
        return check

    def success(self, operation_id: str) -> int:
        """Return the status code of a successful reply: the smallest the contract names."""
        codes = [code for code in self._operations[operation_id]["responses"] if code[0] == "2"]
        return min((int(code) for code in codes if code.isdigit()), default=200)

    def needs_key(self, operation_id: str) -> bool:
        """Return whether an operation asks for a key."""
        default = self.document.get("security", [])
        needed = self._operations[operation_id].get("security", default)
        return bool(needed) and {} not in needed

    def compile(self, schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
        """Compile a schema whose references point into the contract; formats are checked."""
        return jsonschema_rs.Draft202012Validator(
            _absolute(schema), registry=self._registry, validate_formats=True, mask=_VALUE
        )

    def resolve(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """Follow a ``$ref`` of the document, or return the node itself."""
        target: Any = node
        while "$ref" in target:
            path = target["$ref"].removeprefix("#/").split("/")
            target = self.document
            for part in path:
                target = target[part]
        return dict(target)


class RequestCheck:
    """Compiled checks of one operation's query and body."""

    def __init__(self, contract: Contract, operation: Mapping[str, Any]) -> None:
        declared = [
            contract.resolve(parameter)
            for parameter in [*operation["shared"], *operation.get("parameters", [])]
        ]
        query = [parameter for parameter in declared if parameter["in"] == "query"]
        self._headers = {
            item["name"]: contract.compile(item["schema"])
            for item in declared
            if item["in"] == "header"
        }
        self._parameters = {
            item["name"]: Parameter(
                item["name"],
                _type_of(contract, item["schema"]),
                item.get("explode", True) is False,
            )
            for item in query
        }
        self._query = contract.compile(
            {
                "type": "object",
                "properties": {item["name"]: item["schema"] for item in query},
                "required": [item["name"] for item in query if item.get("required")],
            }
        )
        body = contract.resolve(operation.get("requestBody", {}))
        contents = body.get("content", {})
        content = contents.get("application/json", contents.get(FORM))
        self.takes_body = content is not None
        self.takes_form = FORM in contents
        self.needs_body = bool(body.get("required"))
        self._body = contract.compile(content["schema"]) if content else None
        form = contract.resolve(contents[FORM]["schema"]) if self.takes_form else {}
        properties = form.get("properties", {})
        self._fields = {name: _type_of(contract, schema) for name, schema in properties.items()}
        self._files = {
            name for name, schema in properties.items() if schema.get("format") == "binary"
        }

    def query(self, pairs: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return typed query parameters.

        Raises
        ------
        Problem
            422 that names every unknown or invalid parameter.
        """
        unknown = [name for name in pairs if name not in self._parameters]
        if unknown:
            known = ", ".join(sorted(self._parameters)) or "none"
            raise invalid(
                [
                    entry(
                        ["query", name], f"unknown parameter; valid parameters: {known}", "unknown"
                    )
                    for name in unknown
                ]
            )
        values = {name: self._typed(name, texts) for name, texts in pairs.items()}
        errors = self._query.iter_errors(values)
        refuse(item for error in errors for item in _entries("query", error, tuple))
        return values

    def headers(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that the operation declares; a 422 Problem names an invalid one."""
        found = {name: given[name] for name in self._headers if name in given}
        for name, value in found.items():
            errors = self._headers[name].iter_errors(value)
            located = partial(_in_header, name)
            refuse(item for error in errors for item in _entries("header", error, located))
        return found

    def form(self, texts: Mapping[str, str], files: Collection[str]) -> dict[str, Any]:
        """Return the typed fields of a form; raises a 422 Problem that names each invalid place."""
        fields = {
            name: _scalar(self._fields.get(name, "string"), text) for name, text in texts.items()
        }
        refuse(
            [
                *(
                    entry(["body", name], "must be an uploaded file with a file name", "type")
                    for name in self._files.intersection(texts)
                ),
                *(
                    entry(["body", name], "must be a field without a file name", "type")
                    for name in files
                    if name in self._fields and name not in self._files
                ),
            ]
        )
        # To the contract a file is a string of format binary; the handler checks its content.
        self.body({**fields, **dict.fromkeys(files, "")})
        return fields

    def body(self, value: Any) -> None:
        """Check a decoded body; raises a 422 Problem that names the first invalid places."""
        if self._body is None or self._body.is_valid(value):
            return
        found: list[dict[str, Any]] = []
        for piece in pieces(value):
            if not self._body.is_valid(piece.value):
                for error in self._body.iter_errors(piece.value):
                    found += _entries("body", error, piece.locate)
            if len(found) > MOST_ENTRIES:
                break
        if not found:
            # Only a list or object as a whole is wrong, such as its length.
            for error in self._body.iter_errors(value):
                found += _entries("body", error, tuple)
        raise invalid(found)

    def _typed(self, name: str, texts: list[str]) -> Any:
        parameter = self._parameters[name]
        if parameter.type == "array":
            return texts[-1].split(",") if parameter.comma_joined else texts
        return _scalar(parameter.type, texts[-1])


def _type_of(contract: Contract, schema: Mapping[str, Any]) -> str:
    """Return the type of a query parameter; of alternatives, the first that is not null."""
    schema = contract.resolve(schema)
    if "anyOf" in schema:
        kinds = [_type_of(contract, option) for option in schema["anyOf"]]
        return next((kind for kind in kinds if kind != "null"), "string")
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        return next((str(name) for name in kind if name != "null"), "string")
    return str(kind)


def _scalar(kind: str, text: str) -> Any:
    """Convert the text of a parameter or field; an invalid one stays text and fails the check."""
    if kind == "boolean":
        return _BOOLEANS.get(text.lower(), text)
    if kind in _NUMBERS:
        try:
            return _NUMBERS[kind](text)
        except ValueError:
            return text
    return text


def _absolute(node: Any) -> Any:
    """Point the references of a schema at the registered contract."""
    if isinstance(node, Mapping):
        return {
            key: _CONTRACT + value if key == "$ref" else _absolute(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    return node


def _entries(
    place: str,
    error: jsonschema_rs.ValidationError,
    locate: Callable[[list[str | int]], Sequence[str | int] | None],
) -> list[dict[str, Any]]:
    """Return an error as entries; of failed alternatives, those of the one that failed deepest.

    Parameters
    ----------
    place
        ``"query"``, ``"header"`` or ``"body"``.
    error
        Of the validator.
    locate
        Returns the location of an error from its path, None to leave it out.
    """
    alternatives = getattr(error.kind, "context", None)
    message = _message(error)
    if alternatives:
        fitting = [branch for branch in alternatives if not _has_wrong_type(branch, error)]
        if fitting:
            nearest = max(fitting, key=_depth)
            return [item for inner in nearest for item in _entries(place, inner, locate)]
        reasons = dict.fromkeys(_message(inner) for branch in alternatives for inner in branch)
        message = "; and ".join(reasons)
    location = locate(error.instance_path)
    return [] if location is None else [entry([place, *location], message, error.kind.name)]


def _in_header(name: str, path: list[str | int]) -> Sequence[str | int]:
    return [name, *path]


def _message(error: jsonschema_rs.ValidationError) -> str:
    """Return the message of an error, with the value in it as far as it is short."""
    if not error.message.startswith(_VALUE):
        return error.message
    return shown(error.instance) + error.message.removeprefix(_VALUE)


def _has_wrong_type(
    branch: list[jsonschema_rs.ValidationError], error: jsonschema_rs.ValidationError
) -> bool:
    """Return whether an alternative expects another type of value."""
    return any(
        inner.kind.name == "type" and inner.instance_path == error.instance_path for inner in branch
    )


def _depth(branch: list[jsonschema_rs.ValidationError]) -> int:
    """Return how deep in the value the errors of an alternative are."""
    return max((len(inner.instance_path) for inner in branch), default=0)
