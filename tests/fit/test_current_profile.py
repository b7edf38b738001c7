"""Measured currents as piecewise linear profiles."""

import numpy as np
import polars as pl
import pytest

from ionworks.engine.fitting.forward_model import line_segments
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


def noise(times, deviation):
    return np.random.default_rng(1).normal(0, deviation, len(times))


def restarts(found):
    """Return how often the integrator starts: once a segment, and at each stop."""
    return sum(1 + len(segment.stops) for segment in found.segments)


def followed(found, times):
    """Return the current that a model follows at some times."""
    if found.shape is not None:
        return np.interp(times, found.shape.times, found.shape.values)
    starts = np.cumsum([0, *(segment.length for segment in found.segments)])[:-1]
    place = np.maximum(np.searchsorted(starts, times - 1e-6) - 1, 0)
    firsts, slopes = (
        np.array([getattr(segment, name) for segment in found.segments])[place]
        for name in ("first", "slope")
    )
    return firsts + slopes * (times - starts[place])


TIMES = np.arange(3600.0)
CURRENTS = {
    "constant": np.full(3600, 5.0),
    "ramp": TIMES / 1000,
    "pulses": np.where(TIMES % 900 < 300, 5.0, 0.0),
    "hold": np.where(TIMES < 1000, -4.0, -4 * np.exp(-(TIMES - 1000) / 800)),
    "drive cycle": np.interp(TIMES, TIMES[::10], np.random.default_rng(2).normal(0, 3, 360)),
}


@pytest.mark.parametrize("deviation", [1e-3, 4e-3])
@pytest.mark.parametrize("name", CURRENTS)
def test_noise_does_not_restart_the_integrator(name, deviation):
    clean = CURRENTS[name]
    without, found = (
        profile(TIMES, currents) for currents in (clean, clean + noise(TIMES, deviation))
    )
    assert without.noise == 0
    assert 2 * deviation < found.noise < 0.01 * np.abs(clean).max()
    assert restarts(found) < 1.4 * restarts(without) + 40
    # The current that is left is closer to the true one than the measured current is.
    assert np.std(followed(found, TIMES) - clean) < deviation / 2


@pytest.mark.parametrize("name", CURRENTS)
def test_the_charge_of_a_noisy_current_is_kept(name):
    measured = CURRENTS[name] + noise(TIMES, 2e-3)
    error = followed(profile(TIMES, measured), TIMES) - measured
    passed = np.append(0.0, np.cumsum((error[1:] + error[:-1]) / 2))
    whole = np.trapezoid(np.abs(measured), TIMES)
    assert np.abs(passed).max() < 2.5e-5 * whole
    assert abs(passed[-1]) < 1e-6 * whole


def test_a_rest_with_noise_is_a_rest():
    currents = np.where(TIMES < 900, 0.0, 5.0)
    assert profile(TIMES, currents + noise(TIMES, 8e-3)).rest == 900


def test_lines_that_cannot_be_divided_further_are_given_up(monkeypatch):
    monkeypatch.setattr(line_segments, "_crossed", lambda *_: [1000])
    currents = 5 + noise(TIMES, 1e-3)
    found = line_segments.without_noise(TIMES, currents, 1e-4)
    assert found.deviation == 0
    assert np.abs(np.interp(TIMES, found.times, found.values) - currents).max() <= 1e-4


@pytest.mark.parametrize("options", [{"tolerance": 0.0}, {"tolerance": 1e-4}])
def test_noise_is_followed_if_a_tolerance_is_given(options):
    measured = 5 + noise(TIMES, 1e-3)
    found = profile(TIMES, measured, **options)
    assert found.noise == 0
    assert np.abs(followed(found, TIMES) - measured).max() <= options["tolerance"] + 1e-12


def test_a_digit_that_flickers_is_noise():
    last = np.random.default_rng(3).random(len(TIMES)) < 0.02
    found = profile(TIMES, 5 + 1e-3 * last)
    assert restarts(found) == 1


@pytest.mark.parametrize(
    "currents",
    [
        np.random.default_rng(2).normal(0, 3, 3600),
        3 * np.sin(TIMES / 3) + 2 * np.sin(TIMES / 1.7),
        3 * np.sin(TIMES / 100),
        CURRENTS["hold"],
        CURRENTS["drive cycle"],
        # Small and fast changes on top of large ones are signal unless they scatter about lines.
        5 + 0.02 * np.sin(TIMES / 2),
    ],
)
def test_a_current_without_noise_is_followed_as_closely_as_ever(currents):
    found = profile(TIMES, currents)
    assert found.noise == 0
    error = np.abs(followed(found, TIMES) - currents)
    assert error.max() <= 1e-4 * np.abs(currents).max() * (1 + 1e-9)


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
