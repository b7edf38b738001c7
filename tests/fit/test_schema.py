"""Every field of the service's schema is heeded, or refused by element and field.

The lists below are those of the schema the service publishes (0.33.0), each field with a value that
asks for something. What is neither heeded nor refused would be dropped without a word; ``HINTS``
alone may be, as they change no result.
"""

import json

import pytest

from ionworks.engine import fitting
from ionworks.engine.fitting.calculations.registry import CALCULATIONS, NOT_BUILT
from ionworks.engine.fitting.objectives.registry import OBJECTIVES
from tests.fit.measurements import BOUNDS, DIFFUSIVITY, fit

COLUMNS = ("Time [s]", "Current [A]", "Voltage [V]", "Frequency [Hz]", "Z_Re [Ohm]", "Z_Im [Ohm]")
COLUMNS += ("Capacity [A.h]", "Stoichiometry", "Cycle number", "LLI [%]", "Step count")
INFO = {"db:discharge": fitting.DataInfo(COLUMNS, 51)}
MODEL = {"type": "SPM"}
FIRST = {"type": "CyclewiseMetric", "metric": {"type": "First", "variable": "Voltage [V]"}}
PROTOCOL = "steps: [{Rest: {duration: 60}}]"

HINTS = {
    "source",
    "objective_parallelism",
    "validate",
    "skip_objective_callbacks",
    "log_to_screen",
    "metadata",
    "steps",
    "provenance",
}

