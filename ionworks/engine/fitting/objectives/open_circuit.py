"""Open-circuit curves: voltage over capacity or stoichiometry, with no dynamics.

Along a slow charge or discharge of capacity Q the stoichiometry of an electrode changes linearly
from one limit to the other. The limits are parameters, such as ``Minimum negative stoichiometry``,
or they follow from ``Negative electrode capacity [A.h]`` and ``Negative electrode lower excess
capacity [A.h]``: minimum = excess / capacity, maximum = (excess + Q) / capacity.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.fields import Issues
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.measurement import CAPACITY, STOICHIOMETRY, VOLTAGE, Measurement
from ionworks.engine.fitting.objectives.objective import Objective, Request
from ionworks.engine.fitting.parameters.names import limit_names
from ionworks.engine.fitting.state import State
from ionworks.engine.pybamm_setup import compile_function, input_names, pybamm

_X: Final = "stoichiometry"
_RISING: Final = {"discharge": False, "charge": True, "lithiation": False, "delithiation": True}
"""Direction of the data -> whether the voltage rises along it."""


def capacity_names(electrode: str) -> tuple[str, str]:
    """Return the names of an electrode's capacity and lower excess capacity."""
    side = electrode.capitalize()
    return (
        f"{side} electrode capacity [A.h]",
        f"{side} electrode lower excess capacity [A.h]",
    )


_OWN: Final = {
    electrode: (*limit_names(electrode), *capacity_names(electrode))
    for electrode in ("negative", "positive")
}


class _Electrode:
    """The potential of one electrode over its stoichiometry, for many candidates."""

    def __init__(self, electrode: str, state: State, request: Request) -> None:
        cell = request.cell(state)
        self.name = electrode
        own = {*_OWN["negative"], *_OWN["positive"]}
        fitted = [name for name in request.fitted if name not in own]
        values = cell.values.copy()
        values.update(dict.fromkeys(fitted, "[input]"))
        param = cell.reference.param
        domain = param.n if electrode == "negative" else param.p
        potential = values.process_symbol(domain.prim.U(pybamm.InputParameter(_X), param.T_ref))
        used = input_names([potential])
        self._inputs = tuple(name for name in fitted if name in used)
        self._potential = compile_function([potential], (_X, *self._inputs))
        self._known = {**state.values, **request.parameters}
        self.influential = {*self._inputs, *_OWN[electrode]}

    def limits(self, candidate: Mapping[str, float], capacity: float) -> tuple[float, float]:
        """Return the least and the greatest stoichiometry along the data.

        Raises
        ------
        ValueError
            If neither limits nor capacities are known.
        """
        known = {**self._known, **candidate}
        total, excess = capacity_names(self.name)
        if total in known and excess in known:
            whole, lower = float(known[total]), float(known[excess])
            return lower / whole, (lower + capacity) / whole
        least, greatest = limit_names(self.name)
        for name in (least, greatest):
            if name not in known:
                raise ValueError(
                    f"{name!r} is neither fitted nor known: fit it, give it in an entry, or use "
                    f"{total!r} and {excess!r}"
                )
        return float(known[least]), float(known[greatest])

    def knows_limits(self, fitted: Sequence[str]) -> bool:
        """Return whether a limit or a capacity of the electrode is fitted or known."""
        return not {*self._known, *fitted}.isdisjoint(_OWN[self.name])

    def set_limits(self, least: float, greatest: float) -> None:
        """Set the stoichiometry limits."""
        self._known |= zip(limit_names(self.name), (least, greatest), strict=True)

    def potentials(
        self, stoichiometries: Floats, candidates: Sequence[Mapping[str, float]]
    ) -> Floats:
        """Return potentials [V], shape (candidates, rows)."""
        count, rows = stoichiometries.shape
        inputs = np.empty((1 + len(self._inputs), count * rows))
        inputs[0] = stoichiometries.ravel()
        for place, name in enumerate(self._inputs, start=1):
            inputs[place] = np.repeat([candidate[name] for candidate in candidates], rows)
        return np.asarray(self._potential(inputs)[0][0].reshape(count, rows))


