"""Ends in their four forms."""

from __future__ import annotations

import pytest

from ionworks.ucp import End, parse, to_yaml
from ionworks.ucp.expressions import Number
from ionworks.ucp.parser.expressions import parse_expression


def ends_of(ends: object, kind: str = "Charge") -> tuple[End, ...]:
    body: dict[str, object] = {"ends": ends}
    if kind not in ("Rest", "Control"):
        body |= {"mode": "C-rate", "value": 1}
    setting = {"Control": {"set_variable": {"name": "VAR_X", "eval": 1}}}
    result = parse({"steps": [setting, {"Home": [{kind: body}]}]})
    assert result.errors == (), [str(found) for found in result.errors]
    assert result.protocol is not None
    block = result.protocol.steps[1]
    leaf = block.items[0]  # type: ignore[union-attr]  # it is the block just written
    return tuple(leaf.ends)  # type: ignore[union-attr]  # it is the step just written


FORMS = [
    ("Voltage > 4.2", None),
    ({"Voltage > 4.2": None}, None),
    ({"expression": "Voltage > 4.2"}, None),
    ({"variable": "Voltage [V]", "value": 4.2}, None),
    ({"variable": "Voltage", "value": "4.2", "operator": ">"}, None),
    ({"Voltage > 4.2": {"goto": "Home"}}, "Home"),
    ({"expression": "Voltage > 4.2", "goto": "Home"}, "Home"),
    ({"variable": "voltage [V]", "value": 4.2, "goto": "Home"}, "Home"),
]


@pytest.mark.parametrize(("form", "goto"), FORMS)
def test_all_forms_give_the_same_end(form: object, goto: str | None) -> None:
    expected = End("Voltage", ">", Number(4.2), goto=goto)

    assert ends_of([form]) == (expected,)
    assert ends_of(form) == (expected,)


@pytest.mark.parametrize(
    ("text", "quantity", "operator", "threshold"),
    [
        ("Voltage < 2.5", "Voltage", "<", 2.5),
        ("voltage<2.5", "Voltage", "<", 2.5),
        ("VOLTAGE <= 2.5", "Voltage", "<", 2.5),
        ("Voltage >= 2.5", "Voltage", ">", 2.5),
        ("Voltage \u2265 2.5", "Voltage", ">", 2.5),
        ("Voltage [V] < 2.5", "Voltage", "<", 2.5),
        ("Voltage [mV] < 2500", "Voltage", "<", 2.5),
        ("Current < 0.05", "Current", "<", 0.05),
        ("C-rate < 0.05", "C-rate", "<", 0.05),
        ("c rate < C/20", "C-rate", "<", 0.05),
        ("Current < C/20", "C-rate", "<", 0.05),
        ("Current < 0.05C", "C-rate", "<", 0.05),
        ("Capacity > 1.5", "Capacity", ">", 1.5),
        ("Temperature > 45", "Temperature", ">", 45),
        ("Time > 60", "Time", ">", 60),
        ("SOC > 0.8", "SOC", ">", 0.8),
        ("SOC > 80 %", "SOC", ">", 0.8),
        ("Energy > 3", "Energy", ">", 3),
        ("Power < 3", "Power", "<", 3),
        ("Cycle count > 3", "Cycle count", ">", 3),
        ("STEP_COUNT > 3", "Step count", ">", 3),
        ("VAR_X > 3", "VAR_X", ">", 3),
        ("VAR_X >= 3", "VAR_X", ">=", 3),
        ("VAR_X \u2264 3", "VAR_X", "<=", 3),
        ("VAR_X == 3", "VAR_X", "==", 3),
        ("Cycle count != 3", "Cycle count", "!=", 3),
        ("STEP_COUNT <= 3", "Step count", "<=", 3),
        # unit suffixes
        ("Voltage < 2.5 V", "Voltage", "<", 2.5),
        ("Voltage < 2500 mV", "Voltage", "<", 2.5),
        ("Current < 50 mA", "Current", "<", 0.05),
        ("Current < 0.05A", "Current", "<", 0.05),
        ("Power < 3 W", "Power", "<", 3),
        ("Capacity > 1500 mAh", "Capacity", ">", 1.5),
        ("Capacity > 1.5 Ah", "Capacity", ">", 1.5),
        ("Time > 10 min", "Time", ">", 600),
        ("Time > 1 h", "Time", ">", 3600),
        ("Time > 5 s", "Time", ">", 5),
        ("Temperature > 45 degC", "Temperature", ">", 45),
        ("Temperature > 45 \u00b0C", "Temperature", ">", 45),
        ("Temperature > 45 C", "Temperature", ">", 45),
        ("C-rate < 2 C", "C-rate", "<", 2),
    ],
)
def test_conditions(text: str, quantity: str, operator: str, threshold: float) -> None:
    (end,) = ends_of(text)

    assert (end.quantity, end.operator, end.threshold) == (quantity, operator, Number(threshold))
    assert end.text == text


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("d/dt(Voltage) < 0.001", "Voltage"), ("D/DT ( temperature ) > 0.1", "Temperature")],
)
def test_rates_of_change(text: str, quantity: str) -> None:
    (end,) = ends_of(text)

    assert end.rate
    assert end.quantity == quantity