OF_FITS = {
    "source": "a paper",
    "parameters": {DIFFUSIVITY: {"bounds": BOUNDS[DIFFUSIVITY]}},
    "cost": {"type": "MSE"},
    "initial_guesses": {DIFFUSIVITY: 2e-14},
    "optimizer": {"type": "PointEstimate"},
    "cost_logger": {"every": 1},
    "multistarts": 2,
    "objective_parallelism": "on",
    "initial_guess_sampler": {"type": "Uniform"},
    "priors": {DIFFUSIVITY: {"distribution": "LogNormal", "mean": -31, "std": 0.5}},
    "options": {"seed": 1},
}
FIT_OPTIONS = {
    "seed": 1,
    "low_memory": True,
    "max_iterations": 3,
    "maxtime": 9.0,
    "validate": False,
    "skip_objective_callbacks": True,
}
OF_PARAMETERS = {
    "initial_value": 2e-14,
    "bounds": [1e-15, 1e-13],
    "prior": {"distribution": "Uniform", "lb": 1e-15, "ub": 1e-13},
    "normalize": False,
    "check_bounds": False,
    "check_initial_value": False,
    "initial_guess_distribution": {"distribution": "Uniform", "lb": 1e-15, "ub": 1e-13},
    "transform": "Log10",
}
OF_ANALYSES = {
    "linear_confidence_interval": {
        "confidence_level": 0.9,
        "gauss_newton": False,
        "use_parameter_bounds": False,
        "variable_standard_deviations": {"Voltage [V]": 1e-3},
    },
    "sobol_sensitivity": {
        "n_samples": 64,
        "calc_second_order": True,
        "use_log_transform": True,
    },
}
OF_OBJECTIVES = {
    "options": {},
    "callbacks": "mine",
    "cost": {"type": "MSE"},
    "constraints": [{"type": "Constraint", "fun": 1}],
    "penalties": [{"type": "Penalty", "fun": 1, "regularizer_weight": 2}],
    "parameters": {"Positive electrode porosity": 0.3},
    "model": MODEL,
}
MODELLED = {"model": MODEL, "simulation_kwargs": {"solver": "x"}, "parameterized_model_id": "x"}
CURVE = {"interpolant_atol": 1e-3, "interpolant_rtol": 1e-3, "interpolant_lossless": True}
CUT_OFFS = {"dUdQ cutoff": 1.0, "dQdU cutoff": 1.0}
VARIABLES = {"objective variables": ["Voltage [V]"]}
OBJECTIVE_OPTIONS = {
    "CurrentDriven": {**MODELLED, **CURVE, **VARIABLES, "independent variable": "voltage"},
    "Pulse": {**MODELLED, **CURVE, **VARIABLES},
    "EIS": MODELLED,
    "Resistance": {"model": MODEL},
    "CalendarAgeing": {**MODELLED, "modes": ["LLI [%]"]},
    "CycleAgeing": {
        **MODELLED,
        "objective variables": ["LLI [%]"],
        "experiment": PROTOCOL,
        "termination": "events",
        "use_cv": True,
        "split_cc_cv": True,
        "metrics": {"LLI [%]": FIRST},
    },
    "OCPHalfCell": {
        **CUT_OFFS,
        "theta_ref": 0.5,
        "stoichiometry limits": [0.1, 0.9],
        "voltage limits": [3.0, 4.0],
        "direction": "lithiation",
    },
    "ElectrodeBalancingHalfCell": {
        **VARIABLES,
        "direction": "lithiation",
        "GITT": True,
        "dUdQ cutoff": 1.0,
    },
    "ElectrodeBalancing": {
        **CUT_OFFS,
        **VARIABLES,
        "direction": "charge",
        "GITT": True,
        "dQdU model axis": True,
    },
}
OBJECTIVES_NOT_BUILT = (
    "MSMRHalfCell",
    "MSMRFullCell",
    "Objective",
    "DesignObjective",
)
OF_COSTS = {
    "objective_weights": {"voltage": 2.0},
    "variable_weights": {"Voltage [V]": 2.0},
    "nan_values": "mean",
    "calculation_structure": {"voltage": None},
    "objective_names": ["voltage"],
}
SIGMA = {"Voltage [V]": 1e-3}
COST_FIELDS = {
    **{kind: {"normalization": "mean"} for kind in ("RMSE", "MSE", "MAE", "Max", "SSE")},
    "ChiSquare": {"normalization": "mean", "variable_standard_deviations": SIGMA},
    "GaussianLogLikelihood": {"sigma": SIGMA},
    "Wasserstein": {
        "normalization": "mean",
        "position_variable": "Time [s]",
        "weight_variable": "Time [s]",
    },
    "MultiCost": {"normalization": "mean", "costs": ["MSE"]},
}
OF_POPULATIONS = {
    "log_to_screen": True,
    "sigma0": 0.1,
    "max_iterations": 2,
    "max_unchanged_iterations": 9,
    "max_unchanged_iterations_threshold": 1e-9,
    "min_iterations": 2,
    "max_evaluations": 99,
    "population_size": 9,
    "threshold": 1e-6,
    "absolute_tolerance": 1e-4,
    "relative_tolerance": 1e-3,
    "xtol": 1e-3,
    "population_convergence_tol": 1e-3,
    "flat_fitness_tol": 1e-3,
    "convergence_patience": 2,
    "surrogate_convergence_tol": 1e-2,
}
ALGORITHMS = {
    "DifferentialEvolution": {
        "mutation_strategy": "rand1bin",
        "crossover_method": "exp",
        "F": 0.5,
        "CR": 0.5,
        "dither": [0.5, 1.0],
        "p_best_rate": 0.1,
        "archive_size_ratio": 1.0,
        "memory_size": 5,
        "boundary_handling": "reflect",
    },
    "PSO": {
        "inertia_weight": [0.4, 0.9],
        "constriction": True,
        "c1": 1.0,
        "c2": 1.0,
        "boundary_handling": "reflect",
        "velocity_clamping": "x",
        "v_max_fraction": 0.5,
        "max_iterations": 9,
    },
    "CMAES": {"CMA_elitist": True, "anything": 1},
    "XNES": {"anything": 1},
}
OPTIMIZERS_NOT_BUILT = (
    "BayesianOptimization",
    "SOBER",
    "TuRBO",
    "Nested",
    "ScipyLsqLinear",
    "PintsSampler",
    "PointEstimateSampler",
    "DummySampler",
)
DISTRIBUTIONS_NOT_BUILT = ("Dirichlet", "MultivariateNormal", "MultivariateLogNormal")
DATA_OPTIONS = {
    "first_step": 1,
    "last_step": 2,
    "capacity_column": "Step count",
    "first_step_dict": 1,
    "last_step_dict": 1,
    "transforms": {"sort": True},
}
TRANSFORMS = {
    "rest_to_ocp": True,
    "sort": True,
    "remove_duplicates": True,
    "remove_extremes": True,
    "filters": {"Voltage [V]": {}},
    "interpolate": 0.1,
    "keep_first_ocp_point": True,
}
ENTRY_FIELDS = {
    "source": "a paper",
    "keep": ["a"],
    "cell_spec_id": "x",
    "mapping": {"a": "b"},
    "pipeline_id": "x",
    "path": "x.json",
    "provenance": {"a": {"path": "x", "value": 1.0}},
    "value": 1.0,
    "type": "InitialVoltage",
}
ENTRIES_NOT_BUILT = (
    "PiecewiseInterpolation1D",
    "PiecewiseInterpolation2D",
    "arrhenius_butler_volmer_exchange_current_density",
    "arrhenius_electrolyte_conductivity",
    "arrhenius_electrolyte_diffusivity",
    "arrhenius_particle_diffusivity",
    "average_ocp",
    "constant_electrolyte",
    "landesfeind_electrolyte",
    "li_plating_defaults",
    "lithium_metal_anode",
    "mechanical_degradation_defaults",
    "nyman_electrolyte",
    "one_cm2_cell",
    "sei_defaults",
    "spm_defaults",
    "standard_defaults",
    "zero_activation_energy",
)
ELECTRODE = {"electrode": "positive"}
CALCULATION_FIELDS = {
    "direction": "lithiation",
    "phase": "secondary",
    "include_func": True,
    "model_options": {"particle phases": "2"},
    "method": "another",
    "electrode": "lumped",
}
CALCULATION_OPTIONS = {
    "particle phases": ["2", "1"],
    "phase": "secondary",
    "simulation_kwargs": {"a": 1},
    "include concentration": "false",
    "tolerance": 1e-3,
    "transformation": "log",
    "scale factor": True,
    "negative voltage limits": [0.1, 1.0],
    "positive voltage limits": [3.0, 4.0],
    "x tolerance": 1e-3,
    "species_format": "Qj",
}


