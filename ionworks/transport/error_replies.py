"""Exceptions for the error replies of a service, of whatever form their body is."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ionworks.errors import (
    AuthenticationError,
    BadRequestError,
    ConflictError,
    GoneError,
    IonworksError,
    NotAvailableError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    UnprocessableError,
)

_LONGEST_MESSAGE = 2000
_REQUEST_ID_HEADERS = ("x-correlation-id", "x-request-id")

_BY_STATUS: dict[int, type[IonworksError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    410: GoneError,
    422: UnprocessableError,
    429: RateLimitError,
    501: NotAvailableError,
}

_MEANINGS: dict[int, str] = {
    400: "the service rejected the request",
    401: "the API key or token was not accepted",
    403: "this key has no access",
    404: "not found",
    409: "conflict with something that exists already",
    410: "the service has retired this operation",
    413: "the request is too large",
    422: "the service rejected the values of the request",
    429: "too many requests",
    501: "this server does not support the operation",
    502: "bad gateway",
    503: "the service is temporarily unavailable",
    504: "the gateway timed out",
}


def from_response(status: int, headers: Mapping[str, str], body: bytes) -> IonworksError:
    """Return the exception for an error reply.

    Parameters
    ----------
    status : int
        HTTP status, 400 or above.
    headers : mapping of str to str
        Reply headers; names are case-insensitive.
    body : bytes
        Reply body: any JSON, HTML, text or empty.

    Returns
    -------
    IonworksError
        Of the class for the status. This function never raises.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    data = _parsed(body, lowered.get("content-type", ""))
    kind = _BY_STATUS.get(status, ServerError if 500 <= status < 600 else IonworksError)
    error = kind(
        _shortened(_message(data) or _default_message(status)),
        status_code=status,
        error_code=_error_code(data),
        data=data,
        request_id=next((lowered[name] for name in _REQUEST_ID_HEADERS if lowered.get(name)), None),
    )
    error.retry_after = retry_after(lowered)
    return error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in ``Retry-After``; None if it is missing or invalid.

    A date is compared with the reply's own ``Date``, because the clocks of two machines differ.

    Parameters
    ----------
    headers : mapping of str to str
        Headers of the reply; their names are in lower case, or found in any case.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    until, sent = _date(asked), _date(headers.get("date", "")) or datetime.now(UTC)
    return None if until is None else max((until - sent).total_seconds(), 0.0)


def _date(text: str) -> datetime | None:
    """Read a date of HTTP, which is in UTC; None if it is not one."""
    try:
        return parsedate_to_datetime(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def is_json(content_type: str) -> bool:
    """Whether a Content-Type header is JSON, including parameters and ``+json`` types."""
    media_type = content_type.split(";", 1)[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _parsed(body: bytes, content_type: str) -> Any:
    """Return parsed JSON, else text, or None for an empty body."""
    text = body.decode("utf-8", errors="replace").strip()
    if not text:
        return None
    if is_json(content_type) or text[0] in '{["':
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _message(data: Any) -> str:
    """Return the message in an error body of any form, or an empty string."""
    if isinstance(data, str):
        return _plain_text(data)
    if isinstance(data, list):
        return "\n".join(filter(None, map(_issue, data)))
    if not isinstance(data, Mapping):
        return ""
    message = _message(data.get("message"))
    detail = data.get("detail")
    if isinstance(detail, list):
        # The list says which values are invalid; the message next to it can be generic.
        unmentioned = [item for item in detail if _words(item) not in message]
        return "\n".join(filter(None, (message, _message(unmentioned))))
    return message or _message(detail) or _message(data.get("error")) or _message(data.get("title"))


def _issue(item: Any) -> str:
    """Format an entry of a 422 list as a line: ``body.rows.0.type: Field required``."""
    if isinstance(item, Mapping):
        words = _words(item)
        location = item.get("loc", item.get("path", ()))
        parts = location if isinstance(location, list) else [location] if location else []
        where = ".".join(map(str, parts))
        return f"{where}: {words}" if where else words
    return _words(item)


def _words(item: Any) -> str:
    """Return the message of an entry of a 422 list, without its location."""
    said = (item.get("msg") or item.get("message")) if isinstance(item, Mapping) else item
    return said if isinstance(said, str) else json.dumps(item, default=str)


def _plain_text(text: str) -> str:
    """Return text unchanged, and only the title of an HTML page."""
    if not re.match(r"\s*<(!doctype|html|head|body)", text, re.IGNORECASE):
        return text.strip()
    title = re.search(r"<(title|h1)[^>]*>(.*?)</\1>", text, re.IGNORECASE | re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", title.group(2)).split()) if title else ""


def _default_message(status: int) -> str:
    other = "the service failed" if status >= 500 else "the service rejected the request"
    return f"{_MEANINGS.get(status, other)}; no reason given"


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else message[:_LONGEST_MESSAGE] + " …"


def _error_code(data: Any) -> str | None:
    code = data.get("error_code") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) else None
