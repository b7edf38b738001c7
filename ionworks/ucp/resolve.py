"""Filling in the inputs of a protocol."""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from ionworks.ucp.checks.ranges import check_ranges
from ionworks.ucp.checks.variables import check_variables
from ionworks.ucp.drive_cycles import with_drive_cycles
from ionworks.ucp.expressions import Expr, Input, Number, constant, rewrite, walk
from ionworks.ucp.nodes import Global, InitialState, Leaf, Protocol
from ionworks.ucp.parser.ends import implied_operator
from ionworks.ucp.parser.expressions import parse_expression
from ionworks.ucp.parser.fields import expression_problem
from ionworks.ucp.parser.sections import state_in_percent
from ionworks.ucp.parser.steps import direction_numbers, settled_kind
from ionworks.ucp.problems import ExpressionError, Report, UCPError, suggestion
from ionworks.ucp.traversal import expressions, map_leaves, with_expressions

SOC_PARAMETERS: Final = ("Initial SOC [%]", "initial_soc")
TEMPERATURE_PARAMETERS: Final = (
    "Temperature [\u00b0C]",
    "Initial temperature [\u00b0C]",
    "initial_temperature",
)
"""Names of parameters that override ``global`` even if the document has no placeholder."""


def required_inputs(protocol: Protocol) -> list[str]:
    """Return the names of the inputs that need a value, each once."""
    return list(dict.fromkeys(part.name for part in _inputs(protocol)))


def _inputs(protocol: Protocol) -> Iterator[Input]:
    for section in (protocol.global_, protocol.safety, protocol.steps):
        for _, expr in expressions(section):
            yield from (part for part in walk(expr) if isinstance(part, Input))


def resolve(
    protocol: Protocol,
    experiment_parameters: Mapping[str, float | str],
    drive_cycles: Mapping[str, Any] | None = None,
) -> Protocol:
    """Return the protocol with every ``input[...]`` replaced by its value.

    ``Initial SOC [%]`` (percent) or ``initial_soc`` (a fraction up to 1, else percent), and
    ``Temperature [°C]``, ``Initial temperature [°C]`` or ``initial_temperature``, override the
    initial conditions of the test even if the document has no such placeholder.
    Other names that the protocol does not use are ignored; :func:`~ionworks.ucp.check_parameters`
    reports them.

    Parameters
    ----------
    protocol : Protocol
        As returned by :func:`ionworks.ucp.parse`.
    experiment_parameters : mapping of str to float or str
        Numbers, or expressions such as ``"V_MIN"`` or ``"Charge"`` (for a direction).
    drive_cycles : mapping, optional
        Samples of its drive cycles, as for :func:`~ionworks.ucp.with_drive_cycles`.

    Returns
    -------
    Protocol
        Without any ``Input``; steps with a constant direction become Charge or Discharge.

    Raises
    ------
    UCPError
        If inputs have no value (all are listed), or the resulting protocol is invalid.
    TypeError
        If a value is neither a number nor text.
    """
    if drive_cycles is not None:
        protocol = with_drive_cycles(protocol, drive_cycles)
    needed = required_inputs(protocol)
    refuse_missing(needed, experiment_parameters)
    values = {name: _value(name, experiment_parameters[name]) for name in needed}

    def fill(expr: Expr) -> Expr:
        return rewrite(expr, lambda part: values[part.name] if isinstance(part, Input) else part)

    filled = with_expressions(protocol, fill)
    filled = attrs.evolve(
        filled,
        steps=map_leaves(filled.steps, _settled),
        global_=_with_initial_conditions(filled.global_, experiment_parameters),
    )
    _check_resolved(filled)
    return filled


def refuse_missing(needed: Iterable[str], given: Collection[str]) -> None:
    """Raise a :class:`UCPError` if inputs have no value.

    Parameters
    ----------
    needed : iterable of str
        As :func:`required_inputs` returns them.
    given : collection of str
        The names of the experiment parameters.
    """
    missing = [name for name in needed if name not in given]
    if missing:
        names = ", ".join(repr(name) for name in missing)
        near = suggestion(missing[0], given) if len(missing) == 1 else ""
        message = f"no value for {names}; give each in experiment_parameters{near}"
        raise UCPError(message, names=missing)


def _value(name: str, value: object) -> Expr:
    if isinstance(value, bool) or not isinstance(value, str | numbers.Real):
        kind = type(value).__name__
        raise TypeError(
            f"experiment parameter {name!r} is a {kind}; give a number or an expression"
        )
    if isinstance(value, str):
        return _parsed(name, value)
    number = float(value)
    if not math.isfinite(number):
        raise UCPError(f"experiment parameter {name!r} must be a finite number, not {number}")
    return Number(number)


def _parsed(name: str, text: str) -> Expr:
    try:
        expr = parse_expression(text)
    except ExpressionError as error:
        raise UCPError(f"experiment parameter {name!r}, {text!r}: {error}") from None
    if any(isinstance(part, Input) for part in walk(expr)):
        raise UCPError(f"experiment parameter {name!r} contains an input; give its value instead")
    number = constant(expr)
    return expr if number is None else Number(number)


def _settled(leaf: Leaf) -> Leaf:
    """Return a step as Charge or Discharge if its direction is constant."""
    if leaf.direction is None:
        return leaf
    try:
        direction = direction_numbers(leaf.direction)
    except ExpressionError as error:
        raise UCPError(f"{leaf.path}: {error}") from None
    kind, rest = settled_kind(leaf.kind, direction)
    ends = tuple(
        attrs.evolve(end, operator=end.operator or implied_operator(end.quantity, kind))
        for end in leaf.ends
    )
    return attrs.evolve(leaf, kind=kind, direction=rest, ends=ends)


def _with_initial_conditions(settings: Global, parameters: Mapping[str, float | str]) -> Global:
    """Apply the parameters that override the initial state and temperature by their names."""
    state = state_in_percent(settings.initial_state)
    socs = [
        state_in_percent(
            InitialState(
                "soc", _value(name, parameters[name]), "percent" if "%" in name else "auto"
            )
        )
        for name in SOC_PARAMETERS
        if name in parameters
    ]
    temperatures = [
        _value(name, parameters[name]) for name in TEMPERATURE_PARAMETERS if name in parameters
    ]
    for names, found in ((SOC_PARAMETERS, socs), (TEMPERATURE_PARAMETERS, temperatures)):
        if any(value != found[0] for value in found):
            given = " and ".join(repr(name) for name in names if name in parameters)
            raise UCPError(
                f"experiment parameters {given} set the same quantity to different values; keep one"
            )
    return attrs.evolve(
        settings,
        initial_state=socs[0] if socs else state,
        temperature=temperatures[0] if temperatures else settings.temperature,
        has_temperature=settings.has_temperature or bool(temperatures),
    )


def _check_resolved(protocol: Protocol) -> None:
    report = Report()
    for section in (protocol.global_, protocol.safety, protocol.steps):
        for path, expr in expressions(section):
            problem = expression_problem(expr)
            if problem is not None:
                report.error("E-expr", path, problem)
    check_variables(protocol, report)
    check_ranges(protocol, report, resolved=True)
    report.raise_errors()
