"""Columns under other names, in other units and with another sign."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from ionworks.data.column_mapping import column_mapping

TABLE = pl.DataFrame(
    {
        "Test Time(h)": [0.0, 0.5],
        "Current(mA)": [50.0, 1234.567],
        "Volts": [3.7, 3.6],
        "I": [50, 60],
        "T/K": [298.15, 273.15],
        "-Im(Z)/Ohm": [1.0, 2.0],
        "Remark": ["a", "b"],
        "Voltage [V]": [1.0, 2.0],
    }
)


def mapped(columns: Any) -> pl.DataFrame:
    mapping = column_mapping(columns)
    assert mapping is not None
    return mapping.applied(TABLE.lazy(), "time_series").collect()


@pytest.mark.parametrize(
    ("columns", "name", "values"),
    [
        ({"Test Time(h)": "Time [s]"}, "Time [s]", [0.0, 1800.0]),
        # Exactly what the decimal fractions are: divided by 1000, not multiplied by 0.001.
        ({"Current(mA)": "Current [A]"}, "Current [A]", [0.05, 1.234567]),
        ({"-Current(mA)": "Current [A]"}, "Current [A]", [-0.05, -1.234567]),
        ({"Current(mA)": ("Current [A]", "mA")}, "Current [A]", [0.05, 1.234567]),
        ({"Current(mA)": ("Current [A]", -0.001)}, "Current [A]", [-0.05, -1.234567]),
        ({"I": ("Current [A]", "mA")}, "Current [A]", [0.05, 0.06]),
        ({"I": ("Current [A]", 2)}, "Current [A]", [100.0, 120.0]),
        ({"-I": ("Current [A]", "A")}, "Current [A]", [-50.0, -60.0]),
        ({"T/K": "Temperature [degC]"}, "Temperature [degC]", [25.0, 0.0]),
        ({"-Im(Z)/Ohm": ("Current [A]", "A")}, "Current [A]", [1.0, 2.0]),
        ({"Remark": "Label"}, "Label", ["a", "b"]),
        ({"I": "Step from cycler"}, "Step from cycler", [50, 60]),
    ],
)
def test_columns_are_renamed_and_converted(columns: Any, name: str, values: list[Any]) -> None:
    table = mapped(columns)

    assert table[name].to_list() == values
    assert len(table.columns) == len(TABLE.columns)


def test_other_columns_and_the_order_are_unchanged() -> None:
    table = mapped({"Current(mA)": "Current [A]", "I": "Step count"})

    assert table.columns == [
        "Test Time(h)",
        "Current [A]",
        "Volts",
        "Step count",
        *TABLE.columns[4:],
    ]
    assert table.drop("Current [A]", "Step count").equals(TABLE.drop("Current(mA)", "I"))


def test_a_column_can_keep_its_name_and_change_its_sign() -> None:
    assert mapped({"-Voltage [V]": ("Voltage [V]", "V")})["Voltage [V]"].to_list() == [-1.0, -2.0]


@pytest.mark.parametrize("columns", [None, {}])
def test_no_columns_are_no_mapping(columns: Any) -> None:
    assert column_mapping(columns) is None


@pytest.mark.parametrize(
    ("columns", "kind", "words"),
    [
        (3, TypeError, "columns must be a mapping"),
        ({3: "Time [s]"}, TypeError, "keys must be names of columns"),
        ({"I": 3}, TypeError, "must be a name such as"),
        ({"I": ("Current [A]",)}, ValueError, "must be a name such as"),
        ({"I": "Curent [A]"}, ValueError, "did you mean 'Current [A]'"),
        ({"I": "-Current [A]"}, ValueError, "write the minus before the name in the table, '-I'"),
        ({"I": "Current [A]"}, ValueError, "the name contains no unit"),
        ({"I": ("Current [A]", "V")}, ValueError, "the dimensions differ"),
        ({"I": ("Current [A]", "mA.s")}, ValueError, "the dimensions differ"),
        ({"I": ("Current [A]", "bananas")}, ValueError, "bananas"),
        ({"I": ("Current [A]", 0)}, ValueError, "must not be 0"),
        ({"I": ("Current [A]", float("nan"))}, ValueError, "finite"),
        ({"I": ("Step count", "A")}, ValueError, "has no unit to convert to"),
        ({"Volts": "Current [A]"}, ValueError, "the dimensions differ"),
        ({"Current(mA)": ("Current [A]", "A")}, ValueError, "but the name says 'mA'"),
        ({"T/K": ("Temperature [degC]", 1)}, ValueError, "but the name says 'K'"),
        ({"Time(h:min:s)": "Time [s]"}, ValueError, "the unit 'h:min:s'"),
        ({"I": ("Current [A]", "A"), "Current(mA)": "Current [A]"}, ValueError, "several columns"),
        ({"Curent(mA)": "Current [A]"}, ValueError, "did you mean 'Current(mA)'"),
        ({"Volts": "Voltage [V]"}, ValueError, "has a column 'Voltage [V]' already"),
        ({"-Test Time(h)": "Time [s]"}, ValueError, "reverses the sign of 'Time [s]'"),
        ({"Remark": ("Current [A]", "mA")}, ValueError, "contains String, not numbers"),
        (
            {"I": ("Current [A]", "A"), "-I": "Step count"},
            ValueError,
            "maps the column 'I' twice",
        ),
    ],
)
def test_mappings_that_make_no_sense_are_rejected(
    columns: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        mapped(columns)
    assert words in str(caught.value)
