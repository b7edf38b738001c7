"""The calculations by name: their fields, and how they are read and run."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from ionworks.doe.scalars import nearest
from ionworks.engine.cells.specification import is_number
from ionworks.engine.fitting.calculations import (
    balance,
    curves,
    electrodes,
    half_cells,
    knots,
    msmr,
    pulses,
)
from ionworks.engine.fitting.calculations.known import Known
from ionworks.engine.fitting.fields import (
    Issues,
    are_rising,
    is_interval,
    mapping_of,
    note_without_effect,
    strictly,
)
from ionworks.engine.fitting.measurement import check_data
from ionworks.engine.fitting.state import ElementResult, State
from ionworks.engine.pybamm_setup import pybamm


@frozen
class Calculation:
    """One calculation.

    Attributes
    ----------
    run : callable
        Takes the known parameter values, returns the calculated ones.
    needs : tuple of str
        Required fields.
    fields : tuple of str
        Other fields.
    options : tuple of str
        Its options that are built.
    """

    run: Callable[[Known], dict[str, Any]]
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


_KNOTS: Final = (knots.slopes_to_knots, knots.slopes_to_knots_2d)
_ELECTRODE: Final = ("electrode",)
_CURVE: Final = ("electrode", "data")

CALCULATIONS: Final[dict[str, Calculation]] = {
    "AreaToSquareWidthHeight": Calculation(electrodes.square_from_area),
    "DiameterToSquareWidthHeight": Calculation(electrodes.square_from_diameter),
    "ElectrodeCapacity": Calculation(
        electrodes.electrode_capacity, _ELECTRODE, ("use_stoich_window", "method")
    ),
    "ElectrodeVolumeFractionFromLoading": Calculation(
        electrodes.volume_fraction_from_loading, ("electrode", "method")
    ),
    "ElectrodeVolumeFractionFromPorosity": Calculation(
        electrodes.volume_fraction_from_porosity, _ELECTRODE
    ),
    "PorosityFromElectrodeVolumeFraction": Calculation(
        electrodes.porosity_from_volume_fraction, _ELECTRODE
    ),
    "SurfaceAreaToVolumeRatio": Calculation(electrodes.surface_area_to_volume_ratio, _ELECTRODE),
    "CellMass": Calculation(electrodes.cell_mass),
    "DensityFromVolumeAndMass": Calculation(electrodes.density),
    "SpecificHeatCapacity": Calculation(electrodes.specific_heat_capacity),
    "CyclableLithium": Calculation(balance.cyclable_lithium, (), ("method",)),
    "ElectrodeSOH": Calculation(balance.electrode_soh, (), (), ("known value",)),
    "InitialSOC": Calculation(balance.initial_soc, ("soc",)),
    "StoichiometryLimitsFromCapacity": Calculation(
        balance.limits_from_capacity, (), (), ("usable capacity",)
    ),
    "OCPDataInterpolant": Calculation(
        curves.open_circuit_potential, _CURVE, (), ("interpolator", "direction")
    ),
    "DiffusivityDataInterpolant": Calculation(
        curves.diffusivity, _CURVE, (), ("interpolator", "transformation", "scale factor")
    ),
    "EntropicChangeDataInterpolant": Calculation(
        curves.entropic_change, _CURVE, (), ("interpolator", "scale factor")
    ),
    "ElectrodeSOHHalfCell": Calculation(half_cells.limits, _ELECTRODE),
    "HalfCellNominalCapacity": Calculation(half_cells.nominal_capacity, _ELECTRODE),
    "InitialSOCHalfCell": Calculation(half_cells.state_of_charge, ("electrode", "soc")),
    "InitialStoichiometryFromVoltageHalfCell": Calculation(
        half_cells.stoichiometry_at_voltage, _ELECTRODE
    ),
    "InitialConcentrationFromInitialStoichiometryHalfCell": Calculation(
        half_cells.concentration_at_stoichiometry, _ELECTRODE
    ),
    "InitialVoltageFromConcentration": Calculation(half_cells.voltage_at_concentration, _ELECTRODE),
    "OpenCircuitLimits": Calculation(half_cells.open_circuit_limits),
    "LumpedHeatCapacityAndDensity": Calculation(electrodes.lumped_heat_capacity),
    "JellyRollThermalDimensions": Calculation(electrodes.jelly_roll),
    "PouchCellThermalDimensions": Calculation(electrodes.pouch_cell),
    "SlopesToKnots": Calculation(
        knots.slopes_to_knots,
        ("base_parameter_name", "breakpoint_values", "breakpoint_parameter_name"),
    ),
    "SlopesToKnots2D": Calculation(
        knots.slopes_to_knots_2d,
        (
            "base_parameter_name",
            "breakpoint1_values",
            "breakpoint1_parameter_name",
            "breakpoint2_values",
            "breakpoint2_parameter_name",
        ),
    ),
    "DiffusivityFromMSMRData": Calculation(
        curves.diffusivity_of_species, _CURVE, (), ("interpolator", "x tolerance", "minimum dUdx")
    ),
    "DiffusivityFromPulse": Calculation(
        pulses.diffusivity, _CURVE, (), ("step number", "dt_IR", "dt_pulse")
    ),
    "MSMRElectrodeSOHHalfCell": Calculation(msmr.limits, _ELECTRODE),
    "InitialStoichiometryFromVoltageMSMRHalfCell": Calculation(
        msmr.stoichiometry_at_voltage, _ELECTRODE
    ),
    "OCPMSMRInterpolant": Calculation(
        msmr.potential,
        ("electrode", "voltage_limits"),
        (),
        ("interpolator", "create_lithiation_function"),
    ),
    "ArrheniusLogLinear": Calculation(curves.arrhenius, ("data",), ("reference_temperature",)),
}
"""Name -> calculation."""

_NAMES: Final = "the names of the parameters it takes and gives are not known"
_ENERGY: Final = "the name of its activation energy is not known"

NOT_SUPPORTED: Final = {
    "ArrheniusDiffusivityFromMSMRData": _ENERGY,
    "ArrheniusDiffusivityFromMSMRFunction": _ENERGY,
    "AverageMSMRParameters": _NAMES,
    "DiffusivityFromMSMRFunction": "what function of the potential it takes is not known",
    "ElectrodeBalanceFromFirstCycleEfficiency": _NAMES,
    "ElectrodeGeometryFromLoading": "whether it gives a thickness or an area is not known",
    "EntropicChangeFromMSMRFunction": "how its parameters go with temperature is not known",
    "InitialSOCfromMaximumStoichiometry": _NAMES,
    "MSMRFullCellCapacities": _NAMES,
    "MSMRFunction": _NAMES,
    "OCPDataInterpolantMSMRExtrapolation": "how it joins data and model is not known",
    "StoichiometryAtMinimumSOC": _NAMES,
}
"""Name -> why it is not supported."""

_CHOICES: Final[dict[str, dict[str, tuple[Any, ...]]]] = {
    "ElectrodeVolumeFractionFromLoading": {"method": ("loading", "coating mass")},
    "CyclableLithium": {"method": (None, "electrode capacities", "formation loss")},
    "ElectrodeCapacity": {"method": (None, "auto")},
    "ElectrodeSOH": {"known value": (None, "cyclable lithium capacity", "cell capacity")},
    "DiffusivityDataInterpolant": {
        "transformation": (None, "none", "log"),
        "scale factor": (None, False, True),
    },
    "OCPDataInterpolant": {"direction": (None, "lithiation", "delithiation")},
    "OCPMSMRInterpolant": {"create_lithiation_function": (None, False, True)},
}
"""Calculation -> fields and options with a fixed set of values."""

_EVERYWHERE: Final[dict[str, tuple[Any, ...]]] = {
    "electrode": (None, "positive", "negative"),
    "interpolator": (None, "linear", "cubic", "pchip"),
}
_DEFAULTS: Final[dict[str, tuple[Any, ...]]] = {
    "direction": (None, ""),
    "phase": (None, ""),
    "include_func": (None, False),
    "particle phases": (None, ("1", "1"), ["1", "1"]),
    "tolerance": (None, 1e-6),
    "negative voltage limits": (None, (0.0, 2.0), [0.0, 2.0]),
    "positive voltage limits": (None, (2.5, 5.0), [2.5, 5.0]),
}
"""Defaults of fields that clients write out."""


_NUMBER: Final = (is_number, "a number")
_NAME: Final = (lambda value: isinstance(value, str), "the name of a parameter")
_RISING: Final = (are_rising, "at least two rising numbers")

_FORMS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "voltage_limits": (is_interval, "the lower and the upper voltage [V]"),
    "soc": (
        lambda value: isinstance(value, str) or is_number(value),
        "a fraction between 0 and 1, or a voltage: '4 V'",
    ),
    "usable capacity": _NUMBER,
    "reference_temperature": _NUMBER,
    "step number": _NUMBER,
    "dt_IR": _NUMBER,
    "dt_pulse": _NUMBER,
    "x tolerance": _NUMBER,
    "minimum dUdx": _NUMBER,
    "scale factor": (lambda value: isinstance(value, int | float), "a number"),
    "breakpoint_values": _RISING,
    "breakpoint1_values": _RISING,
    "breakpoint2_values": _RISING,
    "base_parameter_name": _NAME,
    "breakpoint_parameter_name": _NAME,
    "breakpoint1_parameter_name": _NAME,
    "breakpoint2_parameter_name": _NAME,
}
"""Field or option -> whether a value has its form, and the form in words."""

_COMMON: Final = ("element_type", "type", "calculation", "source", "options")


def read_calculation(element: Mapping[str, Any], state: State, issues: Issues) -> str:
    """Read a calculation and return its name in `CALCULATIONS`."""
    state.has_calculations = True
    name = str(element.get("type") or element.get("calculation"))
    if name in NOT_SUPPORTED:
        issues.add(
            f"type: the calculation {name} is not supported, because {NOT_SUPPORTED[name]}; give "
            "the parameters it would calculate in an entry"
        )
        return name
    if name not in CALCULATIONS:
        known = [*CALCULATIONS, *NOT_SUPPORTED]
        issues.add(
            f"type: unknown calculation {name!r}{nearest(name, known)}; valid types: "
            f"{', '.join(CALCULATIONS)}"
        )
        return name
    calculation = CALCULATIONS[name]
    own = issues.within(name)
    for field in calculation.needs:
        if element.get(field) is None:
            own.add(f"{field!r} is missing")
    options = own.read(mapping_of, element.get("options"), "options") or {}
    _check_fields(element, (*_COMMON, *calculation.needs, *calculation.fields), own)
    _check_fields(options, calculation.options, own.within("options"))
    _check_values({**options, **element}, name, own)
    if element.get("data") is not None:
        check_data(element["data"], "data", own)
        note_without_effect(element["data"], f"{state.place}: data", state.note)
    if not issues.messages and calculation.run in _KNOTS:
        # Their names depend on the element, so that no list has them.
        state.read |= knots.names_read(calculation.run, element)
    return name


def _check_values(given: Mapping[str, Any], name: str, issues: Issues) -> None:
    """Find the fields and options of a calculation whose value has not its form."""
    for field, accepted in {**_EVERYWHERE, **_CHOICES.get(name, {})}.items():
        value = given.get(field)
        if value not in accepted:
            words = " or ".join(repr(each) for each in accepted if each is not None)
            issues.add(f"{field} is {value!r}; use {words}")
    for field, (is_usable, form) in _FORMS.items():
        value = given.get(field)
        if value is not None and not is_usable(value):
            issues.add(f"{field} is {value!r}; give {form}")


def _check_fields(given: Mapping[str, Any], fields: tuple[str, ...], issues: Issues) -> None:
    for field, value in given.items():
        if field not in fields and value not in _DEFAULTS.get(field, (None,)):
            issues.add(f"{field!r} is not supported; leave it out")


def run_calculation(element: Mapping[str, Any], state: State) -> ElementResult:
    """Run a calculation.

    Raises
    ------
    ValueError
        If it is not supported, or a parameter it needs is not known.
    """
    name = strictly(read_calculation, element, state)
    try:
        values = CALCULATIONS[name].run(Known(state, element))
    except (ValueError, KeyError, pybamm.SolverError) as error:
        raise ValueError(f"{name}: {error}") from error
    return ElementResult({"type": "PassthroughResult", "parameter_values": values}, values=values)
