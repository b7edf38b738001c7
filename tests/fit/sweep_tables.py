"""The tables of `tests.fit.sweep`: fits, analyses, validations, parameters, costs, optimizers."""

from functools import partial
from typing import Any

from ionworks.engine.fitting import costs, penalties
from ionworks.engine.fitting.elements import analysis, fit_reader, validation
from ionworks.engine.fitting.optimizers import registry as optimizers
from ionworks.engine.fitting.parameters import distributions, fitted
from tests.fit.sweep import Case, Table

X, Y = "Minimum negative stoichiometry", "Minimum positive stoichiometry"
DATA = {
    "Capacity [A.h]": [0.0, 1.0, 2.0, 3.0, 4.0, 4.5],
    "Voltage [V]": [4.15, 3.93, 3.74, 3.6, 3.37, 3.1],
}
OTHER = {**DATA, "Voltage [V]": [4.1, 3.9, 3.7, 3.6, 3.3, 3.0]}
KNOWN: dict[str, Any] = {
    "element_type": "entry",
    "values": {
        "Maximum negative stoichiometry": 0.91,
        Y: 0.26,
        "Maximum positive stoichiometry": 0.91,
    },
}
OBJECTIVE: dict[str, Any] = {"type": "ElectrodeBalancing", "data": DATA}
FIT: dict[str, Any] = {
    "element_type": "data_fit",
    "objectives": {"v": OBJECTIVE},
    "parameters": {X: {"bounds": [0.01, 0.5], "initial_value": 0.2}},
    "optimizer": {"type": "PointEstimate"},
    "cost": {"type": "MSE"},
}
SEARCH = {"optimizer": {"type": "ScipyMinimize", "max_iterations": 4}}
NORMAL = {"distribution": "Normal", "mean": 0.1, "std": 0.05}
LOG_NORMAL = {"distribution": "LogNormal", "mean": -2.0, "std": 0.5}
UNIFORM = {"distribution": "Uniform", "lb": 0.02, "ub": 0.1}
MANY = {"multistarts": 2}


def with_fit(**fields):
    return {"known": KNOWN, "it": {**FIT, **fields}}


def of_type(kind, **own):
    """Return the place of the fields of an element that is like a fit."""

    def place(fields):
        element = {**FIT, "element_type": kind, **own, **fields}
        if kind == "array_data_fit" and "v" in element["objectives"]:
            element["objectives"] = {"1": element["objectives"]["v"]}
        return {"known": KNOWN, "it": element}

    return place


OF_FITS: dict[str, Any] = {
    "objectives": {"v": {**OBJECTIVE, "data": OTHER}},
    "source": "a paper",
    "parameters": {X: {"bounds": [0.01, 0.4], "initial_value": 0.1}},
    "cost": {"type": "MAE"},
    "initial_guesses": {X: 0.3},
    "optimizer": {"type": "GridSearch", "npts": 3},
    "multistarts": 2,
    "objective_parallelism": "on",
    "initial_guess_sampler": Case({"type": "Uniform"}, MANY),
    "priors": {X: NORMAL},
    "options": Case({"seed": 1}, MANY),
}
ANALYSIS_TYPES = ("linear_confidence_interval", "sobol_sensitivity")
OF_ANALYSES: dict[str, Any] = {
    **OF_FITS,
    "initial_guess_sampler": {"type": "Uniform"},
    "options": {"seed": 1},
    "confidence_level": 0.9,
    "gauss_newton": False,
    "use_parameter_bounds": Case(
        False, {"parameters": {X: {"bounds": [0.199, 0.201], "initial_value": 0.2}}}
    ),
    "n_samples": 16,
    "use_log_transform": True,
}
FIT_OPTIONS: dict[str, Any] = {
    "seed": Case(1, {"_": MANY}),
    "max_iterations": Case(1, {"_": {"optimizer": {"type": "ScipyMinimize"}}}),
    "maxtime": 1e-9,
    "validate": False,
    "skip_objective_callbacks": True,
    "low_memory": True,
}
OPTIONS_OF_ANALYSES: dict[str, Any] = {**FIT_OPTIONS, "seed": 1, "max_iterations": 3}


def of_options(kind, **own):
    def place(fields):
        options = {name: value for name, value in fields.items() if name != "_"}
        return of_type(kind, **own)({**fields.get("_", {}), "options": options})

    return place


