"""Charge and energy: against PyBaMM solved at 1e-8, fine curves, and closed forms."""

import itertools

import numpy as np
import polars as pl
import pybamm
import pytest
from scipy.interpolate import CubicSpline

from ionworks.engine import simulate
from ionworks.engine.solver.amounts import AMOUNTS
from ionworks.engine.solver.integrator import Integrator
from tests.engine.runs import SPM, protocol, reasons, run, steps

TIGHT = 1e-8
NARROW = 1e-5
"""Relative tolerance of an integral."""

CONTROLS = (
    ("Discharge: {mode: Power, value: 15, duration: 1200}", pybamm.step.power(15, duration=1200)),
    ("Charge: {mode: Power, value: 8, duration: 600}", pybamm.step.power(-8, duration=600)),
    (
        "Discharge: {mode: Resistance, value: 1, duration: 1200}",
        pybamm.step.resistance(1, duration=1200),
    ),
    # Voltages the cell is far from: the current is large and changes fast.
    ("Charge: {mode: Voltage, value: 4.1, duration: 900}", pybamm.step.voltage(4.1, duration=900)),
    (
        "Discharge: {mode: Voltage, value: 3.5, duration: 600}",
        pybamm.step.voltage(3.5, duration=600),
    ),
    ("Rest: {duration: 600}", pybamm.step.rest(600)),
    ("Discharge: {mode: C-rate, value: 2, duration: 10}", pybamm.step.c_rate(2, duration=10)),
    ("Charge: {mode: C-rate, value: 1.5, duration: 1}", pybamm.step.c_rate(-1.5, duration=1)),
    (
        "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}",
        pybamm.step.c_rate(1, termination="2.5V"),
    ),
)
CYCLE = (
    "Charge: {mode: C-rate, value: 0.5, ends: [Voltage > 4.2]}",
    "Charge: {mode: Voltage, value: 4.2, ends: [C-rate < 0.05]}",
    "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}",
)
FEW_POINTS = {**SPM, "settings": {"var_pts": {"r_n": 5, "r_p": 5}}}


def cycled(count):
    body = "".join(f"\n        - {line}" for line in CYCLE)
    return f"CCCV:\n      repeat: {count}\n      steps:{body}"


def model_of(name, **options):
    return {"type": name, "parameter_set": "Chen2020", "options": options}


def solved(name, experiment, soc, **options):
    """Return the steps PyBaMM finds with tight tolerances."""
    simulation = pybamm.Simulation(
        getattr(pybamm.lithium_ion, name)(options),
        parameter_values=pybamm.ParameterValues("Chen2020"),
        experiment=pybamm.Experiment(experiment),
        solver=pybamm.IDAKLUSolver(rtol=TIGHT, atol=TIGHT),
    )
    return [step for cycle in simulation.solve(initial_soc=soc).cycles for step in cycle.steps]


def integrals(step, zeros=()):
    """Return the integrals of a step of PyBaMM, by Gauss's rule between close times.

    Those of the solver are too far apart: in SPM a few of them span a discharge. Between its zeros
    the current has one sign.
    """
    close = np.linspace(step.t[0], step.t[-1], 1500)
    knots = np.unique(np.concatenate([step.t, close, zeros]))
    nodes, weights = np.polynomial.legendre.leggauss(3)
    lengths = np.diff(knots)
    times = (knots[:-1, None] + lengths[:, None] * (nodes + 1) / 2).ravel()
    weights = (lengths[:, None] * weights / 2).ravel() / 3600
    current = step["Current [A]"](times)
    power = current * step["Voltage [V]"](times)
    parts = ((sign * part).clip(min=0) for part in (current, power) for sign in (1, -1))
    return [float(weights @ part) for part in parts]


