"""Conversion of the service's error replies to exceptions."""

import pytest

from ionworks import errors
from ionworks.errors import IonworksError
from ionworks.transport.error_replies import from_response, is_json, retry_after

STATUSES = [
    (400, errors.BadRequestError, None),
    (401, errors.AuthenticationError, None),
    (403, errors.PermissionDeniedError, PermissionError),
    (404, errors.NotFoundError, LookupError),
    (409, errors.ConflictError, None),
    (410, errors.GoneError, None),
    (422, errors.UnprocessableError, None),
    (429, errors.RateLimitError, None),
    (500, errors.ServerError, None),
    (501, errors.NotAvailableError, NotImplementedError),
    (502, errors.ServerError, None),
    (503, errors.ServerError, None),
    (520, errors.ServerError, None),
    (418, IonworksError, None),
    (413, IonworksError, None),
    (999, IonworksError, None),
]


@pytest.mark.parametrize(("status", "kind", "builtin"), STATUSES)
def test_each_status_has_its_class(
    status: int, kind: type[IonworksError], builtin: type[Exception] | None
) -> None:
    error = from_response(status, {}, b"")
    assert type(error) is kind
    assert error.status_code == status
    assert f"status {status}" in str(error)
    assert error.message
    assert builtin is None or isinstance(error, builtin)


BODIES = [
    pytest.param(b'{"detail": "no such job"}', "no such job", id="legacy"),
    pytest.param(
        b'{"error_code": "NOT_FOUND", "message": "no such job", "detail": {"a": 1}}',
        "no such job",
        id="standard",
    ),
    pytest.param(
        b'{"detail": [{"loc": ["body", "rows", 0, "type"], "msg": "Field required",'
        b' "type": "missing"}, {"loc": ["query", "limit"], "msg": "too large"}]}',
        "body.rows.0.type: Field required\nquery.limit: too large",
        id="list of 422",
    ),
    pytest.param(
        b'{"message": "2 problems", "detail": [{"loc": ["body"], "msg": "bad"}]}',
        "2 problems\nbody: bad",
        id="message and list",
    ),
    pytest.param(b'[{"loc": ["body", "x"], "msg": "bad"}]', "body.x: bad", id="bare list"),
    pytest.param(b'["first", "second"]', "first\nsecond", id="list of text"),
    pytest.param(b'[{"odd": 1}, 7]', '{"odd": 1}\n7', id="list of anything"),
    pytest.param(b'[{"msg": "bad", "loc": "name"}]', "name: bad", id="loc is not a list"),
    pytest.param(b'"just text"', "just text", id="JSON string"),
    pytest.param(b"plain text", "plain text", id="text"),
    pytest.param(b'{"error": "invalid_token"}', "invalid_token", id="error key"),
    pytest.param(b'{"detail": {"message": "inside"}}', "inside", id="nested message"),
    pytest.param(b'{"title": "problem"}', "problem", id="problem details"),
    pytest.param(
        b"<html><head><title>502 Bad\n Gateway</title></head><body>lots</body></html>",
        "502 Bad Gateway",
        id="HTML",
    ),
    pytest.param(
        b"<!DOCTYPE html><html><body><h1>Oops <b>!</b></h1>", "Oops !", id="HTML without title"
    ),
    pytest.param(b"{broken json", "{broken json", id="broken JSON"),
    pytest.param("Größe \N{SNOWMAN}".encode(), "Größe \N{SNOWMAN}", id="UTF-8"),
]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "text/html", ""])
@pytest.mark.parametrize(("body", "message"), BODIES)
def test_every_form_of_body_gives_its_message(body: bytes, message: str, content_type: str) -> None:
    assert from_response(422, {"Content-Type": content_type}, body).message == message


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"{}", b"[]", b"null", b'{"detail": null}', b"<html></html>", b"3"]
)
def test_a_body_without_message_gives_the_meaning_of_the_status(body: bytes) -> None:
    error = from_response(404, {"content-type": "application/json"}, body)
    assert error.message == "not found; no reason given"


def test_bytes_that_are_not_text_do_not_raise() -> None:
    assert "\ufffd" in from_response(500, {}, b"\xff\xfe oh").message


def test_deep_nesting_does_not_raise() -> None:
    assert from_response(500, {}, b"[" * 100_000).status_code == 500


def test_a_very_long_message_is_cut_but_kept_in_data() -> None:
    body = b"x" * 100_000
    error = from_response(500, {}, body)
    assert len(error.message) < 2100
    assert error.data == body.decode()


def test_the_whole_body_the_code_and_the_request_id_are_kept() -> None:
    body = b'{"error_code": "FORBIDDEN", "message": "no", "detail": {"why": "role"}}'
    error = from_response(403, {"X-Correlation-ID": "abc"}, body)
    assert error.data == {"error_code": "FORBIDDEN", "message": "no", "detail": {"why": "role"}}
    assert error.error_code == "FORBIDDEN"
    assert error.request_id == "abc"
    assert str(error) == "no (status 403, error code FORBIDDEN, request id abc)"


def test_an_error_code_that_is_not_text_stays_in_data() -> None:
    error = from_response(400, {}, b'{"error_code": 7, "message": "no"}')
    assert error.error_code is None
    assert error.data["error_code"] == 7


@pytest.mark.parametrize(
    ("body", "existing"),
    [
        (b'{"error_code": "CONFLICT", "message": "m", "detail": {"existing_id": "a"}}', "a"),
        (b'{"existing_cell_instance_id": "b", "detail": "m"}', "b"),
        (b'{"detail": {"existing_cell_specification_id": "c"}}', "c"),
        (b'{"detail": "taken"}', None),
        (b'{"detail": {"existing_id": null}}', None),
        (b'["taken"]', None),
        (b"", None),
    ],
)
def test_a_conflict_has_the_id_of_the_existing_record(body: bytes, existing: str | None) -> None:
    error = from_response(409, {}, body)
    assert isinstance(error, errors.ConflictError)
    assert error.existing_id == existing


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/html", False),
        ("application/jsonp", False),
        ("", False),
    ],
)
def test_json_is_recognised_by_its_media_type(content_type: str, expected: bool) -> None:
    assert is_json(content_type) is expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 86400 "}, 86400.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0.0),
        (
            {
                "retry-after": "Fri, 31 Dec 2100 23:59:59 GMT",
                "date": "Fri, 31 Dec 2100 23:59:39 GMT",
            },
            20.0,
        ),
    ],
)
def test_when_to_try_again(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_the_exception_says_when_to_try_again() -> None:
    assert from_response(503, {"Retry-After": "7"}, b"").retry_after == 7.0
    assert from_response(503, {}, b"").retry_after is None
