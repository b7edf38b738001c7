"""Requests to the engine in this process: streamed bodies, and paths encoded for WSGI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import pytest

from ionworks.transport.embedded import EngineTransport

pytestmark = pytest.mark.off_contract("uses a WSGI application that is not the server")


class Pieces:
    """A body in chunks that counts how many of them were read."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.asked = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.asked += 1
            yield piece


def answer(start_response: Any, body: bytes = b"done") -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body]


def put(application: Any, content: Any, **headers: str) -> httpx.Response:
    with httpx.Client(transport=EngineTransport(application), base_url="http://engine") as client:
        return client.put("/storage/x", content=content, headers=headers)


def test_a_body_is_read_as_the_application_reads_it() -> None:
    body = Pieces(b"a" * 100_000, b"", b"b" * 100_000, b"c" * 100_000)
    seen: list[tuple[bytes, int]] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        stream = environ["wsgi.input"]
        assert environ["CONTENT_LENGTH"] == "300000"
        seen.append((b"", body.asked))
        seen.append((stream.read(10), body.asked))
        seen.append((stream.read(), body.asked))
        return answer(start_response)

    assert put(application, body, **{"Content-Length": "300000"}).text == "done"
    assert seen[0] == (b"", 0)
    assert seen[1] == (b"a" * 10, 1)
    assert seen[2] == (b"a" * 99_990 + b"b" * 100_000 + b"c" * 100_000, 4)


def test_an_application_need_not_read_the_whole_body() -> None:
    body = Pieces(b"a" * 100_000, b"b")
    assert put(lambda _, start: answer(start), body, **{"Content-Length": "1"}).status_code == 200
    assert body.asked == 0


def test_small_bodies_are_passed_unchanged() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return answer(start_response, environ["wsgi.input"].read())

    assert put(application, b"{}").content == b"{}"
    assert put(application, None).content == b""


def test_a_path_is_encoded_in_latin_1() -> None:
    paths: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        paths.append(environ["PATH_INFO"])
        return answer(start_response)

    with httpx.Client(transport=EngineTransport(application), base_url="http://engine") as client:
        client.get("/files/\N{SNOWMAN}")
    assert [path.encode("latin-1").decode() for path in paths] == ["/files/\N{SNOWMAN}"]


def test_an_error_in_the_body_is_an_error_of_the_request() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise KeyboardInterrupt

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return answer(start_response, environ["wsgi.input"].read())

    with pytest.raises(KeyboardInterrupt):
        put(application, broken(), **{"Content-Length": "2"})
