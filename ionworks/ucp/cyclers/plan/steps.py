"""One step of a protocol as a step of a plan, or the reasons why it has no counterpart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs
from attrs import Factory, define, frozen

from ionworks.ucp.cyclers.plan.nodes import (
    Comparison,
    Control,
    Direction,
    Exit,
    Level,
    Recording,
    Step,
    Unit,
    Waveform,
)
from ionworks.ucp.cyclers.plan.pairs import Legs
from ionworks.ucp.cyclers.plan.waveforms import TooMany, held
from ionworks.ucp.expressions import Expr, Input, Name, Number, constant, rewrite, walk
from ionworks.ucp.nodes import End, Goto, Leaf, Resolution
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
_NO_COUNTERPART: Final = {
    "EIS": "an impedance sweep has no counterpart in this file",
    "Ambient temperature": "the temperature of the chamber is not set by this file",
    "Control": "variables and jumps of a Control are computed during a run; a file has numbers",
}
_MAGNITUDES: Final = frozenset({"Time", "Capacity", "Energy", "Current", "Power"})
_LARGEST: Final = 1e9
_VARIABLES: Final = "set_variable computes during a run; a file has numbers only"


class Unknown(Exception):
    """Says why a value of a step is no number."""


@frozen
class Jump:
    """Where an exit of a step leads, before that is looked up: its place among the exits."""

    exit: int
    goto: Goto
    path: str


def title(leaf: Leaf, name: str | None = None) -> str:
    """Return what messages call a step."""
    named = f' "{shown(leaf.name or name or "")}"' if leaf.name or name else ""
    mode = f", mode {leaf.mode}" if leaf.mode else ""
    return f"{leaf.path or leaf.kind}{named} ({leaf.kind}{mode})"


@define
class StepReader:
    """Reads steps.

    Attributes
    ----------
    general : Resolution
        Of the whole test.
    capacity : float or None
        Nominal capacity [A.h], the value of ``Q_NOM``.
    problems : list of Problem
        Takes what has no counterpart.
    """

    general: Resolution
    capacity: float | None
    problems: list[Problem] = Factory(list)

    def problem(self, path: str, where: str, reason: str) -> None:
        """Add a problem at a path."""
        self.problems.append(Problem("E-export", path, f"{where}: {reason}"))

    def step(self, leaf: Leaf, name: str | None) -> tuple[Step, list[Jump]]:
        """Return a step whose exits all lead to the next, and where they should lead.

        A step without counterpart has the control ``unsupported``.
        """
        where = title(leaf, name)
        before = len(self.problems)
        for reason in _refused_fields(leaf):
            self.problem(leaf.path, where, reason)
        what = Step("unsupported")
        try:
            what = self._what(leaf)
        except Unknown as reason:
            self.problem(leaf.path, where, str(reason))
        exits: list[Exit] = []
        jumps: list[Jump] = []
        for leave, end in self._exits(leaf, where):
            if end is not None and end.goto is not None:
                jumps.append(Jump(len(exits), end.goto, end.path))
            exits.append(leave)
        recording = self.recording(leaf.resolution, leaf.path, where)
        if len(self.problems) > before:
            return Step("unsupported", path=leaf.path, title=where), []
        step = attrs.evolve(
            what,
            exits=tuple(exits),
            recording=recording,
            name=leaf.name or name,
            note=leaf.note,
            path=leaf.path,
            title=where,
        )
        return step, jumps

    def pair(self, legs: Legs, name: str | None) -> tuple[Step, list[Jump]]:
        """Return two joined legs as one step of constant current and voltage."""
        ends = (*legs.second.ends, *legs.totals)
        first, _ = self.step(legs.first, name)
        second, jumps = self.step(attrs.evolve(legs.second, ends=ends), name)
        if "unsupported" in (first.control, second.control) or second.set_point is None:
            return attrs.evolve(first, control="unsupported"), []
        turns = [(leave.quantity, leave.level) for leave in first.exits]
        if turns != [("Voltage", second.set_point)] or first.recording != second.recording:
            self.problem(legs.first.path, first.title, _VARIABLES)
        exits = tuple(
            attrs.evolve(leave, quantity="Hold time")
            if leave.quantity == "Time" and place < len(legs.second.ends)
            else leave
            for place, leave in enumerate(second.exits)
        )
        voltage = second.set_point.value
        return attrs.evolve(first, control="cccv", voltage=voltage, exits=exits), jumps

    def _what(self, leaf: Leaf) -> Step:
        """Return a step that holds what a leaf holds."""
        if leaf.kind in _NO_COUNTERPART:
            raise Unknown(_NO_COUNTERPART[leaf.kind])
        if leaf.kind == "Rest":
            return Step("rest")
        if leaf.profile is not None or leaf.wave is not None:
            return Step("waveform", waveform=self._waveform(leaf))
        if leaf.kind not in ("Charge", "Discharge") or leaf.mode is None or leaf.value is None:
            raise Unknown(f"the direction {leaf.direction} is only known during a run")
        control, unit = _MODES[leaf.mode]
        value = self.number(leaf.value, "value")
        if value <= 0 and control != "voltage":
            raise Unknown(f"a set point of {value:g} {unit} is no load; write Rest")
        direction: Direction = "charge" if leaf.kind == "Charge" else "discharge"
        return Step(control, direction, Level(value, unit))

    def _waveform(self, leaf: Leaf) -> Waveform:
        if leaf.profile is None:
            raise Unknown("a periodic waveform has no counterpart; give it as samples, 'data'")
        if not leaf.profile.data:
            raise Unknown(f"the samples of {leaf.profile.name!r} are missing; pass drive_cycles")
        factor = self.number(leaf.profile.scale, "scale")
        repeat = self.number(leaf.profile.repeat, "repeat")
        if repeat != 1:
            raise Unknown("a repeated profile has no counterpart; put the step into a block")
        _, unit = _MODES[leaf.mode or "Current"]
        samples = tuple((time, value * factor) for time, value in leaf.profile.data)
        try:
            return Waveform(leaf.profile.name or leaf.name or "waveform", unit, held(samples))
        except TooMany as reason:
            raise Unknown(str(reason)) from None

    def _exits(self, leaf: Leaf, where: str) -> Iterator[tuple[Exit, End | None]]:
        """Yield the exits of a step with the ends they are; the duration is none of these."""
        for end in leaf.ends:
            try:
                yield self._exit(end), end
            except Unknown as reason:
                self.problem(end.path or leaf.path, where, f"its end {end}: {reason}")
        if leaf.duration is None:
            return
        path = f"{leaf.path}.duration"
        try:
            seconds = self.number(leaf.duration, "duration")
        except Unknown as reason:
            self.problem(path, where, str(reason))
            return
        if seconds <= 0:
            self.problem(path, where, f"a duration of {seconds:g} s is no step")
            return
        yield Exit("Time", ">", Level(seconds, "s"), path=path), None

    def _exit(self, end: End) -> Exit:
        if end.rate:
            raise Unknown("a rate of change has no counterpart in this file")
        if end.quantity not in _UNITS:
            raise Unknown(f"{end.quantity} is not measured by a cycler's file")
        if end.operator not in ("<", ">"):
            raise Unknown("its comparison is only known during a run; write '<' or '>'")
        quantity, unit = _UNITS[end.quantity]
        value = self.number(end.threshold, "threshold")
        if value <= 0 and quantity in _MAGNITUDES:
            raise Unknown("it is met at once or never")
        operator: Comparison = "<" if end.operator == "<" else ">"
        return Exit(quantity, operator, Level(value, unit), path=end.path)

    def recording(self, own: Resolution | None, path: str, where: str) -> Recording:
        """Return when points are saved, of a step or (None) of the whole test."""
        values = {}
        for part in ("time", "voltage", "current"):
            expr = getattr(own, part, None) or getattr(self.general, part)
            try:
                values[part] = None if expr is None else self.number(expr, "resolution")
            except Unknown as reason:
                self.problem(path, where, str(reason))
        return Recording(**values)

    def number(self, expr: Expr, what: str) -> float:
        """Return the value of an expression.

        Raises
        ------
        Unknown
            If it has none before the run.
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
            raise Unknown(f"a {what} of {value:g} is beyond what a cycler can be set to")
        names = [part.name for part in walk(expr) if isinstance(part, Name | Input)]
        if "Q_NOM" in names:
            raise Unknown(f"the {what} {expr} needs nominal_capacity_ah")
        if {"V_MIN", "V_MAX"} & set(names):
            raise Unknown(f"the {what} {expr} depends on the cell; write the number")
        raise Unknown(f"the {what} {expr} is only known during a run")


def _refused_fields(leaf: Leaf) -> Iterator[str]:
    if leaf.set_variables and leaf.kind != "Control":
        yield _VARIABLES
    if leaf.temperature is not None:
        yield "a temperature of its own is not set by this file; set the chamber by hand"
