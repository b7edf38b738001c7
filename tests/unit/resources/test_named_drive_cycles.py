"""Drive cycles given by name with a simulation, checked before they are sent."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

TRIP = """
global: {initial_soc: 0.5}
steps:
  - Drive: {drive_cycle: US06, mode: Current}
"""
ROWS = [[0.0, 1.0], [10.0, 2.5], [30.0, -1.0]]
TABLE = {"Time [s]": [0, 10, 30], "Current [A]": [1, 2.5, -1]}
REPLIES = {
    "POST /protocols/parse-to-template": {"template_id": "tpl-1"},
    "POST /simulations/with-template/batch": [{"simulation_id": "s1", "job_id": "j1"}],
}


def config(drive_cycles: Any, protocol: str = TRIP) -> dict[str, Any]:
    experiment = {"protocol": protocol, "name": "trip", "drive_cycles": drive_cycles}
    return {
        "parameterized_model": {"quick_model": {"capacity": 2.0}},
        "protocol_experiment": experiment,
    }


def sent(stub_service: Callable[..., Any], given: dict[str, Any]) -> Any:
    service = stub_service(REPLIES)
    with service.client() as client:
        client.simulation.protocol(given)
    _, _, body = service.sent[0]
    return body["protocol_experiment"]


@pytest.mark.parametrize(
    "given",
    [ROWS, np.array(ROWS), TABLE, pl.DataFrame(TABLE, strict=False), pd.DataFrame(TABLE)],
)
def test_samples_are_sent_as_rows_and_of_unused_ones_the_name_only(
    stub_service: Callable[..., Any], given: object
) -> None:
    experiment = sent(stub_service, config({"US06": given, "FTP": "never read"}))

    cycles = {"US06": ROWS, "FTP": []}
    assert experiment == {"protocol": TRIP, "name": "trip", "drive_cycles": cycles}


@pytest.mark.parametrize("given", [None, {}])
def test_without_a_named_cycle_no_samples_are_sent(
    stub_service: Callable[..., Any], given: object
) -> None:
    rest = "steps:\n  - Rest: {duration: 1}\n"

    assert sent(stub_service, config(given, rest)) == {"protocol": rest, "name": "trip"}


@pytest.mark.parametrize(
    ("drive_cycles", "protocol", "kind", "words"),
    [
        ([], TRIP, TypeError, "must map names to samples"),
        ({"US6": ROWS}, TRIP, ValueError, "supplied: 'US6'; did you mean 'US6'?"),
        ({"US06": [[1, 1], [2, 2]]}, TRIP, ValueError, "the first at time 0"),
        ({"US06": {"time": [0, 1], "Power [W]": [1, 2]}}, TRIP, ValueError, "mode: Power"),
        ({"US06": ROWS}, "steps: [{Rest: {}}]", ValueError, "steps[0].Rest"),
    ],
)
def test_invalid_samples_are_rejected_before_any_request(
    stub_service: Callable[..., Any],
    drive_cycles: Any,
    protocol: str,
    kind: type[Exception],
    words: str,
) -> None:
    service = stub_service({})
    with service.client() as client, pytest.raises(kind) as refusal:
        client.simulation.protocol(config(drive_cycles, protocol))

    assert words in str(refusal.value)
    assert service.requests == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("us06.csv", "Time [s],Current [A]\n0,1\n10,2.5\n30,-1\n"),
        ("bare.csv", "# from the EPA\n\n0,1\n10,2.5\n30,-1\n"),
        ("semicolons.CSV", "time;value\n0;1\n10;2.5\n30;-1\n"),
        ("tabs.csv", "0\t1\n10\t2.5\n30\t-1\n"),
        ("german.csv", "0;1\n10;2,5\n30;-1\n"),
        ("comma.csv", "0,0;1,0\n10,0;2,5\n30,0;-1,0\n"),
        ("heading.csv", "Time [s];Current [A]\n0;1,0\n10;2,5\n30;-1,0\n"),
    ],
)
def test_samples_are_read_from_a_file(
    stub_service: Callable[..., Any], tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    for given in (path, str(path)):
        assert sent(stub_service, config({"US06": given}))["drive_cycles"] == {"US06": ROWS}


def test_samples_are_read_from_a_compressed_and_from_a_parquet_file(
    stub_service: Callable[..., Any], tmp_path: Path
) -> None:
    zipped, columns = tmp_path / "a.csv.gz", tmp_path / "b.parquet"
    zipped.write_bytes(gzip.compress(b"0,1\n10,2.5\n30,-1\n"))
    pl.DataFrame(TABLE, strict=False).write_parquet(columns)

    for given in (zipped, columns):
        assert sent(stub_service, config({"US06": given}))["drive_cycles"] == {"US06": ROWS}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"\['US06'\] names the file .*us06\.csv', which does not exist"),
        ("a,b,c\n1,2,3\n", r"which has 3 columns \('a', 'b', 'c'\): a drive cycle has one"),
        ("Time [s],Speed\n0,1\n10,2\n", "unknown column 'Speed'"),
        ("0,1\n10,fast\n", "a sample must be a finite number"),
    ],
)
def test_a_file_that_is_no_drive_cycle_is_refused(
    stub_service: Callable[..., Any], tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "us06.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match=message):
        sent(stub_service, config({"US06": path}))
