"""Formulas of a model's variables: their values and their error messages."""

import math

import pybamm
import pytest

from ionworks.engine import check, inspect_model, simulate
from ionworks.engine.cells.formulas import FormulaError, read_formula
from tests.engine.protocol_texts import short

VARIABLES = {
    "Voltage [V]": pybamm.Scalar(4.0),
    "Voltage [V] squared": pybamm.Scalar(16.5),
    "Current [A]": pybamm.Scalar(-2.5),
    "X-averaged total [1/s]": pybamm.Scalar(0.5),
}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("7 - 2 - 1", 4.0),
        ("8 / 4 / 2", 1.0),
        ("-2 ** 2", -4.0),
        ("2 ** 3 ** 2", 512.0),
        ("2 ^ -1", 0.5),
        ("--1.5e1", 15.0),
        (".5", 0.5),
        ("'Voltage [V]' * \"Current [A]\"", -10.0),
        ("Voltage [V] * Current [A]", -10.0),
        ("Voltage [V] squared", 16.5),
        ("Voltage [V]-X-averaged total [1/s]", 3.5),
        ("abs(Current [A])", 2.5),
        ("sign(Current [A])", -1.0),
        ("sqrt(Voltage [V])", 2.0),
        ("log(exp(3))", 3.0),
        ("log10(1000)", 3.0),
        ("min(Voltage [V], 3) + max(1, 2)", 5.0),
        ("sin(1)**2 + cos(1)**2", 1.0),
        ("tanh(arctan(0)) + arcsinh(0)", 0.0),
    ],
)
def test_values_of_formulas(formula, value):
    assert math.isclose(float(read_formula(formula, VARIABLES).evaluate()), value, abs_tol=1e-12)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("", "its end"),
        ("1 +", "is missing before its end"),
        ("(1", r"'\)' is missing before its end"),
        ("1 2", "operator is missing before '2' \\(character 3\\)"),
        ("Voltag [V]", "no variable 'Voltag \\[V\\]': use 'Voltage \\[V\\]'"),
        ("'Voltage'", "no variable 'Voltage'"),
        ("power(1)", "unknown function 'power'; valid functions: parameter, abs"),
        ("max(1)", "max takes 2 arguments, not 1"),
        ("abs(1, 2)", "abs takes 1 argument, not 2"),
        ("parameter(1)", "a name in quotes is missing before '1\\)'"),
        ("Time [s]", "column 'Time \\[s\\]'"),
        ("'Time [h]' * 2", "starts from zero in each step"),
        ("x = 1", "function is missing before 'x = 1'"),
        ("__import__('os').abort()", "unknown function '__import__'"),
        ("[].__class__", "is missing before"),
        ("(" * 60 + "1" + ")" * 60, "nested deeper than 50 levels"),
        ("2" + "**2" * 3000, "nested deeper than 50 levels"),
        ("1" * 20_000, "20000 characters"),
        ("2 * (" + "parameter('a')+" * 650 + "1) * 3", "too many operations"),
    ],
)
def test_a_bad_formula_is_refused_with_the_position_of_the_error(formula, words):
    with pytest.raises(FormulaError, match=words):
        read_formula(formula, VARIABLES)


SPM = {"type": "SPM", "parameter_set": "Chen2020"}
FORMULAS = {
    "Own power [W]": "'Voltage [V]' * 'Current [A]'",
    "Own rate": "Own power [W] / Voltage [V] / parameter('Nominal cell capacity [A.h]')",
    "Left concentration": "left(surface('Negative particle concentration [mol.m-3]'))",
}


def test_runs_record_formulas():
    protocol = short("  - Discharge: {mode: C-rate, value: 0.5, ends: ['Time > 60']}")

    [outcome] = simulate(
        {**SPM, "variables": FORMULAS}, protocol, [{"id": "a"}], extra_variables=list(FORMULAS)
    )

    series = outcome.time_series
    power = (series["Voltage [V]"] * series["Current [A]"]).to_list()
    assert series["Own power [W]"].to_list() == pytest.approx(power, rel=1e-9)
    assert series["Own rate"].to_list() == pytest.approx([0.5] * len(series), rel=1e-9)
    # At half charge about half of the 33133 mol/m3 graphite can hold; discharging empties it.
    concentrations = series["Left concentration"].to_list()
    assert 10_000 < concentrations[-1] < concentrations[0] < 20_000


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"x": "Negative electrode potential [V]"}, "x_average"),
        ({"Power [W]": "1"}, r"already has a variable 'Power \[W\]'"),
        ({"Time [h]": "1"}, "already"),
        ({"Step count": "1"}, "named as a result column"),
        ({"x": "surface(Voltage [V]) + left('Negative electrode potential [V'"}, "no variable"),
    ],
)
def test_a_variable_that_a_result_cannot_hold_is_refused(variables, words):
    with pytest.raises(ValueError, match=words):
        inspect_model({"type": "SPM", "variables": variables})


def test_a_formula_of_an_unknown_parameter_is_refused_before_the_run():
    model = {**SPM, "variables": {"x": "parameter('Nominal cell capacity [Ah]')"}}

    problems = check(model, short("  - Rest: {duration: 1}"), [{"id": "a"}], extra_variables=["x"])

    assert len(problems) == 1
    assert "'Nominal cell capacity [Ah]'" in problems[0]
    assert "'Nominal cell capacity [A.h]'" in problems[0]
