"""Descriptions of data: the rows and columns they select."""

import polars as pl
import pytest

from ionworks.engine.fitting.measurement import read_measurement

FRAME = pl.DataFrame(
    {
        "Time [s]": [0.0, 20.0, 10.0, 10.0, 30.0],
        "Step count": [0, 1, 1, 1, 2],
        "Q": [0.0, 2.0, 1.0, 1.5, 3.0],
    }
)
SOURCES = {"db:x": {"time_series": FRAME, "steps": pl.DataFrame({"Step count": [0]})}}


def read(**description):
    return read_measurement(description, SOURCES, "data").frame


def test_a_description_without_options_keeps_all_rows():
    assert read(data="db:x").equals(FRAME)
    assert read(time_series=FRAME, metadata={"cell": 1}).equals(FRAME)


@pytest.mark.parametrize(
    ("description", "times"),
    [
        ({"options": {"first_step": 1}}, [20, 10, 10, 30]),
        ({"options": {"last_step": 1}}, [0, 20, 10, 10]),
        ({"options": {"first_step": 1, "last_step": 1}}, [20, 10, 10]),
        ({"time_range": {"start": 10, "end": 20}}, [20, 10, 10]),
        ({"time_range": {"start": 10, "duration": 5}}, [10, 10]),
        ({"options": {"sort": True}}, [0, 10, 10, 20, 30]),
        ({"options": {"transforms": {"sort": True, "remove_duplicates": True}}}, [0, 10, 20, 30]),
        ({"options": {"rest_to_ocp": False, "transforms": {"sort": None}}}, [0, 20, 10, 10, 30]),
    ],
)
@pytest.mark.parametrize("key", ["data", "time_series"])
def test_rows_are_selected(key, description, times):
    assert read(**{key: "db:x", **description})["Time [s]"].to_list() == times


def test_another_column_may_be_the_capacity():
    found = read(data="db:x", options={"capacity_column": "Q", "last_step": 0})
    assert found["Capacity [A.h]"].to_list() == [0.0]
    with pytest.raises(ValueError, match=r"has no column 'q' \(did you mean 'Q'"):
        read(data="db:x", options={"capacity_column": "q"})


def test_an_empty_selection_is_refused():
    with pytest.raises(ValueError, match="no row is left"):
        read(data="db:x", options={"first_step": 9})


@pytest.mark.parametrize(
    "axis", ["Capacity [A.h]", "Stoichiometry", "Frequency [Hz]", "Time [h]", "Cycle number"]
)
def test_data_without_a_time_are_sorted_by_their_independent_variable(axis):
    columns = {axis: [2.0, 0.0, 1.0, 1.0], "Voltage [V]": [3.5, 4.0, 3.8, 3.7]}

    tidied = {"sort": True, "remove_duplicates": True}
    found = read_measurement({"data": columns, "options": tidied}, {}, "data").frame

    assert found[axis].to_list() == [0, 1, 2]
    assert found["Voltage [V]"].to_list() == [4.0, 3.8, 3.5]


def test_an_open_circuit_curve_keeps_one_row_of_each_voltage():
    columns = {"Capacity [A.h]": [0.0, 1.0, 2.0], "Voltage [V]": [4.0, 4.0, 3.8]}

    found = read_measurement({"data": columns, "options": {"remove_duplicates": True}}, {}, "data")

    assert found.frame["Capacity [A.h]"].to_list() == [0, 2]


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ({"options": {"sort": True}}, r"^data cannot be sorted .* 'Time \[s\]', "),
        ({"options": {"remove_duplicates": True}}, r"^data cannot be sorted"),
        ({"time_range": {"start": 0, "end": 1}}, r"^data: time_range: has no column 'Time \[s\]'"),
    ],
)
def test_data_without_an_independent_variable_are_not_tidied(description, words):
    with pytest.raises(ValueError, match=words):
        read_measurement({"data": {"Voltage [V]": [4.0, 3.0]}, **description}, {}, "data")
