"""The schema of steps."""

from __future__ import annotations

import polars as pl

from ionworks.ucp.step_table import STEP_COLUMNS, STEP_TYPES, in_step_schema


def test_missing_columns_are_null_and_others_are_left_out() -> None:
    steps = pl.DataFrame({"_run": [0], "Start current [A]": [1.0], "Step count": [0]})

    table = in_step_schema(steps)

    assert table.columns == [*STEP_COLUMNS]
    assert table.row(0, named=True) == {
        **dict.fromkeys(STEP_COLUMNS),
        "Step count": 0,
        "Start current [A]": 1.0,
    }
    assert {table.schema[name] for name in ("Label", "Termination")} == {pl.String}
    assert table.schema["End index"] == pl.Int64


def test_types_are_distinct() -> None:
    assert len({*STEP_TYPES}) == len(STEP_TYPES)
