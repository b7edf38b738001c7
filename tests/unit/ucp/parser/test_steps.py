"""Steps without a set-point: ambient temperature and control."""

from __future__ import annotations

import pytest

from ionworks.ucp import Leaf, parse
from ionworks.ucp.expressions import Number
from ionworks.ucp.parser.expressions import parse_expression


def step(item: object) -> Leaf:
    result = parse({"steps": [item]})
    assert result.errors == (), [str(found) for found in result.errors]
    assert result.protocol is not None
    leaf = result.protocol.steps[0]
    assert isinstance(leaf, Leaf)
    return leaf


@pytest.mark.parametrize("body", [45, "45", "45 degC", {"value": 45}, {"temperature": 45}])
def test_an_ambient_temperature(body: object) -> None:
    assert step({"Ambient temperature": body}).value == Number(45)


@pytest.mark.parametrize("body", [None, {}, {"value": 1, "temperature": 2}, -300, {"value": -300}])
def test_bad_ambient_temperatures(body: object) -> None:
    result = parse({"steps": [{"Ambient temperature": body}]})

    assert [found.code for found in result.errors] == ["E-value"]


def test_a_control_step_has_no_physics() -> None:
    leaf = step(
        {
            "Control": {
                "set_variable": [
                    {"name": "VAR_A", "eval": 0},
                    {"name": "VAR_B", "eval": "VAR_A + Capacity"},
                ],
                "ends": [{"VAR_A > 3": {"goto": "End"}}],
            }
        }
    )

    assert leaf.kind == "Control"
    assert [item.name for item in leaf.set_variables] == ["VAR_A", "VAR_B"]
    assert leaf.set_variables[1].value == parse_expression("VAR_A + Capacity")
    assert leaf.ends[0].quantity == "VAR_A"


def test_a_variable_may_be_set_after_its_use_in_the_text_by_a_loop() -> None:
    result = parse(
        """
        steps:
          - Control: {set_variable: {name: VAR_LAPS, eval: 0}}
          - Loop body:
              - Discharge:
                  mode: C-rate
                  value: ifelse(VAR_LAPS > 10, 0.5, 1)
                  ends: ["Voltage < 2.8"]
                  set_variable:
                    - {name: VAR_LAPS, eval: VAR_LAPS + 1}
                    - {name: VAR_QLAST, eval: Capacity}
        """
    )

    assert result.errors == ()
    assert result.warnings == ()


@pytest.mark.parametrize(
    "name", ["Voltage", "v_min", "SOC", "ifelse", "and", "input", "C", "Power"]
)
def test_reserved_words_cannot_be_variables(name: str) -> None:
    result = parse({"steps": [{"Control": {"set_variable": {"name": name, "eval": 1}}}]})

    assert [found.code for found in result.errors] == ["E-expr"]
    assert "reserved" in result.errors[0].message
