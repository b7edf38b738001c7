"""Custom models, options and parameter values against plain PyBaMM."""

import numpy as np
import pybamm
import pytest

from ionworks.engine import parameter_values, simulate, smoke_test
from ionworks.engine.cells.documents import compressed
from tests.engine.reference import as_json, document, solved, steps, voltage_errors

pytestmark = pytest.mark.unmeasured

THICKNESS = "Positive electrode thickness [m]"
PROTOCOL, EXPERIMENT = steps()


def run(spec, protocol=PROTOCOL, **options):
    [outcome] = simulate(spec, protocol, [{"id": "only", **options}])
    assert outcome.error is None
    return outcome.time_series


def chen(**changes):
    values = pybamm.ParameterValues("Chen2020")
    values.update(changes)
    return values


class OwnSPM(pybamm.BaseModel):
    """A custom single particle model, derived from no battery model of PyBaMM.

    It has neither electrolyte nor temperature, and its own law of the exchange current.
    """

    def __init__(self):
        super().__init__("somebody's SPM")
        param = self.param = pybamm.LithiumIonParameters()
        current = pybamm.FunctionParameter("Current function [A]", {"Time [s]": pybamm.t})
        faraday = pybamm.constants.F
        thermal = pybamm.constants.R * param.T_ref / faraday
        potentials = []
        for domain, side, sign in (("negative", param.n, 1), ("positive", param.p, -1)):
            radius = pybamm.Parameter(f"{domain.title()} particle radius [m]")
            fraction = pybamm.Parameter(
                f"{domain.title()} electrode active material volume fraction"
            )
            thickness = pybamm.Parameter(f"{domain.title()} electrode thickness [m]")
            diffusivity = pybamm.Parameter(f"{domain.title()} particle diffusivity [m2.s-1]")
            most = pybamm.Parameter(f"Maximum concentration in {domain} electrode [mol.m-3]")
            area = param.A_cc
            density = sign * current / (3 * fraction / radius * thickness * area)
            lithium = pybamm.Variable(
                f"{domain.title()} particle concentration [mol.m-3]", domain=f"{domain} particle"
            )
            flux = -diffusivity * pybamm.grad(lithium)
            self.rhs[lithium] = -pybamm.div(flux)
            self.boundary_conditions[lithium] = {
                "left": (pybamm.Scalar(0), "Neumann"),
                "right": (-density / (faraday * diffusivity), "Neumann"),
            }
            self.initial_conditions[lithium] = pybamm.Parameter(
                f"Initial concentration in {domain} electrode [mol.m-3]"
            )
            surface = pybamm.surf(lithium) / most
            exchange = pybamm.Parameter(f"Own {domain} exchange current [A.m-2]") * pybamm.sqrt(
                surface * (1 - surface)
            )
            overpotential = 2 * thermal * pybamm.arcsinh(density / (2 * exchange))
            potentials.append(sign * (side.prim.U(surface, param.T_ref) + overpotential))
        self.variables = {
            "Voltage [V]": -potentials[0] - potentials[1],
            "Current [A]": current,
            # PyBaMM's own experiments ask for it when a step that solves for the current begins.
            "Current variable [A]": current,
            "Positive surface stoichiometry": surface,
        }
        self.summary_variables = []  # so that PyBaMM's own experiments can run it
        self._geometry_of = pybamm.lithium_ion.BasicSPM()

    @property
    def default_geometry(self):
        geometry = self._geometry_of.default_geometry
        return {name: geometry[name] for name in ("negative particle", "positive particle")}

    @property
    def default_var_pts(self):
        return {"r_n": 25, "r_p": 25}

    @property
    def default_submesh_types(self):
        types = self._geometry_of.default_submesh_types
        return {name: types[name] for name in ("negative particle", "positive particle")}

    @property
    def default_spatial_methods(self):
        methods = self._geometry_of.default_spatial_methods
        return {name: methods[name] for name in ("negative particle", "positive particle")}


OWN_PARAMETERS = {
    "Own negative exchange current [A.m-2]": 2.0,
    "Own positive exchange current [A.m-2]": 4.0,
}


@pytest.mark.parametrize("packed", [False, True])
def test_a_custom_model_equals_plain_pybamm(packed, tmp_path):
    content = document(OwnSPM(), tmp_path)
    spec = {
        "type": "custom",
        "document": compressed(content) if packed else content,
        "parameters": as_json(chen(**OWN_PARAMETERS)),
    }

    reference = solved(OwnSPM(), chen(**OWN_PARAMETERS), EXPERIMENT, initial_soc=0.8)

    assert max(voltage_errors(run(spec), reference)) < 0.1


