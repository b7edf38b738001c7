"""Ionworks: battery simulations through the Ionworks service, or with no account on this machine.

Everything public is loaded when it is first used, so that ``import ionworks`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ionworks.client import Ionworks
    from ionworks.data.frames import set_dataframe_backend
    from ionworks.errors import IonworksError

    __version__: str

__all__ = ["Ionworks", "IonworksError", "__version__", "set_dataframe_backend"]

_HOMES = {
    "Ionworks": "ionworks.client",
    "IonworksError": "ionworks.errors",
    "set_dataframe_backend": "ionworks.data.frames",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            value: Any = version("ionworks-api")
        except PackageNotFoundError:
            # A source tree that was put on the path without being installed.
            value = "unknown"
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
