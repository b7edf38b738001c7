"""The tree of a protocol: what every dialect is read into and what the engine runs.

All values are expressions (:data:`ionworks.ucp.expressions.Expr`); units are those of the field's
docstring. Trees compare equal when they mean the same: where a part stood in the text
(``path``, ``text``) does not count.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import field, frozen

from ionworks.ucp.expressions import Expr, Number, evaluate
from ionworks.ucp.problems import ExpressionError

Kind: TypeAlias = Literal[
    "Rest",
    "Charge",
    "Discharge",
    "Direction",
    "Drive",
    "EIS",
    "Waveform",
    "Ambient temperature",
    "Control",
]
Mode: TypeAlias = Literal["C-rate", "Current", "Power", "Voltage", "Resistance"]
Operator: TypeAlias = Literal["<", ">", "<=", ">=", "==", "!="]
Goto: TypeAlias = str | int
"""``"End"``, ``"Next"``, the exact name of a block or leaf, or the 1-based number of an item."""


@frozen
class Resolution:
    """How closely to save: largest spacing in time [s], step in voltage [V] and in current [A].

    On a leaf, what is None is taken from ``Global.resolution``.
    """

    time: Expr | None = None
    voltage: Expr | None = None
    current: Expr | None = None


@frozen
class InitialState:
    """The state a test starts from.

    Attributes
    ----------
    kind : "soc" or "voltage"
        What ``value`` is.
    value : Expr
        Volts, or a state of charge. A constant state of charge is always in percent here.
    scale : "percent" or "auto"
        Of a state of charge that is still an expression; ``auto`` means that 0 to 1 is a fraction
        and anything above is percent.
    """

    kind: Literal["soc", "voltage"] = "soc"
    value: Expr = Number(100.0)
    scale: Literal["percent", "auto"] = "percent"

    def fraction(self, names: dict[str, float] | None = None) -> float:
        """Return the state of charge as a fraction, 0 to 1.

        Raises
        ------
        ExpressionError
            If the value needs a name that is not given, or lies outside 0 to 100 %.
        """
        value = evaluate(self.value, names or {})
        fraction = value if self.scale == "auto" and value <= 1 else value / 100
        if not 0 <= fraction <= 1:
            raise ExpressionError(f"an initial state of charge of {value:g} is outside 0 to 100 %")
        return fraction


@frozen
class Global:
    """Settings of the whole test: temperature [degC], initial state, resolution."""

    temperature: Expr = Number(25.0)
    initial_state: InitialState = InitialState()
    resolution: Resolution = Resolution(time=Number(60.0))


@frozen
class SafetyLimit:
    """One limit: ``key`` (``voltage_min``, ...), its value [V, degC or A] and its own target."""

    key: str
    value: Expr
    goto: Goto | None = None


@frozen
class Safety:
    """The limits watched in every step, in canonical order, and the target of those without one.

    A limit that trips jumps to its own ``goto``, else to this one, else the test ends.
    """

    limits: tuple[SafetyLimit, ...] = ()
    goto: Goto | None = None


@frozen
class End:
    """One end of a step.

    Attributes
    ----------
    quantity : str
        ``Voltage``, ``Current``, ``C-rate``, ``Capacity``, ``Temperature``, ``Time``, ``SOC``,
        ``Energy``, ``Power``, ``Cycle count``, ``Step count``, or the name of a variable.
        Current, C-rate, Power, Capacity and Energy are magnitudes in the step's own direction.
    rate : bool
        Whether the rate of change of the quantity, per second, is compared.
    operator : str or None
        ``<`` or ``>``; on a variable or a count also ``<=``, ``>=``, ``==`` and ``!=``.
        None only where it follows from the run: a voltage on a Rest (from the voltage at step
        entry), and a flat end on a step whose direction is an expression.
    threshold : Expr
        V, A, 1/h, A.h, degC, s, W.h, W; evaluated once, at step entry.
        A state of charge of 1 or less is a fraction, above it is percent.
    goto : str, int or None
        Where to go when this end is the one reached.
    text : str
        The condition as it was written.
    path : str
        Where it was written.
    """

    quantity: str
    operator: Operator | None
    threshold: Expr
    rate: bool = False
    goto: Goto | None = None
    text: str = field(default="", eq=False)
    path: str = field(default="", eq=False)

    def __str__(self) -> str:
        quantity = f"d/dt({self.quantity})" if self.rate else self.quantity
        return f"{quantity} {self.operator or 'reaches'} {self.threshold}"


@frozen
class Assignment:
    """``name`` gets the value of ``value`` after the step has completed."""

    name: str
    value: Expr


@frozen
class Profile:
    """A drive cycle or sampled waveform.

    Attributes
    ----------
    name : str or None
        Of a drive cycle; its samples are given elsewhere if there is no ``data``.
    data : tuple of (float, float)
        Time [s], strictly increasing from 0, and value in the unit of the mode (+ discharges).
    scale, repeat : Expr
        Factor on the values, and how often the profile runs.
    """

    name: str | None = None
    data: tuple[tuple[float, float], ...] = ()
    scale: Expr = Number(1.0)
    repeat: Expr = Number(1.0)


@frozen
class Wave:
    """A periodic waveform: amplitude and offset in the unit of the mode, frequency [Hz], cycles."""

    shape: Literal["sine", "square", "triangle", "sawtooth"]
    amplitude: Expr
    frequency: Expr
    offset: Expr = Number(0.0)
    cycles: Expr | None = None


@frozen
class Sweep:
    """An impedance sweep: either ``frequencies`` [Hz], or a range with points per decade."""

    amplitude: Expr
    frequencies: tuple[Expr, ...] = ()
    min_frequency: Expr | None = None
    max_frequency: Expr | None = None
    points_per_decade: Expr = Number(10.0)


@frozen
class Leaf:
    """One step.

    Attributes
    ----------
    kind : str
        What the step does; ``Direction`` charges or discharges as ``direction`` says.
    mode, value
        Control mode and set-point (positive; V, A, W, Ohm or 1/h), None where the kind has none.
        For ``Ambient temperature`` the value is the new temperature [degC].
    duration : Expr or None
        Longest time [s].
    ends : tuple of End
        The first one reached ends the step. On ``Control`` they are tested at once.
    temperature : Expr or None
        Ambient temperature [degC] of this step only.
    resolution : Resolution or None
        Overrides ``Global.resolution`` where given.
    set_variables : tuple of Assignment
        Done in order after the step.
    direction : Expr or None
        Of a ``Direction`` step: above 0 charges, else discharges.
    profile, wave, sweep
        What ``Drive``, ``Waveform`` and ``EIS`` follow.
    """

    kind: Kind
    mode: Mode | None = None
    value: Expr | None = None
    duration: Expr | None = None
    ends: tuple[End, ...] = ()
    temperature: Expr | None = None
    resolution: Resolution | None = None
    set_variables: tuple[Assignment, ...] = ()
    direction: Expr | None = None
    profile: Profile | None = None
    wave: Wave | None = None
    sweep: Sweep | None = None
    note: str | None = None
    name: str | None = None
    path: str = field(default="", eq=False)


@frozen
class Marker:
    """A bare word among the steps: stop, count a cycle, or (ignored in a simulation) pause."""

    kind: Literal["End", "Advance cycle", "Pause"]
    path: str = field(default="", eq=False)


@frozen
class Block:
    """A named group of items, run ``repeat`` times (0 skips it)."""

    name: str
    items: tuple[Item, ...]
    repeat: Expr = Number(1.0)
    note: str | None = None
    path: str = field(default="", eq=False)


Item: TypeAlias = Leaf | Block | Marker
"""What a list of steps is made of."""


@frozen
class Protocol:
    """A whole test: settings, safety limits and the steps in document order."""

    steps: tuple[Item, ...]
    global_: Global = Global()
    safety: Safety = Safety()
