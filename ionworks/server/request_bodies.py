"""Bodies of requests: unpacked, read and checked."""

from __future__ import annotations

import zlib
from typing import Any

import flask

from ionworks.server.error_replies import LARGEST_BODY, too_large
from ionworks.server.http import problems
from ionworks.server.http.contract import FORM, RequestCheck
from ionworks.server.http.excerpts import cut
from ionworks.server.http.json_text import read_json
from ionworks.server.http.problems import Problem


def request_body(check: RequestCheck) -> Any:
    """Return the checked body of the current request; None if the operation has no body."""
    if check.takes_form:
        return _form(check)
    return _body(check) if check.takes_body else None


def _form(check: RequestCheck) -> dict[str, Any]:
    """Return the checked fields of the current request's form; files as bytes."""
    request = flask.request
    if request.mimetype != FORM:
        message = f"Send the fields and the file as separate parts of {FORM}."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    texts = request.form.to_dict()
    files = {name: part.read() for name, part in request.files.items()}
    if any(name is None for name in (*texts, *files)):
        raise problems.invalid([problems.entry(["body"], "a part of the form has no name", "type")])
    return {**check.form(texts, files), **files}


def _body(check: RequestCheck) -> Any:
    """Return the checked JSON body of the current request, or None without one."""
    request = flask.request
    data = request.get_data(cache=False)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "gzip":
        data = _unpack(data)
    elif encoding != "identity":
        message = f"unknown Content-Encoding {cut(encoding)!r}; send gzip or no encoding."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    if not data:
        if check.needs_body:
            raise problems.invalid([problems.entry(["body"], "a JSON body is required", "missing")])
        return None
    if not request.is_json:
        message = "Send the body as JSON, with the header Content-Type: application/json."
        raise Problem(415, "UNSUPPORTED_MEDIA_TYPE", message)
    try:
        body = read_json(data)
    except ValueError as error:
        raise problems.invalid([problems.entry(["body"], str(error), "json_invalid")]) from error
    check.body(body)
    return body


def _unpack(data: bytes) -> bytes:
    """Unpack a gzip body, but at most `LARGEST_BODY`: a small one may unpack to gigabytes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(data, LARGEST_BODY)
    except zlib.error as error:
        raise problems.bad_request(f"The body is not valid gzip data: {error}.") from error
    if unpacker.unconsumed_tail:
        raise too_large()
    if not unpacker.eof:
        raise problems.bad_request("The body is not valid gzip data: it ends too early.")
    return content
