"""Routes: the handler of each operation of the contract."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from attrs import frozen

from ionworks.server.call import Call
from ionworks.server.http.problems import not_implemented
from ionworks.server.http.replies import Reply
from ionworks_api_client.api import OPERATIONS

Handler = Callable[[Call], Any]

#: Operations without a handler: operationId -> the message of their 501 reply.
UNAVAILABLE: dict[str, str] = {}
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


@frozen
class Route:
    """One operation of the contract and its handler."""

    operation_id: str
    method: str
    rule: str
    handler: Handler
    available: bool


def handlers() -> dict[str, Handler]:
    """Return every handler by operationId, found by name in ``handlers/<tag>.py``."""
    found = {}
    for operation_id, operation in OPERATIONS.items():
        module = _module(operation.tag)
        function = getattr(module, operation_id, None)
        if function is not None:
            found[operation_id] = function
    return found


@cache
def routes() -> tuple[Route, ...]:
    """Return a route for every operation of the contract.

    Raises
    ------
    LookupError
        An operation has neither a handler nor an entry in `UNAVAILABLE`.
    """
    known = handlers()
    made = []
    for operation_id, operation in OPERATIONS.items():
        handler = known.get(operation_id) or refusal(operation_id, UNAVAILABLE)
        rule = _PATH_PARAMETER.sub(r"<\1>", operation.path)
        made.append(Route(operation_id, operation.method, rule, handler, operation_id in known))
    return tuple(made)


def refusal(operation_id: str, table: Mapping[str, str]) -> Handler:
    """Return a handler that answers 501 with the message of the table."""
    if operation_id not in table:
        raise LookupError(
            f"{operation_id} has no handler: write one in ionworks/server/handlers, "
            "or give the reason in UNAVAILABLE in ionworks/server/routing.py"
        )

    def refuse(_call: Call) -> Reply:
        raise not_implemented(table[operation_id])

    return refuse


def _module(tag: str) -> Any:
    """Return the module with a tag's handlers, or None when no handler of the tag exists."""
    name = f"ionworks.server.handlers.{tag}"
    if importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)