@pytest.mark.parametrize("operator", ["<", ">", "<=", ">=", "==", "!="])
@pytest.mark.parametrize("variable", ["VAR_X", "Cycle count", "Step count"])
def test_variables_and_counts_keep_their_operator(variable: str, operator: str) -> None:
    written, flat = ends_of(
        [
            f"{variable} {operator} 2",
            {"variable": variable, "operator": operator, "value": 2, "goto": "Home"},
        ],
        "Control",
    )

    assert written == End(variable, operator, Number(2))
    assert flat == End(variable, operator, Number(2), goto="Home")


def test_the_right_side_is_an_expression() -> None:
    text = "ifelse(VAR_X == 1, input['Vmax'], 1e9)"

    (end,) = ends_of(f"Voltage > {text}")

    assert end.threshold == parse_expression(text)


@pytest.mark.parametrize("variable", ["Voltage", "d/dt(Voltage)", "VAR_X", "Cycle count"])
@pytest.mark.parametrize("value", ["Voltage", "CYCLE_COUNT", "Total time", "VAR_X", "SOC"])
def test_a_read_out_on_the_right_side_can_be_written_and_read(variable: str, value: str) -> None:
    setting = {"Control": {"set_variable": {"name": "VAR_X", "eval": 1}}}
    end = {"variable": variable, "operator": "<", "value": value}
    protocol = parse({"steps": [setting, {"Rest": {"ends": end}}]}).protocol

    assert protocol is not None
    assert parse(to_yaml(protocol)).protocol == protocol


def test_a_key_may_contain_a_placeholder() -> None:
    (end,) = ends_of([{"Voltage < input['Vmin']": {"goto": "End"}}])

    assert end.threshold == parse_expression("input['Vmin']")
    assert end.goto == "End"


IMPLIED = [
    ("Voltage [V]", "Charge", ">"),
    ("Voltage [V]", "Discharge", "<"),
    ("Voltage [V]", "Rest", None),
    ("Current [A]", "Charge", "<"),
    ("Current [A]", "Discharge", "<"),
    ("C-rate", "Discharge", "<"),
    ("Power [W]", "Charge", "<"),
    ("Capacity [A.h]", "Charge", ">"),
    ("Capacity [A.h]", "Discharge", ">"),
    ("Energy [W.h]", "Rest", ">"),
    ("Time [s]", "Rest", ">"),
    ("SOC", "Charge", ">"),
    ("SOC", "Discharge", "<"),
    ("Temperature [degC]", "Charge", ">"),
    ("Temperature [degC]", "Discharge", ">"),
]


@pytest.mark.parametrize(("variable", "kind", "operator"), IMPLIED)
def test_the_flat_form_implies_its_operator(variable: str, kind: str, operator: str | None) -> None:
    (end,) = ends_of([{"variable": variable, "value": 0.5}], kind)

    assert end.operator == operator


def test_a_threshold_that_overflows_in_base_units_is_an_error() -> None:
    end = {"variable": "Time [h]", "operator": ">", "value": 1e308}

    assert [found.code for found in parse({"steps": [{"Rest": {"ends": end}}]}).errors] == [
        "E-value"
    ]


def test_a_signed_current_in_the_flat_form_is_a_magnitude() -> None:
    (end,) = ends_of([{"variable": "Current [A]", "value": -0.05}])

    assert end == End("Current", "<", Number(0.05))


