"""Reading ``global`` and ``safety_limits``."""

from __future__ import annotations

import pytest

from ionworks.ucp import InitialState, Protocol, parse
from ionworks.ucp.expressions import Number
from ionworks.ucp.parser.expressions import parse_expression


def tree(source: str | dict[str, object]) -> Protocol:
    result = parse(source)
    assert result.protocol is not None, [str(found) for found in result.errors]
    return result.protocol


SETTINGS = [
    ({}, InitialState("soc", Number(100))),
    ({"initial_soc": 1}, InitialState("soc", Number(100))),
    ({"initial_soc": "1.0"}, InitialState("soc", Number(100))),
    ({"initial_soc": 0.5}, InitialState("soc", Number(50))),
    ({"initial_soc": 0.57}, InitialState("soc", Number(57))),
    ({"initial_soc": 50}, InitialState("soc", Number(50))),
    ({"initial_soc": 100}, InitialState("soc", Number(100))),
    ({"initial_soc": 0}, InitialState("soc", Number(0))),
    ({"initial_voltage": 3.7}, InitialState("voltage", Number(3.7))),
    ({"initial_voltage": "V_MAX"}, InitialState("voltage", parse_expression("V_MAX"))),
    (
        {"initial_state_type": "SOC_percentage ", "initial_state_value": 1},
        InitialState("soc", Number(1)),
    ),
    (
        {"initial_state_type": "voltage", "initial_state_value": "3.7"},
        InitialState("voltage", Number(3.7)),
    ),
    ({"initial_state_value": 30}, InitialState("soc", Number(30))),
    ({"initial_soc": 'input["s"]'}, InitialState("soc", parse_expression('input["s"]'), "auto")),
]


@pytest.mark.parametrize(("settings", "state"), SETTINGS)
def test_initial_states(settings: dict[str, object], state: InitialState) -> None:
    protocol = tree({"global": settings, "steps": [{"Rest": {"duration": 1}}]})

    assert protocol.global_.initial_state == state


def test_the_fraction_of_an_initial_state() -> None:
    assert InitialState("soc", Number(57)).fraction() == 0.57
    assert InitialState("soc", parse_expression("Q_NOM"), "auto").fraction({"Q_NOM": 1}) == 1
    with pytest.raises(ValueError, match="outside 0 to 100"):
        InitialState("soc", parse_expression("Q_NOM"), "auto").fraction({"Q_NOM": 101})


@pytest.mark.parametrize(
    "settings",
    [
        {"initial_soc": 1, "initial_voltage": 3},
        {"initial_soc": 1, "initial_state_value": 100},
        {"initial_voltage": 4, "initial_state_type": "voltage", "initial_state_value": 4},
        {"initial_state_type": "charge", "initial_state_value": 4},
        {"initial_state_type": "voltage"},
        {"initial_soc": 101},
        {"initial_soc": -0.1},
        {"initial_state_type": "soc_percentage", "initial_state_value": 101},
        {"initial_voltage": -1},
        {"temperature": 20, "initial_temperature": 25},
        {"temperature": -300},
        {"resolution": 0},
        {"resolution": {"time": -1}},
        {"resolution": {"voltage": 0}},
    ],
)
def test_invalid_settings(settings: dict[str, object]) -> None:
    result = parse({"global": settings, "steps": [{"Rest": {"duration": 1}}]})

    assert [found.code for found in result.errors] == ["E-init"]


def test_other_settings() -> None:
    protocol = tree(
        {
            "global": {"temperature": 30, "initial_temperature": "30 degC", "resolution": 5},
            "steps": [{"Rest": {"duration": 1}}],
        }
    )

    assert protocol.global_.temperature == Number(30)
    assert protocol.global_.resolution.time == Number(5)
    voltage_only = tree(
        {"global": {"resolution": {"voltage": 0.001}}, "steps": [{"Rest": {"duration": 1}}]}
    )
    assert voltage_only.global_.resolution.time == Number(60)


def test_safety_limits_in_all_forms() -> None:
    protocol = tree(
        """
        safety_limits:
          goto: Final rest
          discharge_current_max: 12 A
          voltage_max: {value: 4.25, goto: final rest}
          temperature_max: {limit: 55}
          voltage_min: input["Vmin"]
        steps:
          - Final rest: [{Rest: {duration: 60}}]
        """
    )

    keys = [limit.key for limit in protocol.safety.limits]
    assert keys == ["voltage_min", "voltage_max", "temperature_max", "discharge_current_max"]
    assert [limit.goto for limit in protocol.safety.limits] == [None, "Final rest", None, None]
    assert protocol.safety.goto == "Final rest"


@pytest.mark.parametrize(
    ("settings", "fraction"),
    [
        ("initial_soc: 57 %", 0.57),
        ("initial_soc: 100%", 1),
        ("initial_soc: 1 %", 0.01),
        ("initial_state_type: soc_percentage, initial_state_value: 50 %", 0.5),
        ("initial_state_type: soc_percentage, initial_state_value: 1 %", 0.01),
    ],
)
def test_a_state_of_charge_may_be_written_in_percent(settings: str, fraction: float) -> None:
    result = parse(f"global: {{{settings}}}\nsteps: [End]")

    assert result.warnings == ()
    assert result.protocol is not None
    assert result.protocol.global_.initial_state.fraction() == fraction


@pytest.mark.parametrize("value", ["1.4", "1.99", "0.7 + 0.7"])
def test_a_state_of_charge_just_above_a_full_fraction_is_refused(value: str) -> None:
    result = parse(f"global: {{initial_soc: {value}}}\nsteps: [End]")

    [error] = result.errors
    assert value in str(error) or "1.4" in str(error)
    assert "from 0 to 1" in str(error)


def test_two_and_more_are_percent() -> None:
    result = parse("global: {initial_soc: 2}\nsteps: [End]")

    assert result.protocol is not None
    assert result.protocol.global_.initial_state.fraction() == 0.02
