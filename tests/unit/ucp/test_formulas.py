"""Ends on variables of a model: conditions with quoted names on their left side."""

from __future__ import annotations

from typing import Any

import pytest

from ionworks.ucp import UCPError, convert, find_input_references, human_readable, parse, to_yaml
from ionworks.ucp.formulas import FormulaError, is_formula, variables_of


def charge(*ends: Any, **more: Any) -> dict[str, Any]:
    fields = {"mode": "C-rate", "value": 1, "duration": 60, "ends": [*ends], **more}
    return {"steps": [{"Charge": fields}]}


@pytest.mark.parametrize(
    ("given", "quantity", "operator", "threshold"),
    [
        ('"Anode potential [V]" < 0.01', '"Anode potential [V]"', "<", "0.01"),
        ("'x' <= -1", "'x'", "<", "-1"),
        ('2*"a" -  min("b", 3) > input["most"]', '2*"a" - min("b", 3)', ">", 'input["most"]'),
        ('"has < in it" > 4', '"has < in it"', ">", "4"),
        ({"variable": '"x"', "operator": "<", "value": 0.5}, '"x"', "<", "0.5"),
        ({"expression": '"x" < V_MIN', "goto": "End"}, '"x"', "<", "V_MIN"),
        ({'"x" < 0.5': {"goto": "End"}}, '"x"', "<", "0.5"),
    ],
)
def test_a_quoted_name_makes_an_end_on_the_model(
    given: Any, quantity: str, operator: str, threshold: str
) -> None:
    result = parse(charge(given))

    assert result.errors == result.warnings == ()
    [end] = result.protocol.steps[0].ends  # type: ignore[union-attr]
    assert end.is_formula
    assert (end.quantity, end.operator, str(end.threshold)) == (quantity, operator, threshold)
    assert parse(to_yaml(result.protocol)).protocol == result.protocol  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Anode potential < 0", "unknown quantity 'Anode potential'"),
        ("Anode potential < 0", "in quotes: '\"Anode potential\"'"),
        ('0.01 > "x"', "the quantity must come first; write '\"x\" < 0.01'"),
        ('"x" == 1', "\"x\" cannot be compared with '=='"),
        ('"x" < "y"', "the text 'y' cannot be part of a calculation"),
        ('d/dt("x") < 1', "there is no rate of a formula"),
        ('"x" - input["y"] < 1', "an input stands on the right side"),
        ('x + "y" < 1', "the names of the model's variables in quotes"),
        ('"x" + < 1', "is missing before its end"),
        ('ln("x") < 1', "unknown function 'ln'"),
        ('"Time [s]" > 5', "starts from zero in each step"),
        ('parameter("x") < 1', "contains no variable of the model"),
        ({"variable": '"x"', "value": 1}, "\"x\" on Charge needs an 'operator'"),
    ],
)
def test_what_is_wrong_with_a_formula_is_said(given: Any, words: str) -> None:
    [error] = parse(charge(given)).errors

    assert error.code in {"E-end", "E-expr"}
    assert words in str(error)


def test_the_words_of_a_formula_are_those_of_the_document() -> None:
    result = parse(charge('"x" < input["least"]'))

    assert result.protocol is not None
    assert find_input_references(to_yaml(result.protocol)) == ["least"]
    assert 'until "x" is below the input "least"' in human_readable(result.protocol)


@pytest.mark.parametrize(
    "target", ["maccor", "arbin", "arbin_sdx", "neware", "biologic", "novonix"]
)
def test_no_cycler_measures_a_variable_of_a_model(target: str) -> None:
    document = charge("Voltage > 4.2", '"Anode potential [V]" < 0')

    with pytest.raises(
        UCPError, match=r"a variable of a model.*a cycler does not measure"
    ) as caught:
        convert(document, target, nominal_capacity_ah=5)

    assert 'its end "Anode potential [V]" < 0' in str(caught.value)


def test_the_capacity_and_the_lowest_voltage_are_read_out() -> None:
    steps = [
        {"Rest": {"duration": 1, "set_variable": {"name": "VAR_A", "eval": "CELL_CAPACITY / 2"}}},
        {"Control": {"ends": [{"CELL_CAPACITY < 4000 mAh": {"goto": "End"}}]}},
        {"Control": {"ends": [{"minimum voltage <= 2.5 V": {"goto": "End"}}]}},
        {"Rest": {"duration": "CYCLE_V_MIN"}},
    ]
    result = parse({"steps": steps})

    assert result.errors == result.warnings == ()
    assert result.protocol is not None
    ends = [str(leaf.ends[0]) for leaf in result.protocol.steps[1:3]]  # type: ignore[union-attr]
    assert ends == ["Cell capacity < 4", "Minimum voltage < 2.5"]
    [error] = parse(
        {"steps": [{"Rest": {"duration": 1, "ends": ["d/dt(Cell capacity) < 0"]}}]}
    ).errors
    assert "unknown rate d/dt(Cell capacity)" in str(error)


def test_names_in_a_formula() -> None:
    assert variables_of("'a' + max(\"b [V]\", 'a') * parameter('c')") == ("a", "b [V]")
    assert not is_formula("Voltage [V]")
    with pytest.raises(FormulaError, match="use at most 10000"):
        variables_of("'a'" + " " * 10_000)
