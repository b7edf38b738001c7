"""Filling in the inputs of a protocol."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ionworks.ucp import InitialState, Leaf, Protocol, UCPError, parse, required_inputs, resolve
from ionworks.ucp.expressions import Number
from ionworks.ucp.parser.expressions import parse_expression

GUIDE = """
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
"""


def tree(text: str) -> Protocol:
    result = parse(text)
    assert result.protocol is not None, [str(found) for found in result.errors]
    return result.protocol


EVERYWHERE = """
global:
  initial_temperature: input["T"]
  initial_state_type: voltage
  initial_state_value: input["V0"]
  resolution: {time: 'input["dt"]'}
safety_limits:
  voltage_max: input["Vmax"]
steps:
  - Loop:
      repeat: input["N"]
      steps:
        - Direction[input["way"]]:
            mode: C-rate
            value: 2 * input["rate"]
            duration: input["t"]
            temperature: input["T"]
            ends:
              - "Voltage < input['Vmin']": {goto: End}
            set_variable: [{name: VAR_A, eval: 'input["a"]'}]
"""
VALUES: dict[str, float | str] = {
    "T": 30,
    "V0": "V_MIN",
    "dt": 1,
    "Vmax": 4.2,
    "N": 3,
    "way": "charge",
    "rate": 0.5,
    "t": 60,
    "Vmin": "V_MIN",
    "a": 2,
}


def test_inputs_may_be_used_for_every_value() -> None:
    protocol = tree(EVERYWHERE)
    assert sorted(required_inputs(protocol)) == sorted(VALUES)

    filled = resolve(protocol, VALUES)

    assert required_inputs(filled) == []
    expected = EVERYWHERE
    for name, value in VALUES.items():
        for quote in ('"', "'"):
            expected = expected.replace(f"input[{quote}{name}{quote}]", str(value))
    assert filled == tree(expected)


def test_all_missing_names_are_listed() -> None:
    with pytest.raises(UCPError) as raised:
        resolve(tree(EVERYWHERE), {"T": 25, "way": "Charge", "a": 1})

    assert set(raised.value.names) == {"V0", "dt", "Vmax", "N", "rate", "t", "Vmin"}
    assert all(repr(name) in str(raised.value) for name in raised.value.names)


def test_a_missing_name_is_compared_with_the_given_ones() -> None:
    protocol = tree("steps: [{Rest: {duration: 'input[\"Rest time\"]'}}]")

    with pytest.raises(UCPError, match="did you mean 'rest time'"):
        resolve(protocol, {"rest time": 3})


def test_names_the_protocol_does_not_use_are_ignored() -> None:
    protocol = tree("steps: [{Rest: {duration: 1}}]")

    assert resolve(protocol, {"Anything": 3, "else": "x y"}) == protocol


def test_numpy_numbers_are_numbers() -> None:
    protocol = tree("steps: [{Rest: {duration: 'input[\"t\"]'}}]")

    for value in (np.float64(3), np.float32(3), np.int64(3)):
        leaf = resolve(protocol, {"t": value}).steps[0]  # type: ignore[dict-item]  # by duck
        assert isinstance(leaf, Leaf)
        assert leaf.duration == Number(3)


@pytest.mark.parametrize("value", [True, None, [1], {"a": 1}])
def test_a_value_of_another_type_is_a_type_error(value: object) -> None:
    protocol = tree("steps: [{Rest: {duration: 'input[\"t\"]'}}]")

    with pytest.raises(TypeError, match="'t'"):
        resolve(protocol, {"t": value})  # type: ignore[dict-item]  # the wrong type is the point


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (math.nan, "finite"),
        (math.inf, "finite"),
        ("1 +", "missing"),
        ("input['u']", "contains an input"),
        ("NO_NAME", "never set"),
        ("1 / 0", "zero"),
        ("'text'", "part of a calculation"),
    ],
)
def test_an_invalid_value_is_refused(value: float | str, words: str) -> None:
    protocol = tree("steps: [{Rest: {duration: 'input[\"t\"]'}}]")

    with pytest.raises(UCPError, match=words):
        resolve(protocol, {"t": value})


@pytest.mark.parametrize(
    ("steps", "value", "words"),
    [
        ("{Charge: {mode: Current, value: 'input[\"x\"]', duration: 1}}", -1, "use Discharge"),
        ("{A: {repeat: 'input[\"x\"]', steps: [{Rest: {duration: 1}}]}}", 2.5, "whole number"),
        ("{A: {repeat: 'input[\"x\"]', steps: [{Rest: {duration: 1}}]}}", -1, "whole number"),
        ("{Rest: {duration: 1, ends: ['Current < input[\"x\"]']}}", -1, "positive"),
        ("{'Direction[input[\"x\"]]': {mode: Current, value: 1, duration: 1}}", "'up'", "Charge"),
    ],
)
def test_the_error_of_a_value_out_of_range_names_the_step(
    steps: str, value: float | str, words: str
) -> None:
    with pytest.raises(UCPError, match=r"steps\[0\]") as raised:
        resolve(tree(f"steps: [{steps}]"), {"x": value})

    assert words in str(raised.value)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_repeat_may_be_given(count: int) -> None:
    text = "steps: [{A: {repeat: %s, steps: [{Rest: {duration: 1}}]}}]"

    assert resolve(tree(text % "'input[\"N\"]'"), {"N": count}) == tree(text % count)


def test_a_duration_of_zero_from_an_input_is_accepted() -> None:
    leaf = resolve(tree("steps: [{Rest: {duration: 'input[\"t\"]'}}]"), {"t": 0}).steps[0]

    assert isinstance(leaf, Leaf)
    assert leaf.duration == Number(0)


def test_the_operator_of_a_flat_end_follows_the_direction() -> None:
    protocol = tree(
        """
        steps:
          - direction: input["way"]
            mode: Current
            value: 1
            ends: [{variable: "Voltage [V]", value: 3.5}]
        """
    )

    ends = {}
    for way in ("Charge", "Discharge", 1, -1):
        leaf = resolve(protocol, {"way": way}).steps[0]
        assert isinstance(leaf, Leaf)
        ends[way] = (leaf.kind, leaf.ends[0].operator)
    assert ends == {
        "Charge": ("Charge", ">"),
        "Discharge": ("Discharge", "<"),
        1: ("Charge", ">"),
        -1: ("Discharge", "<"),
    }


SPECIAL = [
    ({"Initial SOC [%]": 1}, InitialState("soc", Number(1))),
    ({"Initial SOC [%]": 80}, InitialState("soc", Number(80))),
    ({"initial_soc": 1}, InitialState("soc", Number(100))),
    ({"initial_soc": 0.57}, InitialState("soc", Number(57))),
    ({"initial_soc": 57}, InitialState("soc", Number(57))),
    ({"initial_soc": 0.5, "Initial SOC [%]": 50}, InitialState("soc", Number(50))),
    ({}, InitialState("soc", Number(20))),
]


@pytest.mark.parametrize(("parameters", "state"), SPECIAL)
def test_an_initial_state_given_by_name_overrides_the_document(
    parameters: dict[str, float], state: InitialState
) -> None:
    protocol = tree("global: {initial_soc: 20}\nsteps: [{Rest: {duration: 1}}]")

    assert resolve(protocol, parameters).global_.initial_state == state


@pytest.mark.parametrize(
    "name", ["Temperature [\u00b0C]", "Initial temperature [\u00b0C]", "initial_temperature"]
)
def test_a_temperature_given_by_name_overrides_the_document(name: str) -> None:
    protocol = tree("global: {temperature: 20}\nsteps: [{Rest: {duration: 1}}]")

    assert resolve(protocol, {name: 45}).global_.temperature == Number(45)
    assert resolve(protocol, {name: "40 + 5"}).global_.temperature == parse_expression("45")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"initial_soc": 0.5, "Initial SOC [%]": 60}, "keep one"),
        ({"initial_soc": 101}, "from 0 to 100"),
        ({"Initial SOC [%]": -1}, "from 0 to 100"),
        ({"initial_temperature": -300}, "-273.15"),
    ],
)
def test_invalid_initial_conditions_are_refused(parameters: dict[str, float], words: str) -> None:
    with pytest.raises(UCPError, match=words):
        resolve(tree("steps: [{Rest: {duration: 1}}]"), parameters)


@pytest.mark.parametrize(("value", "percent"), [(1, 100), (1.0, 100), (0.5, 50), (30, 30)])
def test_an_initial_soc_from_an_input_has_the_same_scale(value: float, percent: float) -> None:
    filled = resolve(tree(GUIDE + "    duration: 1"), {"Initial SOC": value, "C-rate": 1})

    assert filled.global_.initial_state == InitialState("soc", Number(percent))
