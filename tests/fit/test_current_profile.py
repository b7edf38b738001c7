"""Measured currents as piecewise linear profiles."""

import numpy as np
import polars as pl
import pytest

from ionworks.engine.fitting.forward_model.current_profile import JUMP, read_current_profile
from ionworks.engine.fitting.measurement import Measurement, read_measurement


def profile(times, currents, steps=None, tolerance=None):
    columns = {"Time [s]": times, "Current [A]": currents}
    if steps is not None:
        columns["Step count"] = steps
    return read_current_profile(Measurement(pl.DataFrame(columns), "data"), tolerance)


def ends(found):
    return [
        (segment.length, segment.first, segment.first + segment.slope * segment.length)
        for segment in found.segments
    ]


def test_a_constant_current_is_one_segment():
    noise = 5 + 1e-5 * np.sin(np.arange(50))
    found = profile(np.arange(50.0), noise)
    assert len(found.segments) == 1
    assert found.segments[0].first == pytest.approx(noise.mean())
    assert found.segments[0].slope == 0
    assert found.rest == 0


def test_rows_at_one_time_are_a_jump():
    found = profile([0.0, 10, 10, 20], [0.0, 0, 5, 5])
    assert ends(found) == [(10, 0, 0), (pytest.approx(10), 5, 5)]
    assert [len(segment.times) for segment in found.segments] == [2, 2]
    assert found.segments[1].times[0] == pytest.approx(JUMP)
    assert found.rest == 2


def test_a_step_begins_where_the_one_before_it_ended():
    found = profile([0.0, 10, 20, 30], [0.0, 0, 5, 5], steps=[0, 0, 1, 1])
    assert ends(found) == [(10, 0, 0), (pytest.approx(20), 5, 5)]
    without = profile([0.0, 10, 20, 30], [0.0, 0, 5, 5])
    assert ends(without) == [(10, 0, 0), (10, 0, pytest.approx(5)), (10, 5, 5)]


def test_points_on_a_line_are_dropped():
    times = np.arange(11.0)
    currents = np.interp(times, [0, 4, 10], [0, 2, -1])
    assert [segment.length for segment in profile(times, currents).segments] == [4, 6]


def test_a_drive_cycle_is_built_in():
    times = np.arange(200.0)
    currents = np.sin(times)
    found = profile(times, currents, tolerance=0.0)
    assert len(found.segments) == 1
    assert found.shape.times == tuple(times)
    loose = profile(times, currents, tolerance=0.2)
    knots, values = np.array(loose.shape.times), np.array(loose.shape.values)
    assert len(knots) < 200
    assert np.abs(np.interp(times, knots, values) - currents).max() <= 0.2


@pytest.mark.parametrize(
    ("times", "words"),
    [([0.0, 2, 1], "goes back after row 1"), ([0.0], "two rows"), ([3.0, 3, 3], "two rows")],
)
def test_refused_times(times, words):
    with pytest.raises(ValueError, match=words):
        profile(times, [1.0] * len(times))


def test_data_are_cut_by_steps_and_times():
    frame = {
        "Time [s]": [0.0, 1, 2, 3, 4],
        "Voltage [V]": [4.0, 3, 2, 1, 0],
        "Step count": [0, 0, 1, 1, 2],
    }
    by_step = {"data": "db:a", "options": {"first_step": 1, "last_step": 1}}
    found = read_measurement(by_step, {"db:a": frame}, "data")
    assert found.column("Voltage [V]").tolist() == [2, 1]
    by_time = {"data": {"time_series": frame}, "time_range": {"start": 1, "duration": 2}}
    assert read_measurement(by_time, {}, "data").column("Time [s]").tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("db:b", "unknown data 'db:b' .did you mean 'db:a'"),
        ({"data": "db:a", "options": {"interpolate": 3}}, "'interpolate' is not supported"),
        ({"data": "db:a", "time_range": {"start": 9, "end": 10}}, "no row is left"),
        ("entry.data", "unknown data"),
        (3, "give a reference"),
    ],
)
def test_refused_data(given, words):
    sources = {"db:a": {"Time [s]": [0.0, 1]}, "entry.data": "entry.data"}
    with pytest.raises(ValueError, match=words):
        read_measurement(given, sources, "data")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("Voltag [V]", "did you mean 'Voltage \\[V\\]'"),
        ("Gap", "no number in row 1"),
        ("Name", "numbers"),
    ],
)
def test_refused_columns(column, words):
    frame = pl.DataFrame({"Voltage [V]": [1.0, 2], "Gap": [1.0, None], "Name": ["a", "b"]})
    with pytest.raises(ValueError, match=words):
        Measurement(frame, "data").column(column)
