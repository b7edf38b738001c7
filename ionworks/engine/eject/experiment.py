"""Executed steps as steps of a PyBaMM experiment."""

from collections.abc import Collection, Mapping, Sequence
from math import isclose
from typing import Any, Final

import numpy as np
from attrs import define, field, frozen

from ionworks.engine.cells.cell import StartingState
from ionworks.engine.cells.symbols import JsonSymbol
from ionworks.engine.eject.formula_text import formula_text
from ionworks.engine.eject.no_counterpart import NoCounterpart
from ionworks.engine.eject.python_text import array, call, literal, number
from ionworks.engine.eject.sequence import Executed
from ionworks.engine.protocols.program import Limit
from ionworks.engine.protocols.stimuli import Held, Segment, Stimulus
from ionworks.ucp.formulas import is_formula

_POINTS_PER_PERIOD: Final = 200
"""Samples of a sine, joined by straight lines: they are off by 1.2e-4 of its amplitude."""

_LONG: Final = 80
"""Longest function that is written on one line."""

_MOST_SAMPLES: Final = 200_000
_CHARGE: Final = "Discharge capacity [A.h]"
_ENERGY: Final = "Discharge energy [W.h]"
_COUNTED: Final = {"capacity": _CHARGE, "energy": _ENERGY}
_RECORDED: Final = ("Voltage [V]", "Current [A]")
_DIRECTIONS: Final = {1.0: "Discharge", -1.0: "Charge", 0.0: "Net"}

Samples = list[tuple[float, float]]


@frozen
class Section:
    """Steps of one experiment.

    Attributes
    ----------
    steps : list of str
        Calls that make steps.
    start : str or None
        The counted amount that its first step needs, ``capacity`` or ``energy``.
    terminations : tuple of str
        What ends the experiment.
    """

    steps: list[str]
    start: str | None = None
    terminations: tuple[str, ...] = ()


