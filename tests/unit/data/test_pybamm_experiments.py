"""Custom terminations of PyBaMM's experiments as formulas."""

from typing import Any

import pybamm
import pytest

from ionworks.data.pybamm_experiments import experiment_configuration

A, B = "Anode potential [V]", "b"


def experiment(function: Any) -> pybamm.Experiment:
    end = pybamm.step.CustomTermination("mine", function)
    return pybamm.Experiment(
        ["Rest for 1 s", pybamm.step.current(1.0, termination=["2.5 V", end])], period="5 s"
    )


def written(function: Any) -> tuple[str, str, float]:
    given = experiment(function)
    before = repr(given.steps)
    found = experiment_configuration(given, "protocol")
    assert repr(given.steps) == before
    assert found["period"] == 5
    [[rest], [step]] = found["cycles"]
    assert "terminations" not in rest
    [voltage, end] = step["terminations"]
    assert voltage["type"] == "voltage"
    assert end.pop("type") == "formula"
    return tuple(end.values())  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda v: v[A] - 0.1, (f'"{A}"', "<", 0.1)),
        (lambda v: v[A] + 0.1, (f'"{A}"', "<", -0.1)),
        (lambda v: 0.1 - v[A], (f'"{A}"', ">", 0.1)),
        (lambda v: -v[A] + 0.1, (f'"{A}"', ">", 0.1)),
        (lambda v: v[A], (f'"{A}"', "<", 0.0)),
        (lambda v: (v[A] + 1) * v[B] - 2, (f'(1.0 + "{A}") * "b"', "<", 2.0)),
        (
            lambda v: pybamm.minimum(v[A], abs(v[B])) * -2,
            (f'(-2.0) * min("{A}", abs("b"))', "<", 0.0),
        ),
        (lambda v: pybamm.exp(-v[B]) ** 2 - 1e-3, ('exp(-"b") ** 2.0', "<", 0.001)),
        (
            lambda v: pybamm.sqrt(v[B]) / pybamm.Parameter("c") - pybamm.tanh(v[B]),
            ('(sqrt("b") / parameter("c")) - tanh("b")', "<", 0.0),
        ),
    ],
)
def test_arithmetic_of_variables_is_a_formula(function: Any, expected: Any) -> None:
    assert written(function) == expected


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda v: float(v[A]), "its function raised TypeError"),
        (lambda v: v.get(A), r"only variables\[name\] works"),
        (lambda v: v[A] if A in v else v[B], r"only variables\[name\] works"),
        (lambda _: 3.0, "depends on no variable of the model"),
        (lambda v: v["Time [s]"] - 5, "starts from zero in each step"),
        (lambda v: v[A] - pybamm.t, "contains Time, .* give its duration"),
        (lambda v: v[A] - pybamm.InputParameter("x"), "contains InputParameter"),
        (lambda v: (v[A] < v[B]) - 0.5, "contains NotEqualHeaviside"),
        (lambda _: None, "contains NoneType"),
    ],
)
def test_any_other_function_is_refused(function: Any, words: str) -> None:
    with pytest.raises(ValueError, match=rf"protocol, step 2: the termination 'mine'.*{words}"):
        experiment_configuration(experiment(function), "protocol")


def test_a_step_that_is_a_function_is_refused() -> None:
    step = pybamm.step.CustomStepExplicit(lambda v: v["Voltage [V]"] / 2, duration=1)

    with pytest.raises(ValueError, match="PyBaMM cannot write protocol: CustomStepExplicit"):
        experiment_configuration(pybamm.Experiment([step]), "protocol")