def amounts(outcome):
    return outcome.steps.select(AMOUNTS).rows()


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", ["SPM", "SPMe", "DFN"])
def test_amounts_of_every_control_are_the_integrals_of_pybamm(name):
    ours = amounts(run(*(line for line, _ in CONTROLS), soc=0.8, model=model_of(name)))
    theirs = solved(name, [step for _, step in CONTROLS], 0.8)
    for found, step in zip(ours, theirs, strict=True):
        # As close as the curves: their voltages differ by 0.02 mV, which is 5e-6.
        assert found == pytest.approx(integrals(step), rel=2e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("line", "soc", "design"),
    [
        ("Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}", 1.0, {}),
        # The voltage falls ever more steeply at the end.
        ("Discharge: {mode: C-rate, value: 5, ends: [Voltage < 2.5]}", 1.0, {}),
        (
            "Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}",
            1.0,
            {"Positive electrode thickness [m]": 5.4e-5},
        ),
        # The current falls from 30 A to 2 A in a minute.
        ("Charge: {mode: Voltage, value: 4.0, duration: 300}", 0.5, {}),
        ("Charge: {mode: Power, value: 20, ends: [Voltage > 4.2]}", 0.2, {}),
    ],
)
def test_amounts_are_the_integrals_of_a_finely_sampled_curve(line, soc, design):
    model = {**SPM, "parameters": design} if design else SPM
    coarse = run(line, soc=soc, model=model)
    start = line.replace("}", ", resolution: {time: 0.002}, duration: 5}").replace(
        "duration: 300,", ""
    )
    fine = run(line.replace("}", ", resolution: {time: 0.1}}"), soc=soc, model=model).time_series
    early = run(start, soc=soc, model=model).time_series
    whole = pl.concat([early, fine.filter(pl.col("Time [s]") > early["Time [s]"][-1])])
    time, voltage, current = (whole[name].to_numpy() for name in whole.columns[:3])
    keep = np.append(True, np.diff(time) > 1e-6)
    [found] = amounts(coarse)
    for place, rate in ((0, current), (2, current * voltage)):
        area = CubicSpline(time[keep], rate[keep]).integrate(0, time[-1]) / 3600
        assert found[place] - found[place + 1] == pytest.approx(area, rel=NARROW)
        assert min(found[place], found[place + 1]) == 0


def test_columns_of_the_time_series_are_integrals_up_to_each_point():
    series = run(CYCLE[2], soc=1).time_series
    fine = run(CYCLE[2].replace("}", ", resolution: {time: 0.05}}"), soc=1).time_series
    time, voltage = fine["Time [s]"].to_numpy(), fine["Voltage [V]"].to_numpy()
    energy = CubicSpline(time, 5 * voltage).antiderivative()(series["Time [s]"]) / 3600
    assert series["Discharge energy [W.h]"].to_numpy() == pytest.approx(energy, rel=NARROW)
    assert series["Discharge capacity [A.h]"].to_numpy() == pytest.approx(
        5 * series["Time [s]"].to_numpy() / 3600, rel=1e-9
    )


def test_two_hundred_cycles_without_ageing_stay_the_same():
    outcome = run(cycled(200), soc=0.5, model=FEW_POINTS)
    rows = outcome.steps.group_by("Cycle count", maintain_order=True).agg(pl.sum(*AMOUNTS))
    later = rows[1:].select(AMOUNTS).to_numpy()
    assert len(later) == 199
    assert later.max(axis=0) == pytest.approx(later.min(axis=0), rel=NARROW)
    # What goes in comes out.
    assert later[:, 0] == pytest.approx(later[:, 1], rel=NARROW)
    totals = [outcome.metrics[name] for name in AMOUNTS]
    assert totals == pytest.approx(rows.select(AMOUNTS).to_numpy().sum(axis=0), rel=1e-12)
    assert outcome.metrics["Coulombic efficiency"] == pytest.approx(totals[0] / totals[1])
    last = outcome.time_series["Capacity [A.h]"][-1]
    assert last == pytest.approx(totals[0] - totals[1], abs=1e-9)


def test_the_energy_an_ageing_cell_loses_is_that_of_pybamm():
    ageing = {"SEI": "solvent-diffusion limited"}
    found = amounts(run(cycled(20), soc=0.5, model=model_of("SPM", **ageing)))
    experiment = [
        (
            pybamm.step.c_rate(-0.5, termination="4.2V"),
            pybamm.step.voltage(4.2, termination="C/20"),
            pybamm.step.c_rate(1, termination="2.5V"),
        )
    ] * 20
    theirs = solved("SPM", experiment, 0.5, **ageing)
    first, last = (integrals(theirs[place])[2] for place in (5, 59))
    assert found[5][2] == pytest.approx(first, rel=NARROW)
    # The first 18 cycles cost 0.06 % of the energy.
    assert found[5][2] - found[59][2] == pytest.approx(first - last, rel=5e-3)


def drive_cycle(count, seed=6):
    random = np.random.default_rng(seed)
    current = np.convolve(random.normal(0, 4, count + 9), np.ones(10) / 10, "valid") * 3 + 1
    current[random.random(count) < 0.1] = 0
    return np.column_stack([np.arange(count), current])


def parts(times, values):
    """Return the integrals of a piecewise linear profile where it is positive and negative."""
    sums = [0.0, 0.0]
    for (start, end), (first, last) in zip(
        itertools.pairwise(times), itertools.pairwise(values), strict=True
    ):
        split = first / (first - last) if first * last < 0 else 1.0
        for share, value in ((split, first), (1 - split, last)):
            area = (end - start) * share * (value if first * last < 0 else first + last) / 2
            sums[int(area < 0)] += abs(area) / 3600
    return sums


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", ["SPM", "DFN"])
def test_a_drive_cycle_passes_the_charge_of_its_profile_and_the_energy_of_pybamm(name):
    data = drive_cycle(240)
    outcome = run(f"Drive: {{mode: Current, data: {data.tolist()}}}", soc=0.7, model=model_of(name))
    [found] = amounts(outcome)
    assert list(found[:2]) == pytest.approx(parts(*data.T), rel=1e-9)
    assert min(found) > 0
    times, current = data.T
    changes = current[:-1] * current[1:] < 0
    with np.errstate(divide="ignore", invalid="ignore"):
        zeros = (times[:-1] - current[:-1] * np.diff(times) / np.diff(current))[changes]
    [step] = solved(name, [pybamm.step.current(data)], 0.7)
    assert list(found[2:]) == pytest.approx(integrals(step, zeros)[2:], rel=2e-5)


