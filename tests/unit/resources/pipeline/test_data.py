"""Data in the configuration of a pipeline."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tests.unit.resources.pipeline.configuration import COLUMNS, RECORD, D, sent_elements


def with_data(data: Any) -> dict[str, Any]:
    return {"fit": {"element_type": "data_fit", "objectives": {"v": {"data": data}}}}


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame, pl.LazyFrame])
def test_a_frame_is_wrapped_as_data(stub_service: Any, kind: Any) -> None:
    sent = sent_elements(stub_service, with_data(kind(COLUMNS)))
    assert sent["fit"]["objectives"]["v"]["data"] == {"data": COLUMNS}


@pytest.mark.parametrize(
    "data",
    [
        {name: [*values] for name, values in COLUMNS.items()},
        {name: np.array(values) for name, values in COLUMNS.items()},
        {name: pl.Series(values) for name, values in COLUMNS.items()},
    ],
)
def test_columns_stay_columns(stub_service: Any, data: Any) -> None:
    sent = sent_elements(stub_service, with_data(data))
    assert sent["fit"]["objectives"]["v"]["data"] == COLUMNS


def test_a_frame_within_a_measurement_is_wrapped_once(stub_service: Any) -> None:
    data = {"data": pl.DataFrame(COLUMNS), "time_range": {"start": 0, "end": 2}}
    sent = sent_elements(stub_service, with_data(data))
    assert sent["fit"]["objectives"]["v"]["data"] == {
        "data": COLUMNS,
        "time_range": {"start": 0, "end": 2},
    }


def test_missing_numbers_are_null(stub_service: Any) -> None:
    frame = pd.DataFrame({"Time [s]": [0.0, 1.0], "Voltage [V]": [math.nan, math.inf]})
    sent = sent_elements(stub_service, with_data(frame))
    assert sent["fit"]["objectives"]["v"]["data"]["data"]["Voltage [V]"] == [None, None]


def test_references_to_the_server_and_between_elements_are_sent_unchanged(
    stub_service: Any,
) -> None:
    elements = {
        "a": {"element_type": "entry", "values": {"data": "db:m1", "slow": "db:m2"}},
        "b": {
            "element_type": "data_fit",
            "objectives": {"x": {"data": "a.slow"}, "y": {"data": {"data": "a.data"}}},
        },
    }
    assert sent_elements(stub_service, elements) == elements


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_read_and_sent(stub_service: Any, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"data.{ending}"
    frame = pl.DataFrame(COLUMNS)
    frame.write_csv(path) if ending == "csv" else frame.write_parquet(path)

    sent = sent_elements(stub_service, with_data(f"file:{path}"))

    assert sent["fit"]["objectives"]["v"]["data"] == COLUMNS


def test_parquet_is_preferred_in_a_folder(stub_service: Any, tmp_path: Path) -> None:
    steps = {"Step count": [0], "Step type": ["Constant current discharge"]}
    pl.DataFrame(COLUMNS).write_parquet(tmp_path / "time_series.parquet")
    (tmp_path / "time_series.csv").write_text("Time [s]\n99\n")
    pl.DataFrame(steps).write_csv(tmp_path / "steps.csv")

    sent = sent_elements(stub_service, with_data(f"folder:{tmp_path}/"))

    assert sent["fit"]["objectives"]["v"]["data"] == {"time_series": COLUMNS, "steps": steps}


def test_descriptive_text_is_not_a_reference(stub_service: Any) -> None:
    entry = {"element_type": "entry", "values": {D: 1e-14}, "source": "file: the lab's notebook"}
    assert sent_elements(stub_service, {"e": entry}) == {"e": entry}


def too_long(rows: int) -> dict[str, Any]:
    return {"Time [s]": [*range(rows)], "Voltage [V]": [4.0] * rows}


def folder_of(frame: pl.DataFrame, folder: Path, stem: str) -> str:
    pl.DataFrame(COLUMNS).write_parquet(folder / "time_series.parquet")
    pl.DataFrame({"Step count": [0]}).write_parquet(folder / "steps.parquet")
    frame.write_parquet(folder / f"{stem}.parquet")
    return f"folder:{folder}"


def file_of(frame: pl.DataFrame, path: Path) -> str:
    frame.write_csv(path)
    return f"file:{path}"


#: Every way a table can take into a configuration.
PATHS = {
    "polars": lambda frame, _: with_data(frame),
    "lazy": lambda frame, _: with_data(frame.lazy()),
    "pandas": lambda frame, _: with_data(frame.to_pandas()),
    "columns": lambda frame, _: with_data(frame.to_dict(as_series=False)),
    "series": lambda frame, _: with_data(frame.to_dict()),
    "arrays": lambda frame, _: with_data({n: frame[n].to_numpy() for n in frame.columns}),
    "in data": lambda frame, _: with_data({"data": frame}),
    "time series": lambda frame, _: with_data({"time_series": frame}),
    "steps": lambda frame, _: with_data({"time_series": COLUMNS, "steps": frame}),
    "time series columns": lambda frame, _: with_data(
        {"time_series": frame.to_dict(as_series=False)}
    ),
    "entry": lambda frame, _: {"e": {"element_type": "entry", "values": {"data": frame}}},
    "entry, other name": lambda frame, _: {
        "e": {"element_type": "entry", "values": {"pulse": frame.to_dict(as_series=False)}}
    },
    "calculation": lambda frame, _: {"c": {"element_type": "calculation", "data": frame}},
    "list": lambda frame, _: with_data([frame]),
    "file": lambda frame, folder: with_data(file_of(frame, folder / "data.csv")),
    "folder": lambda frame, folder: with_data(folder_of(frame, folder, "time_series")),
    "folder's steps": lambda frame, folder: with_data(folder_of(frame, folder, "steps")),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("resource", ["pipeline", "simple_pipeline"])
def test_at_most_a_thousand_rows_are_sent(
    stub_service: Any, tmp_path: Path, path: str, resource: str
) -> None:
    reply = {"POST /simple_pipelines": RECORD, "POST /pipelines": RECORD}
    service = stub_service(reply)
    create = getattr(service.client(project_id="P"), resource).create

    create({"elements": PATHS[path](pl.DataFrame(too_long(1000)), tmp_path)})
    assert len(service.sent) == 1

    with pytest.raises(ValueError, match=r"1,001 rows.*1,000.*db:<measurement id>") as caught:
        create({"elements": PATHS[path](pl.DataFrame(too_long(1001)), tmp_path)})
    assert "config['elements']" in str(caught.value)
    assert "client.cell_measurement.create" in str(caught.value)
    assert len(service.sent) == 1
