"""Protocol files of cyclers, written and read by the embedded engine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ionworks import Ionworks, ucp
from ionworks.errors import UnprocessableError
from tests.unit.ucp.samples import ALL, sample

REST = "steps:\n- Rest:\n    duration: 60\n"


# ---------------------------------------------------------------- with the embedded engine


def test_a_service_and_the_library_write_the_same(client: Ionworks) -> None:
    text = """
global: {initial_soc: 0.5}
safety_limits: {voltage_min: 2.5, voltage_max: 4.25}
steps:
  - Loop:
      repeat: 3
      steps:
        - Charge: {mode: C-rate, value: "input['rate']", ends: [Voltage > 4.2]}
        - Rest: {duration: 60}
  - Drive: {drive_cycle: US06, mode: Current}
"""
    given = {
        "drive_cycles": {"US06": [[0, 1.0], [1, 2.0], [2, 2.0]]},
        "nominal_capacity_ah": 5.0,
        "experiment_parameters": {"rate": 0.5},
        "verify": True,
        "filename_stem": "mine",
    }

    assert client.protocol.convert(text, "maccor", **given) == ucp.convert(text, "maccor", **given)


def test_a_template_and_a_date_reach_the_writer(client: Ionworks) -> None:
    template = next(path for path in ALL if path.suffix == ".sdu").read_bytes()
    given = {
        "options": {"template": template, "date": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)},
        "nominal_capacity_ah": 1.0,
    }

    assert client.protocol.convert(REST, "arbin", **given) == ucp.convert(REST, "arbin", **given)


def test_all_unsupported_constructs_are_listed_in_one_error(client: Ionworks) -> None:
    text = """
steps:
  - Pulse: [{Discharge: {mode: Power, value: 5, duration: 10}}]
  - Rest: {ends: [SOC < 0.5]}
"""
    with pytest.raises(ucp.UCPError) as offline:
        ucp.convert(text, "novonix")
    with pytest.raises(UnprocessableError) as caught:
        client.protocol.convert(text, "novonix")

    for line in str(offline.value).splitlines():
        assert line in str(caught.value)
    with pytest.raises(UnprocessableError, match="use the target 'biologic'"):
        client.protocol.convert(REST, "biologic_bttest")


def test_a_cycler_file_is_read_by_the_service(client: Ionworks) -> None:
    path = sample("biologic/beep_btlab_formationV1.mps")

    read = client.protocol.parse_file(path)

    offline = ucp.parse_file(path)
    assert read.parsed_protocol_ucp == ucp.to_yaml(offline.protocol)
    assert read.parsed_protocol_human == ucp.human_readable(offline.protocol)
    assert (read.cycler_type, read.nominal_capacity_ah) == ("biologic", 0.2)
    assert read.raw_protocol == offline.text
    assert read.notes == list(offline.notes)
    assert client.protocol.validate(read.parsed_protocol_ucp or "")["valid"]


def test_an_unsupported_construct_is_named_by_the_service(client: Ionworks) -> None:
    with pytest.raises(UnprocessableError, match="Chg Func"):
        client.protocol.parse_file(sample("maccor/beep_EXP.000"))
    with pytest.raises(UnprocessableError, match="not a protocol file of a known format"):
        client.protocol.parse_file(b"hello")


def test_a_file_is_read_in_part_by_the_service(client: Ionworks) -> None:
    path = sample("maccor/beep_EXP.000")

    read = client.protocol.parse_file(path, partial=True)

    offline = ucp.parse_file(path, partial=True)
    assert read.parsed_protocol_ucp == ucp.to_yaml(offline.protocol)
    assert read.unread == list(offline.unread) != []


@pytest.mark.parametrize("text", ["yes", ""])
def test_a_form_field_that_is_not_a_boolean_is_rejected(local_client: Ionworks, text: str) -> None:
    connection = local_client.api.get_httpx_client()
    content = ucp.convert(REST, "maccor").primary_bytes

    with pytest.raises(UnprocessableError, match="partial"):
        connection.post("/protocols/parse", files={"file": ("a", content)}, data={"partial": text})


@pytest.mark.parametrize("template", ["%%", 5])
def test_a_template_that_is_not_base64_is_rejected(local_client: Ionworks, template: Any) -> None:
    options = {"template_base64": template}

    with pytest.raises(UnprocessableError, match=r"options\.template_base64 is not valid base64"):
        local_client.protocol.convert(REST, "arbin", options=options)


def test_a_text_field_is_not_read_as_a_path_on_the_server(
    local_client: Ionworks, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.000"
    secret.write_bytes(ucp.convert(REST, "maccor").primary_bytes)
    connection = local_client.api.get_httpx_client()

    for content in (str(secret), ""):
        with pytest.raises(UnprocessableError, match="an uploaded file with a file name"):
            connection.post("/protocols/parse", files={"file": (None, content)})
    with pytest.raises(UnprocessableError, match="not a protocol file"):
        connection.post("/protocols/parse", files={"file": ("a", b"")})
    with pytest.raises(UnprocessableError, match="file"):
        connection.post("/protocols/parse", files={"other": ("a", b"x")})
