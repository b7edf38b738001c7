"""Protocols in plain sentences: one line for each limit and item, blocks indented."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from ionworks.ucp import Leaf, Protocol, human_readable, parse, resolve
from ionworks.ucp.traversal import positions
from tests.unit.ucp.corpus import RATE_TEST, SPECIAL
from tests.unit.ucp.trees import protocols


def words(text: str | dict[str, object]) -> list[str]:
    result = parse(text)
    assert result.protocol is not None, result.errors
    return human_readable(result.protocol).splitlines()


def sentence(item: object) -> str:
    """The line of one step, without its number."""
    setting = {"Control": {"set_variable": {"name": "VAR_X", "eval": 1}}}
    return words({"steps": [setting, item]})[2].removeprefix("2. ")


RATE_TEST_SAID = """\
Start at 25 degC and a voltage of 4.1 V; save a point at least every 10 s.
In every step:
  - if the voltage is below 2.4 V, go to "Recover".
  - if the voltage is above V_MAX + 0.05 (V), go to "Recover".
  - if the cell temperature is above 55 degC, go to "Recover".
  - if the charging current is above 10 A, go to "Recover".
  - if the discharging current is above 20 A, go to "Recover".
1. Set VAR_RATE to 0.5.
2. "Rates", repeated as given by the input "Rates": Note: "each one twice as fast".
  2.1. "Pulse": Discharge at min(VAR_RATE, 4) (C), until the voltage is below the input "Vmin" (V)\
, or until the capacity of the step is above Q_NOM * 0.9 (A.h) (then go on with the next step)\
, or until the state of charge is below 5 % (then end the test)\
, or until the rate of change of the cell temperature is above 0.1 degC/s\
, for 1 h 30 min at most; save a point at least every 1 s or 0.001 V or 0.005 A\
; afterwards set VAR_RATE to VAR_RATE * 2.
  2.2. Rest for 20 min, at an ambient temperature of the input "T" (degC).
  2.3. "CV":
    2.3.1. Charge at a constant voltage of 4.2 V until the C-rate is below 0.05C.
  2.4. Begin a new cycle.
3. If VAR_RATE is above ifelse(SOC < 0.2, 1, 3), go to "Recover"\
; if the step count is above 100, go to item 1.
4. "Recover":
  4.1. Rest for 1 min. Note: "cool: down".
  4.2. Pause; a simulation continues without a pause.
"""
SPECIAL_SAID = """\
Start at 25 degC and a state of charge of 100 %; save a point at least every 1 min.
1. Set VAR_WAY to 1.
2. "Laps", 3 times:
  2.1. Charge or discharge, depending on ifelse(VAR_WAY == 1, 1, -1) (above 0 charges), at 3 W\
, until the rate of change of the voltage is below 0.001 V/s, for 1 h at most.
  2.2. Follow the drive cycle "US06" of power, scaled by 2, repeated as given by the input "N".
  2.3. Follow 3 samples of current over 2 s.
  2.4. Apply a sine wave of current with an amplitude of 1 A at 0.01 Hz around 0.5 A, for 3 cycles.
  2.5. Measure the impedance at 1 Hz, 10 Hz and 1000 Hz with an amplitude of 0.1 V in voltage.
  2.6. Measure the impedance from 0.01 Hz to 1000 Hz, 5 points a decade\
, with an amplitude of 0.01 A in current.
  2.7. From here on, an ambient temperature of 45 degC.
  2.8. Discharge through a resistance of 2 Ohm until the state of charge is below 20 %.
  2.9. Rest until the voltage reaches 3 V (then go to "Laps"), for 9 s at most.
3. "Flat block", 2 times:
  3.1. Rest for 1 s.
4. End the test.
"""


@pytest.mark.parametrize(("text", "said"), [(RATE_TEST, RATE_TEST_SAID), (SPECIAL, SPECIAL_SAID)])
def test_complete_protocols(text: str, said: str) -> None:
    assert words(text) == said.splitlines()


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ({}, "a state of charge of 100 %"),
        ({"initial_soc": 0.57}, "a state of charge of 57 %"),
        (
            {"initial_soc": 'input["s"]'},
            'a state of charge of the input "s" (a fraction up to 1, else %)',
        ),
        (
            {"initial_state_type": "soc_percentage", "initial_state_value": 'input["s"]'},
            'a state of charge of the input "s" (%)',
        ),
        ({"initial_voltage": "V_MIN"}, "a voltage of V_MIN (V)"),
    ],
)
def test_initial_conditions(start: dict[str, object], said: str) -> None:
    first = words({"global": start, "steps": ["End"]})[0]

    assert first == f"Start at 25 degC and {said}; save a point at least every 1 min."


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"Control": None}, "Do nothing."),
        ({"Control": {"ends": "VAR_X > 1"}}, "If VAR_X is above 1, go on with the next step."),
        ({"Control": {"ends": "VAR_X >= 1"}}, "If VAR_X is at least 1, go on"),
        ({"Control": {"ends": "VAR_X <= 1"}}, "If VAR_X is at most 1, go on"),
        ({"Control": {"ends": "VAR_X == 1"}}, "If VAR_X is 1, go on"),
        ({"Control": {"ends": "Cycle count != 1"}}, "If the cycle count is not 1, go on"),
        ({"A": {"repeat": 0, "steps": ["End"]}}, '"A", skipped:'),
        ({"A": {"repeat": 2, "steps": ["End"], "note": "n"}}, '"A", 2 times: Note: "n".'),
        ({"Rest": {"duration": 0.5}}, "Rest for 0.5 s."),
        ({"Rest": {"duration": 3661}}, "Rest for 1 h 1 min 1 s."),
        ({"Rest": {"duration": 'input["t"]'}}, 'Rest for the input "t" (s).'),
        ({"Rest": {"duration": "2 * VAR_X"}}, "Rest for 2 * VAR_X (s)."),
        (
            {"Charge": {"mode": "Current", "value": 1 / 3, "duration": 1}},
            "Charge at 0.333333333333",
        ),
        ({"Rest": {"duration": 1, "name": "a\nb", "note": "c\n\nd"}}, '"a b": Rest for 1 s.'),
    ],
)
def test_single_lines(item: dict[str, object], said: str) -> None:
    assert sentence(item).startswith(said)


def test_a_limit_without_a_target_ends_the_test() -> None:
    lines = words({"safety_limits": {"voltage_max": 4.3}, "steps": ["End"]})

    assert lines[2] == "  - if the voltage is above 4.3 V, end the test."


def test_values_of_inputs_are_described() -> None:
    protocol = parse(RATE_TEST).protocol
    assert protocol is not None
    text = human_readable(resolve(protocol, {"Rates": 3, "Vmin": "V_MIN", "T": 45}))

    assert "input" not in text
    assert '2. "Rates", 3 times:' in text
    assert "until the voltage is below V_MIN (V)" in text


def test_a_charge_without_mode_and_value_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a mode and a value"):
        human_readable(Protocol((Leaf("Charge"),)))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(protocols)
def test_each_item_is_one_line(protocol: Protocol) -> None:
    limits = len(protocol.safety.limits)
    count = 1 + bool(limits) + limits + sum(1 for _ in positions(protocol.steps))

    text = human_readable(protocol)

    assert text.endswith("\n")
    assert len(text.splitlines()) == count
