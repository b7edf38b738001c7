"""Data frames: the choice of library, reading, and derived columns."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks.data import frames


@pytest.fixture(autouse=True)
def polars_again() -> Iterator[None]:
    yield
    frames._ProcessWide.backend = None


TIME_SERIES = pl.DataFrame(
    {
        "Time [s]": [0.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0],
        "Step count": [0, 0, 0, 1, 1, 2, 2],
        "Discharge capacity [A.h]": [0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.5],
        "Charge capacity [A.h]": [0.0, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0],
    }
)


def test_capacity_restarts_per_step_and_continues_over_steps() -> None:
    frame = frames.time_series_frame(TIME_SERIES)

    assert frame["Step capacity [A.h]"].to_list() == [0.0, 1.0, 2.0, 0.0, -1.5, 0.0, 0.5]
    assert frame["Capacity [A.h]"].to_list() == [0.0, 1.0, 2.0, 2.0, 0.5, 0.5, 1.0]
    assert frame.columns[:4] == TIME_SERIES.columns


def test_a_missing_last_value_keeps_the_capacity_of_earlier_steps() -> None:
    gap = pl.Series("Discharge capacity [A.h]", [0.0, 1.0, None, 0.0, 0.0, 0.0, 0.5])

    frame = frames.time_series_frame(TIME_SERIES.with_columns(gap))

    assert frame["Capacity [A.h]"].to_list() == [0.0, 1.0, None, 1.0, -0.5, -0.5, 0.0]


def test_existing_columns_are_not_changed() -> None:
    there = TIME_SERIES.with_columns(pl.lit(7.0).alias("Capacity [A.h]"))

    frame = frames.time_series_frame(there)

    assert set(frame["Capacity [A.h]"]) == {7.0}
    assert frame.columns == [*there.columns, "Step capacity [A.h]"]


@pytest.mark.parametrize("missing", ["Discharge capacity [A.h]", "Charge capacity [A.h]"])
def test_nothing_is_derived_if_a_column_is_missing(missing: str) -> None:
    frame = TIME_SERIES.drop(missing)

    assert frames.time_series_frame(frame).columns == frame.columns


def test_without_step_count_there_is_no_continuous_capacity() -> None:
    frame = frames.time_series_frame(TIME_SERIES.drop("Step count"))

    assert frame.columns[-1] == "Step capacity [A.h]"


def test_empty_tables_stay_empty() -> None:
    assert frames.time_series_frame(TIME_SERIES.clear()).height == 0
    assert frames.steps_frame(pl.DataFrame()).is_empty()


def test_steps_get_their_deltas() -> None:
    steps = pl.DataFrame(
        {
            "Discharge capacity [A.h]": [2.0, 0.0],
            "Charge capacity [A.h]": [0.0, 1.5],
            "Discharge energy [W.h]": [7.0, 0.0],
            "Charge energy [W.h]": [0.0, 6.0],
        }
    )

    frame = frames.steps_frame(steps)

    assert frame["Delta capacity [A.h]"].to_list() == [2.0, -1.5]
    assert frame["Delta energy [W.h]"].to_list() == [7.0, -6.0]


def test_parquet_is_read_unchanged() -> None:
    stream = io.BytesIO()
    TIME_SERIES.write_parquet(stream)

    assert_frame_equal(frames.from_parquet(stream.getvalue()), TIME_SERIES)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "got 0 bytes"),
        (b"<html>503</html>", "start with b'<html>503"),
        (b"PAR1 and then nothing", "is damaged"),
    ],
)
def test_other_bytes_than_parquet_are_rejected(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match="parquet") as caught:
        frames.from_parquet(content)

    assert words in str(caught.value)


def test_damage_that_makes_polars_panic_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_arguments: object) -> None:
        raise pl.exceptions.PanicException("assertion failed")

    monkeypatch.setattr(pl, "read_parquet", panic)
    with pytest.raises(ValueError, match="is damaged: assertion failed"):
        frames.from_parquet(b"PAR1")


def test_json_columns_become_a_frame() -> None:
    frame = frames.from_columns(
        {"x": [1, 2.5, None], "n": [1, 2, 3], "t": ["a", None, "b"], "e": [None, None, None]}
    )

    assert frame.to_dict(as_series=False) == {
        "x": [1.0, 2.5, None],
        "n": [1, 2, 3],
        "t": ["a", None, "b"],
        "e": [None, None, None],
    }
    assert [str(kind) for kind in frame.dtypes] == ["Float64", "Int64", "String", "Float64"]


@pytest.mark.parametrize("columns", [{"x": [1.0], "y": [1.0, 2.0]}, {"x": [1.0, "a"]}, {"x": 3}])
def test_columns_that_do_not_form_a_table_are_rejected(columns: Any) -> None:
    with pytest.raises(ValueError, match="cannot be converted to a table"):
        frames.from_columns(columns)


def test_pandas_frames_contain_the_same_values() -> None:
    frame = pl.DataFrame({"x": [1.0, None], "n": [1, 2], "t": ["a", None]})

    converted = frames.to_backend(frame, "pandas")

    assert isinstance(converted, pd.DataFrame)
    assert converted["n"].tolist() == [1, 2]
    assert converted["x"].isna().tolist() == [False, True]
    assert converted["t"].isna().tolist() == [False, True]
    converted.loc[0, "n"] = 5
    assert frame["n"].to_list() == [1, 2]


def test_pandas_frames_need_no_pyarrow() -> None:
    program = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import polars as pl; from ionworks.data import frames\n"
        "frame = pl.DataFrame({'x': [1.0, None], 't': ['a', None]})\n"
        "print(type(frames.to_backend(frame, 'pandas')).__module__.split('.')[0])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "pandas"


def test_a_clients_setting_takes_precedence_over_the_process_wide_one() -> None:
    frame = pl.DataFrame({"x": [1.0]})
    assert isinstance(frames.to_backend(frame), pl.DataFrame)

    frames.set_dataframe_backend("pandas")

    assert frames.get_dataframe_backend() == "pandas"
    assert isinstance(frames.to_backend(frame), pd.DataFrame)
    assert isinstance(frames.to_backend(frame, "polars"), pl.DataFrame)


def test_the_process_wide_setting_takes_precedence_over_the_default() -> None:
    frame = pl.DataFrame({"x": [1.0]})
    assert isinstance(frames.to_backend(frame, default="pandas"), pd.DataFrame)

    frames.set_dataframe_backend("polars")

    assert isinstance(frames.to_backend(frame, default="pandas"), pl.DataFrame)


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("panda", ValueError, "did you mean 'pandas'"),
        ("arrow", ValueError, "'polars' or 'pandas', not 'arrow'"),
        (None, TypeError, "'polars' or 'pandas', not None"),
        (pd, TypeError, "name must be 'polars' or 'pandas'"),
    ],
)
def test_unknown_libraries_are_rejected(name: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        frames.set_dataframe_backend(name)

    assert words in str(caught.value)
    assert frames.get_dataframe_backend() == "polars"


def test_missing_pandas_is_reported_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(ModuleNotFoundError, match=r"pip install 'ionworks-api\[pandas\]'"):
        frames.set_dataframe_backend("pandas")

    assert frames.get_dataframe_backend() == "polars"