@pytest.mark.parametrize("model", ["BasicDFN", "SPM"])
def test_a_model_read_from_json_equals_plain_pybamm(model, tmp_path):
    build = getattr(pybamm.lithium_ion, model)
    spec = {
        "type": "custom",
        "document": document(build(), tmp_path),
        "parameter_set": "Chen2020",
        "parameters": {THICKNESS: 7e-5},
    }

    reference = solved(build(), chen(**{THICKNESS: 7e-5}), EXPERIMENT, initial_soc=0.8)

    assert max(voltage_errors(run(spec), reference)) < 0.1


def test_a_custom_model_can_be_swept(tmp_path):
    spec = {
        "type": "custom",
        "document": document(OwnSPM(), tmp_path),
        "parameters": as_json(chen(**OWN_PARAMETERS)),
    }
    name, value = "Own negative exchange current [A.m-2]", 0.5

    reference = solved(
        OwnSPM(), chen(**OWN_PARAMETERS | {name: value}), EXPERIMENT, initial_soc=0.8
    )

    assert max(voltage_errors(run(spec, design_parameters={name: value}), reference)) < 0.1


@pytest.mark.parametrize("through_json", [False, True])
def test_a_circuit_equals_plain_pybamm(through_json, tmp_path):
    options = {"number of rc elements": 2}
    model = pybamm.equivalent_circuit.Thevenin(options=options)
    values = model.default_parameter_values
    values.update(
        {
            "R2 [Ohm]": 1e-3,
            "C2 [F]": 2e4,
            "Element-2 initial overpotential [V]": 0,
            "Initial SoC": 0.8,
        }
    )
    parameters = {"parameters": as_json(values)}
    spec = {"type": "Thevenin", "options": options, **parameters}
    if through_json:
        spec = {"type": "custom", "document": document(model, tmp_path), **parameters}
    protocol, experiment = steps(hold=3.7, power=200.0)

    reference = solved(model, values, experiment)

    assert max(voltage_errors(run(spec, protocol), reference)) < 0.1


def changed_ocp(stoichiometry):
    """Return the graphite potential of Chen2020, 20 mV higher and with another slope."""
    return (
        1.9793 * pybamm.exp(-39.3631 * stoichiometry)
        + 0.2682
        - 0.0909 * pybamm.tanh(29.8538 * (stoichiometry - 0.1234))
        - 0.04478 * pybamm.tanh(14.9159 * (stoichiometry - 0.2769))
        - 0.0305 * pybamm.tanh(30.4444 * (stoichiometry - 0.6103))
    )


def measured_ocp(stoichiometry):
    """Return the same from a table."""
    grid = np.linspace(0.005, 0.995, 300)
    values = [float(changed_ocp(pybamm.Scalar(each)).evaluate()) for each in grid]
    return pybamm.Interpolant(grid, np.array(values), stoichiometry, interpolator="cubic")


@pytest.mark.parametrize("function", [changed_ocp, measured_ocp])
@pytest.mark.parametrize("whole", [True, False])
def test_a_changed_potential_equals_plain_pybamm(function, whole):
    name = "Negative electrode OCP [V]"
    values = chen(**{name: function})
    written = as_json(values)
    given = {"parameters": written}
    if not whole:
        given = {"parameter_set": "Chen2020", "parameters": {name: written[name]}}

    reference = solved(pybamm.lithium_ion.SPM(), values, EXPERIMENT, initial_soc=0.8)

    assert max(voltage_errors(run({"type": "SPM", **given}), reference)) < 0.1


OPTIONS = [
    ("SPM", {"thermal": "lumped"}),
    ("SPM", {"SEI": "solvent-diffusion limited", "SEI porosity change": "true"}),
    ("DFN", {"thermal": "lumped", "SEI": "ec reaction limited"}),
    ("SPMe", {"particle": "quadratic profile", "lithium plating": "irreversible"}),
    ("SPM", {"loss of active material": ["none", "stress-driven"]}),
    ("DFN", {"surface form": "differential"}),
]


@pytest.mark.parametrize(("model", "options"), OPTIONS)
def test_options_equal_plain_pybamm(model, options):
    values = pybamm.ParameterValues("OKane2022")
    own = {name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}

    reference = solved(getattr(pybamm.lithium_ion, model)(own), values, EXPERIMENT, initial_soc=0.8)

    series = run({"type": model, "options": options, "parameter_set": "OKane2022"})
    assert max(voltage_errors(series, reference)) < 0.1


