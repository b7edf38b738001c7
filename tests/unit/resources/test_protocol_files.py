"""Conversions of protocols to and from cycler files: requests and replies."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ionworks import Ionworks, ucp
from ionworks.errors import ResponseDecodeError

REST = "steps:\n- Rest:\n    duration: 60\n"
CONVERT = "POST /protocols/convert"
PARSE = "POST /protocols/parse"


def file(name: str, content: bytes, **fields: Any) -> dict[str, Any]:
    encoded = base64.b64encode(content).decode("ascii")
    return {"filename": name, "content_base64": encoded, **fields}


ANSWER = {
    "target": "biologic",
    "primary": file("mine.mps", b"cm\xb2\r\n", media_type="text/plain", encoding="cp1252"),
    "assets": [file("US06.MWF", b"\x00\xff")],
    "notes": ["Trust of the format: high."],
}


@pytest.fixture
def service(stub_service: Any) -> Any:
    return stub_service({CONVERT: ANSWER, PARSE: {"cycler_type": "maccor"}})


@pytest.fixture
def stubbed(service: Any) -> Iterator[Ionworks]:
    with service.client() as client:
        yield client


# ---------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.protocol.convert(protocol=REST, target_format="maccor"),
        lambda client: client.protocol.convert(protocol=REST, target="maccor"),
        lambda client: client.protocol.convert(REST, "MACCOR"),
        lambda client: client.protocol.convert(REST, target="maccor", target_format="maccor"),
    ],
)
def test_the_target_has_two_names(
    call: Callable[[Ionworks], Any], stubbed: Ionworks, service: Any
) -> None:
    call(stubbed)

    body = {"protocol": REST, "target": "maccor", "filename_stem": "protocol"}
    assert service.sent == [(CONVERT, {}, body)]


def test_all_arguments_are_sent(stubbed: Ionworks, service: Any) -> None:
    stubbed.protocol.convert(
        {"steps": [{"Drive": {"drive_cycle": "US06"}}, {"Rest": {"duration": 'input["t"]'}}]},
        "arbin",
        {"US06": pl.DataFrame({"Time [s]": [0, 1], "Current [A]": [1.5, 2]})},
        "mine",
        5,
        verify=True,
        experiment_parameters={"t": 60},
        options={
            "template": b"\x00[x]",
            "date": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "current_range": "High",
        },
    )

    [(_, _, body)] = service.sent
    assert ucp.load(body.pop("protocol"))["steps"][1] == {"Rest": {"duration": 'input["t"]'}}
    assert body == {
        "target": "arbin",
        "drive_cycles": {"US06": [[0, 1.5], [1, 2]]},
        "filename_stem": "mine",
        "nominal_capacity_ah": 5.0,
        "verify": True,
        "experiment_parameters": {"t": 60},
        "options": {
            "template_base64": base64.b64encode(b"\x00[x]").decode("ascii"),
            "date": "2026-01-02T03:04:05+00:00",
            "current_range": "High",
        },
    }


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({}, TypeError, "convert() needs a target: one of maccor, neware"),
        ({"target": 5}, TypeError, "target"),
        ({"target": "maccorr"}, ValueError, "did you mean 'maccor'"),
        ({"target_format": "digatron"}, ValueError, "valid targets: maccor, neware"),
        ({"target": "maccor", "target_format": "arbin"}, ValueError, "have the same meaning"),
        ({"target": "maccor", "filename_stem": 5}, TypeError, "filename_stem"),
        ({"target": "maccor", "nominal_capacity_ah": 0}, ValueError, "above 0 A.h"),
        ({"target": "maccor", "nominal_capacity_ah": "5"}, TypeError, "nominal_capacity_ah"),
        ({"target": "maccor", "verify": 1}, TypeError, "verify must be True or False"),
        ({"target": "maccor", "options": [1]}, TypeError, "options must be a mapping"),
        ({"target": "maccor", "options": {"x": object()}}, TypeError, "options"),
        ({"target": "maccor", "experiment_parameters": 5}, TypeError, "experiment_parameters"),
        ({"target": "maccor", "drive_cycles": [1]}, TypeError, "drive_cycles must map names"),
        ({"target": "maccor", "protocol": b"steps: []"}, TypeError, "protocol must be UCP"),
    ],
)
def test_a_bad_argument_is_rejected_before_any_request(
    arguments: dict[str, Any],
    kind: type[Exception],
    words: str,
    stubbed: Ionworks,
    service: Any,
) -> None:
    with pytest.raises(kind) as caught:
        stubbed.protocol.convert(**{"protocol": REST, **arguments})

    assert words in str(caught.value)
    assert service.requests == []


def test_a_file_to_read_is_a_path_bytes_or_open(
    stubbed: Ionworks, service: Any, tmp_path: Path
) -> None:
    path = tmp_path / "mine.000"
    path.write_bytes(b"\x00one\r\ntwo")

    with path.open("rb") as opened:
        for given in (path, str(path), opened, io.BytesIO(b"\x00one\r\ntwo"), b"\x00one\r\ntwo"):
            stubbed.protocol.parse_file(given)

    bodies = [request.content for request in service.requests]
    assert all(b"\r\n\r\n\x00one\r\ntwo\r\n--" in body for body in bodies)
    names = [b'filename="mine.000"' in body for body in bodies]
    assert names == [True, True, True, False, False]


def test_partial_is_sent_only_if_asked_for(stubbed: Ionworks, service: Any) -> None:
    stubbed.protocol.parse_file(b"x", partial=False)
    stubbed.protocol.parse_file(b"x", partial=True)

    plain, partial = (request.content for request in service.requests)
    assert b"partial" not in plain
    assert b'name="partial"\r\nContent-Type: text/plain\r\n\r\nTrue\r\n--' in partial
    with pytest.raises(TypeError, match="partial must be True or False"):
        stubbed.protocol.parse_file(b"x", partial=1)  # type: ignore[arg-type]


def test_values_that_are_not_files_are_rejected_before_any_request(
    stubbed: Ionworks, service: Any, tmp_path: Path
) -> None:
    for given, words in ((5, "path, bytes or a binary file"), (io.StringIO("x"), "text mode")):
        with pytest.raises(TypeError, match=words):
            stubbed.protocol.parse_file(given)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        stubbed.protocol.parse_file(tmp_path / "missing.000")
    assert service.requests == []


# ---------------------------------------------------------------- what the answers become


def test_a_reply_is_the_file_as_attributes_and_keys(stubbed: Ionworks, tmp_path: Path) -> None:
    result = stubbed.protocol.convert(REST, "biologic")

    assert result["content"] == result.text() == "cm\u00b2\r\n"
    assert result["filename"] == result.primary_filename == "mine.mps"
    assert (result.target, result.media_type) == ("biologic", "text/plain")
    assert result.assets == (("US06.MWF", b"\x00\xff"),)
    assert result.notes == ("Trust of the format: high.",)
    assert result.save(tmp_path).read_bytes() == b"cm\xb2\r\n"
    assert (tmp_path / "US06.MWF").read_bytes() == b"\x00\xff"


def test_optional_fields_of_a_reply_can_be_missing(stubbed: Ionworks, service: Any) -> None:
    service.replies[CONVERT] = {"primary": file("a.000", b"<x/>"), "assets": None}

    result = stubbed.protocol.convert(REST, "maccor")

    assert (result.target, result.assets, result.notes) == ("maccor", (), ())
    assert result["content"] == "<x/>"


def test_content_that_is_not_base64_is_a_decode_error(stubbed: Ionworks, service: Any) -> None:
    service.replies[CONVERT] = {"primary": {"filename": "a.000", "content_base64": "%%"}}

    with pytest.raises(ResponseDecodeError, match=r"'a\.000' is not base64"):
        stubbed.protocol.convert(REST, "maccor")


def test_a_parsed_file_is_a_record(stubbed: Ionworks, service: Any) -> None:
    service.replies[PARSE] = {
        "parsed_protocol_ucp": REST,
        "cycler_type": "maccor",
        "nominal_capacity_ah": 5,
        "required_drive_cycles": ["US06"],
    }

    read = stubbed.protocol.parse_file(b"x")

    assert (read.parsed_protocol_ucp, read["cycler_type"]) == (REST, "maccor")
    assert read.required_drive_cycles == ["US06"]
    assert (read.notes, read.unread, read.error) == ([], [], None)
