"""The rows of the specification of the language; the id of a test is that of its row.

One document for each rule that a single document can show; conditions, expressions and errors
are tested in the other files of this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ionworks.ucp import Block, Leaf, Protocol, find_input_references, parse
from ionworks.ucp.expressions import Input, Number
from ionworks.ucp.parser.expressions import parse_expression

REST: dict[str, Any] = {"Rest": {"duration": 1}}
CHARGE = {"mode": "Current", "value": 1, "duration": 1}
SET = {"Control": {"set_variable": {"name": "VAR_X", "eval": 1}}}
LOW = {"Voltage < 3": {"goto": "Home"}}
HOME = {"Home": [REST]}


def settings(**keys: Any) -> dict[str, Any]:
    return {"global": keys, "steps": [REST]}


def limits(**keys: Any) -> dict[str, Any]:
    return {"safety_limits": keys, "steps": [REST, HOME]}


def steps(*items: Any) -> dict[str, Any]:
    return {"steps": list(items)}


def leaf(protocol: Protocol, index: int = 0) -> Leaf:
    item = protocol.steps[index]
    assert isinstance(item, Leaf)
    return item


def block(protocol: Protocol, index: int = 0) -> Block:
    item = protocol.steps[index]
    assert isinstance(item, Block)
    return item


MEANS: dict[str, tuple[Any, Callable[[Protocol], object]]] = {
    # 2 global
    "A3 global is optional": (steps(REST), lambda p: p.global_.temperature == Number(25)),
    "G1 initial_temperature": (
        settings(initial_temperature=35),
        lambda p: p.global_.temperature == Number(35),
    ),
    "G5 temperature": (settings(temperature=35), lambda p: p.global_.temperature == Number(35)),
    "G2 voltage": (
        settings(initial_state_type="voltage", initial_state_value=3.7),
        lambda p: p.global_.initial_state.kind == "voltage",
    ),
    "G3 quoted number": (
        settings(initial_state_type="soc_percentage", initial_state_value="40"),
        lambda p: p.global_.initial_state.fraction() == 0.4,
    ),
    "G4 input with brackets": (
        settings(
            initial_state_type="soc_percentage", initial_state_value="input['Initial SOC [%]']"
        ),
        lambda p: p.global_.initial_state.value == Input("Initial SOC [%]"),
    ),
    "G13 full unless said": (steps(REST), lambda p: p.global_.initial_state.fraction() == 1),
    "G14 a fraction": (
        settings(initial_soc=0.5),
        lambda p: p.global_.initial_state.fraction() == 0.5,
    ),
    "G14 percent": (
        settings(initial_soc=50),
        lambda p: p.global_.initial_state.fraction() == 0.5,
    ),
    "G15 always percent": (
        settings(initial_state_type="soc_percentage", initial_state_value=1),
        lambda p: p.global_.initial_state.fraction() == 0.01,
    ),
    "G10 time 60": (steps(REST), lambda p: p.global_.resolution.time == Number(60)),
    "G11 voltage and current": (
        settings(resolution={"time": 1, "voltage": 0.001, "current": 0.002}),
        lambda p: p.global_.resolution.current == Number(0.002),
    ),
    "G12 one number": (
        settings(resolution=5),
        lambda p: p.global_.resolution.time == Number(5),
    ),
    # 3 safety limits
    "S1 all limits": (
        limits(
            voltage_min=2, voltage_max=5, temperature_min=-20, temperature_max=60,
            charge_current_max=3, discharge_current_max=4,
        ),
        lambda p: [limit.value.value for limit in p.safety.limits] == [2, 5, -20, 60, 3, 4],
    ),
    "S4 own goto": (
        limits(voltage_max={"value": 4.3, "goto": "Home"}),
        lambda p: p.safety.limits[0].goto == "Home",
    ),
    "S5 fallback": (limits(voltage_max=4.3, goto="home"), lambda p: p.safety.goto == "Home"),
    "S6 alias limit": (
        limits(voltage_max={"limit": 4.3}),
        lambda p: p.safety.limits[0].value == Number(4.3),
    ),
    "S12 expressions": (
        limits(voltage_max="V_MAX + 0.1"),
        lambda p: p.safety.limits[0].value == parse_expression("V_MAX + 0.1"),
    ),
    # 4 items, kinds, fields, markers
    "T1 keyed": (steps(REST), lambda p: leaf(p).kind == "Rest"),
    "T2 flat": (steps({"direction": "Rest", "duration": 1}), lambda p: leaf(p).kind == "Rest"),
    "T4 marker": (steps(REST, "End"), lambda p: len(p.steps) == 2),
    "T6 flat block": (
        steps({"name": "A", "repeat": 3, "steps": [REST]}),
        lambda p: block(p).repeat == Number(3),
    ),
    "K2 Direction": (
        steps({"Direction[SOC - 0.5]": CHARGE}),
        lambda p: leaf(p).direction == parse_expression("SOC - 0.5"),
    ),
    "K5 Control": (steps(SET), lambda p: leaf(p).set_variables[0].name == "VAR_X"),
    "K6 spelling": (
        steps({"ambient_temperature": 45}),
        lambda p: leaf(p).kind == "Ambient temperature",
    ),
    "P5 temperature": (
        steps({"Rest": {"duration": 1, "temperature": 45}}),
        lambda p: leaf(p).temperature == Number(45),
    ),
    "P6 resolution": (
        steps({"Rest": {"duration": 1, "resolution": 2}}),
        lambda p: leaf(p).resolution.time == Number(2),  # type: ignore[union-attr]  # just given
    ),
    "P9 note": (steps({"Rest": {"duration": 1, "note": "n"}}), lambda p: leaf(p).note == "n"),
    "P10 name": (
        steps({"Rest": {"ends": [{"Voltage < 3": {"goto": "Wait"}}], "name": "Wait"}}),
        lambda p: leaf(p).ends[0].goto == "Wait",
    ),
    "P11 no term needed": (
        steps({"Drive": {"drive_cycle": "a"}}, {"Ambient temperature": 1}, SET),
        lambda p: leaf(p).duration is None,
    ),
    "P14 ten minutes": (
        steps({"Rest": {"duration": "10 minutes"}}),
        lambda p: leaf(p).duration == Number(600),
    ),
    "P15 a single end": (
        steps({"Rest": {"ends": "Voltage < 3"}}),
        lambda p: len(leaf(p).ends) == 1,
    ),
    # 5 modes
    **{
        f"O1 {mode}": (
            steps({"Discharge": {"mode": mode.upper(), "value": 2, "duration": 1}}),
            lambda p, mode=mode: leaf(p).mode == mode,
        )
        for mode in ("C-rate", "Current", "Power", "Voltage", "Resistance")
    },
    # 6 values
    "V2 quoted number": (
        steps({"Charge": {**CHARGE, "value": "0.6"}}),
        lambda p: leaf(p).value == Number(0.6),
    ),
    "V4 user variable": (
        steps(SET, {"Rest": {"ends": "Voltage > ifelse(VAR_X == 1, 1e9, 4)"}}),
        lambda p: "VAR_X" in str(leaf(p, 1).ends[0].threshold),
    ),
    "V5 cell limits": (
        steps({"Rest": {"ends": "Voltage > V_MAX"}}),
        lambda p: str(leaf(p).ends[0].threshold) == "V_MAX",
    ),
    # 7 ends
    "E2 key with goto": (steps({"Rest": {"ends": [LOW]}}, HOME), lambda p: leaf(p).ends[0].goto),
    "E9 rate": (
        steps({"Rest": {"ends": "d/dt(Voltage) < 0.001"}}),
        lambda p: leaf(p).ends[0].rate,
    ),
    "E22 magnitude": (
        steps({"Charge": {**CHARGE, "ends": {"variable": "Current [A]", "value": -0.05}}}),
        lambda p: leaf(p).ends[0].threshold == Number(0.05),
    ),
    # 8 blocks and goto
    "L1 list body": (steps({"A": [REST]}), lambda p: block(p).repeat == Number(1)),
    "L2 mapping body": (
        steps({"A": {"repeat": 3, "steps": [REST]}}),
        lambda p: block(p).repeat == Number(3),
    ),
    "L4 name of a kind": (steps({"Discharge": [REST]}), lambda p: block(p).name == "Discharge"),
    "L5 repeat by input": (
        steps({"A": {"repeat": 'input["N"]', "steps": [REST]}}),
        lambda p: block(p).repeat == Input("N"),
    ),
    "L6 almost whole": (
        steps({"A": {"repeat": 2.0000000000001, "steps": [REST]}}),
        lambda p: round(block(p).repeat.value) == 2,  # type: ignore[union-attr]  # a Number
    ),
    "L6 zero": (
        steps({"A": {"repeat": 0, "steps": [REST]}}),
        lambda p: block(p).repeat == Number(0),
    ),
    "L7 nesting": (
        steps({"A": [{"B": [{"C": [REST]}]}]}),
        lambda p: block(p).items[0].items[0].name == "C",  # type: ignore[union-attr]  # blocks
    ),
    "L8 note": (steps({"A": {"steps": [REST], "note": "n"}}), lambda p: block(p).note == "n"),
    "L10 same name": (steps({"A": [REST]}, {"A": [REST]}), lambda p: len(p.steps) == 2),
    "J2 End": (
        steps({"Rest": {"duration": 1, "ends": [{"Voltage < 3": {"goto": "end"}}]}}),
        lambda p: leaf(p).ends[0].goto == "End",
    ),
    "J3 index": (
        steps({"Rest": {"duration": 1, "ends": [{"Voltage < 3": {"goto": 2}}]}}, REST),
        lambda p: leaf(p).ends[0].goto == 2,
    ),
    # 9 variables
    "P8 eval is a number": (steps(SET), lambda p: leaf(p).set_variables[0].value == Number(1)),
    "Q2 read-outs": (
        steps({"Control": {"set_variable": [{"name": "VAR_A", "eval": "Capacity + Total time"}]}}),
        lambda p: "Total time" in str(leaf(p).set_variables[0].value),
    ),
    "Q3 conditional jump": (
        steps(SET, {"Control": {"ends": [{"VAR_X < 3": {"goto": "Home"}}]}}, HOME),
        lambda p: leaf(p, 1).ends[0].goto == "Home",
    ),
    # 10 special steps
    "D3 inline data": (
        steps({"Drive": {"data": [[0, 1], [1, 2]], "mode": "Power"}}),
        lambda p: leaf(p).profile.data == ((0, 1), (1, 2)),  # type: ignore[union-attr]  # given
    ),
    "D9 ambient": (
        steps({"Ambient temperature": {"value": 45}}),
        lambda p: leaf(p).value == Number(45),
    ),
    # 14 strings
    "A8 strings": ("Rest for 1 hour\nCharge at 1C until 4.2 V", lambda p: len(p.steps) == 2),
    "C3 defaults": (
        "Rest for 1 hour",
        lambda p: p.global_ == parse(steps(REST)).protocol.global_,  # type: ignore[union-attr]
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", MEANS)
def test_row_gives_a_tree(row: str) -> None:
    document, holds = MEANS[row]

    result = parse(document)

    assert result.errors == ()
    assert result.protocol is not None
    assert holds(result.protocol)


REFUSED: dict[str, tuple[str, Any]] = {
    "A2 no mapping": ("E-yaml", "[1, 2]"),
    "A5 unknown section": ("E-key", {"steps": [REST], "author": "x"}),
    "A10 neither": ("E-yaml", "do something"),
    "Y1.4 not indented": ("E-item", "steps:\n- Charge:\n  mode: Current\n  value: 1"),
    "Y1.6 a boolean name": ("E-key", "steps: [{Off: [{Rest: {duration: 1}}]}]"),
    "G6 both": ("E-init", settings(initial_soc=1, initial_voltage=4)),
    "G14 above 100": ("E-init", settings(initial_soc=101)),
    "G16 two dialects": ("E-init", settings(initial_soc=1, initial_state_value=1)),
    "G16 state type": ("E-init", settings(initial_state_type="soc", initial_state_value=1)),
    "G16 temperatures": ("E-init", settings(temperature=1, initial_temperature=2)),
    "G16 absolute zero": ("E-init", settings(temperature=-274)),
    "G16 resolution": ("E-init", settings(resolution={"time": 0})),
    "S3 negative current": ("E-safety", limits(charge_current_max=-1)),
    "S5 target": ("E-goto", limits(voltage_max=4, goto="Nowhere")),
    "T3 empty": ("E-steps", steps()),
    "T5 unknown kind": ("E-kind", steps({"Dischage": CHARGE})),
    "P1 mode": ("E-mode", steps({"Charge": {"value": 1, "duration": 1}})),
    "P2 value": ("E-value", steps({"Charge": {"mode": "Current", "duration": 1}})),
    "P4 term": ("E-term", steps({"Charge": {"mode": "Current", "value": 1}})),
    "P12 unknown field": ("E-key", steps({"Rest": {"duration": 1, "colour": 1}})),
    "P13 duration": ("E-value", steps({"Rest": {"duration": 0}})),
    "M1 markers": ("E-marker", steps("Stop")),
    "O3 discharge only": (
        "E-mode",
        steps({"Charge": {"mode": "Resistance", "value": 1, "duration": 1}}),
    ),
    "O7 negative": ("E-value", steps({"Charge": {**CHARGE, "value": -1}})),
    "O12 Rest": ("E-kind", steps({"Rest": {**CHARGE}})),
    "V6 function": ("E-expr", steps({"Rest": {"duration": "sin(1)"}})),
    "V7 never set": ("E-expr", steps({"Rest": {"duration": "VAR_NEVER"}})),
    "E5 equality": ("E-end", steps({"Rest": {"ends": "Voltage == 3"}})),
    "E7 negative current": ("E-end", steps({"Rest": {"ends": "Current < -1"}})),
    "E13 expression and variable": (
        "E-end",
        steps({"Rest": {"ends": {"expression": "Voltage < 3", "variable": "Voltage", "value": 3}}}),
    ),
    "E20 and": ("E-end", steps({"Rest": {"ends": "Voltage < 3 and Current < 1"}})),
    "E22 temperature at rest": (
        "E-end",
        steps({"Rest": {"ends": {"variable": "Temperature [degC]", "value": 30}}}),
    ),
    "L6 negative": ("E-repeat", steps({"A": {"repeat": -1, "steps": [REST]}})),
    "L8 other fields": ("E-key", steps({"A": {"steps": [REST], "max_cycles": 1}})),
    "L10 ambiguous": ("E-goto", steps({"Rest": {"ends": [LOW]}}, HOME, HOME)),
    "J4 unknown target": ("E-goto", steps({"Rest": {"ends": [LOW]}})),
    "Q2 reserved": ("E-expr", steps({"Control": {"set_variable": {"name": "SOC", "eval": 1}}})),
    "D4 time from zero": ("E-value", steps({"Drive": {"data": [[1, 1], [2, 1]]}})),
    "D7 both": (
        "E-value",
        steps(
            {"EIS": {"frequencies": [1], "min_frequency": 1, "max_frequency": 2, "amplitude": 1}}
        ),
    ),
    "C2 for or until": ("E-item", "Charge at 1C"),
    "C2 Run": ("E-item", "Rest for 1 h\nRun US06"),
    "C4 tuple": ("E-yaml", '("Rest for 1 hour", "Rest for 2 hours")'),
}


@pytest.mark.parametrize("row", REFUSED)
def test_row_gives_an_error(row: str) -> None:
    code, document = REFUSED[row]

    result = parse(document)

    assert result.protocol is None
    assert {found.code for found in result.errors} == {code}


DOUBTED: dict[str, tuple[str, Any]] = {
    "S11 a tie": (
        "W-tie",
        {"safety_limits": {"voltage_max": 4.2}, "steps": [{"Rest": {"ends": "Voltage > 4.2"}}]},
    ),
    "G15 one percent": (
        "W-soc1",
        settings(initial_state_type="soc_percentage", initial_state_value=1),
    ),
    "G16 no type": ("W-init", settings(initial_state_value=50)),
    "V7 set later": ("W-unset", steps({"Rest": {"duration": "VAR_X"}}, SET)),
    "Z3 unreachable": ("W-unreach", steps("End", REST)),
    "Z3 CV": ("W-cv", steps({"Charge": {"mode": "Voltage", "value": 4, "duration": 1}})),
    "Z3 direction": ("W-direction", steps({"Charge": {**CHARGE, "ends": "Voltage < 3"}})),
}


@pytest.mark.parametrize("row", DOUBTED)
def test_row_gives_a_warning(row: str) -> None:
    code, document = DOUBTED[row]

    result = parse(document)

    assert result.errors == ()
    assert {found.code for found in result.warnings} == {code}


REFERENCES: dict[str, tuple[Any, list[str]]] = {
    "N1 brackets and signs": ("a: input['T [\u00b0C] 100 %']", ["T [\u00b0C] 100 %"]),
    "N2 order": ("a: input[\"b\"]\nc: input['a']", ["b", "a"]),
    "N3 once": ("a: input['x']\nb: input['x']", ["x"]),
    "N4 not valid": ("steps: [{Charge: {value: \"input['x']\"}}]", ["x"]),
    "N5 keys and repeat": (
        "steps: [{A: {repeat: \"input['n']\", ends: [{\"Voltage < input['v']\": {}}]}}]",
        ["n", "v"],
    ),
}


@pytest.mark.parametrize("row", REFERENCES)
def test_row_finds_references(row: str) -> None:
    text, names = REFERENCES[row]

    assert find_input_references(text) == names