@pytest.mark.parametrize(
    ("model", "extend"),
    [("MPM", pybamm.get_size_distribution_parameters), ("NewmanTobias", lambda values: values)],
)
def test_other_models_of_pybamm_equal_plain_pybamm(model, extend):
    build = getattr(pybamm.lithium_ion, model)

    reference = solved(build(), extend(chen()), EXPERIMENT, initial_soc=0.8)

    series = run({"type": model, "parameter_set": "Chen2020"})
    assert max(voltage_errors(series, reference)) < 0.1


def test_the_mesh_has_the_requested_points():
    spec = {
        "type": "SPM",
        "parameter_set": "Chen2020",
        "settings": {"var_pts": {"r_n": 5, "r_p": 5}},
    }
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM(),
        experiment=EXPERIMENT,
        parameter_values=chen(),
        var_pts={"x_n": 20, "x_s": 20, "x_p": 20, "r_n": 5, "r_p": 5},
        solver=pybamm.IDAKLUSolver(rtol=1e-7, atol=1e-8),
    )

    reference = simulation.solve(initial_soc=0.8).cycles[0].steps

    coarse = run(spec)
    assert max(voltage_errors(coarse, reference)) < 0.1
    assert max(voltage_errors(run({**spec, "settings": {}}), reference)) > 0.5


@pytest.mark.parametrize("name", ["Chen2020", "Ai2020", "OKane2022", "ECM_Example"])
def test_parameter_values_can_be_read_by_pybamm(name):
    kind = "Thevenin" if name == "ECM_Example" else "SPM"
    build = pybamm.equivalent_circuit.Thevenin if kind == "Thevenin" else pybamm.lithium_ion.SPM
    changes = {"Nominal cell capacity [A.h]": 4.5}
    original = pybamm.ParameterValues(name)
    original.update(changes)

    found = parameter_values({"type": kind, "parameter_set": name, "parameters": changes})

    read = pybamm.ParameterValues.from_json(found)
    assert set(read) >= {each for each in original if each != "citations"} - {"chemistry"}
    protocol = pybamm.Experiment([pybamm.step.c_rate(0.5, duration=600)])
    ours, theirs = (
        solved(build(), values, protocol)[0]["Voltage [V]"].entries for values in (read, original)
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_model_without_a_state_of_charge_starts_from_its_own_conditions(tmp_path):
    model = pybamm.BaseModel("capacitor")
    current = pybamm.FunctionParameter("Current function [A]", {"Time [s]": pybamm.t})
    voltage = pybamm.Variable("Voltage variable [V]")
    model.rhs[voltage] = -current / pybamm.Parameter("Capacitance [F]")
    model.initial_conditions[voltage] = pybamm.Parameter("Starting voltage [V]")
    model.variables = {"Voltage [V]": voltage - 0.01 * current, "Current [A]": current}
    spec = {
        "type": "custom",
        "chemistry": "generic",
        "document": document(model, tmp_path),
        "parameters": {
            "Capacitance [F]": 100.0,
            "Starting voltage [V]": 2.5,
            "Nominal cell capacity [A.h]": 0.1,
            "Lower voltage cut-off [V]": 1.0,
            "Upper voltage cut-off [V]": 3.0,
        },
    }
    protocol = """
steps:
  - Discharge: {mode: Current, value: 2, ends: ["Time > 20"]}
  - Rest: {duration: 10}
  - Charge: {mode: Voltage, value: 2.5, ends: ["Time > 1"]}
"""
    [outcome] = simulate(spec, protocol, [{"id": "only"}])

    assert outcome.error is None
    # Discharged by 40 C, a capacitor of 100 F is 0.4 V lower; the resistance takes 20 mV.
    assert outcome.steps["End voltage [V]"][0] == pytest.approx(2.5 - 0.4 - 0.02, abs=1e-6)
    assert outcome.steps["End voltage [V]"][1] == pytest.approx(2.1, abs=1e-6)
    assert outcome.steps["Discharge capacity [A.h]"][0] == pytest.approx(40 / 3600, rel=1e-6)
    assert "own initial conditions" in outcome.metrics["notes"][0]
    [refused] = simulate(spec, "global: {initial_soc: 0.5}" + protocol, [{"id": "only"}])
    assert "no parameter that sets a state of charge" in refused.error


def test_a_model_that_runs_passes_the_smoke_test(tmp_path):
    spec = {
        "type": "custom",
        "document": document(OwnSPM(), tmp_path),
        "parameters": as_json(chen(**OWN_PARAMETERS)),
    }

    smoke_test(spec)
    with pytest.raises(ValueError, match="'Own negative exchange current"):
        smoke_test({**spec, "parameters": as_json(chen())})
