"""Degradation over cycles: what a protocol does to the cell, beside a table with a row a cycle.

Each candidate is carried through the whole protocol by the engine that runs simulations, all of
them in lock-step: one call of the integrator a step, for as many candidates as there are.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import numpy as np
from attrs import evolve

from ionworks.local.engine.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    LOWER_CUTOFF,
    NOMINAL_CAPACITY,
    UPPER_CUTOFF,
    Floats,
    StartingPoint,
)
from ionworks.local.engine.compiler import Program
from ionworks.local.engine.fitting.forward import Prediction
from ionworks.local.engine.fitting.measurement import Measurement
from ionworks.local.engine.fitting.names import INITIAL_SOC, INITIAL_VOLTAGE
from ionworks.local.engine.fitting.objectives.ageing import MODES
from ionworks.local.engine.fitting.objectives.cycle_runs import (
    CANCELED,
    CycledRun,
    CycleTable,
    protocol_of,
)
from ionworks.local.engine.fitting.objectives.objective import Objective, Request
from ionworks.local.engine.fitting.starting import CHARGE_NAMES
from ionworks.local.engine.fitting.state import State
from ionworks.local.engine.flow import MAX_BACKWARD_JUMPS, Flow
from ionworks.local.engine.models import BuiltModels
from ionworks.local.engine.preparation import extra_variable_problems, read_protocol
from ionworks.local.engine.program import Step
from ionworks.local.engine.results import CAPACITY_COLUMNS
from ionworks.local.engine.runner import advance
from ionworks.ucp import UCPError

CYCLE_NUMBER: Final = "Cycle number"
CYCLE_COUNT: Final = "Cycle count"
RETENTION: Final = "Capacity retention [%]"
_KNOWN: Final = (*MODES, *CAPACITY_COLUMNS, RETENTION)
"""Columns that are compared where the user does not say which."""

_PROTOCOL_SAYS: Final = (INITIAL_SOC, INITIAL_VOLTAGE, INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE)
_ELSEWHERE: Final = frozenset({*CHARGE_NAMES, INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE})
_KEPT: Final = 256
"""Predictions remembered, so that the best point need not be cycled again at the end."""

_WHOLE: Final = 1e-9


class CycleAgeing(Objective):
    """Degradation modes and capacities at the end of cycles of a protocol.

    The data have a row for each cycle that was measured: ``Cycle number`` (how many cycles the cell
    has done, so that 0 is the fresh cell) or ``Cycle count`` (the 0-based count of a protocol's
    cycles), and what is compared. ``experiment`` is the protocol: UCP, or PyBaMM's steps one a
    line. It says temperature and initial state, unless an element says them.
    """

    kind: ClassVar[str] = "CycleAgeing"
    options: ClassVar[tuple[str, ...]] = ("model", "experiment", "objective variables")
    least_batch: ClassVar[int] = 8

    def __init__(self, request: Request, state: State) -> None:
        self.name = request.name
        self.cost = request.cost
        measurement = state.measurement(request.given.get("data"), f"{request.label}: data")
        names = compared(request.options, measurement.frame.columns)
        self.axis, cycles = _cycles(measurement)
        self.axis_values = measurement.column(self.axis)
        self.measured = {name: measurement.column(name) for name in names}
        _check_fresh(names, cycles, request.label)
        overrides = request.overrides(state)
        self._cycles = cycles
        given = state.start(overrides)
        self._given = {name: value for name, value in given.items() if name in _PROTOCOL_SAYS}
        cell = state.cell(request.options.get("model"), {**overrides, **request.links})
        self._cell = cell.with_option("calculate discharge energy", "true")
        self._protocol = read_protocol(protocol_of(request.options.get("experiment")))
        variables = (MODES.get(name, name) for name in names if _is_variable(name))
        self._extras = tuple(dict.fromkeys(variables))
        problems = (*self._protocol.problems, *extra_variable_problems(self._cell, self._extras))
        if problems:
            raise ValueError(f"{request.label}: {'; '.join(problems)}")
        swept = tuple(name for name in request.fitted if name not in _ELSEWHERE)
        self._models = BuiltModels(self._cell, swept, self._extras, state.threads)
        self._balance = self._cell.balance_parameters(swept)
        self._states = self._cell.initial_states(self._balance)
        self._should_stop = state.should_stop
        self._predicted: OrderedDict[Any, Prediction] = OrderedDict()
        self._program({})
        self.influential = {
            *self._models.of("current").integrator.names,
            *self._balance,
            *_PROTOCOL_SAYS,
            *(NOMINAL_CAPACITY, LOWER_CUTOFF, UPPER_CUTOFF),
        }

    @classmethod
    def problems(cls, given: Mapping[str, Any], columns: Sequence[str] | None) -> Iterator[str]:
        """Yield what is wrong with the protocol, and with the columns of the data."""
        options = given.get("options") or {}
        if options.get("experiment") is None:
            yield "options: 'experiment' is missing: give the protocol the cell was cycled with"
        else:
            try:
                found = read_protocol(protocol_of(options["experiment"])).problems
            except ValueError as error:
                found = (str(error),)
            yield from (f"options: experiment: {problem}" for problem in found)
        if columns is None:
            return
        if CYCLE_NUMBER not in columns and CYCLE_COUNT not in columns:
            yield f"data: there is no column {CYCLE_NUMBER!r} or {CYCLE_COUNT!r}"
        try:
            compared(options, columns)
        except ValueError as error:
            yield str(error)

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return what some candidates are like at the end of the measured cycles."""
        keys = [tuple(sorted(candidate.items())) for candidate in candidates]
        new = dict.fromkeys(key for key in keys if key not in self._predicted)
        found = dict(zip(new, self._cycled([dict(key) for key in new]), strict=True))
        answers = [found[key] if key in found else self._predicted[key] for key in keys]
        for key, each in found.items():
            if each.problem != CANCELED:
                self._predicted[key] = each
        while len(self._predicted) > _KEPT:
            self._predicted.popitem(last=False)
        return answers

    def _cycled(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Carry candidates through the protocol, all together."""
        found = [Prediction(None, 1.0)] * len(candidates)
        runs = []
        for place, candidate in enumerate(candidates):
            try:
                runs.append(self._run(place, candidate))
            except ValueError as error:
                found[place] = Prediction(None, 1.0, str(error))
        for _ in advance(self._models, runs):
            # Each run holds what it did.
            pass
        for run in runs:
            found[int(run.identifier)] = self._prediction(run)
        return found

    def _run(self, place: int, candidate: Mapping[str, float]) -> CycledRun:
        """Return a candidate at the start of the protocol.

        Raises
        ------
        ValueError
            If there is no such state.
        """
        design = {name: candidate[name] for name in self._models.swept}
        program = self._program(design)
        said = {**self._given, **candidate}
        if INITIAL_VOLTAGE in candidate:
            said.pop(INITIAL_SOC, None)
        start = _start(program.start, said)
        own = {name: design[name] for name in self._balance}
        [state] = self._states.solve([start], [own])
        if isinstance(state, str):
            raise ValueError(state)
        return CycledRun(
            identifier=str(place),
            program=evolve(program, start=start),
            inputs={**design, **state.inputs},
            nominal_capacity=self._cell.scalar(NOMINAL_CAPACITY, design),
            valid_voltages=self._cell.valid_voltages(design),
            soc=state.soc,
            capacity=state.capacity,
            flow=Flow(program.route, MAX_BACKWARD_JUMPS),
            ambient=said.get(AMBIENT_TEMPERATURE, start.temperature),
            most_cycles=int(self._cycles.max()),
            should_stop=self._should_stop,
        )

    def _program(self, design: Mapping[str, float]) -> Program:
        """Return the protocol for a candidate, with the ends of its steps alone saved."""
        lower, upper = self._cell.voltage_limits(design)
        capacity = self._cell.scalar(NOMINAL_CAPACITY, design)
        names = {"V_MIN": lower, "V_MAX": upper, "Q_NOM": capacity}
        try:
            program = self._protocol.program({}, names)
        except UCPError as error:
            reasons = "; ".join(str(problem) for problem in error.problems) or str(error)
            raise ValueError(f"objective {self.name!r}: experiment: {reasons}") from None
        steps = {
            place: evolve(step, resolution=step.longest) if isinstance(step, Step) else step
            for place, step in program.steps.items()
        }
        return evolve(program, steps=steps)

    def _prediction(self, run: CycledRun) -> Prediction:
        """Return the rows of the data as a run has them; those it did not reach hold its last."""
        table = CycleTable.of(run)
        wanted = int(self._cycles.max())
        problem = run.problem
        if table.complete < wanted and not problem:
            problem = f"the protocol ends after cycle {table.complete}, the data with {wanted}"
            if not self._predicted:
                raise ValueError(f"objective {self.name!r}: {problem}: let it repeat more often")
        if table.complete < max(self._cycles.min(), 1):
            return Prediction(None, 1.0, problem)
        rows = np.minimum(self._cycles, table.complete)
        values = np.stack([self._column(name, table, rows) for name in self.measured])
        if not np.isfinite(values).all():
            return Prediction(None, 1.0, "values that are not finite")
        if table.complete >= wanted:
            return Prediction(values)
        return Prediction(values, 1 - table.complete / wanted, problem)

    def _column(self, name: str, table: CycleTable, rows: Any) -> Floats:
        """Return what is compared under a name, after some numbers of cycles."""
        if name == RETENTION:
            discharged = table.amounts[CAPACITY_COLUMNS[0]][rows]
            return np.asarray(100 * discharged / discharged[0])
        if name in CAPACITY_COLUMNS:
            return np.asarray(table.amounts[name][rows])
        return np.asarray(table.extras[self._extras.index(MODES.get(name, name))][rows])


def compared(options: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the data that are compared.

    Raises
    ------
    ValueError
        If there are none, or the user asks for one the data do not have.
    """
    wanted = options.get("objective variables")
    names = tuple(wanted or (name for name in _KNOWN if name in columns))
    missing = [name for name in names if name not in columns]
    if missing or not names:
        asked = missing or _KNOWN
        raise ValueError(f"data: there is no column {', '.join(map(repr, asked))}")
    return names


def _is_variable(name: str) -> bool:
    return name not in {*CAPACITY_COLUMNS, RETENTION}


def _cycles(measurement: Measurement) -> tuple[str, Any]:
    """Return the column the rows are counted by, and how many cycles the cell has done at each."""
    name = CYCLE_NUMBER if measurement.has(CYCLE_NUMBER) else CYCLE_COUNT
    given = measurement.column(name)
    cycles = np.rint(given).astype(int) + (name == CYCLE_COUNT)
    if (np.abs(given - np.rint(given)) > _WHOLE).any() or (np.rint(given) < 0).any():
        raise ValueError(f"{measurement.label}: {name!r} holds whole numbers of 0 or more")
    if cycles.max() == 0:
        raise ValueError(f"{measurement.label}: {name!r} has no cycle after the fresh cell")
    return name, cycles


def _check_fresh(names: Sequence[str], cycles: Any, label: str) -> None:
    amounts = [name for name in names if not _is_variable(name)]
    if amounts and (cycles == 0).any():
        raise ValueError(
            f"{label}: {amounts[0]!r} has no value before the first cycle: drop the row of cycle 0"
        )


def _start(said_by_protocol: StartingPoint, said: Mapping[str, float]) -> StartingPoint:
    """Return where a run starts: what elements say goes before what the protocol does."""
    temperature = said.get(INITIAL_TEMPERATURE, said_by_protocol.temperature)
    if INITIAL_SOC in said:
        if not 0 <= said[INITIAL_SOC] <= 1:
            raise ValueError(f"{INITIAL_SOC!r} is {said[INITIAL_SOC]:g}; it lies between 0 and 1")
        return StartingPoint("soc", said[INITIAL_SOC], temperature)
    if INITIAL_VOLTAGE in said:
        return StartingPoint("voltage", said[INITIAL_VOLTAGE], temperature)
    return evolve(said_by_protocol, temperature=temperature)
