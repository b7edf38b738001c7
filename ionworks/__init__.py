"""Ionworks: battery simulations with the Ionworks service, or locally without an account.

Public names are imported when they are first used, so that ``import ionworks`` is fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ionworks.aio.client import AsyncIonworks
    from ionworks.client import Ionworks
    from ionworks.data.frames import set_dataframe_backend
    from ionworks.errors import IonworksError

    __version__: str

__all__ = ["AsyncIonworks", "Ionworks", "IonworksError", "__version__", "set_dataframe_backend"]

_MODULES = {
    "AsyncIonworks": "ionworks.aio.client",
    "Ionworks": "ionworks.client",
    "IonworksError": "ionworks.errors",
    "set_dataframe_backend": "ionworks.data.frames",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from ionworks.settings import installed_version

        value: Any = installed_version()
    elif name in _MODULES:
        value = getattr(import_module(_MODULES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
