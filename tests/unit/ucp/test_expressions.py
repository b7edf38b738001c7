"""Value expressions: parsing, evaluation and text."""

from __future__ import annotations

import pytest

from ionworks.ucp import ExpressionError, constant, evaluate
from ionworks.ucp.expressions import Binary, Call, Input, Name, Number, Unary
from ionworks.ucp.parser.expressions import parse_expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1e-3", 1e-3),
        ("1.0e9", 1e9),
        (".5", 0.5),
        ("5.", 5),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 - 2 - 1", 4),
        ("8 / 4 / 2", 1),
        ("7 % 4", 3),
        ("2 ** 3 ** 2", 512),
        ("2 ^ -1", 0.5),
        ("-2 ** 2", -4),
        ("(-2) ** 2", 4),
        ("+3", 3),
        ("1 < 2", 1),
        ("1 > 2", 0),
        ("2 <= 2", 1),
        ("2 >= 3", 0),
        ("2 == 2", 1),
        ("2 != 2", 0),
        ("not 0", 1),
        ("not 1 < 2", 0),
        ("1 and 0 or 1", 1),
        ("0 and 1 / 0", 0),
        ("1 or 1 / 0", 1),
        ("ifelse(1 > 2, 3, 4)", 4),
        ("ifelse(1, 3, 1 / 0)", 3),
        ("min(3, 1, 2)", 1),
        ("max(3, 1, 2)", 3),
        ("abs(-2)", 2),
        ("sqrt(9)", 3),
        ("exp(0)", 1),
        ("log(1)", 0),
        ("log10(100)", 2),
        ("floor(2.7)", 2),
        ("ceil(2.2)", 3),
        ("round(2.6)", 3),
        ("round(2.567, 1)", 2.6),
        ("IFELSE(1, 2, 3)", 2),
    ],
)
def test_the_value_of_an_expression(text: str, value: float) -> None:
    assert constant(parse_expression(text)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("1 +", "missing before the end"),
        ("* 2", "missing before '*'"),
        ("1 2", "operator is missing"),
        ("(1", "')' is missing"),
        ("1)", "operator is missing"),
        ("1 < 2 < 3", "chained"),
        ("f(1)", "not a function"),
        ("minn(1)", "did you mean 'min'?"),
        ("ifelse(1, 2)", "takes 3 arguments"),
        ("abs()", "missing"),
        ("a && b", "'and'"),
        ("a || b", "'or'"),
        ("a = 1", "'=='"),
        ("input", 'input["name"]'),
        ("input[x]", 'input["name"]'),
        ("a.b", "no meaning"),
        ("__import__('os')", "not a function"),
        ("1e999", "too large"),
        ("(" * 60 + "1" + ")" * 60, "nested deeper"),
        ("2" + "**2" * 60, "nested deeper"),
        ("1" + "+1" * 300, "more than 250 parts"),
        ("1" * 5000, "longer than"),
    ],
)
def test_a_bad_expression_is_refused(text: str, words: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse_expression(text)

    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 / 0", "divides by zero"),
        ("1 % 0", "divides by zero"),
        ("0 ** -1", "divides by zero"),
        ("10 ** 400", "too large"),
        ("exp(1000)", "too large"),
        ("(-8) ** 0.5", "not a real number"),
        ("sqrt(-1)", "no value"),
        ("log(0)", "no value"),
        ("1e300 * 1e300", "not a finite"),
        ("VAR_X", "'VAR_X' has no value here"),
        ('input["a"]', "resolve the protocol first"),
        ('"Charge"', "not a number"),
    ],
)
def test_an_expression_without_a_value_is_an_error(text: str, words: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        evaluate(parse_expression(text), {})

    assert words in str(raised.value)
    assert constant(parse_expression(text)) is None


def test_names_have_the_values_the_caller_gives() -> None:
    tree = parse_expression("ifelse(VAR_LAPS > 10, V_MAX, Total time / 2)")

    assert evaluate(tree, {"VAR_LAPS": 11, "V_MAX": 4.2}) == 4.2
    assert evaluate(tree, {"VAR_LAPS": 1, "Total time": 60}) == 30


@pytest.mark.parametrize(
    ("text", "name"),
    [("voltage", "Voltage"), ("v_min", "V_MIN"), ("total  time", "Total time"), ("VAR_a", "VAR_a")],
)
def test_reserved_names_have_one_spelling(text: str, name: str) -> None:
    assert parse_expression(text) == Name(name)


@pytest.mark.parametrize(
    "text",
    [
        'input["C-rate"]',
        "input['Initial SOC [%]']",
        'input[ "Temperature [\u00b0C]" ]',
        "input['a \"quoted\" name']",
        'input["both \' and \\""]',
        'input["a \'list\'] and \\""]',
        "input['a \\\"list\\\"] and ']",
    ],
)
def test_the_text_of_a_placeholder_is_parsed_back(text: str) -> None:
    tree = parse_expression(text)

    assert isinstance(tree, Input)
    assert parse_expression(str(tree)) == tree


@pytest.mark.parametrize(
    "tree",
    [
        Binary("-", Number(1), Binary("-", Number(2), Number(3))),
        Binary("**", Number(-2), Number(2)),
        Binary("**", Binary("**", Number(2), Number(3)), Number(2)),
        Unary("-", Binary("+", Name("A"), Name("B"))),
        Unary("-", Number(-3)),
        Unary("not", Unary("not", Name("A"))),
        Binary("==", Unary("not", Name("A")), Number(1)),
        Binary("<", Binary("<", Name("A"), Name("B")), Name("D")),
        Binary("and", Binary("or", Name("A"), Name("B")), Name("D")),
        Call("max", (Number(1e-7), Unary("-", Name("A")))),
    ],
)
def test_the_text_of_a_tree_is_parsed_back(tree: Binary) -> None:
    assert parse_expression(str(tree)) == tree
