import pytest

from ionworks.engine import describe, review, simulate
from tests.engine.protocol_texts import short

DISCHARGE = short(
    "  - Discharge: {mode: C-rate, value: 1, ends: [\"Voltage < input['end']\"]}", "initial_soc: 1"
)


def discharge(model, end):
    run = {"id": "a", "experiment_parameters": {"end": end}}
    [outcome] = simulate(model, DISCHARGE, [run])
    assert outcome.error is None
    return outcome


@pytest.mark.parametrize(
    ("chemistry", "limits"),
    [
        ("LFP/Graphite", [2.0, 3.6]),
        ("lfp / graphite", [2.0, 3.6]),
        ("NMC/Graphite", [2.8, 4.2]),
        ("NCA/Graphite", [2.7, 4.2]),
        ("LCO/Graphite", [3.0, 4.2]),
    ],
)
def test_chemistries_have_their_voltage_limits_and_capacity(chemistry, limits):
    model = {"type": "quick", "capacity": 2.0, "chemistry": chemistry}
    assert describe(model)["voltage_limits"] == limits
    outcome = discharge(model, limits[0])
    assert outcome.steps["Mean current [A]"][0] == pytest.approx(2.0)
    assert 1.6 < outcome.metrics["Discharge capacity [A.h]"] < 2.01


def test_resistance_pct_is_the_voltage_drop_at_1c():
    voltages = []
    for resistance in (0, 5):
        model = {"type": "quick", "capacity": 3, "resistance_pct": resistance}
        series = discharge(model, 3.0).time_series
        voltages.append(series["Voltage [V]"][30])
    assert voltages[0] - voltages[1] == pytest.approx(0.05 * 3.75, rel=0.05)


def test_initial_voltage_is_the_open_circuit_voltage():
    text = short("  - Rest: {duration: 10}", "initial_voltage: 3.7")
    [outcome] = simulate({"type": "quick"}, text, [{"id": "a"}])
    assert outcome.time_series["Voltage [V]"][0] == pytest.approx(3.7, abs=1e-4)


def test_sweep_of_a_circuit_parameter():
    runs = [{"id": str(r), "design_parameters": {"R0 [Ohm]": r}} for r in (0.01, 0.05)]
    text = short("  - Discharge: {mode: Current, value: 1, duration: 1}")
    found = {o.id: o.steps["End voltage [V]"][0] for o in simulate({"type": "quick"}, text, runs)}
    assert found["0.01"] - found["0.05"] == pytest.approx(0.04, abs=1e-6)


def test_an_unlikely_capacity_is_noted_and_an_impossible_one_refused():
    rest = "steps: [{Rest: {duration: 10}}]"
    [[note]] = review({"type": "quick", "capacity": 5000}, rest, [{}]).notes
    assert "'Nominal cell capacity [A.h]' is 5000 A.h, which is unusual" in note.message
    [problem] = review({"type": "quick", "capacity": 1e7}, rest, [{}]).problems
    assert "1e+07 A.h, which is impossible" in problem