@define
class ExperimentWriter:
    """Writes executed steps as text.

    Attributes
    ----------
    nominal_capacity : float
        [A.h].
    in_series : float
        Cells in series: PyBaMM's ends on a voltage are on that of all.
    temperature_variable : str
        The model variable with the cell's temperature [degC].
    state : StartingState
        Of the run.
    ambient : float
        Temperature [K] of the surroundings in the parameter values.
    own_variables : mapping of str to str or JsonSymbol
        Variables that were added to the model, and what they are.
    names : collection of str
        Names of all variables of the model.
    profiles : dict of str to str
        Text of an array -> the name of the variable with it.
    """

    nominal_capacity: float
    in_series: float
    temperature_variable: str
    state: StartingState
    ambient: float
    own_variables: Mapping[str, str | JsonSymbol] = field(factory=dict)
    names: Collection[str] = ()
    profiles: dict[str, str] = field(factory=dict)

    def sections(self, executed: Sequence[Executed]) -> list[Section]:
        """Return the steps in sections.

        A step that ends on an amount since its start begins a section if there are steps before it:
        PyBaMM counts amounts from the start of the simulation.

        Raises
        ------
        NoCounterpart
            If a step has none.
        """
        terminations = _terminations(executed)
        if terminations:
            return [self._cycles(executed, terminations)]
        found = [Section([])]
        for each in executed:
            amount = _counted_amount(each)
            if amount is not None and found[-1].steps:
                found.append(Section([], amount))
            found[-1].steps.extend(self._steps(each, found[-1]))
        return found

    def _cycles(self, executed: Sequence[Executed], terminations: tuple[str, ...]) -> Section:
        """Return the steps in cycles, after which PyBaMM compares what ends the experiment."""
        section, cycle = Section([], terminations=terminations), list[str]()
        for place, each in enumerate(executed):
            if place and _counted_amount(each) is not None:
                raise NoCounterpart(
                    f"{each.step.path}: an amount since its start ends it, which takes an "
                    "experiment of its own, and PyBaMM ends only one experiment with "
                    f"{terminations[0]!r}"
                )
            cycle += self._steps(each, section)
            if each.terminations or each is executed[-1] or set(terminations) == {_total(each)}:
                section.steps.append(cycle[0] if len(cycle) == 1 else call("", cycle))
                cycle = []
        return section

    def safety(self, executed: Sequence[Executed]) -> list[str]:
        """Return the events that stop the whole simulation, as arguments of `pybamm.Event`."""
        limits = dict.fromkeys(limit for each in executed for limit in each.safety)
        return [
            call(
                "pybamm.Event",
                [literal(f"Safety limit {limit.safety}"), self._margin(limit, "model.variables")],
            )
            for limit in limits
        ]

    def _steps(self, executed: Executed, section: Section) -> list[str]:
        step = executed.step
        duration = step.longest if executed.duration is None else executed.duration
        ends = []
        for limit in executed.ends:
            seconds = _seconds(step.stimulus, step.direction, limit)
            if seconds is None:
                ends.append(self._termination(executed, limit, section))
            else:
                duration = min(duration, seconds)
        pieces = _pieces(executed, duration)
        if len(pieces) > 1 and ends:
            raise NoCounterpart(
                f"{step.path}: it takes {len(pieces)} steps of PyBaMM, and an end "
                f"({executed.ends[0].text}) would end only one of them"
            )
        options = [f"termination=[{', '.join(ends)}]"] if len(ends) > 1 else []
        options += [f"termination={ends[0]}"] if len(ends) == 1 else []
        if executed.ambient != self.ambient:
            options.append(f"temperature={number(executed.ambient)}")
        return [self._step(executed, piece, options) for piece in pieces]

    def _step(self, executed: Executed, samples: Samples, options: Sequence[str]) -> str:
        control = executed.step.stimulus.control
        (_, value), (end, _) = samples[0], samples[-1]
        if any(sample != value for _, sample in samples):
            return call(f"pybamm.step.{control}", [self._profile(samples), *options])
        options = [f"duration={number(end)}", *options]
        if executed.leaf.kind == "Rest" and value == 0:
            return call("pybamm.step.rest", options)
        if executed.leaf.mode == "C-rate" and isinstance(executed.step.stimulus, Held):
            control, value = "c_rate", value / self.nominal_capacity
        return call(f"pybamm.step.{control}", [number(value), *options])

    def _profile(self, samples: Samples) -> str:
        text = array([list(sample) for sample in samples])
        return self.profiles.setdefault(text, f"profile_{len(self.profiles) + 1}")

    def _termination(self, executed: Executed, limit: Limit, section: Section) -> str:
        if limit.rate:
            raise NoCounterpart(
                f"{executed.step.path}: the end {limit.text} is on a rate of change, and PyBaMM "
                "ends steps on values only"
            )
        if limit.quantity == "voltage":
            threshold = limit.threshold * self.in_series
            return literal(f"{'>' if limit.above else '<'} {number(threshold)} V")
        if limit.quantity == "current" and not limit.above:
            return literal(f"{number(limit.threshold)} A")
        name = limit.text
        if limit.quantity in _COUNTED:
            name = f"{_DIRECTIONS[executed.step.direction]} {name.lower()}"
        margin = self._margin(limit, "variables", executed.step.direction, section.start)
        function = f"lambda variables: {margin}"
        if len(function) > _LONG:
            function = f"lambda variables: (\n    {margin}\n)"
        return call("pybamm.step.CustomTermination", [literal(name), function])

    def _margin(
        self, limit: Limit, variables: str, direction: float = 0.0, start: str | None = None
    ) -> str:
        """Return an expression that is positive until a limit is reached."""
        if limit.quantity == "soc":
            # Discharging lowers the state of charge, so an upper limit bounds charge from below.
            charge = number((self.state.soc - limit.threshold) * self.state.capacity)
            counted = f"{variables}[{literal(_CHARGE)}]"
            return f"{counted} - {charge}" if limit.above else f"{charge} - {counted}"
        value = self._value(limit.quantity, variables, direction, start)
        threshold = number(limit.threshold)
        if limit.above:
            return f"{threshold} - {value}"
        return f"{value} + {threshold[1:]}" if threshold[0] == "-" else f"{value} - {threshold}"

    def _value(self, quantity: str, variables: str, direction: float, start: str | None) -> str:
        if is_formula(quantity):
            return formula_text(quantity, variables, self.own_variables, self.names)
        voltage, current = (f"{variables}[{literal(name)}]" for name in _RECORDED)
        if quantity in _COUNTED:
            counted = f"{variables}[{literal(_COUNTED[quantity])}]"
            if start is not None and direction < 0:
                return f"({start} - {counted})"
            change = counted if start is None else f"({counted} - {start})"
            return {1.0: change, -1.0: f"(-{counted})"}.get(direction, f"abs({change})")
        return {
            "voltage": voltage,
            "current": f"abs({current})",
            "charging current": f"(-{current})",
            "discharging current": current,
            "power": f"abs({voltage} * {current})",
            "temperature": f"{variables}[{literal(self.temperature_variable)}]",
        }[quantity]