def of_parameter(fields):
    beside = fields.get("_", {})
    own = {name: value for name, value in fields.items() if name != "_"}
    given = {"bounds": [0.01, 0.5], "initial_value": 0.2, **own}
    return with_fit(**{**SEARCH, **beside, "parameters": {X: given}})


PARAMETER_FIELDS: dict[str, Any] = {
    "name": "another",
    "initial_value": 0.3,
    "bounds": [0.05, 0.5],
    "prior": NORMAL,
    "normalize": False,
    "check_bounds": False,
    "check_initial_value": False,
    "initial_guess_distribution": Case(UNIFORM, {"_": MANY}),
    "transform": "Log10",
}


def of_distribution(kind):
    def place(fields):
        given = {"distribution": kind, **DISTRIBUTIONS[kind], **fields}
        parameters = {X: {**FIT["parameters"][X], "initial_guess_distribution": given}}
        return with_fit(parameters=parameters, multistarts=2)

    return place


DISTRIBUTIONS: dict[str, Any] = {
    "Normal": {"mean": 0.1, "std": 0.05},
    "LogNormal": {"mean": -2.0, "std": 0.5},
    "Uniform": {"lb": 0.02, "ub": 0.1},
    "PointMass": {"value": 0.1},
}
CHANGED = {"mean": 0.12, "std": 0.06, "lb": 0.03, "ub": 0.2, "value": 0.2}

PRIOR_FIELDS = {
    "name": "another",
    "type": "Posterior",
    "distribution": LOG_NORMAL,
    "regularizer_weight": 2.0,
}

SIGMA = {"Voltage [V]": 0.01}
COST_NEEDS: dict[str, Any] = {
    "ChiSquare": {"variable_standard_deviations": {"Voltage [V]": 0.02}},
    "GaussianLogLikelihood": {"sigma": {"Voltage [V]": 0.02}},
    "MultiCost": {"costs": ["MSE"]},
}
COST_FIELDS: dict[str, Any] = {
    "objective_weights": {"v": 2.0},
    "variable_weights": {"Voltage [V]": 2.0},
    "normalization": "mean",
    "variable_standard_deviations": SIGMA,
    "sigma": SIGMA,
    "costs": ["MAE", "MSE"],
    "nan_values": "mean",
    "calculation_structure": {"v": None},
    "objective_names": ["v"],
    "position_variable": "Time [s]",
    "weight_variable": "Time [s]",
}


def of_cost(kind):
    def place(fields):
        return with_fit(cost={"type": kind, **COST_NEEDS.get(kind, {}), **fields})

    return place


def cost_fields(kind):
    own = costs._FIELDS.get(kind, ("normalization",))
    return (*own, *costs._WEIGHTS, *costs._NOT_SUPPORTED)


LOOSE = {"absolute_tolerance": 1e3, "max_iterations": 6}
TIGHT = {"absolute_tolerance": 1e-30, "relative_tolerance": 1e-30, "population_convergence_tol": 0}
POPULATION_FIELDS: dict[str, Any] = {
    "log_to_screen": True,
    "sigma0": 0.02,
    "max_iterations": 2,
    "max_unchanged_iterations": Case(1, {"max_unchanged_iterations_threshold": 1e9}),
    "max_unchanged_iterations_threshold": Case(
        -1.0, {"max_unchanged_iterations": 2, "max_iterations": 12}
    ),
    "min_iterations": Case(5, LOOSE),
    "max_evaluations": 3,
    "population_size": 7,
    "threshold": 1e3,
    "absolute_tolerance": 1e3,
    "relative_tolerance": 1e3,
    "xtol": 1e-3,
    "population_convergence_tol": 1e3,
    "flat_fitness_tol": 1e-3,
    "convergence_patience": Case(1, LOOSE),
    "surrogate_convergence_tol": 1e-2,
    "algorithm_options": {"unheard of": 1},
}
# SciPy's differential evolution has none of these.
EVOLUTION_FIELDS: dict[str, Any] = {
    **POPULATION_FIELDS,
    "max_unchanged_iterations": 1,
    "max_unchanged_iterations_threshold": 1e9,
}
EVOLUTION_OPTIONS = {
    "F": 0.3,
    "CR": 0.2,
    "dither": [0.2, 0.9],
    "mutation_strategy": "rand1exp",
}


def of_optimizer(kind):
    def place(fields):
        own = {"max_iterations": 4, **TIGHT} if optimizers.OPTIMIZERS[kind].is_global else {}
        if kind == "DifferentialEvolution":
            own.pop("population_convergence_tol")
        return with_fit(optimizer={"type": kind, **own, **fields})

    return place


