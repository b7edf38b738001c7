"""Degradation over the cycles of a protocol, compared with a table that has one row per cycle.

The engine that runs simulations takes all candidates through the whole protocol in lock-step: each
step is one call of the integrator for all of them.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Final

import numpy as np
from attrs import evolve, frozen

from ionworks.engine.cells.cell import (
    AMBIENT_TEMPERATURE,
    INITIAL_TEMPERATURE,
    LOWER_CUTOFF,
    NOMINAL_CAPACITY,
    UPPER_CUTOFF,
    Floats,
    StartingPoint,
)
from ionworks.engine.cells.initial_state import NEGATIVE_CONCENTRATION
from ionworks.engine.fitting.fields import Issues
from ionworks.engine.fitting.forward_model.forward import Prediction
from ionworks.engine.fitting.forward_model.initial_state import CHARGE_NAMES, is_charge_set
from ionworks.engine.fitting.measurement import Measurement
from ionworks.engine.fitting.objectives.ageing import MODES
from ionworks.engine.fitting.objectives.cycle_metrics import Metric, read_metrics
from ionworks.engine.fitting.objectives.cycle_runs import (
    CANCELED,
    SIGNALS,
    CycledRun,
    CycleTable,
)
from ionworks.engine.fitting.objectives.experiments import Experiment, read_experiment
from ionworks.engine.fitting.objectives.objective import Objective, Request
from ionworks.engine.fitting.parameters.names import INITIAL_SOC, INITIAL_VOLTAGE
from ionworks.engine.fitting.state import State
from ionworks.engine.protocols.compiler import Program
from ionworks.engine.protocols.control_flow import MAX_BACKWARD_JUMPS, Flow
from ionworks.engine.protocols.program import Step
from ionworks.engine.protocols.watch import Watch
from ionworks.engine.simulation.preparation import (
    ParsedProtocol,
    extra_variable_problems,
    parse_protocol,
)
from ionworks.engine.simulation.runner import advance
from ionworks.engine.simulation.watch_problems import watch_problems
from ionworks.engine.solver.amounts import AMOUNTS
from ionworks.engine.solver.models import BuiltModels
from ionworks.ucp import UCPError

CYCLE_NUMBER: Final = "Cycle number"
CYCLE_COUNT: Final = "Cycle count"
RETENTION: Final = "Capacity retention [%]"
_AMOUNTS: Final = (*AMOUNTS, RETENTION)
"""Columns with an amount of a whole cycle."""

_KNOWN: Final = (*MODES, *_AMOUNTS)
"""Columns that are compared by default."""

_INITIAL_CONDITIONS: Final = (
    INITIAL_SOC,
    INITIAL_VOLTAGE,
    INITIAL_TEMPERATURE,
    AMBIENT_TEMPERATURE,
)
_ELSEWHERE: Final = frozenset({*CHARGE_NAMES, INITIAL_TEMPERATURE, AMBIENT_TEMPERATURE})
_KEPT: Final = 256
"""Number of predictions kept, so that the best point is not cycled again at the end of the fit."""

_WHOLE: Final = 1e-9
"""Largest distance of a cycle number from a whole number."""


@frozen
class _Own:
    """The options only this type of objective has, as they were read."""

    experiment: Experiment
    protocol: ParsedProtocol
    metrics: dict[str, Metric]


class CycleAgeing(Objective):
    """Degradation modes and capacities of a cell over the cycles of an experiment.

    The data have a row for each measured cycle: ``Cycle number`` (or ``Cycle count``), its 0-based
    index in the experiment, and the columns to compare. Degradation modes and other variables are
    taken at the start of the cycle, capacities and energies over the whole cycle. See
    `read_experiment` for the forms of an experiment.
    """

    kind: ClassVar[str] = "CycleAgeing"
    options: ClassVar[tuple[str, ...]] = ("model", "experiment", "objective variables", "metrics")

    def __init__(self, request: Request, state: State) -> None:
        self.name = request.name
        self.cost = request.cost
        measurement = request.measurement(state)
        names = compared(request.options, measurement.frame.columns)
        own: _Own = request.own
        self._metrics, self._protocol = own.metrics, own.protocol
        self._has_start = own.experiment.has_start
        self.axis, self._cycles = _cycles(measurement)
        self.axis_values = measurement.column(self.axis)
        self.measured = {name: measurement.column(name) for name in names}
        # States are compared at the start of a cycle, amounts need the whole of the last one.
        lasting = any(name in {*_AMOUNTS, *self._metrics} for name in names)
        self._wanted = int(self._cycles.max()) + lasting
        if not self._wanted:
            raise ValueError(
                f"{measurement.label}: {self.axis!r} has no cycle after the fresh cell"
            )
        given = state.initial_conditions(request.parameters)
        self._given = {name: value for name, value in given.items() if name in _INITIAL_CONDITIONS}
        if not is_charge_set((*self._given, *request.fitted)):
            self._note_start(is_charge_set(given), state)
        self._cell = request.cell(state).with_option("calculate discharge energy", "true")
        self._extras = self._extra_variables(names)
        watch, problems = Watch(), extra_variable_problems(self._cell, self._extras)
        if self._protocol.tree is not None:
            watch = Watch.of(self._protocol.tree)
            problems += watch_problems(self._cell, self._protocol.tree)
        if problems:
            raise ValueError(f"{request.label}: {'; '.join(problems)}")
        swept = tuple(name for name in request.fitted if name not in _ELSEWHERE)
        self._models = BuiltModels(self._cell, swept, self._extras, state.threads, watch)
        self._signals = (*SIGNALS, self._cell.temperature_variable, *self._extras)
        self._balance = self._cell.balance_parameters(swept)
        self._states = self._cell.initial_states(self._balance)
        self._should_stop = state.should_stop
        self._predicted: OrderedDict[Any, Prediction] = OrderedDict()
        self._program({})
        self.influential = {
            *self._models.of("current").integrator.names,
            *self._balance,
            *_INITIAL_CONDITIONS,
            *(NOMINAL_CAPACITY, LOWER_CUTOFF, UPPER_CUTOFF),
        }

    def _note_start(self, has_concentrations: bool, state: State) -> None:
        """Tell the user where the experiment starts if that may not be what was meant."""
        about = f"objective {self.name!r}: the cell starts"
        if self._has_start and has_concentrations:
            state.note(
                f"{about} from the initial state of the protocol, not from the initial "
                "concentrations that were given"
            )
        elif not self._has_start and not has_concentrations:
            state.note(
                f"{about} from the initial concentrations of the parameter set, because neither "
                "the experiment nor an element gives an initial state"
            )

    def _extra_variables(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the variables to record besides the standard ones."""
        states = [
            MODES.get(name, name) for name in names if name not in {*_AMOUNTS, *self._metrics}
        ]
        parts = [name for metric in self._metrics.values() for name in metric.variables]
        known = {*SIGNALS, self._cell.temperature_variable}
        return tuple(dict.fromkeys(name for name in (*states, *parts) if name not in known))

    @classmethod
    def read(
        cls, options: Mapping[str, Any], columns: Sequence[str] | None, issues: Issues
    ) -> "_Own | None":
        """Read the experiment and the metrics, and check the columns of the data."""
        experiment = protocol = None
        if options.get("experiment") is None:
            issues.add(
                "options: 'experiment' is missing: give the protocol the cell was cycled with"
            )
        else:
            try:
                experiment = read_experiment(options["experiment"])
                protocol = parse_protocol(experiment.protocol)
                found = protocol.problems
            except (ValueError, TypeError, KeyError) as error:
                found = (str(error),)
            for problem in found:
                issues.add(f"options: experiment: {problem}")
        metrics = issues.within("options").read(read_metrics, options.get("metrics"))
        if columns is not None and metrics is not None:
            if CYCLE_NUMBER not in columns and CYCLE_COUNT not in columns:
                issues.add(f"data: there is no column {CYCLE_NUMBER!r} or {CYCLE_COUNT!r}")
            issues.read(compared, options, columns)
        if experiment is None or protocol is None or metrics is None:
            return None
        return _Own(experiment, protocol, metrics)

    def predict(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Return the predictions for some candidates at the measured cycles."""
        keys = [tuple(sorted(candidate.items())) for candidate in candidates]
        new = dict.fromkeys(key for key in keys if key not in self._predicted)
        found = dict(zip(new, self._cycled([dict(key) for key in new]), strict=True))
        answers = [found[key] if key in found else self._predicted[key] for key in keys]
        for key, each in found.items():
            if each.reason != CANCELED:
                self._predicted[key] = each
        while len(self._predicted) > _KEPT:
            self._predicted.popitem(last=False)
        return answers

    def _cycled(self, candidates: Sequence[Mapping[str, float]]) -> list[Prediction]:
        """Run some candidates through the protocol, all of them together."""
        found = [Prediction(None, 1.0)] * len(candidates)
        runs = []
        for place, candidate in enumerate(candidates):
            try:
                runs.append(self._run(place, candidate))
            except ValueError as error:
                found[place] = Prediction(None, 1.0, str(error))
        for _ in advance(self._models, runs):
            pass  # each run keeps its own records
        for run in runs:
            found[int(run.identifier)] = self._prediction(run)
        return found

    def _run(self, place: int, candidate: Mapping[str, float]) -> CycledRun:
        """Return a candidate at the start of the protocol.

        Raises
        ------
        ValueError
            If the initial state does not exist.
        """
        design = {name: candidate[name] for name in self._models.swept}
        program = self._program(design)
        conditions = {**self._given, **candidate}
        if INITIAL_VOLTAGE in candidate:
            conditions.pop(INITIAL_SOC, None)
        own = {name: design[name] for name in self._balance}
        default, ambient = program.start, program.start.temperature
        if not self._has_start:
            default = self._own_start(own)
            ambient = self._cell.scalars[AMBIENT_TEMPERATURE]
        start = _initial_state(default, conditions)
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
            ambient=conditions.get(
                AMBIENT_TEMPERATURE, conditions.get(INITIAL_TEMPERATURE, ambient)
            ),
            capacity_of=partial(self._states.capacity, design=own),
            most_cycles=self._wanted,
            should_stop=self._should_stop,
        )

    def _own_start(self, design: Mapping[str, float]) -> StartingPoint:
        """Return the state of charge of the parameter set's initial concentrations."""
        temperature = self._cell.scalars[INITIAL_TEMPERATURE]
        ends = [StartingPoint("soc", soc, temperature) for soc in (0.0, 1.0)]
        found = self._states.solve(ends, [design, design])
        concentrations = []
        for end in found:
            if isinstance(end, str):
                raise ValueError(end)
            concentrations.append(end.inputs[NEGATIVE_CONCENTRATION])
        empty, full = concentrations
        initial = self._cell.scalars[NEGATIVE_CONCENTRATION]
        return StartingPoint("soc", (initial - empty) / (full - empty), temperature)

    def _program(self, design: Mapping[str, float]) -> Program:
        """Return the protocol for a candidate, saving only the ends of its steps."""
        lower, upper = self._cell.voltage_limits(design)
        capacity = self._cell.scalar(NOMINAL_CAPACITY, design)
        names = {"V_MIN": lower, "V_MAX": upper, "Q_NOM": capacity}
        try:
            program = self._protocol.program({}, names)
        except UCPError as error:
            reasons = "; ".join(str(problem) for problem in error.problems) or str(error)
            raise ValueError(f"objective {self.name!r}: experiment: {reasons}") from None
        steps = {
            place: evolve(step, resolution=step.longest)
            if isinstance(step, Step) and not step.rates
            else step
            for place, step in program.steps.items()
        }
        return evolve(program, steps=steps)

    def _prediction(self, run: CycledRun) -> Prediction:
        """Return the prediction of a run; rows it did not reach hold its last values."""
        table = CycleTable.of(run)
        complete = 0 if table is None else table.complete
        problem = run.failure
        if complete < self._wanted and not problem:
            problem = f"the experiment has {complete} cycles, but the data need {self._wanted}"
            if not self._predicted:
                raise ValueError(f"objective {self.name!r}: {problem}")
        if table is None or not complete or problem == CANCELED:
            return Prediction(None, 1.0, problem)
        values = np.stack([self._column(name, table) for name in self.measured])
        if not np.isfinite(values).all():
            return Prediction(None, 1.0, "values that are not finite")
        return Prediction(values, max(1 - complete / self._wanted, 0.0), problem)

    def _column(self, name: str, table: CycleTable) -> Floats:
        """Return the values of a column in the cycles of the data."""
        within = np.minimum(self._cycles, table.complete - 1)
        if name in self._metrics:
            metric = self._metrics[name]
            return np.array([metric.of(table, int(cycle), self._signals) for cycle in within])
        if name == RETENTION:
            discharged = table.amounts[AMOUNTS[0]][within]
            return np.asarray(100 * discharged / discharged[0])
        if name in AMOUNTS:
            return np.asarray(table.amounts[name][within])
        place = self._signals.index(MODES.get(name, name))
        return np.asarray(table.states[place][np.minimum(self._cycles, table.complete)])


def compared(options: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the data that are compared.

    Raises
    ------
    ValueError
        If there are none, or the user names one the data do not have.
    """
    metrics = tuple(options.get("metrics") or ())
    wanted = options.get("objective variables")
    names = tuple(wanted or (*metrics, *(name for name in _KNOWN if name in columns)))
    for name in metrics:
        if name not in names:
            raise ValueError(f"metrics: {name!r} is not among the objective variables")
    missing = [name for name in names if name not in columns]
    if missing or not names:
        asked = missing or _KNOWN
        raise ValueError(f"data: there is no column {', '.join(map(repr, asked))}")
    return tuple(dict.fromkeys(names))


def _cycles(measurement: Measurement) -> tuple[str, Any]:
    """Return the name of the column with the cycles, and the cycle of each row."""
    name = CYCLE_NUMBER if measurement.has(CYCLE_NUMBER) else CYCLE_COUNT
    given = measurement.column(name)
    cycles = np.rint(given).astype(int)
    if (np.abs(given - cycles) > _WHOLE).any() or (cycles < 0).any():
        raise ValueError(f"{measurement.label}: {name!r} holds whole numbers of 0 or more")
    return name, cycles


def _initial_state(of_protocol: StartingPoint, given: Mapping[str, float]) -> StartingPoint:
    """Return the initial state of a run: values of elements take precedence over the protocol's."""
    temperature = given.get(INITIAL_TEMPERATURE, of_protocol.temperature)
    if INITIAL_SOC in given:
        if not 0 <= given[INITIAL_SOC] <= 1:
            raise ValueError(f"{INITIAL_SOC!r} is {given[INITIAL_SOC]:g}; it lies between 0 and 1")
        return StartingPoint("soc", given[INITIAL_SOC], temperature)
    if INITIAL_VOLTAGE in given:
        return StartingPoint("voltage", given[INITIAL_VOLTAGE], temperature)
    return evolve(of_protocol, temperature=temperature)
