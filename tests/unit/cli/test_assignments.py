"""Values of options that are given as ``NAME=VALUE``."""

import pytest

from ionworks.cli.assignments import assigned, assigned_columns, numbers, swept, text_or_number


def test_the_last_equals_sign_separates_the_value():
    assert assigned(["a = b [m]= 2", "c=x"], "--set") == {"a = b [m]": "2", "c": "x"}
    assert assigned(None, "--set") == {}


def test_a_column_has_a_unit_or_a_factor_after_an_at_sign():
    columns = ["-I=Current [A]@mA", "U=Voltage [V] @ 0.001", "Step=Step from cycler"]
    assert assigned_columns(columns) == {
        "-I": ("Current [A]", "mA"),
        "U": ("Voltage [V]", 0.001),
        "Step": "Step from cycler",
    }
    with pytest.raises(ValueError, match="--column 'Cycle' must be NAME=VALUE"):
        assigned_columns(["Cycle"])


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("a", "--set 'a' must be NAME=VALUE"),
        ("=2", "must be NAME=VALUE"),
        ("a=", "must be NAME=VALUE"),
        ("a=b", "--set 'a' must be a number"),
        ("a=nan", "not 'nan'"),
        ("a=1,2", "`ionworks sweep` takes several"),
    ],
)
def test_a_value_must_be_one_number(item, message):
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        numbers([item], "--set")


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="--set gives 'a' twice"):
        numbers(["a=1", "a=2"], "--set")


def test_a_text_stays_text():
    assert [text_or_number("1e-5"), text_or_number("Fast")] == [1e-5, "Fast"]


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ("1e-5", {"type": "discrete", "values": [1e-5]}),
        ("1, 2,3", {"type": "discrete", "values": [1.0, 2.0, 3.0]}),
        ("1:2:11", {"type": "range", "min": 1.0, "max": 2.0, "count": 11}),
        ("-1:2", {"type": "range", "min": -1.0, "max": 2.0}),
        ("normal:1:0.1:5", {"type": "normal", "mean": 1.0, "std": 0.1, "count": 5}),
        ("normal:1:0.1", {"type": "normal", "mean": 1.0, "std": 0.1}),
    ],
)
def test_values_of_a_sweep(values, row):
    assert swept([f"x={values}"], "--set") == [{"name": "x", **row}]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("1:2:3:4", "'MIN:MAX:COUNT'"),
        ("1:2:2.5", "the count must be a whole number"),
        ("1:2:0", "the count must be a whole number"),
        ("1,,2", "not ''"),
        ("low:high", "not 'low'"),
        ("inf", "not 'inf'"),
    ],
)
def test_other_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        swept([f"x={values}"], "--set")
