"""Imports of libraries that a worker process hardly ever uses, put off until it does."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Sequence
from functools import partial
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_lock = threading.RLock()
_names: set[str] = set()
#: Modules that are being loaded.
_loading: dict[str, ModuleType] = {}


class _Deferred(ModuleType):
    """A module that is loaded when an attribute is read that the import system did not set.

    `importlib.util.LazyLoader` reads any attribute as a sign of use, also those that a second
    ``import`` statement looks at.
    """

    def __getattr__(self, name: str) -> Any:
        with _lock:
            if self is _loading.get(self.__name__):  # by this thread: others wait for the lock
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} yet")
            return getattr(_load(self), name)


class _LoadedMeanwhile(Loader):
    """Finds the submodules that a deferred package has imported while it was loaded.

    The import of a submodule is what may load the package; the import system does not notice that
    it has got the submodule by that, and would load it a second time.
    """

    @staticmethod
    def find_spec(name: str, _path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return a spec that leads to the loaded module, if there is one."""
        if target is not None or name not in sys.modules or name.rpartition(".")[0] not in _names:
            return None
        return ModuleSpec(name, _LoadedMeanwhile(), loader_state=sys.modules[name].__spec__)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the loaded module."""
        return sys.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back."""
        module.__spec__ = None if module.__spec__ is None else module.__spec__.loader_state


def defer(name: str, *, called: Sequence[str] = ()) -> None:
    """Put a module in `sys.modules` that is loaded when it is first used.

    A module that is loaded already, or is not installed, stays as it is.

    Parameters
    ----------
    name
        Name of a module; that of a submodule imports its parent.
    called
        Its classes and functions that are imported from it by name, and are only called.
    """
    if name in sys.modules:
        return
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    module = _Deferred(name)
    vars(module).update(__spec__=spec, __loader__=spec.loader, __package__=spec.parent)
    if called:
        vars(module).update({each: partial(_call, module, each) for each in called})
        vars(module).update(__path__=spec.submodule_search_locations)
    # Else a package has no __path__ yet: the import of a submodule asks for it, and so loads it.
    sys.modules[name] = module
    if not _names:
        sys.meta_path.insert(0, _LoadedMeanwhile)
    _names.add(name)
    parent, _, own_name = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own_name, module)  # as an import does


def is_deferred(module: ModuleType) -> bool:
    """Return whether a module waits to be loaded."""
    return isinstance(module, _Deferred)


def _call(module: ModuleType, name: str, *arguments: Any, **options: Any) -> Any:
    return getattr(_load(module), name)(*arguments, **options)


def _load(module: ModuleType) -> ModuleType:
    """Run the code of a deferred module, once; other threads wait."""
    with _lock:
        if is_deferred(module):
            spec, loader = vars(module)["__spec__"], vars(module)["__loader__"]
            vars(module).update(vars(importlib.util.module_from_spec(spec)))
            _loading[module.__name__] = module
            try:
                loader.exec_module(module)
            finally:
                del _loading[module.__name__]
            # Only now an ordinary one: until then other threads wait for what it does not have yet.
            module.__class__ = ModuleType
    return module