def objective(kind, **more):
    needs = {"electrode": "positive"} if "HalfCell" in kind else {}
    options = {"experiment": PROTOCOL} if kind == "CycleAgeing" else {}
    own = {"options": {**options, **more.pop("options", {})}}
    return {"type": kind, "data": "db:discharge", **needs, **own, **more}


def problems(element):
    return fitting.check_elements({"it": element}, INFO)


def fit_of(**more):
    return {**fit(DIFFUSIVITY), **more}


def with_objective(given):
    return fit_of(objectives={"v": given})


def heeded(element, field):
    """Return whether a field is taken; if not, the refusal must name element and field."""
    found = problems(element)
    if not found:
        return True
    assert all(problem.startswith("element 'it': ") for problem in found), found
    assert any(field in problem for problem in found), found
    return False


def split(cases):
    """Return fields by whether they are taken, from pairs of a field and an element."""
    taken = {field for field, element in cases if heeded(element, field)}
    return taken - HINTS, {field for field, _ in cases} - taken


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


@pytest.mark.parametrize("kind", OBJECTIVES_NOT_BUILT)
def test_objectives_that_are_not_built(kind):
    [problem] = problems(with_objective(objective(kind)))
    assert problem.startswith(f"element 'it': objective 'v': type: {kind} is not built")


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
        ("CalendarAgeing", {"modes": ["LLI"]}, "modes: 'LLI' is not built"),
    ):
        found = problems(with_objective(objective(kind, options=options)))
        assert any(words in problem for problem in found), found


def test_a_parameter_set_and_fitted_is_refused():
    given = objective("CurrentDriven", parameters={DIFFUSIVITY: 1e-14})
    assert not heeded(with_objective(given), f"parameters: {DIFFUSIVITY!r} is fitted")


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


@pytest.mark.parametrize("kind", OPTIMIZERS_NOT_BUILT)
def test_optimizers_that_are_not_built(kind):
    assert not heeded(fit_of(optimizer={"type": kind}), f"{kind} is not built")


