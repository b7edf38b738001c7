"""The physics of the embedded engine: protocols run on PyBaMM models.

Everything except the catalogue is imported on first use, so that the server can list models and
parameter sets without importing PyBaMM.
"""

from typing import TYPE_CHECKING, Any

from ionworks.engine.catalogue import catalogue

if TYPE_CHECKING:
    from ionworks.engine.eject.citations import citations
    from ionworks.engine.eject.no_counterpart import NoCounterpart
    from ionworks.engine.eject.script import script
    from ionworks.engine.phases import told_to
    from ionworks.engine.provenance import provenance_of
    from ionworks.engine.simulation.api import describe, simulate, simulate_groups
    from ionworks.engine.simulation.inspection import (
        inspect_model,
        parameter_values,
        serialise,
        smoke_test,
    )
    from ionworks.engine.simulation.results import RunGroup, RunOutcome
    from ionworks.engine.simulation.review import Review, check, review

_WHERE = {
    "NoCounterpart": "eject.no_counterpart",
    "citations": "eject.citations",
    "provenance_of": "provenance",
    "told_to": "phases",
    "script": "eject.script",
    **dict.fromkeys(("RunGroup", "RunOutcome"), "simulation.results"),
    **dict.fromkeys(("describe", "simulate", "simulate_groups"), "simulation.api"),
    **dict.fromkeys(("Review", "check", "review"), "simulation.review"),
    **dict.fromkeys(
        ("inspect_model", "parameter_values", "serialise", "smoke_test"), "simulation.inspection"
    ),
}

__all__ = [
    "NoCounterpart",
    "Review",
    "RunGroup",
    "RunOutcome",
    "catalogue",
    "check",
    "citations",
    "describe",
    "inspect_model",
    "parameter_values",
    "provenance_of",
    "review",
    "script",
    "serialise",
    "simulate",
    "simulate_groups",
    "smoke_test",
    "told_to",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
