"""What is given for the inputs of a protocol: values that are valid, but doubtful or not used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from ionworks.ucp.checks.lint import lint
from ionworks.ucp.expressions import constant
from ionworks.ucp.nodes import Protocol
from ionworks.ucp.parser.sections import percent_problem
from ionworks.ucp.problems import Problem, Report, shown, suggestion
from ionworks.ucp.resolve import SOC_PARAMETERS, TEMPERATURE_PARAMETERS, required_inputs, resolve

_NAMES_SHOWN: Final = 12


def unused_parameters(protocol: Protocol, names: Iterable[str]) -> dict[str, str]:
    """Find the experiment parameters that have no effect on a protocol.

    Parameters
    ----------
    protocol : Protocol
        As returned by :func:`ionworks.ucp.parse`.
    names : iterable of str
        The names of the experiment parameters.

    Returns
    -------
    dict
        Each name without effect with the end of a message: the input that may be meant, or all.
    """
    inputs = required_inputs(protocol)
    used = {*inputs, *SOC_PARAMETERS, *TEMPERATURE_PARAMETERS}
    return {name: _hint(name, inputs) for name in names if name not in used}


def check_parameters(
    protocol: Protocol,
    experiment_parameters: Mapping[str, float | str],
    resolved: Protocol | None = None,
) -> tuple[Problem, ...]:
    """Return warnings about values for the inputs of a protocol.

    Parameters
    ----------
    protocol : Protocol
        As returned by :func:`ionworks.ucp.parse`, whose own warnings are not repeated.
    experiment_parameters : mapping of str to float or str
        As for :func:`~ionworks.ucp.resolve`.
    resolved : Protocol, optional
        What :func:`~ionworks.ucp.resolve` returned for them, if it was called already.

    Returns
    -------
    tuple of Problem
        ``W-unused`` for each name that the protocol does not use, ``W-soc1`` for a percentage
        that looks like a fraction, and the warnings that only the values cause, such as
        ``W-temp`` for a temperature in kelvin.

    Raises
    ------
    UCPError, TypeError
        As for :func:`~ionworks.ucp.resolve`.
    """
    report = Report()
    for name, hint in unused_parameters(protocol, experiment_parameters).items():
        message = f"the protocol has no such input, so the value has no effect{hint}"
        report.warn("W-unused", _path(name), message)
    if resolved is None:
        resolved = resolve(protocol, experiment_parameters)
    _check_percent(protocol, resolved, experiment_parameters, report)
    before, after = Report(), Report()
    lint(resolved, after)
    if after.warnings:
        lint(protocol, before)
    known = {(found.code, found.path) for found in before.warnings}
    own = [found for found in after.warnings if (found.code, found.path) not in known]
    return tuple(dict.fromkeys([*report.warnings, *own]))


def _check_percent(
    protocol: Protocol, resolved: Protocol, names: Collection[str], report: Report
) -> None:
    """Warn of a state of charge in percent that was given by a value and looks like a fraction."""
    open_state, state = protocol.global_.initial_state, resolved.global_.initial_state
    if SOC_PARAMETERS[0] in names:
        path = _path(SOC_PARAMETERS[0])
    elif constant(open_state.value) is None and open_state.scale == "percent":
        path = "global.initial_state_value"
    else:
        return
    message = percent_problem(state.value) if state.kind == "soc" else None
    if message is not None:
        report.warn("W-soc1", path, message)


def _path(name: str) -> str:
    return f"experiment_parameters[{shown(name)!r}]"


def _hint(name: str, inputs: Sequence[str]) -> str:
    near = suggestion(name, [*inputs, *SOC_PARAMETERS, *TEMPERATURE_PARAMETERS])
    if near or not inputs:
        return near or "; it has no inputs"
    listed = [repr(shown(each)) for each in inputs[:_NAMES_SHOWN]]
    return f"; its inputs: {', '.join(listed)}{', ...' if len(inputs) > _NAMES_SHOWN else ''}"