@pytest.mark.parametrize("kind", DISTRIBUTIONS_NOT_BUILT)
def test_distributions_that_are_not_built(kind):
    priors = {DIFFUSIVITY: {"distribution": kind}}
    assert not heeded(fit_of(priors=priors), f"{kind} is not built")


def test_descriptions_of_data():
    def described(**more):
        return with_objective({**objective("CurrentDriven"), "data": more})

    data = {"data": "db:discharge"}
    cases = [
        (name, described(**data, options={name: given})) for name, given in DATA_OPTIONS.items()
    ]
    taken, refused = split(cases)
    assert refused == {"first_step_dict", "last_step_dict"}
    assert taken == set(DATA_OPTIONS) - refused
    built = {"sort", "remove_duplicates"}
    for where in (lambda given: given, lambda given: {"transforms": given}):
        cases = [
            (name, described(**data, options=where({name: given})))
            for name, given in TRANSFORMS.items()
        ]
        taken, refused = split(cases)
        assert (taken, refused) == (built, set(TRANSFORMS) - built)
        # Switches that are off ask for nothing.
        off = dict.fromkeys(TRANSFORMS, False)
        assert problems(described(**data, options=where(off))) == []
    fields = {
        "analysis": {"analysis_id": "x"},
        "metadata": {"a": 1},
        "time_range": {"start": 1.0, "end": 2.0},
        "foo": 1,
    }
    taken, refused = split([(name, described(**data, **{name: x})) for name, x in fields.items()])
    assert (taken, refused) == ({"time_range"}, {"analysis", "foo"})
    for span in ({"start": 1.0}, {"start": "a", "end": 2.0}, {"start": 0, "end": 1, "until": 2}):
        assert not heeded(described(**data, time_range=span), "time_range")
    assert heeded(described(time_series="db:discharge", steps="db:discharge"), "steps")


def test_fields_of_an_entry():
    def known(**more):
        return {"element_type": "entry", "values": {"a": 1.0}, **more}

    taken, refused = split([(name, known(**{name: each})) for name, each in ENTRY_FIELDS.items()])
    assert (taken, refused) == (set(), set(ENTRY_FIELDS) - HINTS)
    assert not heeded(known(parameters={"a": 1.0}), "values and parameters")


@pytest.mark.parametrize("name", ENTRIES_NOT_BUILT)
def test_entries_that_are_not_built(name):
    assert not heeded({"element_type": "entry", "name": name}, f"{name!r} is not built")


@pytest.mark.parametrize("name", CALCULATIONS)
def test_fields_and_options_of_a_calculation(name):
    known = {
        "electrode": "positive",
        "data": "db:discharge",
        "method": "loading",
        "soc": 0.5,
        "voltage_limits": [3.0, 4.0],
        **dict.fromkeys(("base_parameter_name", "breakpoint_parameter_name"), "D"),
        **dict.fromkeys(("breakpoint1_parameter_name", "breakpoint2_parameter_name"), "D"),
        **{f"breakpoint{n}_values": [0.0, 1.0] for n in ("", 1, 2)},
    }
    calculation = CALCULATIONS[name]
    element = {"element_type": "calculation", "type": name}
    element |= {field: known[field] for field in calculation.needs}
    assert problems(element) == []
    taken, _ = split([(field, {**element, field: x}) for field, x in CALCULATION_FIELDS.items()])
    assert taken == set()
    cases = [
        (field, {**element, "options": {field: x}}) for field, x in CALCULATION_OPTIONS.items()
    ]
    taken, _ = split(cases)
    assert taken == {"x tolerance", "transformation", "scale factor"} & set(calculation.options)


def test_the_lists_are_whole():
    assert len(CALCULATIONS) + len(NOT_BUILT) == 47
    assert len(OBJECTIVE_OPTIONS) + len(OBJECTIVES_NOT_BUILT) == 13
    assert json.dumps([OF_FITS, OBJECTIVE_OPTIONS, COST_FIELDS, ALGORITHMS])
