"""Send requests to a server and collect the replies that break the contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from tests.contract_validation import Contract, Operation, describe

NOT_IMPLEMENTED = 501


class Probe:
    """Sends requests of the contract and collects problems of the replies.

    Parameters
    ----------
    http
        A client with the base URL of the server and without credentials.
    contract
        The contract that the server must keep.
    key
        The API key, or None if the server needs no key.

    Attributes
    ----------
    breaks : list of str
        One paragraph for each reply that breaks the contract.
    answered : dict
        operationId -> the statuses of the replies.
    """

    def __init__(self, http: httpx.Client, contract: Contract, key: str | None) -> None:
        self.http = http
        self.contract = contract
        self.key = key
        self.operations = {each.operation_id: each for each in contract.operations}
        self.breaks: list[str] = []
        self.answered: dict[str, list[int]] = {}
        self.ids: dict[str, str] = {}

    def ask(
        self,
        operation_id: str,
        *,
        expect: Collection[int] = (200,),
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        content: bytes | None = None,
        key: str | None = "",
        accept: str = "application/json",
    ) -> httpx.Response:
        """Send one request and check the reply.

        Parameters
        ----------
        operation_id
            The operation of the contract.
        expect
            Statuses that are right here; 501, "not implemented", always is.
        path, query, json, content
            The parts of the request. Path values are percent-encoded.
        key
            "" for the key of the probe, None for no key.
        accept
            The accepted media type.
        """
        operation = self.operations[operation_id]
        headers = {"Accept": accept}
        used = self.key if key == "" else key
        if used is not None:
            headers["X-API-Key"] = used
        if content is not None:
            headers["Content-Type"] = "application/json"
        request = self.http.build_request(
            operation.method,
            fill(operation, path or {}),
            params=dict(query) if query else None,
            json=json,
            content=content,
            headers=headers,
        )
        response = self.http.send(request)
        self.check(operation_id, request, response, expect)
        return response

    def check(
        self,
        operation_id: str,
        request: httpx.Request,
        response: httpx.Response,
        expect: Collection[int],
    ) -> None:
        """Collect the problems of a reply."""
        self.answered.setdefault(operation_id, []).append(response.status_code)
        problems = self.contract.problems(request, response)
        if response.status_code not in {*expect, NOT_IMPLEMENTED}:
            wanted = " or ".join(map(str, sorted(expect)))
            problems.append(f"{operation_id}: the status should be {wanted}")
        if problems:
            self.breaks.append(describe(request, response, problems))

    def claim(self, operation_id: str, holds: bool, sentence: str) -> None:
        """Collect a problem that no schema can express, unless the claim holds."""
        if not holds:
            self.breaks.append(f"{operation_id}: {sentence}")


def fill(operation: Operation, values: Mapping[str, str]) -> str:
    """Return the path of an operation with percent-encoded values."""
    path = operation.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def path_parameters(operation: Operation) -> list[str]:
    """Return the names of the path parameters, in order."""
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
