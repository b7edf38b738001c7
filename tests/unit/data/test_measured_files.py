"""Columns of measurements under the names of cyclers."""

import gzip

import polars as pl
import pytest

from ionworks.data.measured_files import Layout, read_measured, read_rows

CYCLER = """Test Time(s),Step Index,Cycle,Current(mA),Voltage(V),Aux(degC),Capacity(Ah)
5,1,1,0,3.6,25,0
65,2,1,-1000,3.4,26,0.016
125,2,2,-1000,3.3,,0.033
185,1,2,0,3.4,27,0.033
"""


def read(folder, text=CYCLER, name="cell.csv", **layout):
    path = folder / name
    path.write_text(text)
    return read_measured(str(path), Layout(**layout))


def test_usual_names_and_units_are_recognised(tmp_path):
    found = read(tmp_path)
    assert found.origins == {
        "Time [s]": "'Test Time(s)', recognised",
        "Step from cycler": "'Step Index', recognised",
        "Cycle": "as it is",
        "Current [A]": "'Current(mA)', times 0.001, recognised",
        "Voltage [V]": "'Voltage(V)', recognised",
        "Temperature [degC]": "'Aux(degC)', recognised",
        # A counter can be that of the discharge, of the charge, or of both.
        "Capacity(Ah)": "as it is",
        "Step count": "counted from the changes of 'Step from cycler'",
    }
    rows = found.rows.collect()
    assert rows["Current [A]"].to_list() == [0.0, -1.0, -1.0, 0.0]
    assert rows["Step count"].to_list() == [0, 1, 1, 2]


def test_options_take_precedence(tmp_path):
    columns = {"-Current(mA)": "Current [A]", "Cycle": "Cycle from cycler"}
    found = read(tmp_path, columns=columns, starts_at_zero=True)
    rows = found.rows.collect()
    assert rows["Current [A]"].to_list() == [0.0, 1.0, 1.0, 0.0]
    assert rows["Time [s]"].to_list() == [0, 60, 120, 180]
    # Steps also change with the cycle, as the engine counts them.
    assert rows["Step count"].to_list() == [0, 1, 2, 3]
    assert found.origins["Time [s]"] == "'Test Time(s)', recognised, minus its first value"


def test_the_summary_has_extremes_and_missing_values(tmp_path):
    count, columns = read(tmp_path).summary()
    assert count == 4
    assert columns[5] == {
        "column": "Temperature [degC]",
        "from": "'Aux(degC)', recognised",
        "min": 25,
        "max": 27,
        "missing": 1,
    }


def test_units_that_names_lack_are_given(tmp_path):
    text = "# exported\nt;U;I\n0;3,5;1,5\n1;3,4;1,5\n"
    columns = {"t": ("Time [s]", "h"), "U": ["Voltage [V]", "V"], "I": ("Current [A]", 0.5)}
    found = read(
        tmp_path, text, columns=columns, has_decimal_comma=True, skipped_lines=1, is_one_step=True
    )
    rows = found.rows.select("Time [s]", "Voltage [V]", "Current [A]", "Step count").collect()
    assert rows.rows() == [(0.0, 3.5, 0.75, 0), (3600.0, 3.4, 0.75, 0)]
    assert found.origins["Time [s]"] == "'t', times 3600"
    assert found.origins["Step count"] == "one step"


def test_columns_without_a_known_unit_are_left_alone(tmp_path):
    found = read(tmp_path, "Time,Voltage(furlong)\n0,1\n")
    assert found.origins == {"Time": "as it is", "Voltage(furlong)": "as it is"}


def test_named_columns_need_no_recognition(tmp_path):
    frame = pl.DataFrame({"Time [s]": [0.0], "Test Time(s)": [9.0], "Step count": [0]})
    frame.write_parquet(tmp_path / "a.parquet")
    found = read_measured(str(tmp_path / "a.parquet"), Layout())
    assert {*found.origins.values()} == {"as it is"}


def test_compressed_and_separated_files_are_read(tmp_path):
    path = tmp_path / "cell.csv.gz"
    path.write_bytes(gzip.compress(CYCLER.encode()))
    assert read_measured(str(path), Layout()).summary()[0] == 4
    found = read(tmp_path, CYCLER.replace(",", "\t"), name="cell.txt", separator="\t")
    assert found.summary()[0] == 4


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ({"columns": {"Volts": "Voltage [V]"}}, "has no such column"),
        ({"columns": {"Cycle": "Cycles"}}, "unknown column 'Cycles'"),
    ],
)
def test_wrong_columns_are_refused(tmp_path, layout, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, **layout)


def test_steps_are_not_counted_twice(tmp_path):
    with pytest.raises(ValueError, match="the file has a 'Step count' already"):
        read(tmp_path, "Time [s],Step count\n0,0\n", is_one_step=True)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file '.*none\.csv'"):
        read_measured(str(tmp_path / "none.csv"), Layout())
    with pytest.raises(ValueError, match=r"known types: \.csv, .*separator"):
        read(tmp_path, name="cell.xlsx")


def test_times_start_at_the_first_that_is_not_missing(tmp_path):
    rows = read(tmp_path, "Time [s]\n\n5\n6\n", starts_at_zero=True).rows.collect()
    assert rows["Time [s]"].drop_nulls().to_list() == [0, 1]
    pl.DataFrame({"Time [s]": [None, 5.0, 6.0]}).write_parquet(tmp_path / "a.parquet")
    rows = read_rows(str(tmp_path / "a.parquet"), Layout(starts_at_zero=True))
    assert rows["Time [s]"].to_list() == [None, 0.0, 1.0]


@pytest.mark.parametrize("separator", ["", ";;", "\n", "é", 5])
def test_a_separator_is_one_character(separator):
    with pytest.raises((ValueError, TypeError), match="separator must be"):
        Layout(separator=separator)


@pytest.mark.parametrize(
    "layout", [{"separator": ";"}, {"has_decimal_comma": True}, {"skipped_lines": 1}]
)
def test_parquet_files_have_no_separators(tmp_path, layout):
    pl.DataFrame({"Time [s]": [0.0]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"is a parquet file: separator, .* for text files"):
        read_rows(str(tmp_path / "a.parquet"), Layout(**layout))
