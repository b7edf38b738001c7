"""Fields of fits, analyses, validations, costs and optimizers: heeded or refused."""

import pytest

from tests.fit.measurements import DIFFUSIVITY
from tests.fit.schema import (
    ALGORITHMS,
    COST_FIELDS,
    DISTRIBUTIONS_NOT_SUPPORTED,
    FIT_OPTIONS,
    HINTS,
    OF_ANALYSES,
    OF_COSTS,
    OF_FITS,
    OF_PARAMETERS,
    OF_POPULATIONS,
    OPTIMIZERS_NOT_SUPPORTED,
    fit_of,
    heeded,
    objective,
    problems,
    split,
)


def test_fields_of_a_fit():
    taken, refused = split([(name, fit_of(**{name: given})) for name, given in OF_FITS.items()])
    assert refused == {"cost_logger"}
    assert taken == set(OF_FITS) - refused - HINTS
    cases = [(name, fit_of(options={name: given})) for name, given in FIT_OPTIONS.items()]
    taken, refused = split(cases)
    assert refused == {"low_memory"}
    assert taken == {"seed", "max_iterations", "maxtime"}


def test_fields_of_a_parameter():
    cases = [
        (name, fit_of(parameters={DIFFUSIVITY: {"bounds": [1e-16, 1e-12], name: given}}))
        for name, given in OF_PARAMETERS.items()
    ]
    taken, refused = split(cases)
    assert refused == {"check_bounds", "check_initial_value"}
    assert taken == set(OF_PARAMETERS) - refused
    assert not heeded(fit_of(parameters={DIFFUSIVITY: {"name": "another"}}), "another")


@pytest.mark.parametrize("kind", OF_ANALYSES)
def test_fields_of_an_analysis(kind):
    def analysis(**more):
        return fit_of(element_type=kind, **more)

    fields = OF_ANALYSES[kind]
    taken, refused = split([(name, analysis(**{name: given})) for name, given in fields.items()])
    expected = {"gauss_newton", "variable_standard_deviations", "calc_second_order"}
    assert refused == expected & set(fields)
    assert taken == set(fields) - refused
    # What clients write out where the user said nothing.
    assert problems(analysis(calc_second_order=False, optimizer={"type": "PointEstimate"})) == []
    assert not heeded(analysis(optimizer={"type": "CMAES"}), "optimizer")
    assert not heeded(analysis(multistarts=3), "multistarts")


def test_fields_of_a_validation():
    element = {"element_type": "validation", "objectives": {"v": objective("CurrentDriven")}}
    fields = {"summary_stats": ["RMSE"], "source": "x", "foo": 1}
    taken, refused = split([(name, {**element, name: each}) for name, each in fields.items()])
    assert (taken, refused) == ({"summary_stats"}, {"foo"})


@pytest.mark.parametrize("kind", COST_FIELDS)
def test_fields_of_a_cost(kind):
    needed = {
        name: given
        for name, given in COST_FIELDS[kind].items()
        if name in {"variable_standard_deviations", "sigma", "costs"}
    }

    def cost(**more):
        return fit_of(cost={"type": kind, **needed, **more}, optimizer={"type": "ScipyMinimize"})

    fields = {**OF_COSTS, **COST_FIELDS[kind]}
    taken, refused = split([(name, cost(**{name: given})) for name, given in fields.items()])
    expected = {"nan_values", "calculation_structure", "objective_names"}
    expected |= {"position_variable", "weight_variable"}
    if kind == "MultiCost":
        expected |= {"normalization", "variable_weights"}
    assert refused == expected & set(fields)
    assert taken == set(fields) - refused
    assert not heeded(cost(foo=1), "foo")
    assert not heeded(cost(objective_weights={"u": 1.0}), "unknown objective 'u'")


def test_a_design_function_is_refused():
    assert not heeded(fit_of(cost={"type": "DesignFunction"}), "DesignFunction")


@pytest.mark.parametrize("kind", ALGORITHMS)
def test_fields_of_an_optimizer(kind):
    def optimizer(**more):
        return fit_of(optimizer={"type": kind, **more})

    cases = [(name, optimizer(**{name: given})) for name, given in OF_POPULATIONS.items()]
    _, refused = split(cases)
    expected = {"xtol", "flat_fitness_tol", "surrogate_convergence_tol"}
    if kind == "DifferentialEvolution":
        expected |= {"sigma0", "max_unchanged_iterations", "max_unchanged_iterations_threshold"}
        expected |= {"min_iterations", "threshold", "population_convergence_tol"}
        expected |= {"convergence_patience"}
    assert refused == expected
    cases = [
        (name, optimizer(algorithm_options={name: given}))
        for name, given in ALGORITHMS[kind].items()
    ]
    taken, _ = split(cases)
    built = {"mutation_strategy", "F", "CR", "dither", "CMA_elitist"}
    assert taken == built & set(ALGORITHMS[kind])
    assert not heeded(optimizer(foo=1), "foo")


@pytest.mark.parametrize("kind", OPTIMIZERS_NOT_SUPPORTED)
def test_optimizers_that_are_not_built(kind):
    assert not heeded(fit_of(optimizer={"type": kind}), f"{kind} is not supported")


@pytest.mark.parametrize("kind", DISTRIBUTIONS_NOT_SUPPORTED)
def test_distributions_that_are_not_built(kind):
    priors = {DIFFUSIVITY: {"distribution": kind}}
    assert not heeded(fit_of(priors=priors), f"{kind} is not supported")