def _total(executed: Executed) -> str | None:
    return None if executed.total_time is None else f"{number(executed.total_time)} seconds"


def _terminations(executed: Sequence[Executed]) -> tuple[str, ...]:
    """Return what ends a whole experiment.

    Raises
    ------
    NoCounterpart
        If it is not the same after each cycle, or in each step.
    """
    totals = dict.fromkeys(map(_total, executed))
    after = dict.fromkeys(each.terminations for each in executed if each.terminations)
    if len(totals) > 1 or len(after) > 1:
        raise NoCounterpart(
            "what ends the whole test differs from step to step, and PyBaMM has one list for an "
            "experiment"
        )
    found = [each for each in totals if each is not None] + [*next(iter(after), ())]
    if any(each.endswith(" V") for each in found):
        begun = 0
        for place, each in enumerate(executed):
            if each.terminations:
                if len({one.cycle for one in executed[begun : place + 1]}) > 1:
                    raise NoCounterpart(
                        f"{each.step.path}: PyBaMM compares the lowest voltage since it was last "
                        "compared, not that of the cycle"
                    )
                begun = place + 1
    return tuple(found)


def start_of(amount: str) -> str:
    """Return the statement that reads a counted amount at the end of a solution."""
    return f"{amount} = solution[{literal(_COUNTED[amount])}].entries[-1]"


def _counted_amount(executed: Executed) -> str | None:
    """Return the amount since its start on which a step ends, None without one."""
    step = executed.step
    amounts = {
        limit.quantity
        for limit in executed.ends
        if limit.quantity in _COUNTED and _seconds(step.stimulus, step.direction, limit) is None
    }
    if len(amounts) > 1:
        raise NoCounterpart(f"{step.path}: it ends on a capacity and on an energy")
    return amounts.pop() if amounts else None


def _seconds(stimulus: Stimulus, direction: float, limit: Limit) -> float | None:
    """Return when a held current reaches a capacity [s]; None for other ends and stimuli."""
    if limit.quantity != "capacity" or limit.rate or not isinstance(stimulus, Held):
        return None
    if stimulus.control != "current":
        return None
    rate = stimulus.set_point * direction if direction else abs(stimulus.set_point)
    return 3600 * limit.threshold / rate if rate > 0 else float("inf")


def _pieces(executed: Executed, duration: float) -> list[Samples]:
    """Return what a step imposes up to a time [s], in continuous pieces of straight lines."""
    stimulus = executed.step.stimulus
    pieces: list[Samples] = []
    begun, index, count = 0.0, 0, 0
    while begun < duration * (1 - 1e-12) and (segment := stimulus.segment(index)) is not None:
        samples = _samples(segment, min(segment.length, duration - begun))
        count += len(samples)
        if count > _MOST_SAMPLES:
            raise NoCounterpart(f"{executed.step.path}: it needs more than {_MOST_SAMPLES} samples")
        if pieces and _continues(pieces[-1], samples):
            shift = pieces[-1][-1][0]
            pieces[-1] += [(shift + time, value) for time, value in samples[1:]]
        else:
            pieces.append(samples)
        begun += segment.length
        index += 1
    return pieces


def _continues(before: Samples, samples: Samples) -> bool:
    return isclose(before[-1][1], samples[0][1], rel_tol=1e-9, abs_tol=1e-12)


def _samples(segment: Segment, length: float) -> Samples:
    """Return the samples of a segment up to a time [s]."""
    times: Any
    if not isinstance(segment.shape, str):
        times = np.array([*(time for time in segment.shape.times if time < length), length])
    elif segment.shape == "sine":
        count = max(round(_POINTS_PER_PERIOD * segment.inputs["frequency"] * length), 2)
        times = np.linspace(0, length, count + 1)
    else:
        times = np.array([0.0, length])
    return list(zip(times.tolist(), segment.at(times).tolist(), strict=True))
