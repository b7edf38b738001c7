"""Converting one step of a protocol to a step of a plan, or collecting why that is not possible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import attrs
from attrs import Factory, define, frozen

from ionworks.ucp.cyclers.plan.cccv import CCCVPair, check_cut_off, join
from ionworks.ucp.cyclers.plan.checks import export_problem
from ionworks.ucp.cyclers.plan.instructions import (
    Comparison,
    Control,
    Direction,
    Impedance,
    Level,
    Recording,
    Step,
    StepEnd,
    Unit,
    Waveform,
)
from ionworks.ucp.cyclers.plan.waveforms import TooMany, hold_values
from ionworks.ucp.expressions import Binary, Expr, Input, Name, Number, constant, rewrite, walk
from ionworks.ucp.nodes import End, Goto, Leaf, Mode, Resolution, Sweep
from ionworks.ucp.problems import Problem, shown

_UNITS: Final[dict[str, tuple[str, Unit]]] = {
    "Voltage": ("Voltage", "V"),
    "Current": ("Current", "A"),
    "C-rate": ("Current", "C"),
    "Capacity": ("Capacity", "Ah"),
    "Energy": ("Energy", "Wh"),
    "Power": ("Power", "W"),
    "Temperature": ("Temperature", "degC"),
    "Time": ("Time", "s"),
}
_MODES: Final[dict[str, tuple[Control, Unit]]] = {
    "Current": ("current", "A"),
    "C-rate": ("current", "C"),
    "Voltage": ("voltage", "V"),
    "Power": ("power", "W"),
    "Resistance": ("resistance", "Ohm"),
}
_NOT_EXPORTED: Final = {
    "Ambient temperature": (
        "the file cannot set the temperature of the chamber; remove this step and set the chamber "
        "by hand"
    ),
    "Control": (
        "a Control step computes variables or jumps during the run, but the file holds numbers "
        "only; replace what it computes by numbers"
    ),
}
_VARIABLES: Final = (
    "set_variable computes a value during the run, but the file holds numbers only; replace the "
    "variable by a number"
)
_MAGNITUDES: Final = frozenset({"Time", "Capacity", "Energy", "Current", "Power"})
_RISING: Final = frozenset({"Time", "Capacity", "Energy"})
_LARGEST: Final = 1e9
"""Larger numbers are typing errors; no cycler has such a current, voltage or time."""


class Unsupported(Exception):
    """A value or a field that no cycler file can hold; the message says which and why."""


@frozen
class Jump:
    """A jump that is not resolved yet: the index among the ends of its step, and the goto."""

    end: int
    goto: Goto
    path: str


def step_title(leaf: Leaf, name: str | None = None) -> str:
    """Return the name of a step in messages."""
    named = f' "{shown(leaf.name or name or "")}"' if leaf.name or name else ""
    mode = f", mode {leaf.mode}" if leaf.mode else ""
    return f"{leaf.path or leaf.kind}{named} ({leaf.kind}{mode})"


@define
class StepConverter:
    """Converts steps.

    Attributes
    ----------
    general : Resolution
        Of the whole test.
    capacity : float or None
        Nominal capacity [A.h], the value of ``Q_NOM``.
    problems : list of Problem
        Collects what cannot be exported.
    """

    general: Resolution
    capacity: float | None
    problems: list[Problem] = Factory(list)

    def problem(self, path: str, reason: str, title: str = "") -> None:
        """Add a problem at a path."""
        self.problems.append(export_problem(path, reason, title))

    @contextmanager
    def reporting(self, path: str, title: str = "") -> Iterator[None]:
        """Collect what is unsupported in a block of code as a problem at a path."""
        try:
            yield
        except Unsupported as reason:
            self.problem(path, str(reason), title)

    def step(self, leaf: Leaf, name: str | None) -> tuple[Step, list[Jump]]:
        """Return a step whose ends all lead to the next step, and the jumps to resolve.

        A step that cannot be exported has the control ``unsupported``.
        """
        title = step_title(leaf, name)
        before = len(self.problems)
        for reason in _unsupported_fields(leaf):
            self.problem(leaf.path, reason, title)
        held = Step("unsupported")
        with self.reporting(leaf.path, title):
            held = self._held(leaf)
        ends: list[StepEnd] = []
        jumps: list[Jump] = []
        for step_end, end in self._ends(leaf, title):
            if end is not None and end.goto is not None:
                jumps.append(Jump(len(ends), end.goto, end.path))
            ends.append(step_end)
        recording = self.recording(leaf.resolution, leaf.path, title)
        if len(self.problems) > before:
            return Step("unsupported", path=leaf.path, title=title), []
        step = attrs.evolve(
            held,
            ends=tuple(ends),
            recording=recording,
            name=leaf.name or name,
            note=leaf.note,
            path=leaf.path,
            title=title,
        )
        return step, jumps

    def pair(self, pair: CCCVPair, name: str | None) -> tuple[Step, list[Jump]]:
        """Return two joined leaves as one step of constant current and voltage."""
        first, _ = self.step(pair.first, name)
        second, jumps = self.step(
            attrs.evolve(pair.second, ends=(*pair.second.ends, *pair.totals)), name
        )
        if "unsupported" in (first.control, second.control) or second.set_point is None:
            return attrs.evolve(first, control="unsupported"), []
        turns = [(end.quantity, end.level) for end in first.ends]
        if turns != [("Voltage", second.set_point)] or first.recording != second.recording:
            self.problem(pair.first.path, _VARIABLES, first.title)
        if first.set_point is not None:
            for reason in check_cut_off(second, first.set_point, self.capacity):
                self.problem(pair.second.path, reason, second.title)
        # The totals come last; a time before them counts from the start of the constant voltage.
        return join(first, second, held=len(pair.second.ends)), jumps

    def _held(self, leaf: Leaf) -> Step:
        """Return a step with the control and set point of a leaf, without ends."""
        if leaf.kind in _NOT_EXPORTED:
            raise Unsupported(_NOT_EXPORTED[leaf.kind])
        if leaf.kind == "Rest":
            return Step("rest")
        if leaf.profile is not None or leaf.wave is not None:
            return Step("waveform", waveform=self._waveform(leaf))
        if leaf.sweep is not None:
            return Step("impedance", impedance=self._impedance(leaf.sweep, leaf.mode))
        if (
            leaf.mode == "Voltage"
            and leaf.value is not None
            and leaf.direction == Binary("-", leaf.value, Name("Voltage"))
        ):
            return Step("voltage", None, Level(self.number(leaf.value, "value"), "V"))
        if leaf.kind not in ("Charge", "Discharge") or leaf.mode is None or leaf.value is None:
            raise Unsupported(
                f"its direction {leaf.direction} is only known during the run; write Charge or "
                "Discharge"
            )
        control, unit = _MODES[leaf.mode]
        value = self.number(leaf.value, "value")
        if value <= 0 and control != "voltage":
            raise Unsupported(
                f"its set point of {value:g} {unit} is not above 0; for no load, write Rest"
            )
        direction: Direction = "charge" if leaf.kind == "Charge" else "discharge"
        return Step(control, direction, Level(value, unit))

    def _impedance(self, sweep: Sweep, mode: Mode | None) -> Impedance:
        _, unit = _MODES[mode or "Current"]
        amplitude = Level(self.number(sweep.amplitude, "amplitude"), unit)
        if sweep.min_frequency is None or sweep.max_frequency is None:
            listed = (self.number(expr, "frequency") for expr in sweep.frequencies)
            return Impedance(amplitude, tuple(listed))
        return Impedance(
            amplitude,
            min_frequency=self.number(sweep.min_frequency, "min_frequency"),
            max_frequency=self.number(sweep.max_frequency, "max_frequency"),
            points_per_decade=self.number(sweep.points_per_decade, "points_per_decade"),
        )

    def _waveform(self, leaf: Leaf) -> Waveform:
        if leaf.profile is None:
            raise Unsupported(
                "a periodic waveform cannot be exported; give the waveform as samples, 'data'"
            )
        if not leaf.profile.data:
            raise Unsupported(
                f"the samples of the drive cycle {leaf.profile.name!r} are missing; pass "
                "drive_cycles"
            )
        factor = self.number(leaf.profile.scale, "scale")
        if self.number(leaf.profile.repeat, "repeat") != 1:
            raise Unsupported(
                "a repeated profile cannot be exported; put the step into a block with this repeat"
            )
        _, unit = _MODES[leaf.mode or "Current"]
        samples = tuple((time, value * factor) for time, value in leaf.profile.data)
        for time, value in samples:
            if max(time, abs(value)) >= _LARGEST:
                raise Unsupported(
                    f"its sample of {value:g} {unit} at {time:g} s is beyond what a cycler can be "
                    "set to"
                )
        try:
            values = hold_values(samples)
        except TooMany as reason:
            raise Unsupported(str(reason)) from None
        return Waveform(leaf.profile.name or leaf.name or "waveform", unit, values)

    def _ends(self, leaf: Leaf, title: str) -> Iterator[tuple[StepEnd, End | None]]:
        """Yield the ends of a step with the UCP ends they come from; None for the duration."""
        for end in leaf.ends:
            try:
                yield self._end(end), end
            except Unsupported as reason:
                self.problem(end.path or leaf.path, f"its end {end}: {reason}", title)
        if leaf.duration is None:
            return
        path = f"{leaf.path}.duration"
        with self.reporting(path, title):
            seconds = self.number(leaf.duration, "duration")
            if seconds <= 0:
                raise Unsupported(f"its duration of {seconds:g} s is not above 0")
            yield StepEnd("Time", ">", Level(seconds, "s"), path=path), None

    def _end(self, end: End) -> StepEnd:
        if end.rate:
            raise Unsupported("an end on a rate of change cannot be exported")
        if end.is_formula:
            raise Unsupported(
                "it is on a variable of a model, which a cycler does not measure; give an end on "
                "a voltage, current, capacity, temperature or time"
            )
        if end.quantity not in _UNITS:
            raise Unsupported(f"{end.quantity} is not measured by a cycler")
        if end.operator not in ("<", ">"):
            raise Unsupported("its comparison is only known during the run; write '<' or '>'")
        quantity, unit = _UNITS[end.quantity]
        multiple = _capacity_multiple(end.threshold) if quantity == "Capacity" else None
        if multiple is not None and self.capacity is None:
            value, unit = multiple, "Q_NOM"
        else:
            value = self.number(end.threshold, "threshold")
        if end.operator == "<" and quantity in _RISING:
            raise Unsupported("it is met when the step starts, because it counts from 0; write '>'")
        if value <= 0 and quantity in _MAGNITUDES:
            raise Unsupported("it is met at once or never; the threshold must be above 0")
        operator: Comparison = "<" if end.operator == "<" else ">"
        return StepEnd(quantity, operator, Level(value, unit), path=end.path)

    def recording(self, own: Resolution | None, path: str, title: str = "") -> Recording:
        """Return when points are saved, in a step or (without its resolution) in the whole test."""
        values = {}
        for part in ("time", "voltage", "current"):
            expr = getattr(own, part, None) or getattr(self.general, part)
            with self.reporting(path, title):
                values[part] = None if expr is None else self.number(expr, "resolution")
        return Recording(**values)

    def number(self, expr: Expr, what: str) -> float:
        """Return the value of an expression.

        Raises
        ------
        Unsupported
            If the value is only known during the run.
        """

        def known(part: Expr) -> Expr:
            if part == Name("Q_NOM") and self.capacity is not None:
                return Number(self.capacity)
            return part

        expr = rewrite(expr, known)
        value = constant(expr)
        if value is not None and abs(value) < _LARGEST:
            return value
        if value is not None:
            raise Unsupported(f"the {what} {value:g} is beyond what a cycler can be set to")
        names = [part.name for part in walk(expr) if isinstance(part, Name | Input)]
        if "Q_NOM" in names:
            raise Unsupported(
                f"the {what} {expr} needs nominal_capacity_ah; pass the capacity in A.h"
            )
        if {"V_MIN", "V_MAX"} & set(names):
            raise Unsupported(f"the {what} {expr} depends on the cell; write the voltage")
        raise Unsupported(f"the {what} {expr} is only known during the run; write a number")


def _capacity_multiple(expr: Expr) -> float | None:
    """Return the factor of a multiple of the nominal capacity, as ``1.1 * Q_NOM``, or None."""
    if expr == Name("Q_NOM"):
        return 1.0
    if not isinstance(expr, Binary) or expr.operator not in ("*", "/"):
        return None
    left, right = constant(expr.left), constant(expr.right)
    if right is not None:
        inner = _capacity_multiple(expr.left)
        factor = constant(Binary(expr.operator, Number(1.0), Number(right)))
    else:
        inner = _capacity_multiple(expr.right) if expr.operator == "*" else None
        factor = left
    return None if inner is None or factor is None else inner * factor


def _unsupported_fields(leaf: Leaf) -> Iterator[str]:
    if leaf.set_variables and leaf.kind != "Control":
        yield _VARIABLES
    if leaf.temperature is not None:
        yield (
            "the file cannot set the temperature of a step; remove it and set the chamber by hand"
        )
