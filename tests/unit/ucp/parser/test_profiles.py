"""Drive cycles, waveforms and impedance sweeps."""

from __future__ import annotations

import pytest

from ionworks.ucp import Leaf, Profile, Sweep, Wave, parse
from ionworks.ucp.expressions import Number

SAMPLES = ((0.0, 1.0), (10.0, -2.5))


def step(item: object) -> Leaf:
    result = parse({"steps": [item]})
    assert result.errors == (), [str(found) for found in result.errors]
    assert result.protocol is not None
    leaf = result.protocol.steps[0]
    assert isinstance(leaf, Leaf)
    return leaf


@pytest.mark.parametrize("key", ["Drive", "DriveCycle", "Drive cycle", "drive_cycle"])
@pytest.mark.parametrize("field", ["drive_cycle", "file", "value", "name"])
def test_a_named_drive_cycle(key: str, field: str) -> None:
    leaf = step({key: {field: "US06", "mode": "Power", "scale": 2}})

    assert leaf.profile == Profile("US06", scale=Number(2))
    assert (leaf.kind, leaf.mode, leaf.name) == ("Drive", "Power", None)


def test_a_drive_step_may_have_a_name_besides_its_cycle() -> None:
    leaf = step({"Drive": {"drive_cycle": "US06", "name": "Trip"}})

    assert (leaf.name, leaf.mode) == ("Trip", "Current")


@pytest.mark.parametrize(
    ("data", "mode"),
    [
        ([[0, 1], [10, -2.5]], "Current"),
        ([["0", "1.0"], ["1e1", "-2.5"]], "Current"),
        ({"time": [0, 10], "value": [1, -2.5]}, "Current"),
        ({"Time [s]": [0, 10], "Power [W]": [1, -2.5]}, "Power"),
        ({"C-rate": [1, -2.5], "time": [0, 10]}, "C-rate"),
        ({"Time [s]": [0, 10], "Current [mA]": [1000, -2500]}, "Current"),
    ],
)
def test_inline_samples(data: object, mode: str) -> None:
    leaf = step({"Drive": {"data": data}})

    assert leaf.profile == Profile(data=SAMPLES)
    assert leaf.mode == mode


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "exactly one 'drive_cycle'"),
        ({"drive_cycle": "a", "file": "b"}, "exactly one 'drive_cycle'"),
        ({"drive_cycle": "input['cycle']"}, "cannot be an input"),
        ({"data": [[0, 1]]}, "at least two"),
        ({"data": [[1, 1], [2, 1]]}, "at time 0"),
        ({"data": [[0, 1], [0, 2]]}, "increase strictly"),
        ({"data": [[0, 1], [1]]}, "a pair"),
        ({"data": [[0, 1], [1, "x"]]}, "finite number"),
        ({"data": [[0, 1], [1, float("nan")]]}, "finite number"),
        ({"data": {"time": [0, 1]}}, "two columns"),
        ({"data": {"time": [0, 1], "value": [1]}}, "differ in length"),
        ({"data": {"time": [0, 1], "Curent [A]": [1, 2]}}, "did you mean 'Current'?"),
        ({"data": 3}, "pairs"),
        ({"data": {"Time [s]": [0, 1], "Current [V]": [1, 2]}}, "valid units: A, mA"),
        (
            {"data": {"Time [s]": [0, 1], "Power [W]": [1, 2]}, "mode": "Current"},
            "change one of them",
        ),
    ],
)
def test_bad_drive_cycles(body: dict[str, object], words: str) -> None:
    result = parse({"steps": [{"Drive": body}]})

    assert {found.code for found in result.errors} == {"E-value"}
    assert words in result.errors[0].message


def test_a_waveform() -> None:
    leaf = step(
        {
            "Waveform": {
                "shape": "Sine",
                "mode": "Current",
                "amplitude": "500 mA",
                "frequency": "1 kHz",
                "cycles": 10,
            }
        }
    )

    assert leaf.wave == Wave("sine", Number(0.5), Number(1000), cycles=Number(10))
    assert step({"Waveform": {"data": [[0, 1], [10, -2.5]]}}).profile == Profile(data=SAMPLES)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"duration": 1}, "E-value"),
        ({"shape": "sin", "amplitude": 1, "frequency": 1, "cycles": 1}, "E-value"),
        ({"shape": "sine", "frequency": 1, "cycles": 1}, "E-value"),
        ({"shape": "sine", "amplitude": 1, "frequency": 0, "cycles": 1}, "E-value"),
        ({"shape": "sine", "amplitude": -1, "frequency": 1, "cycles": 1}, "E-value"),
        ({"shape": "sine", "amplitude": 1, "frequency": 1}, "E-term"),
        ({"shape": "sine", "amplitude": 1, "frequency": 1, "cycles": 1, "form": 2}, "E-key"),
    ],
)
def test_bad_waveforms(body: dict[str, object], code: str) -> None:
    assert [found.code for found in parse({"steps": [{"Waveform": body}]}).errors] == [code]


def test_an_impedance_sweep() -> None:
    ranged = step({"EIS": {"min_frequency": 0.01, "max_frequency": "10 kHz", "amplitude": 0.1}})
    listed = step({"eis": {"frequencies": [1, 10], "amplitude": "5 mV", "mode": "Voltage"}})

    assert ranged.sweep == Sweep(Number(0.1), (), Number(0.01), Number(10_000))
    assert listed.sweep == Sweep(Number(0.005), (Number(1), Number(10)))
    assert (ranged.mode, listed.mode) == ("Current", "Voltage")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"amplitude": 1}, "E-value"),
        ({"frequencies": [1], "min_frequency": 1, "max_frequency": 2, "amplitude": 1}, "E-value"),
        ({"frequencies": [], "amplitude": 1}, "E-value"),
        ({"frequencies": [1], "points_per_decade": 3, "amplitude": 1}, "E-value"),
        ({"min_frequency": 10, "max_frequency": 1, "amplitude": 1}, "E-value"),
        ({"frequencies": [0], "amplitude": 1}, "E-value"),
        ({"frequencies": [1]}, "E-value"),
        ({"frequencies": [1], "amplitude": 0}, "E-value"),
        ({"frequencies": [1], "amplitude": 1, "mode": "Power"}, "E-mode"),
        ({"frequencies": [1], "amplitude": 1, "duration": 3}, "E-key"),
    ],
)
def test_bad_sweeps(body: dict[str, object], code: str) -> None:
    assert [found.code for found in parse({"steps": [{"EIS": body}]}).errors] == [code]
