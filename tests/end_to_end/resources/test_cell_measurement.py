"""`client.cell_measurement` on the embedded engine."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ionworks import Ionworks
from ionworks.errors import (
    ConflictError,
    MeasurementProcessingError,
    MeasurementValidationError,
    NotFoundError,
    UnprocessableError,
)
from tests.measured import cycling


@pytest.fixture
def cell(client: Ionworks) -> str:
    spec = client.cell_spec.create({"name": f"spec {uuid.uuid4()}"})
    return client.cell_instance.create(spec.id, {"name": "cell"}).id


def uploaded(client: Ionworks, cell: str, **fields: Any) -> Any:
    data = {"measurement": {"name": "cycling", **fields}, "time_series": cycling()}
    return client.cell_measurement.create(cell, data, validate_strict=True)


def test_a_round_trip_is_exact_on_the_engine(client: Ionworks, cell: str) -> None:
    made = uploaded(client, cell, tags=["a"], start_time="2026-05-08T12:00:00+00:00")
    assert (made.processing_status, made.steps_created, made.tags) == ("ready", 6, ["a"])
    read = client.cell_measurement.time_series
    assert read(made.id).equals(cycling())
    assert read(made.id, (5, 20)).equals(cycling()[5:20])
    assert read(made.id, step_range=2).equals(cycling()[22:33])
    assert read(made.id, cycle_range=(1, 1)).equals(cycling()[33:])
    both = ["Voltage [V]", "Time [s]"]
    assert read(made.id, (0, 5), columns=both).equals(cycling()[:5].select(both))
    thinned = read(made.id, max_points=20)
    assert thinned.height <= 20
    assert thinned["Voltage [V]"].min() == cycling()["Voltage [V]"].min()


def test_steps_and_cycles_on_the_engine(client: Ionworks, cell: str) -> None:
    made = uploaded(client, cell)
    steps = client.cell_measurement.steps(made.id)
    assert steps["Step count"].to_list() == [0, 1, 2, 3, 4, 5]
    assert steps["Discharge capacity [A.h]"].to_list() == pytest.approx([0, 1 / 6, 0] * 2)
    assert steps["Delta capacity [A.h]"].to_list() == pytest.approx([0, 1 / 6, -1 / 6] * 2)
    cycles = client.cell_measurement.cycles(made.id)
    assert cycles["Discharge capacity [A.h]"].to_list() == pytest.approx([1 / 6] * 2)
    both = client.cell_measurement.steps_and_cycles(made.id)
    assert both.steps["Step count"].to_list() == steps["Step count"].to_list()
    assert both.cycles.equals(cycles)
    detail = client.cell_measurement.detail(made.id)
    assert detail.time_series is not None
    assert detail.time_series.equals(cycling())


def test_a_measurement_grows_on_the_engine(client: Ionworks, cell: str) -> None:
    made = uploaded(client, cell)
    more = cycling(3).filter(pl.col("Step count") >= 6)
    grown = client.cell_measurement.extend(made.id, more)
    assert grown.steps_created == 9
    assert client.cell_measurement.time_series(made.id).equals(cycling(3))
    with pytest.raises(UnprocessableError):
        client.cell_measurement.extend(made.id, more)
    assert client.cell_measurement.time_series(made.id).equals(cycling(3))


def test_names_are_taken_once_on_the_engine(client: Ionworks, cell: str) -> None:
    made = uploaded(client, cell)
    with pytest.raises(ConflictError) as caught:
        uploaded(client, cell)
    assert caught.value.existing_id == made.id
    data = {"measurement": {"name": "cycling"}, "time_series": cycling()}
    assert client.cell_measurement.create_or_get(cell, data).id == made.id
    assert client.cell_measurement.list(cell).total == 1


def test_lists_tags_and_changes_on_the_engine(client: Ionworks, cell: str) -> None:
    tag = f"tag {uuid.uuid4()}"
    made = uploaded(client, cell, start_time="2026-05-08T12:00:00Z")
    mass = client.cell_measurement.create_properties(
        cell, "mass_1", {"mass": {"value": 68.4, "unit": "g"}}
    )
    assert client.cell_measurement.add_tags([made.id, mass.id], tag) == 2
    assert client.cell_measurement.remove_tags(mass.id, tag) == 1
    listed = client.cell_measurement.list(cell, tags_all=[tag])
    assert [each.id for each in listed] == [made.id]
    kinds = client.cell_measurement.list(cell, measurement_type="properties", name="S_1")
    assert [each.id for each in kinds] == [mass.id]
    started = client.cell_measurement.list(cell, started_after="2026-05-08", order_by="start_time")
    assert [each.id for each in started] == [made.id]
    assert tag in [each.tag for each in client.cell_measurement.list_tags(q=tag)]
    in_project = client.cell_measurement.list_by_project(tags_any=tag)
    assert [each.id for each in in_project] == [made.id]
    changed = client.cell_measurement.update(made.id, {"name": "new", "tags": []})
    assert (changed.name, changed.tags) == ("new", [])
    client.cell_measurement.delete(made.id)
    with pytest.raises(NotFoundError):
        client.cell_measurement.time_series(made.id)


def test_files_on_the_engine(client: Ionworks, cell: str, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a b.txt", "large.bin")]
    paths[0].write_bytes(b"text")
    paths[1].write_bytes(bytes(range(256)) * 4096)
    made = client.cell_measurement.create_file(cell, "files", paths, tags=["x"])
    assert client.cell_measurement.list_files(made.id) == ["a b.txt", "large.bin"]
    assert client.cell_measurement.get_file(made.id, "a b.txt") == b"text"
    written = client.cell_measurement.download_files(made.id, tmp_path / "back")
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in paths]


LEGAL_NAMES = [
    "x" * 251 + ".csv",
    "电池" * 41 + "测测.ab",  # 255 bytes
    "👨‍👩‍👧.txt",  # joined by characters that are not printable
    "\u200f\u05e9\u05dc\u05d5\u05dd.csv",  # Hebrew
    "full\u3000width.csv",
    "10:30 C-20.csv",
    "50%2F100%.csv",
    "a\"b'c.txt",
    "a;b=c?d#e&f+g.txt",
    " leading and trailing ",
    "...",
    "CON",
    "nul.txt",
    ".hidden",
    "<b>&amp;",
    "$(id) `id`",
]


def test_files_of_any_legal_name_return(client: Ionworks, cell: str, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in LEGAL_NAMES]
    for number, path in enumerate(paths):
        path.write_text(str(number))
    made = client.cell_measurement.create_file(cell, "any name", paths)
    written = client.cell_measurement.download_files(made.id, tmp_path / "back")
    assert [path.name for path in written] == LEGAL_NAMES
    assert [path.read_text() for path in written] == [path.read_text() for path in paths]
    for number, name in enumerate(LEGAL_NAMES):
        assert client.cell_measurement.get_file(made.id, name) == str(number).encode()


@pytest.mark.parametrize("name", ["a\nb", "a\\b", "a\x7fb", "a\u2028b"])
def test_a_file_whose_name_cannot_return_is_refused_by_name(
    client: Ionworks, cell: str, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.touch()
    with pytest.raises(UnprocessableError) as caught:
        client.cell_measurement.create_file(cell, "refused", [path])
    assert repr(name) in str(caught.value)


def test_raw_data_and_watching_on_the_engine(client: Ionworks, cell: str) -> None:
    made = uploaded(client, cell)
    client.cell_measurement.attach_raw_data(made.id, ["r1", "r2"])
    client.cell_measurement.detach_raw_data(made.id, "r1")
    assert [each.id for each in client.cell_measurement.list_raw_data(made.id)] == ["r2"]
    client.cell_measurement.watch(made.id)
    client.cell_measurement.unwatch(made.id)


def test_rows_only_a_server_can_refuse_on_the_engine(client: Ionworks, cell: str) -> None:
    data = {
        "measurement": {"name": "bad"},
        "time_series": cycling().with_columns(pl.col("Time [s]").reverse()),
    }
    with pytest.raises(MeasurementProcessingError, match=r"[Tt]ime"):
        client.cell_measurement.create(cell, data, skip_checks=True)
    [kept] = client.cell_measurement.list(cell)
    assert kept.processing_status == "failed"


def test_the_engine_tells_units_by_the_ratings_of_the_cell(client: Ionworks) -> None:
    ratings = {"capacity": {"value": 1000, "unit": "mA.h"}}
    spec = client.cell_spec.create({"name": f"spec {uuid.uuid4()}", "ratings": ratings})
    cell = client.cell_instance.create(spec.id, {"name": "cell"}).id
    frame = cycling().select("Time [s]", "Voltage [V]", "Current [A]", "Step count")
    wrong = frame.with_columns(pl.col("Current [A]") * 1000)
    data: dict[str, Any] = {"measurement": {"name": "in mA"}, "time_series": wrong}
    with pytest.raises(MeasurementValidationError, match="is the current in mA"):
        client.cell_measurement.create(cell, data, validate_strict=True)
    assert client.cell_measurement.list(cell).total == 0
    data["time_series"] = wrong.rename({"Current [A]": "Current(mA)"})
    with pytest.raises(MeasurementValidationError, match="'Current\\(mA\\)' looks like it"):
        client.cell_measurement.create(cell, data, validate_strict=True)

    columns = {"Current(mA)": "Current [A]"}
    made = client.cell_measurement.create(cell, data, validate_strict=True, columns=columns)

    stored = client.cell_measurement.time_series(made.id)
    assert stored["Current [A]"].to_list() == frame["Current [A]"].to_list()
