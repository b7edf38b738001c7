"""Conversion of tables in every form to polars lazy frames."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from ionworks.data.tables import is_parquet, lazy_table, path_of_table

FRAME = pl.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})


@pytest.mark.parametrize(
    "data",
    [
        FRAME,
        FRAME.lazy(),
        FRAME.to_pandas(),
        {"a": [1, 2], "b": [0.5, 1.5]},
        {"a": np.array([1, 2]), "b": pd.Series([0.5, 1.5])},
        {"a": (1, 2), "b": pl.Series([0.5, 1.5])},
    ],
    ids=["polars", "lazy", "pandas", "lists", "arrays", "others"],
)
def test_every_form_is_the_same_table(data: Any) -> None:
    assert lazy_table(data, "data").collect().equals(FRAME)


@pytest.mark.parametrize("name", ["t.csv", "T.CSV", "t.csv.gz", "t.parquet", "t.pq"])
def test_every_file_is_the_same_table(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if is_parquet(path):
        FRAME.write_parquet(path)
    else:
        text = FRAME.write_csv().encode()
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    for given in (path, str(path)):
        assert path_of_table(given, "data") == path
        assert lazy_table(given, "data").collect().equals(FRAME)


def test_integers_and_floats_make_one_column() -> None:
    frame = lazy_table({"a": [1, 2.5, None]}, "data").collect()
    assert frame["a"].to_list() == [1.0, 2.5, None]


def test_missing_numbers_of_pandas_are_null() -> None:
    frame = lazy_table(pd.DataFrame({"a": [1.0, None]}), "data").collect()
    assert frame["a"].to_list() == [1.0, None]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (None, TypeError, "data must be a polars or pandas data frame.*not NoneType None"),
        ([1, 2], TypeError, "not list"),
        ("no.csv", ValueError, r"data names the file 'no\.csv', which does not exist"),
        ({"a": 3}, TypeError, r"data\['a'\] must be a list or array"),
        ({"a": [1], "b": [1, 2]}, ValueError, "differ in length: {'a': 1, 'b': 2}"),
        ({1: [1]}, TypeError, "data has the column 1: names must be text"),
        (pd.DataFrame({1: [1]}), TypeError, "data has the column 1: names must be text"),
    ],
)
def test_values_that_are_not_tables_are_rejected(
    data: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        lazy_table(data, "data")


def test_a_frame_is_not_taken_for_a_path() -> None:
    assert path_of_table(FRAME, "data") is None