def test_units_of_the_flat_form_are_converted() -> None:
    milli, expression = ends_of(
        [
            {"variable": "Current [mA]", "value": 50},
            {"variable": "Time [min]", "value": 'input["t"]'},
        ]
    )

    assert milli.threshold == Number(0.05)
    assert expression.threshold == parse_expression('input["t"] * 60')


BAD = [
    ("Voltage 2.5", "is not a condition"),
    ("Voltage", "is not a condition"),
    ("Voltage == 2.5", "'<' or '>'"),
    ("Voltage = 2.5", "'<' or '>'"),
    ("Voltage != 2.5", "'<' or '>'"),
    ("Voltage <", "value is missing"),
    ("Voltage < 2.5 and Current < 1", "a single comparison"),
    ("Voltage < 2.5 or Current < 1", "a single comparison"),
    ("Voltage < 2.5 && Current < 1", "a single comparison"),
    ("2.5 > Voltage", "write 'Voltage < 2.5'"),
    ("2 <= Cycle count", "write 'Cycle count >= 2'"),
    ("2 == VAR_X", "write 'VAR_X == 2'"),
    ("VAR_X = 3", "write '=='"),
    ("Step count => 3", "write '>='"),
    ("VAR_X <> 3", "write '!='"),
    ("SOC > 110 %", "110 % is above 100 %"),
    ({"variable": "SOC [%]", "value": 110}, "110 % is above 100 %"),
    ({"variable": "SOC", "value": "110 %"}, "110 % is above 100 %"),
    ("VAR_X << 3", "one of < > <= >= == !="),
    ({"variable": "VAR_X", "value": 3, "operator": "="}, "write '=='"),
    ("Volage < 2.5", "did you mean 'Voltage'?"),
    ("|Current| < 2.5", "magnitude of the current"),
    ("abs(Current) < 2.5", "magnitude of the current"),
    ("Internal resistance < 2.5", "unknown quantity"),
    ("d/dt(Time) < 1", "unknown rate"),
    ("d/dt(VAR_X) < 1", "unknown rate"),
    ("Current < -0.05", "positive number"),
    ("Current > 3 < 4", "a single comparison"),
    ("Voltage [K] < 3", "valid units: V, mV"),
    (7, "write one like"),
    ([["Voltage < 3"]], "a list"),
    ({"goto": "End"}, "is not a condition"),
    ({"Voltage < 3": None, "goto": "End"}, "indent 'goto'"),
    ({"Voltage < 3": "End"}, "{goto: name}"),
    ({"expression": "Voltage < 3", "variable": "Voltage", "value": 3}, "cannot have both"),
    ({"variable": "Voltage [V]", "value": 3, "operator": "=="}, "'<' or '>'"),
    ({"variable": "Cycle count", "value": 3}, "needs an 'operator'"),
    ({"variable": "Wattage [W]", "value": 3}, "unknown quantity"),
    ({"variable": "Step count", "value": 3}, "needs an 'operator'"),
]


@pytest.mark.parametrize(("end", "words"), BAD)
def test_a_bad_end_is_an_error(end: object, words: str) -> None:
    result = parse({"steps": [{"Charge": {"mode": "C-rate", "value": 1, "ends": [end]}}]})

    assert [found.code for found in result.errors] == ["E-end"]
    assert words in result.errors[0].message
    assert result.errors[0].path.startswith("steps[0].Charge.ends[0]")


@pytest.mark.parametrize(
    ("variable", "kind"),
    [
        ("Current [A]", "Rest"),
        ("Power [W]", "Rest"),
        ("SOC", "Rest"),
        ("Temperature [degC]", "Rest"),
        ("Time [s]", "Control"),
    ],
)
def test_an_operator_that_is_not_implied_is_required(variable: str, kind: str) -> None:
    result = parse({"steps": [{kind: {"ends": [{"variable": variable, "value": 1}]}}]})

    assert [found.code for found in result.errors] == ["E-end"]


def test_a_flat_end_needs_a_value() -> None:
    result = parse({"steps": [{"Rest": {"ends": [{"variable": "Voltage"}]}}]})

    assert [found.code for found in result.errors] == ["E-value"]
