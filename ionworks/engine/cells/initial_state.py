"""Initial concentrations for a state of charge or a voltage, for many cells at once.

The stoichiometry limits follow PyBaMM's electrode state of health (Mohtat et al., 2019,
"Towards better estimability of electrode-specific state of health", J. Power Sources 427):
with the amount of cyclable lithium :math:`Q_{Li}` and the electrode capacities :math:`Q_n` and
:math:`Q_p` given, the negative stoichiometry :math:`x` solves

.. math:: U_p((Q_{Li} - Q_n x) / Q_p) - U_n(x) = V

at the voltages of 0 and 100 % state of charge. The left side rises with :math:`x`, so the root can
be bracketed. It is found here for all cells together with vectorised potentials, because PyBaMM's
own solver takes one cell at a time, which would take most of the time of a sweep.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.arrays import false_position
from ionworks.engine.cells.cell import (
    INITIAL_TEMPERATURE,
    Floats,
    InitialStates,
    StartingPoint,
    StartingState,
)
from ionworks.engine.pybamm_setup import compile_function, pybamm, with_inputs

NEGATIVE_CONCENTRATION: Final = "Initial concentration in negative electrode [mol.m-3]"
POSITIVE_CONCENTRATION: Final = "Initial concentration in positive electrode [mol.m-3]"
NEGATIVE_MAXIMUM: Final = "Maximum concentration in negative electrode [mol.m-3]"
POSITIVE_MAXIMUM: Final = "Maximum concentration in positive electrode [mol.m-3]"

_EDGE: Final = 1e-6
"""Distance of the stoichiometry from 0 and 1, where the logarithms of some potentials diverge."""

# PyBaMM's initial guesses: of several roots the one PyBaMM finds is found here too.
_EMPTY_GUESS: Final = np.array(0.1)
_FULL_GUESS: Final = np.array(0.9)
_EDGES: Final = np.array([0.0025, 0.005, 0.01, 0.02, 0.035])
_SCAN: Final = np.unique(np.concatenate([np.linspace(0, 1, 21), _EDGES, 1 - _EDGES]))
"""Points between which roots are bracketed, as fractions of the range. They are closer at its
edges, where potentials are steep, and where those from a table are extrapolated."""

_VOLTAGE_TOLERANCE: Final = 1e-13
"""[V]; close to rounding, because an error of the initial state is part of every result."""

_STATES_KEPT: Final = 10_000
"""States kept, so that runs with the same initial state share one search."""

LITHIUM: Final = (
    "Negative electrode capacity [A.h]",
    "Positive electrode capacity [A.h]",
    "Total lithium capacity in particles [A.h]",
)
"""Variables of a model from which its capacity follows."""

_STATE_INPUTS: Final = ("negative stoichiometry", "positive stoichiometry", INITIAL_TEMPERATURE)


def balance_symbols(param: Any) -> tuple[Any, ...]:
    """Return the expressions of a model's parameters from which `Stoichiometries` computes a state.

    They are the capacities of the electrodes, the amount of lithium, the voltages at 0 and 100 %
    state of charge, and the potentials.
    """
    x = pybamm.InputParameter("stoichiometry")
    return (
        param.n.Q_init,
        param.p.Q_init,
        param.Q_Li_particles_init,
        param.ocp_soc_0,
        param.ocp_soc_100,
        param.n.prim.U(x, param.T_ref),
        param.p.prim.U(x, param.T_ref),
    )


def _named(point: StartingPoint) -> str:
    if point.kind == "voltage":
        return f"the initial voltage {point.value:g} V"
    return f"the initial state of charge {point.value:g}"


class Stoichiometries(InitialStates):
    """Solver of the initial concentrations in both electrodes.

    Parameters
    ----------
    param : pybamm.LithiumIonParameters
        The symbols of the model.
    values, scalars, names
        As for `StatesOfCharge`.
    """

    def __init__(
        self, param: Any, values: Any, scalars: Mapping[str, float], names: tuple[str, ...]
    ) -> None:
        own = with_inputs(values, (*names, INITIAL_TEMPERATURE))
        self._names = names
        self._scalars = scalars
        self._known: dict[Any, StartingState | str] = {}
        negative, positive = (pybamm.InputParameter(name) for name in _STATE_INPUTS[:2])
        constants = (
            param.n.Q_init,
            param.p.Q_init,
            param.Q_Li_particles_init,
            param.ocp_soc_0,
            param.ocp_soc_100,
        )
        inputs = (*_STATE_INPUTS, *names)
        processed = [own.process_symbol(part) for part in constants]
        if any(part.has_symbol_of_classes(pybamm.SpatialVariable) for part in processed):
            # PyBaMM does not find the stoichiometries of such a cell for a state of charge either.
            raise ValueError(
                "an active material volume fraction or an initial concentration varies through "
                "the electrode: the initial state needs numbers; porosities may vary"
            )
        self._constants = compile_function(processed, inputs)
        # As in PyBaMM: the voltages at 0 and 100 % are at the reference temperature, a voltage to
        # start from is at the initial temperature.
        self._reference_ocv, self._initial_ocv = (
            compile_function(
                [
                    own.process_symbol(
                        param.p.prim.U(positive, temperature)
                        - param.n.prim.U(negative, temperature)
                    )
                ],
                inputs,
            )
            for temperature in (param.T_ref, param.T_init)
        )

    def solve(
        self, points: Sequence[StartingPoint], designs: Sequence[Mapping[str, float]]
    ) -> list[StartingState | str]:
        """Return the state of every run, with its initial concentrations [mol.m-3] as inputs."""
        rows = np.zeros((len(_STATE_INPUTS) + len(self._names), len(points)))
        rows[2] = [point.temperature for point in points]
        for row, name in enumerate(self._names, start=len(_STATE_INPUTS)):
            rows[row] = [design[name] for design in designs]
        keys = [
            (point.kind, point.value, column.tobytes())
            for point, column in zip(points, rows.T, strict=True)
        ]
        new = {key: index for index, key in enumerate(keys) if key not in self._known}
        if len(self._known) + len(new) > _STATES_KEPT:
            # Not an lru_cache, which computes one value per call: all new states are one batch.
            self._known.clear()
            new = {key: index for index, key in enumerate(keys)}
        if new:
            chosen = list(new.values())
            found = self._balanced(
                [points[index] for index in chosen],
                [designs[index] for index in chosen],
                rows[:, chosen],
            )
            self._known |= zip(new, found, strict=True)
        return [self._known[key] for key in keys]

    def _balanced(
        self,
        points: Sequence[StartingPoint],
        designs: Sequence[Mapping[str, float]],
        rows: Floats,
    ) -> list[StartingState | str]:
        negative, positive, lithium, lower, upper = (part[0] for part in self._constants(rows))
        balance = _Balance(rows, negative, positive, lithium)
        scan = balance.scan(self._reference_ocv)
        empty, empty_found = balance.find(scan, lower, _EMPTY_GUESS)
        full, full_found = balance.find(scan, upper, _FULL_GUESS)
        wanted = np.array([point.value for point in points])
        is_voltage = np.array([point.kind == "voltage" for point in points])
        stoichiometry = empty + wanted * (full - empty)
        found = empty_found & full_found
        if is_voltage.any():
            guess = empty + (wanted - lower) / (upper - lower) * (full - empty)
            at_voltage, reached = balance.find(balance.scan(self._initial_ocv), wanted, guess)
            stoichiometry = np.where(is_voltage, at_voltage, stoichiometry)
            found &= reached | ~is_voltage
        counter = balance.positive_stoichiometry(stoichiometry)
        socs = (stoichiometry - empty) / np.where(found, full - empty, 1.0)
        capacities = negative * (full - empty)
        return [
            StartingState(
                self._concentrations(design, float(x), float(y)), float(soc), float(capacity)
            )
            if ok
            else f"no balance of the electrodes reaches {low:g} V, {high:g} V and {_named(point)} "
            "with these parameters: check thicknesses, volume fractions and concentrations"
            for point, design, x, y, soc, capacity, ok, low, high in zip(
                points,
                designs,
                stoichiometry,
                counter,
                socs,
                capacities,
                found,
                lower,
                upper,
                strict=True,
            )
        ]

    def capacity(self, amounts: Sequence[float], design: Mapping[str, float]) -> float | None:
        """Return the charge [A.h] between 0 and 100 % for values of `LITHIUM`.

        None if no balance of the electrodes reaches the voltages of 0 and 100 %.
        """
        rows = np.zeros((len(_STATE_INPUTS) + len(self._names), 1))
        rows[2] = self._scalars[INITIAL_TEMPERATURE]
        rows[len(_STATE_INPUTS) :, 0] = [design[name] for name in self._names]
        *_, lower, upper = (part[0] for part in self._constants(rows))
        negative, positive, lithium = (np.array([amount]) for amount in amounts)
        balance = _Balance(rows, negative, positive, lithium)
        scan = balance.scan(self._reference_ocv)
        empty, empty_found = balance.find(scan, lower, _EMPTY_GUESS)
        full, full_found = balance.find(scan, upper, _FULL_GUESS)
        if not (empty_found & full_found).all():
            return None
        return float((negative * (full - empty))[0])

    def open_circuit_voltage(self, fractions: Floats) -> Floats:
        """Return the open-circuit voltage [V] at some states of charge, without ``names``."""
        rows = np.zeros((len(_STATE_INPUTS), len(fractions)))
        rows[2] = self._scalars[INITIAL_TEMPERATURE]
        negative, positive, lithium, lower, upper = (part[0] for part in self._constants(rows))
        balance = _Balance(rows, negative, positive, lithium)
        scan = balance.scan(self._reference_ocv)
        empty, _ = balance.find(scan, lower, _EMPTY_GUESS)
        full, _ = balance.find(scan, upper, _FULL_GUESS)
        rows[0] = empty + fractions * (full - empty)
        rows[1] = balance.positive_stoichiometry(rows[0])
        return np.asarray(self._reference_ocv(rows)[0][0])

    def _concentrations(
        self, design: Mapping[str, float], negative: float, positive: float
    ) -> dict[str, float]:
        def maximum(name: str) -> float:
            return design[name] if name in design else self._scalars[name]

        return {
            NEGATIVE_CONCENTRATION: negative * maximum(NEGATIVE_MAXIMUM),
            POSITIVE_CONCENTRATION: positive * maximum(POSITIVE_MAXIMUM),
        }


class _Balance:
    """Electrode capacities and cyclable lithium of many cells, and their stoichiometries."""

    def __init__(self, rows: Floats, negative: Floats, positive: Floats, lithium: Floats) -> None:
        self._rows = rows.copy()
        self._negative = negative
        self._positive = positive
        self._lithium = lithium

    def positive_stoichiometry(self, negative: Floats) -> Floats:
        """Return the positive stoichiometry for a negative one; lithium is conserved."""
        return np.asarray((self._lithium - self._negative * negative) / self._positive)

    def scan(self, ocv: Any) -> "_Scan":
        """Return a potential of each cell over its range, for any number of `find`."""
        # Both stoichiometries must be between 0 and 1.
        low = np.maximum(_EDGE, (self._lithium - self._positive * (1 - _EDGE)) / self._negative)
        high = np.minimum(1 - _EDGE, (self._lithium - self._positive * _EDGE) / self._negative)
        grid = low + _SCAN[:, None] * (high - low)
        rows = np.tile(self._rows, len(grid))
        rows[0] = grid.ravel()
        rows[1] = self.positive_stoichiometry(grid).ravel()
        return _Scan(ocv, grid, np.asarray(ocv(rows)[0][0].reshape(grid.shape)))

    def find(self, scan: "_Scan", voltage: Floats, guess: Floats) -> tuple[Floats, Any]:
        """Return the negative stoichiometries at some voltages, and whether each exists.

        Fitted potentials may not be monotonic near the edges of their range, so there may be
        several roots; the one nearest to ``guess`` is taken.
        """
        grid = scan.grid
        below = scan.values - voltage < 0
        rising = below[:-1] & ~below[1:]
        exists = rising.any(axis=0) & (grid[0] < grid[-1])
        distance = np.where(rising, np.abs(grid[:-1] - guess), np.inf)
        start, runs = distance.argmin(axis=0), np.arange(grid.shape[1])
        low, high = grid[start, runs], grid[start + 1, runs]
        root = false_position(
            lambda negative: self._excess(scan.ocv, negative, voltage),
            low,
            high,
            _VOLTAGE_TOLERANCE,
        )
        return root, exists

    def _excess(self, ocv: Any, negative: Floats, voltage: Floats) -> Floats:
        """Return the excess of the open-circuit voltage over a voltage for each cell."""
        self._rows[0] = negative
        self._rows[1] = self.positive_stoichiometry(negative)
        return np.asarray(ocv(self._rows)[0][0] - voltage)


@frozen
class _Scan:
    """An open-circuit voltage at some stoichiometries of each cell.

    Attributes
    ----------
    ocv : callable
        The function.
    grid, values : array, shape (points, cells)
        Negative stoichiometries, and the voltage there [V].
    """

    ocv: Any
    grid: Floats
    values: Floats
