"""Fields and options of objectives: heeded or refused."""

import pytest

from ionworks.engine.fitting.objectives.registry import OBJECTIVES
from tests.fit.measurements import DIFFUSIVITY
from tests.fit.schema import (
    OBJECTIVE_OPTIONS,
    OBJECTIVES_NOT_SUPPORTED,
    OF_OBJECTIVES,
    fit_of,
    heeded,
    objective,
    problems,
    split,
    with_objective,
)


@pytest.mark.parametrize("kind", OBJECTIVE_OPTIONS)
def test_fields_and_options_of_an_objective(kind):
    cases = [
        (name, with_objective(objective(kind, **{name: given})))
        for name, given in OF_OBJECTIVES.items()
    ]
    taken, refused = split(cases)
    assert refused == {"callbacks", "constraints"}
    cases = [
        (name, with_objective(objective(kind, options={name: given})))
        for name, given in OBJECTIVE_OPTIONS[kind].items()
    ]
    taken, refused = split(cases)
    built = set(OBJECTIVES[kind].options) - {"independent variable"}
    assert taken == set(OBJECTIVE_OPTIONS[kind]) & built
    assert not heeded(with_objective(objective(kind, options={"foo": 1})), "foo")
    assert not heeded(with_objective(objective(kind, foo=1)), "foo")


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        ({"type": "Constraint", "fun": 1}, "penalties[0] is"),
        ({"fun": None}, "penalties[0]: fun is null"),
        ({"fun": "x"}, "penalties[0]: fun is 'x'"),
        ({"fun": 1, "weight": 2}, "penalties[0] has no field 'weight'"),
        ({"fun": 1, "regularizer_weight": "a"}, "regularizer_weight"),
    ],
)
def test_penalties_without_their_form(penalty, words):
    assert not heeded(with_objective(objective("Pulse", penalties=[penalty])), words)


def test_a_validation_has_no_penalties():
    given = objective("CurrentDriven", penalties=[{"fun": 1}])
    assert not heeded({"element_type": "validation", "objectives": {"v": given}}, "penalties")


@pytest.mark.parametrize("kind", OBJECTIVES_NOT_SUPPORTED)
def test_objectives_that_are_not_built(kind):
    [problem] = problems(with_objective(objective(kind)))
    assert problem.startswith(f"element 'it': objective 'v': type: {kind} is not supported")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"objective variables": "Voltage [V]"}, "give a list of names"),
        ({"interpolant_atol": "small"}, "a number of 0 or more"),
        (["model"], "options is ['model']"),
    ],
)
def test_options_without_their_form(options, words):
    element = fit_of(objectives={"v": {"data": "db:discharge", "options": options}})
    assert any(words in problem for problem in problems(element))


def test_choices_of_options():
    for kind, options, words in (
        ("ElectrodeBalancing", {"direction": "lithiation"}, "use 'charge', 'discharge'"),
        ("OCPHalfCell", {"direction": "charge"}, "use 'lithiation', 'delithiation'"),
        ("OCPHalfCell", {"voltage limits": [4, 3]}, "the lower and the upper limit"),
        ("CalendarAgeing", {"modes": ["LLI"]}, "modes: 'LLI' is not supported"),
    ):
        found = problems(with_objective(objective(kind, options=options)))
        assert any(words in problem for problem in found), found


def test_a_parameter_set_and_fitted_is_refused():
    given = objective("CurrentDriven", parameters={DIFFUSIVITY: 1e-14})
    assert not heeded(with_objective(given), f"parameters: {DIFFUSIVITY!r} is fitted")