def optimizer_fields(kind):
    return optimizers.OPTIMIZERS[kind].fields or ()


def of_algorithm(fields):
    # Recombination needs two parameters.
    parameters = {X: {"bounds": [0.01, 0.5]}, Y: {"bounds": [0.1, 0.5]}}
    optimizer = {"type": "DifferentialEvolution", "max_iterations": 4, "algorithm_options": fields}
    return with_fit(optimizer=optimizer, parameters=parameters)


def of_penalty(fields):
    penalty = {"fun": 0.1, **fields}
    return with_fit(objectives={"v": {**OBJECTIVE, "penalties": [penalty]}})


def of_validation(fields):
    element = {"element_type": "validation", "objectives": {"v": OBJECTIVE}}
    known = {**KNOWN, "values": {**KNOWN["values"], X: 0.03}}
    return {"known": known, "it": {**element, **fields}}


TABLES = {
    "data_fit": Table(lambda: fit_reader.FIT_FIELDS, of_type("data_fit"), OF_FITS),
    "array_data_fit": Table(lambda: fit_reader.FIT_FIELDS, of_type("array_data_fit"), OF_FITS),
    "linear_confidence_interval": Table(
        lambda: (*fit_reader.FIT_FIELDS, *analysis._CONFIDENCE_FIELDS),
        of_type("linear_confidence_interval", cost=None),
        OF_ANALYSES,
    ),
    "sobol_sensitivity": Table(
        lambda: (*fit_reader.FIT_FIELDS, *analysis._SENSITIVITY_FIELDS),
        of_type("sobol_sensitivity", n_samples=8),
        OF_ANALYSES,
    ),
    "fields an analysis refuses": Table(
        lambda: fit_reader._NOT_SUPPORTED,
        of_type("linear_confidence_interval"),
        {
            "cost_logger": {"every": 1},
            "calc_second_order": True,
            "variable_standard_deviations": SIGMA,
        },
    ),
    **{
        f"options of {kind}": Table(
            lambda: fit_reader._OPTIONS,
            of_options(kind, **({"n_samples": 8} if kind == "sobol_sensitivity" else {})),
            OPTIONS_OF_ANALYSES if kind in ANALYSIS_TYPES else FIT_OPTIONS,
        )
        for kind in ("data_fit", "array_data_fit", *ANALYSIS_TYPES)
    },
    "validation": Table(
        lambda: validation._FIELDS,
        of_validation,
        {
            "objectives": {"v": {**OBJECTIVE, "data": OTHER}},
            "summary_stats": ["MSE"],
            "source": "a paper",
        },
    ),
    "parameter": Table(lambda: fitted.FIELDS, of_parameter, PARAMETER_FIELDS),
    **{
        f"distribution {kind}": Table(
            partial(distributions.FIELDS.__getitem__, kind), of_distribution(kind), CHANGED
        )
        for kind in distributions.FIELDS
    },
    "prior": Table(
        lambda: PRIOR_FIELDS,
        lambda fields: with_fit(priors=[{"name": X, "distribution": NORMAL, **fields}]),
        PRIOR_FIELDS,
    ),
    **{
        f"cost {kind}": Table(partial(cost_fields, kind), of_cost(kind), COST_FIELDS)
        for kind in costs.KINDS
    },
    "part of a cost": Table(
        lambda: ("cost", "weight"),
        lambda fields: with_fit(cost={"type": "MultiCost", "costs": [{"cost": "MSE", **fields}]}),
        {"cost": "MAE", "weight": 2.0},
    ),
    **{
        f"optimizer {kind}": Table(
            partial(optimizer_fields, kind),
            of_optimizer(kind),
            EVOLUTION_FIELDS
            if kind == "DifferentialEvolution"
            else {**POPULATION_FIELDS, "npts": 3},
        )
        for kind, each in optimizers.OPTIMIZERS.items()
        if each.fields is not None
    },
    "options of DifferentialEvolution": Table(
        lambda: optimizers.OPTIMIZERS["DifferentialEvolution"].algorithm_options or (),
        of_algorithm,
        EVOLUTION_OPTIONS,
    ),
    "penalty": Table(
        lambda: penalties._FIELDS,
        of_penalty,
        {"type": "Constraint", "fun": 0.2, "regularizer_weight": 2.0},
    ),
}
