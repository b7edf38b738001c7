"""Steps derived from a time series: against plain Python, and against what a cycler was told."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks.server.measurements import completed, derive_steps
from ionworks.server.measurements.columns import MeasurementError
from ionworks.ucp.step_table import STEP_COLUMNS
from tests.unit.server.measurements import reference

CAPACITIES = ("Discharge capacity [A.h]", "Charge capacity [A.h]")
COUNTERS = (*CAPACITIES, "Discharge energy [W.h]", "Charge energy [W.h]")

values = st.floats(-10, 10, allow_subnormal=False)
spans = st.floats(0, 1000, allow_subnormal=False)
one_row = st.tuples(spans, values, values, st.floats(0, 1))


@st.composite
def series(draw, counters=False):
    """A list of rows: steps of random lengths, any signals, time that may stand still."""
    rows, time, charge = [], 0.0, 0.0
    for count, length in enumerate(draw(st.lists(st.integers(1, 7), min_size=1, max_size=8))):
        if counters and draw(st.booleans()):
            charge = 0.0
        for span, voltage, current, more in draw(
            st.lists(one_row, min_size=length, max_size=length)
        ):
            time += span
            charge += more
            row = {"Time [s]": time, "Voltage [V]": voltage, "Current [A]": current}
            row |= {"Step count": count, "Cycle count": count // 3}
            rows.append(row | (dict.fromkeys(COUNTERS, charge) if counters else {}))
    return rows


def derived(rows):
    return derive_steps(pl.LazyFrame(rows)).to_dicts()


def same(found, expected):
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return found == expected


@given(series())
def test_steps_equal_those_of_a_loop_over_the_rows(rows):
    expected = reference.steps(rows)

    found = derived(rows)

    assert len(found) == len(expected)
    for step, wanted in zip(found, expected, strict=True):
        wrong = {
            name: (step[name], value)
            for name, value in wanted.items()
            if not same(step[name], value)
        }
        assert not wrong


@given(series(counters=True))
def test_counters_of_the_cycler_are_used_whether_reset_or_not(rows):
    expected = reference.steps(rows)

    for step, wanted in zip(derived(rows), expected, strict=True):
        assert all(same(step[name], wanted[name]) for name in COUNTERS)


@given(series())
def test_the_net_capacity_of_the_steps_is_the_integral_of_the_current(rows):
    steps = derived(rows)

    for step in steps:
        own = rows[step["Start index"] : step["End index"] + 1]
        integral = reference.area(
            [row["Time [s]"] for row in own], [row["Current [A]"] for row in own]
        )
        assert same(step["Delta capacity [A.h]"], integral / 3600)
        assert all(step[name] >= 0 for name in COUNTERS)


@given(series())
def test_steps_have_the_sums_of_their_cycle(rows):
    steps = derived(rows)

    for step in steps:
        cycle = [each for each in steps if each["Cycle count"] == step["Cycle count"]]
        for name in COUNTERS:
            total = math.fsum(each[name] for each in cycle)
            assert same(step[f"Cycle {name[0].lower()}{name[1:]}"], total)


def test_a_continuous_discharge_has_the_capacity_of_its_formula():
    # I(t) = 2 sin(pi t / T) discharges 4 T / pi coulombs in half a period T.
    period, count = 3600.0, 200_001
    frame = pl.select(
        (pl.int_range(count) * (period / (count - 1))).alias("Time [s]"),
        pl.lit(3.5).alias("Voltage [V]"),
        pl.lit(0).alias("Step count"),
    ).with_columns((2 * (pl.col("Time [s]") * math.pi / period).sin()).alias("Current [A]"))

    [step] = derive_steps(frame.lazy()).to_dicts()

    assert step["Discharge capacity [A.h]"] == pytest.approx(4 / math.pi, rel=1e-9)
    assert step["Discharge energy [W.h]"] == pytest.approx(3.5 * 4 / math.pi, rel=1e-9)
    assert step["Charge capacity [A.h]"] == pytest.approx(0, abs=1e-12)
    assert step["Mean current [A]"] == pytest.approx(4 / math.pi, rel=1e-9)


def test_a_mean_is_over_time_for_uneven_samples():
    rows = [
        {"Time [s]": time, "Voltage [V]": voltage, "Current [A]": 1.0, "Step count": 0}
        for time, voltage in ((0, 4.0), (1, 4.0), (2, 4.0), (3, 3.0), (103, 3.0))
    ]

    [step] = derived(rows)

    assert step["Mean voltage [V]"] == pytest.approx((4 * 2 + 3.5 + 3 * 100) / 103)


def test_steps_without_a_step_count_follow_the_numbers_of_the_cycler():
    cycler = [1, 1, 2, 2, 1, 1, 1]
    cycles = [1, 1, 1, 1, 2, 2, 3]
    frame = pl.LazyFrame(
        {
            "Time [s]": [float(i) for i in range(7)],
            "Voltage [V]": [3.0] * 7,
            "Current [A]": [0.0] * 7,
            "Step from cycler": cycler,
            "Cycle from cycler": cycles,
        }
    )

    steps = derive_steps(frame)

    assert steps["Step count"].to_list() == [0, 1, 2, 3]
    assert steps["Start index"].to_list() == [0, 2, 4, 6]
    assert steps["Step from cycler"].to_list() == [1, 2, 1, 1]
    assert steps["Cycle from cycler"].to_list() == [1, 1, 2, 3]
    assert steps["Cycle count"].to_list() == [0, 0, 1, 2]


def test_every_column_exists_and_is_null_if_not_measured():
    rows = [{"Time [s]": 0, "Voltage [V]": 3, "Current [A]": 0, "Step count": 5}]

    frame = derive_steps(pl.LazyFrame(rows))

    assert frame.columns == [*STEP_COLUMNS]
    [step] = frame.to_dicts()
    empty = {name for name, value in step.items() if value is None}
    assert empty == {
        "Label",
        "Group number",
        "Step from cycler",
        "Cycle from cycler",
        *(f"{word} frequency [Hz]" for word in ("Min", "Max", "Mean", "Std")),
        *(f"{word} temperature [degC]" for word in ("Min", "Max", "Mean")),
        "Termination",
    }


def test_nulls_and_nan_in_a_signal_are_left_out():
    frame = pl.LazyFrame(
        {
            "Time [s]": [0.0, 1.0, 2.0, 3.0, 4.0],
            "Voltage [V]": [4.0, 3.0, None, float("nan"), 3.0],
            "Current [A]": [1.0, 1.0, 1.0, 1.0, 1.0],
            "Step count": [0] * 5,
        }
    )

    [step] = derive_steps(frame).to_dicts()

    assert (step["Min voltage [V]"], step["Max voltage [V]"]) == (3.0, 4.0)
    assert step["Mean voltage [V]"] == pytest.approx(3.5)
    assert step["Discharge capacity [A.h]"] == pytest.approx(1 / 3600)
    assert step["End voltage [V]"] == 3.0


def test_given_steps_keep_their_columns_and_get_missing_ones():
    rows = [
        {"Time [s]": i, "Voltage [V]": 3, "Current [A]": 1, "Step count": i // 2} for i in range(4)
    ]
    given_steps = pl.DataFrame(
        {"Step count": [1.0, 0.0], "Step type": ["b", "a"], "Note": ["y", "x"]}
    )

    steps = completed(given_steps, derive_steps(pl.LazyFrame(rows)))

    assert steps["Step type"].to_list() == ["a", "b"]
    assert steps["Note"].to_list() == ["x", "y"]
    assert steps["End index"].to_list() == [1, 3]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Step": [0, 1]}, "lack 'Step count'"),
        ({"Step count": ["a", "b"]}, "holds String"),
        ({"Step count": [0]}, "1 of them, the series has 2"),
        ({"Step count": [0, 0]}, "differs"),
    ],
)
def test_given_steps_that_do_not_match_the_series_are_rejected(columns, words):
    rows = [
        {"Time [s]": i, "Voltage [V]": 3, "Current [A]": 1, "Step count": i // 2} for i in range(4)
    ]
    steps = derive_steps(pl.LazyFrame(rows))

    with pytest.raises(MeasurementError, match=words):
        completed(pl.DataFrame(columns), steps)
