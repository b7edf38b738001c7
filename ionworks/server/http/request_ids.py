"""Ids of requests, which connect a reply with the lines of the log about it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Final
from urllib.parse import quote
from uuid import uuid4

#: Keys of the WSGI environment: the id of a request, the operation that it asks for, and the code
#: of the problem that ended it.
REQUEST_ID: Final = "ionworks.request_id"
OPERATION: Final = "ionworks.operation"
ERROR_CODE: Final = "ionworks.error_code"

#: The id of the request that this thread answers; None between requests.
current: ContextVar[str | None] = ContextVar("ionworks_request_id", default=None)

#: What is taken over from a client or proxy: nothing that could be mistaken for a part of a log.
_VALID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")


def request_id(given: str | None) -> str:
    """Return the id that a client or proxy gave to a request, or a new one."""
    return given if given is not None and _VALID.fullmatch(given) else uuid4().hex


def shown(path: str) -> str:
    """Return the path of a request, as in WSGI, for the log: on one line, and without secrets."""
    if path.startswith("/storage/"):  # a signed link follows
        return "/storage/..."
    return quote(path.encode("latin-1"))
