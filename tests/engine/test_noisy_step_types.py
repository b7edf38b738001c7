"""Step types of noisy measurements: experiments solved by PyBaMM alone, logged with noise.

The true type of each step is what the experiment of PyBaMM was told to do.
"""

import numpy as np
import polars as pl
import pybamm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionworks.server.measurements import derive_cycles, derive_steps

pytestmark = pytest.mark.unmeasured

step = pybamm.step
REST = ("Rest", lambda: step.rest(duration=1200, period=1))
CC = "Constant current {}".format


def profile(seed: int, scale: float) -> np.ndarray:
    """A drive cycle of ten minutes: ramps to random currents, which are held for some seconds."""
    random = np.random.default_rng(seed)
    current: list[float] = []
    while len(current) < 600:
        target, ramp, hold = scale * random.normal(0.3, 0.6), *random.integers(1, 10, 2)
        current += [*np.linspace(current[-1] if current else 0, target, ramp + 1)[1:]]
        current += [target] * int(hold)
    return np.column_stack([np.arange(600.0), current[:600]])


def rate(c_rate: float, **options):
    return lambda: step.c_rate(c_rate, period=1, **options)


EXPERIMENTS = {
    "every kind of step": [
        REST,
        (CC("discharge"), rate(1, termination="3 V")),
        REST,
        (CC("charge"), rate(-1, termination="4.2 V")),
        ("Constant voltage charge", lambda: step.voltage(4.2, termination="C/50", period=1)),
        REST,
        ("Constant power discharge", lambda: step.power(15, duration=1800, period=1)),
        REST,
        ("Constant resistance discharge", lambda: step.resistance(1.5, duration=1800, period=1)),
        REST,
        ("Constant voltage discharge", lambda: step.voltage(3.3, termination="C/20", period=1)),
        ("Constant power charge", lambda: step.power(-10, duration=1800, period=1)),
        REST,
    ],
    "slow": [
        (CC("discharge"), rate(1 / 20, duration=3600)),
        REST,
        (CC("discharge"), rate(1 / 10, duration=1800)),
        REST,
        (CC("charge"), rate(-1 / 50, duration=3600)),
        REST,
    ],
    "drive cycles": [
        REST,
        ("Drive cycle", lambda: step.current(profile(1, 5.0))),
        REST,
        (CC("discharge"), rate(2, duration=30)),
        ("Drive cycle", lambda: step.current(profile(2, 1.0))),
        REST,
    ],
    "rests only": [REST, REST],
}


@pytest.fixture(scope="module")
def solved():
    """Return the true types of the steps of each experiment, and their values at every second."""
    found = {}
    for name, steps in EXPERIMENTS.items():
        simulation = pybamm.Simulation(
            pybamm.lithium_ion.SPM(),
            parameter_values=pybamm.ParameterValues("Chen2020"),
            experiment=pybamm.Experiment([tuple(make() for _, make in steps)]),
            solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-8),
        )
        [cycle] = simulation.solve(initial_soc=0.9).cycles
        rows = []
        for (kind, _), part in zip(steps, cycle.steps, strict=True):
            start, end = part.t[0], part.t[-1]
            time = np.unique([start, *np.arange(np.ceil(start), end), end])
            rows.append((kind, time, part["Voltage [V]"](time), part["Current [A]"](time)))
        found[name] = rows
    return found


def logged(rows, period, current_noise, voltage_noise, random, scale=1.0):
    """What a cycler logs: every so many rows and the last of each step, with noise."""
    frames = []
    for count, (kind, time, voltage, current) in enumerate(rows):
        # A drive cycle is logged at least every two seconds: its holds are not longer.
        every = min(period, 2) if kind == "Drive cycle" else period
        kept = np.unique([*range(0, len(time), every), len(time) - 1])
        frames.append(
            pl.DataFrame(
                {
                    "Time [s]": time[kept],
                    "Voltage [V]": voltage[kept] + random.normal(0, voltage_noise, len(kept)),
                    "Current [A]": scale * current[kept]
                    + random.normal(0, current_noise, len(kept)),
                    "Step count": np.full(len(kept), count),
                }
            )
        )
    return pl.concat(frames)


def types_of(frame):
    return derive_steps(frame.lazy())["Step type"].to_list()


@pytest.mark.parametrize("name", EXPERIMENTS)
@settings(max_examples=40)
@given(
    period=st.sampled_from([1, 5, 10, 30, 60]),
    milliamperes=st.floats(0.1, 2),
    millivolts=st.floats(0.1, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_noise_changes_no_step_type(solved, name, period, milliamperes, millivolts, seed):
    random = np.random.default_rng(seed)
    rows = solved[name]

    found = types_of(logged(rows, period, milliamperes / 1e3, millivolts / 1e3, random))

    assert found == [kind for kind, *_ in rows]


# A coin cell, and a module: the noise of their cyclers has the size of their currents.
@pytest.mark.parametrize("scale", [1e-3, 50.0])
@pytest.mark.parametrize("name", ["every kind of step", "slow", "drive cycles"])
def test_the_size_of_the_cell_changes_no_step_type(solved, name, scale):
    rows = solved[name]
    random = np.random.default_rng(1)

    found = types_of(logged(rows, 10, 1e-3 * scale, 3e-4, random, scale))

    assert found == [kind for kind, *_ in rows]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_rounding_to_the_steps_of_a_converter_changes_no_step_type(solved, name):
    rows = solved[name]
    frame = logged(rows, 10, 1e-3, 3e-4, np.random.default_rng(2))

    found = types_of(frame.with_columns(pl.col("Voltage [V]", "Current [A]").round(3)))

    assert found == [kind for kind, *_ in rows]


def test_an_offset_of_the_sensor_is_a_rest(solved):
    rows = solved["every kind of step"]
    frame = logged(rows, 10, 1e-3, 3e-4, np.random.default_rng(3))

    found = types_of(frame.with_columns(pl.col("Current [A]") + 1.5e-3))

    assert found == [kind for kind, *_ in rows]


def test_the_first_row_of_a_step_can_still_have_the_current_of_the_step_before(solved):
    rows = solved["every kind of step"]
    frame = logged(rows, 10, 1e-3, 3e-4, np.random.default_rng(4))
    is_first = pl.col("Step count") != pl.col("Step count").shift()
    late = pl.when(is_first).then(pl.col("Current [A]").shift()).otherwise("Current [A]")

    assert types_of(frame.with_columns(late.alias("Current [A]"))) == [kind for kind, *_ in rows]


def test_a_few_rows_of_noise_are_not_a_held_voltage(solved):
    rows = solved["every kind of step"]
    random = np.random.default_rng(5)
    for period in (120, 240):
        for _ in range(10):
            found = types_of(logged(rows, period, 2e-3, 1e-3, random))
            rests = [kind for kind, (true, *_) in zip(found, rows, strict=True) if true == "Rest"]
            assert {*rests} == {"Rest"}


def test_noise_in_a_rest_is_no_charge_of_the_cycle(solved):
    """A discharge with two rests: their noise is 0.2 mA.h of charge, which is no efficiency."""
    frame = logged(solved["every kind of step"][:3], 10, 1e-3, 3e-4, np.random.default_rng(6))

    [cycle] = derive_cycles(derive_steps(frame.lazy())).to_dicts()

    assert cycle["Charge capacity [A.h]"] > 1e-4
    assert (cycle["Coulombic efficiency"], cycle["Energy efficiency"]) == (None, None)
