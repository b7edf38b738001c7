"""The physics of the embedded engine: protocols run on PyBaMM models.

All but the catalogue is loaded on first use, so that the server can list what there is without
loading PyBaMM.
"""

from typing import TYPE_CHECKING, Any

from ionworks.local.engine.catalogue import catalogue

if TYPE_CHECKING:
    from ionworks.local.engine.engine import check, describe, simulate
    from ionworks.local.engine.results import RunOutcome

__all__ = ["RunOutcome", "catalogue", "check", "describe", "simulate"]

_WHERE = {"RunOutcome": "results", "check": "engine", "describe": "engine", "simulate": "engine"}


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