def test_waveforms_pass_the_charge_of_their_closed_forms():
    sine = run("Waveform: {shape: sine, mode: Current, amplitude: 4, frequency: 0.01, cycles: 5}")
    [found] = amounts(sine)
    # 2 / omega for each half period.
    each = 5 * 4 * 2 / (2 * np.pi * 0.01) / 3600
    assert list(found[:2]) == pytest.approx([each, each], rel=NARROW)


def test_ends_on_amounts_report_their_amounts():
    outcome = run(
        "Discharge: {mode: C-rate, value: 1, ends: [Energy > 5]}",
        "Charge: {mode: C-rate, value: 1, ends: [Capacity > 0.5]}",
        "Charge: {mode: Voltage, value: 4.1, ends: [Capacity > 0.3]}",
        "Discharge: {mode: Voltage, value: 3.6, ends: [Energy > 0.7]}",
        "Discharge: {mode: Power, value: 10, ends: [Energy > 1]}",
        "Discharge: {mode: Power, value: 10, ends: [Capacity > 0.25]}",
        "Discharge: {mode: C-rate, value: 1, ends: [SOC < 0.15]}",
        soc=0.9,
    )
    assert reasons(outcome) == [
        "Energy > 5",
        "Capacity > 0.5",
        "Capacity > 0.3",
        "Energy > 0.7",
        "Energy > 1",
        "Capacity > 0.25",
        "SOC < 0.15",
    ]
    discharged, charged, out, into = (steps(outcome, name) for name in AMOUNTS)
    assert [out[0], charged[1], charged[2], out[3], out[4], discharged[5]] == pytest.approx(
        [5, 0.5, 0.3, 0.7, 1, 0.25], rel=1e-8
    )
    assert into[0] == discharged[1] == 0


def test_a_direction_that_did_not_happen_has_no_amount_and_no_efficiency():
    outcome = run(
        "Discharge: {mode: C-rate, value: 1, duration: 600}",
        "Discharge: {mode: Power, value: 10, duration: 600}",
        "Discharge: {mode: Voltage, value: 3.5, duration: 3600}",
        "Rest: {duration: 600}",
        soc=0.9,
        model=model_of("SPMe"),
    )
    for name in ("Charge capacity [A.h]", "Charge energy [W.h]"):
        assert set(steps(outcome, name)) == {0.0}
        assert outcome.time_series[name].max() == 0
        assert outcome.metrics[name] == 0
    assert outcome.metrics["Coulombic efficiency"] is None
    assert outcome.metrics["Energy efficiency"] is None
    assert amounts(outcome)[3] == (0, 0, 0, 0)


def test_throughput_as_an_extra_variable_is_the_sum_of_both_directions():
    names = ["Throughput energy [W.h]", "Throughput capacity [A.h]"]
    outcome = run(*CYCLE, soc=0.5, extra_variables=names)
    last = outcome.time_series.row(-1, named=True)
    for name, columns in zip(names, (AMOUNTS[2:], AMOUNTS[:2]), strict=True):
        total = sum(outcome.metrics[column] for column in columns)
        assert last[name] == pytest.approx(total, rel=1e-12)


def test_runs_that_are_solved_again_do_not_record_the_times_of_all_others(monkeypatch):
    numbers = []
    solve = Integrator.solve

    def recorded(self, rows, states, stops, points):
        numbers.append((len(rows), len(points)))
        return solve(self, rows, states, stops, points)

    monkeypatch.setattr(Integrator, "solve", recorded)
    thicknesses = np.linspace(5e-5, 1e-4, 60)
    runs = [
        {"id": str(each), "design_parameters": {"Positive electrode thickness [m]": float(each)}}
        for each in thicknesses
    ]
    text = protocol("Discharge: {mode: C-rate, value: 1, ends: [Voltage < 2.5]}", soc=1)

    outcomes = list(simulate(SPM, text, runs))

    assert not any(outcome.error for outcome in outcomes)
    (together, first), *again = numbers
    assert together == 60
    # The steep end of a discharge needs more times, and each run has its own.
    assert sum(rows for rows, _ in again) > 10
    assert max(points for _, points in again) <= 2 * first
