"""One conversation with a server: what was asked, what came, and what of it breaks the contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from tests.contract_validation import Contract, Operation, describe

NOT_THERE_YET = 501


class Probe:
    """Sends requests of the contract and keeps what is wrong with the replies.

    Parameters
    ----------
    http
        A client whose base URL is the server's, with no credentials of its own.
    contract
        What the server claims.
    key
        The API key, or None where the server asks for none.

    Attributes
    ----------
    breaks : list of str
        One paragraph for each reply that is not what the contract says.
    answered : dict
        operationId -> the statuses that came.
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
        """Ask for one operation and judge the reply.

        Parameters
        ----------
        operation_id
            Which operation of the contract.
        expect
            Statuses that are right here; 501 always is, as "not there yet".
        path, query, json, content
            What to send. Path values are percent-encoded.
        key
            "" for the probe's own key, None for no key at all.
        accept
            The media type asked for.
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
        self.judge(operation_id, request, response, expect)
        return response

    def judge(
        self,
        operation_id: str,
        request: httpx.Request,
        response: httpx.Response,
        expect: Collection[int],
    ) -> None:
        """Keep what is wrong with a reply."""
        self.answered.setdefault(operation_id, []).append(response.status_code)
        problems = self.contract.problems(request, response)
        if response.status_code not in {*expect, NOT_THERE_YET}:
            wanted = " or ".join(map(str, sorted(expect)))
            problems.append(f"{operation_id}: {wanted} is the right status here")
        if problems:
            self.breaks.append(describe(request, response, problems))

    def claim(self, operation_id: str, holds: bool, sentence: str) -> None:
        """Keep a broken promise that no schema can express."""
        if not holds:
            self.breaks.append(f"{operation_id}: {sentence}")


def fill(operation: Operation, values: Mapping[str, str]) -> str:
    """Put percent-encoded values into a path."""
    path = operation.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def path_parameters(operation: Operation) -> list[str]:
    """Names in the braces of a path, in order."""
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
