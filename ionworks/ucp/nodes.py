"""The tree of a protocol: every dialect is read into it, and the engine runs it.

All values are expressions (:data:`ionworks.ucp.expressions.Expr`) in the units of the field's
docstring. Trees compare equal if they mean the same: the position in the text (``path``, ``text``)
does not count.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from ionworks.ucp.expressions import Expr, Number, evaluate
from ionworks.ucp.formulas import is_formula
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
    """Largest spacing of saved points in time [s], voltage [V] and current [A].

    On a step, parts that are None are taken from ``Global.resolution``.
    """

    time: Expr | None = None
    voltage: Expr | None = None
    current: Expr | None = None


_LEAST_PERCENT: Final = 2.0
"""Least value of a state of charge without a unit that is read as percent."""


@frozen
class InitialState:
    """The state a test starts from.

    Attributes
    ----------
    kind : "soc" or "voltage"
        The quantity of ``value``.
    value : Expr
        Volts, or a state of charge. A constant state of charge is always in percent here.
    scale : "percent" or "auto"
        Of a state of charge that is not constant yet; ``auto`` means that 0 to 1 is a fraction and
        2 to 100 is percent. Between them it would be a fraction above full or nearly empty.
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
        if self.scale == "auto" and (problem := unclear_state_of_charge(value)):
            raise ExpressionError(problem)
        fraction = value if self.scale == "auto" and value <= 1 else value / 100
        if not 0 <= fraction <= 1:
            raise ExpressionError(f"an initial state of charge of {value:g} is outside 0 to 100 %")
        return fraction


def unclear_state_of_charge(value: float) -> str | None:
    """Return the problem of a state of charge that is neither a fraction nor clearly percent."""
    if not 1 < value < _LEAST_PERCENT:
        return None
    return (
        f"an initial state of charge must be from 0 to 1, or from 0 to 100 %, got {value:g}: for "
        f"{value:g} % write '{value:g} %'"
    )


@frozen
class Global:
    """Settings of the whole test: temperature [degC], initial state, resolution.

    Whether the temperature is written, or is the default, does not matter for equality.
    """

    temperature: Expr = Number(25.0)
    initial_state: InitialState = InitialState()
    resolution: Resolution = Resolution(time=Number(60.0))
    has_temperature: bool = field(default=False, eq=False)


@frozen
class SafetyLimit:
    """One limit: ``key`` (``voltage_min``, ...), its value [V, degC or A] and its jump target."""

    key: str
    value: Expr
    goto: Goto | None = None


@frozen
class Safety:
    """The limits watched in every step, in canonical order, and their common jump target.

    A limit that trips jumps to its ``goto``, else to this one, else the test ends.
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
        ``Energy``, ``Power``, ``Cycle count``, ``Step count``, ``Cell capacity``,
        ``Minimum voltage``, the name of a variable, or a formula of the model's variables, see
        `ionworks.ucp.formulas`.
        Current, C-rate, Power, Capacity and Energy are magnitudes in the direction of the step.
    rate : bool
        Whether the rate of change of the quantity, per second, is compared.
    operator : str or None
        ``<`` or ``>``; on a variable or a count also ``<=``, ``>=``, ``==`` and ``!=``.
        None only where it is known at step entry: a voltage on a Rest (from the voltage then), and
        an end of the flat dialect on a step whose direction is an expression.
    threshold : Expr
        V, A, 1/h, A.h, degC, s, W.h, W; evaluated once, at step entry.
        A state of charge of 1 or less is a fraction, above it is percent.
    goto : str, int or None
        Where to jump when this end is reached.
    text : str
        The condition as written.
    path : str
        Its path in the document.
    """

    quantity: str
    operator: Operator | None
    threshold: Expr
    rate: bool = False
    goto: Goto | None = None
    text: str = field(default="", eq=False)
    path: str = field(default="", eq=False)

    @property
    def is_formula(self) -> bool:
        """Whether the quantity is a formula of the model's variables."""
        return is_formula(self.quantity)

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
        Of a drive cycle; without ``data`` its samples are given separately.
    data : tuple of (float, float)
        Time [s], strictly increasing from 0, and value in the unit of the mode (+ discharges).
    scale, repeat : Expr
        Factor on the values, and number of runs of the profile.
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
        What the step does; ``Direction`` charges or discharges depending on ``direction``.
    mode, value
        Control mode and set-point (positive; V, A, W, Ohm or 1/h); None for kinds without one.
        For ``Ambient temperature`` the value is the new temperature [degC].
    duration : Expr or None
        Longest time [s].
    ends : tuple of End
        The first one reached ends the step. On ``Control`` they are tested immediately.
    temperature : Expr or None
        Ambient temperature [degC] of this step only.
    resolution : Resolution or None
        Overrides ``Global.resolution`` where given.
    set_variables : tuple of Assignment
        Done in order after the step.
    direction : Expr or None
        Of a ``Direction`` step: above 0 charges, else discharges.
    profile, wave, sweep
        The signal of ``Drive`` or ``Waveform``, ``Waveform``, and ``EIS``.
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
    """A single word in the list of steps; ``Pause`` does nothing in a simulation."""

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
"""An item of a list of steps."""


@frozen
class Protocol:
    """A whole test: settings, safety limits and the steps in document order."""

    steps: tuple[Item, ...]
    global_: Global = Global()
    safety: Safety = Safety()