class _OpenCircuit(Objective):
    """Base of the open-circuit objectives: the curve, over capacity or stoichiometry."""

    def __init__(self, request: Request, state: State) -> None:
        self.name = request.name
        self.cost = request.cost
        options = request.options
        measurement = request.measurement(state)
        self._electrodes = [
            _Electrode(electrode, state, request) for electrode in self._sides(request)
        ]
        self._by_stoichiometry = self._takes_stoichiometry(measurement, request)
        self.axis = STOICHIOMETRY if self._by_stoichiometry else CAPACITY
        voltage, axis = measurement.column(VOLTAGE), measurement.column(self.axis)
        keep = _between(voltage, options.get("voltage limits"))
        self._keep(keep, voltage, axis, measurement.label)
        self._fullness: Floats = np.zeros(len(self.axis_values))
        self.influential = set().union(*(each.influential for each in self._electrodes))
        if self._by_stoichiometry:
            self.influential -= {*_OWN["negative"], *_OWN["positive"]}
        else:
            self._map_capacity(request, state)
        if options.get("stoichiometry limits"):
            if measurement.has(STOICHIOMETRY):
                x = measurement.column(STOICHIOMETRY)[keep]
            else:
                x = self._known_stoichiometries(request)
            inside = _between(x, options["stoichiometry limits"])
            self._fullness = self._fullness[inside]
            self._keep(inside, self.measured[VOLTAGE], self.axis_values, measurement.label)

    def _keep(self, rows: Any, voltage: Floats, axis: Floats, label: str) -> None:
        if not rows.any():
            raise ValueError(f"{label}: no rows lie within the limits")
        self.measured, self.axis_values = {VOLTAGE: voltage[rows]}, axis[rows]

    def _map_capacity(self, request: Request, state: State) -> None:
        """Find how full the electrodes are at each row, and check that their limits are known."""
        voltage = self.measured[VOLTAGE]
        travelled = np.abs(self.axis_values - self.axis_values[0])
        self._capacity = float(travelled.max())
        if self._capacity <= 0:
            raise ValueError(f"{request.label}: {CAPACITY!r} does not change in the data")
        share = travelled / self._capacity
        given = request.options.get("direction")
        rises = _RISING[given] if given else bool(voltage[-1] > voltage[0])
        # 0 where the voltage is lowest, 1 where it is highest.
        self._fullness = share if rises else 1 - share
        for electrode in self._electrodes:
            self._set_default_limits(electrode, request, state)
            electrode.limits(dict.fromkeys(request.fitted, 1.0), self._capacity)

    def _set_default_limits(self, electrode: _Electrode, request: Request, state: State) -> None:
        """Set the limits of an electrode where nothing gives them; most objectives need them."""

    def _known_stoichiometries(self, request: Request) -> Floats:
        """Return the stoichiometry at each row, which must be the same for every candidate."""
        (electrode,) = self._electrodes
        if not set(_OWN[electrode.name]).isdisjoint(request.fitted):
            raise ValueError(
                f"{request.label}: 'stoichiometry limits' cannot select rows by a stoichiometry "
                "that is fitted: give 'voltage limits', or a column 'Stoichiometry'"
            )
        return self._along(electrode, {})

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return the open-circuit voltages of some candidates."""
        total = np.zeros((len(candidates), len(self.axis_values)))
        for electrode in self._electrodes:
            if self._by_stoichiometry:
                x = np.tile(self.axis_values, (len(candidates), 1))
            else:
                x = np.stack([self._along(electrode, each) for each in candidates])
            sign = -1.0 if self._is_subtracted(electrode) else 1.0
            total += sign * electrode.potentials(x, candidates)
        return [
            Prediction(row[None])
            if np.isfinite(row).all()
            else Prediction(None, 1.0, "the potential is not finite at some stoichiometry")
            for row in total
        ]

    def _along(self, electrode: _Electrode, candidate: Mapping[str, float]) -> Floats:
        """Return the stoichiometry at each row.

        The potential of each electrode falls with its stoichiometry; the voltage of a full cell is
        the positive potential minus the negative one.
        """
        least, greatest = electrode.limits(candidate, self._capacity)
        fullness = 1 - self._fullness if self._is_subtracted(electrode) else self._fullness
        return np.asarray(greatest - (greatest - least) * fullness)

    def _is_subtracted(self, electrode: _Electrode) -> bool:
        return electrode.name == "negative" and len(self._electrodes) > 1

    def _sides(self, request: Request) -> tuple[str, ...]:
        return (str(request.electrode),)

    def _takes_stoichiometry(self, measurement: Measurement, request: Request) -> bool:
        """Return whether stoichiometry is the independent variable, rather than capacity."""
        limits = {*_OWN["negative"], *_OWN["positive"]}
        return measurement.has(STOICHIOMETRY) and not limits.intersection(request.fitted)


def _between(values: Floats, limits: Any) -> Any:
    """Return which values lie within limits; all of them without limits."""
    low, high = limits or (-np.inf, np.inf)
    return (values >= low) & (values <= high)


class OCPHalfCell(_OpenCircuit):
    """The potential of one electrode, over its stoichiometry or over capacity.

    Data over capacity whose stoichiometry limits are neither fitted nor known span stoichiometries
    from 0 to 1; ``theta_ref`` replaces the greatest of a positive electrode, or the least of a
    negative one.
    """

    kind: ClassVar[str] = "OCPHalfCell"
    fields: ClassVar[tuple[str, ...]] = ("electrode",)
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"direction": ("lithiation", "delithiation")}
    options: ClassVar[tuple[str, ...]] = (
        "theta_ref",
        "stoichiometry limits",
        "voltage limits",
        "direction",
        "model",
    )
    columns: ClassVar[tuple[str, ...]] = (VOLTAGE,)
    own_parameters: ClassVar[tuple[str, ...]] = (*_OWN["negative"], *_OWN["positive"])

    @classmethod
    def read(
        cls, options: Mapping[str, Any], columns: Sequence[str] | None, issues: Issues
    ) -> None:
        """Check that the data have a voltage, and a stoichiometry or a capacity."""
        super().read(options, columns, issues)
        if columns is not None and not {STOICHIOMETRY, CAPACITY}.intersection(columns):
            issues.add(f"data: there is no column {STOICHIOMETRY!r} or {CAPACITY!r}")

    def __init__(self, request: Request, state: State) -> None:
        super().__init__(request, state)
        if self._by_stoichiometry and request.options.get("theta_ref") is not None:
            raise ValueError(
                f"{request.label}: 'theta_ref' is for data over capacity, but the data have a "
                f"column {STOICHIOMETRY!r}: leave it out"
            )

    def _set_default_limits(self, electrode: _Electrode, request: Request, state: State) -> None:
        given = request.options.get("theta_ref")
        if electrode.knows_limits(request.fitted):
            if given is not None:
                raise ValueError(
                    f"{request.label}: give either 'theta_ref' or the stoichiometry limits of the "
                    "electrode, not both"
                )
            return
        least, greatest = limits = (
            (0.0, 1.0 if given is None else given)
            if electrode.name == "positive"
            else (0.0 if given is None else given, 1.0)
        )
        electrode.set_limits(*limits)
        state.note(
            f"{request.label}: the stoichiometry limits of the electrode are neither fitted nor "
            f"known: the data span the stoichiometries {least:g} to {greatest:g}"
        )


class ElectrodeBalancingHalfCell(_OpenCircuit):
    """The potential of one electrode over capacity, for its stoichiometry limits."""

    kind: ClassVar[str] = "ElectrodeBalancingHalfCell"
    fields: ClassVar[tuple[str, ...]] = ("electrode",)
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"direction": ("lithiation", "delithiation")}
    options: ClassVar[tuple[str, ...]] = ("direction", "model")
    columns: ClassVar[tuple[str, ...]] = (CAPACITY, VOLTAGE)
    own_parameters: ClassVar[tuple[str, ...]] = (*_OWN["negative"], *_OWN["positive"])


class ElectrodeBalancing(_OpenCircuit):
    """The open-circuit voltage of a full cell over capacity, for the limits of both electrodes."""

    kind: ClassVar[str] = "ElectrodeBalancing"
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {"direction": ("charge", "discharge")}
    options: ClassVar[tuple[str, ...]] = ("direction", "model")
    columns: ClassVar[tuple[str, ...]] = (CAPACITY, VOLTAGE)
    own_parameters: ClassVar[tuple[str, ...]] = (*_OWN["negative"], *_OWN["positive"])

    def _sides(self, request: Request) -> tuple[str, ...]:  # noqa: ARG002 - it always has both
        return "positive", "negative"

    def _takes_stoichiometry(self, measurement: Measurement, request: Request) -> bool:  # noqa: ARG002
        return False
