"""Error replies: what ended a request, in the form of the contract."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

import flask
from werkzeug.exceptions import HTTPException

from ionworks.server.http import problems
from ionworks.server.http.excerpts import cut
from ionworks.server.http.problems import Problem
from ionworks.server.http.request_ids import ERROR_CODE, REQUEST_ID, shown
from ionworks.server.store.faults import Fault, fault_of, is_unstorable

log = logging.getLogger(__name__)

#: Largest request body, as sent and after unpacking, in bytes.
LARGEST_BODY: Final = 64 * 1024 * 1024


def explain(error: Exception) -> flask.Response:
    """Turn the exception that ended a request into the contract's error reply."""
    environ = flask.request.environ
    correlation_id = environ.get(REQUEST_ID) or uuid4().hex
    problem = _problem(error, correlation_id)
    environ[ERROR_CODE] = problem.error_code
    response = flask.Response(problem.body(), problem.status, mimetype="application/json")
    response.headers.update(problem.headers)
    response.headers["x-correlation-id"] = correlation_id
    return response


def _problem(error: Exception, correlation_id: str) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _from_http(error)
    request = f"{flask.request.method} {shown(flask.request.environ['PATH_INFO'])}"
    fault = fault_of(error)
    if fault is not None:
        log.warning("%s failed (%s): %s", request, correlation_id, fault.reason)
        return _from_fault(fault)
    if is_unstorable(error):
        message = "a value is too large for the database, or a text has NUL characters"
        return problems.invalid([problems.entry(["body"], message, "unstorable")])
    log.error("%s failed (%s)", request, correlation_id, exc_info=error)
    message = f"The engine failed on this request; see {correlation_id} in its log."
    return Problem(500, "INTERNAL_ERROR", message)


def _from_http(error: HTTPException) -> Problem:
    """Translate an error that Flask raised."""
    if error.code == 404:
        return no_such_address()
    if error.code == 405:
        return _wrong_method(sorted(getattr(error, "valid_methods", None) or []))
    if error.code == 413:
        return too_large()
    return Problem(error.code or 500, "BAD_REQUEST", error.description or error.name)


def _from_fault(fault: Fault) -> Problem:
    retry = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Problem(fault.status, fault.error_code, fault.message, headers=retry)


def refuse_method(allowed: list[str], **_path: str) -> flask.Response:
    """Answer a method that a path does not take."""
    raise _wrong_method(allowed)


def _wrong_method(allowed: Sequence[str]) -> Problem:
    names = ", ".join(allowed)
    message = f"{cut(flask.request.path)} does not take {flask.request.method}, only {names}."
    return Problem(405, "METHOD_NOT_ALLOWED", message, headers={"Allow": names})


def no_such_address() -> Problem:
    """Return the problem of a path that does not exist."""
    message = (
        f"There is nothing at {flask.request.method} {cut(flask.request.path)}; "
        "/discovery/capabilities names the contract."
    )
    return Problem(404, "NOT_FOUND", message)


def too_large() -> Problem:
    """Return the problem of a body above `LARGEST_BODY`."""
    size = LARGEST_BODY // 1024**2
    message = f"The body is larger than {size} MiB; split the request."
    return Problem(413, "PAYLOAD_TOO_LARGE", message)
