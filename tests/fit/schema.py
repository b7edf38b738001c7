"""The fields of the service's schema (0.33.0), each with a value that asks for something.

Every field must be heeded, or refused with the names of element and field: a field that is neither
would be dropped silently. ``HINTS`` change no number: they are noted, or part of the result; see
`tests.fit.sweep`.
"""

from ionworks.engine import fitting
from tests.fit.measurements import BOUNDS, DIFFUSIVITY, fit

COLUMNS = (
    "Time [s]",
    "Current [A]",
    "Voltage [V]",
    "Frequency [Hz]",
    "Z_Re [Ohm]",
    "Z_Im [Ohm]",
    "Capacity [A.h]",
    "Stoichiometry",
    "Cycle number",
    "LLI [%]",
    "Step count",
)
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
OBJECTIVES_NOT_SUPPORTED = (
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
OPTIMIZERS_NOT_SUPPORTED = (
    "BayesianOptimization",
    "SOBER",
    "TuRBO",
    "Nested",
    "ScipyLsqLinear",
    "PintsSampler",
    "PointEstimateSampler",
    "DummySampler",
)
DISTRIBUTIONS_NOT_SUPPORTED = ("Dirichlet", "MultivariateNormal", "MultivariateLogNormal")
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
ENTRIES_NOT_SUPPORTED = (
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
