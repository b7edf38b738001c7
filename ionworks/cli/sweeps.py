"""The configuration of a sweep that is given by options, and its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ionworks import doe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ionworks.records.plan import Plan

__all__ = ["shown_plan", "with_values"]

_DESIGN: Final = "design_parameters_doe"
_INPUTS: Final = "experiment_parameters"
_SHOWN: Final = 10


def with_values(
    config: dict[str, Any],
    parameters: Sequence[dict[str, Any]],
    inputs: Sequence[dict[str, Any]],
    *,
    sampling: str | None = None,
    count: int | None = None,
    seed: int | None = None,
) -> tuple[dict[str, Any], int | None]:
    """Return a configuration with the values of parameters and inputs.

    Parameters
    ----------
    config : dict
        A configuration of ``client.simulation.protocol_batch``.
    parameters, inputs : sequence of dict
        Rows of a design for parameters of the model, and for inputs of the protocol. They take
        the place of rows of `config` with the same names.
    sampling, count, seed : str, int or None
        Those of the design.

    Returns
    -------
    config : dict
        The configuration, with a design, or with a list of the runs if inputs have several values.
    seed : int or None
        That of its random values, also if none was given.

    Raises
    ------
    ValueError
        If the values contradict each other, or what `config` has.
    """
    if "conditions" in config and (parameters or inputs):
        raise ValueError(
            "the configuration lists its runs under 'conditions': change them there, or leave them"
            " out and give --set and --input"
        )
    fixed = {row["name"]: row["values"][0] for row in inputs if _is_fixed(row)}
    swept = [row for row in inputs if not _is_fixed(row)]
    shared = {
        name: value
        for name, value in {**(config.get(_INPUTS) or {}), **fixed}.items()
        if name not in {row["name"] for row in swept}
    }
    found = {**config, _INPUTS: shared}
    design = dict(config.get(_DESIGN) or {})
    others = {"sampling": sampling, "count": count, "seed": seed}
    changes = {name: value for name, value in others.items() if value is not None}
    rows = {
        # One without a name is refused with the design.
        row.get("name", index) if isinstance(row, dict) else index: row
        for index, row in enumerate([*(design.get("rows") or ()), *parameters])
    }
    if not rows and not swept:
        if changes:
            raise ValueError(f"--{min(changes)} has no effect: no parameter or input is swept")
        return found, None
    twice = [row["name"] for row in swept if row["name"] in rows]
    if twice:
        raise ValueError(f"{twice[0]!r} is swept both as a parameter and as an input")
    design = {"sampling": "grid", **design, **changes, "rows": [*rows.values(), *swept]}
    # Here, so that the plan, the submission and the user have the same seed.
    design = doe.with_seed(design)
    if not swept:
        return {**found, _DESIGN: design}, design.get("seed")
    found.pop(_DESIGN, None)
    names = {row["name"] for row in swept}
    found["conditions"] = [
        {
            "design_parameters": {name: run[name] for name in run if name not in names},
            "experiment_parameters": {name: run[name] for name in run if name in names},
        }
        for run in doe.expand(design)
    ]
    return found, design.get("seed")


def _is_fixed(row: dict[str, Any]) -> bool:
    return row["type"] == "discrete" and len(row["values"]) == 1


def shown_plan(plan: Plan) -> tuple[dict[str, Any], str]:
    """Return what a submission would do as JSON values, and as text with its first runs."""
    design: Any = plan.design
    fields = ("count", "reused", "seconds", "basis", "seed", "is_checked", "warnings")
    document = {name: getattr(plan, name) for name in fields}
    rows = design.head(_SHOWN).to_dicts()
    lines = [str(plan), *(f"  {_row(row)}" for row in rows if len(row) > 1)]
    if plan.count > len(rows):
        lines.append(f"  {plan.count - len(rows):,} more: see --json")
    return {**document, "design": design.to_dicts()}, "\n".join(lines)


def _row(row: dict[str, Any]) -> str:
    values = (
        f"{name} {value:.6g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in row.items()
    )
    return ", ".join(values)
