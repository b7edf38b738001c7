"""Transactions that failed because of others, and are repeated.

PostgreSQL ends one of several transactions that write at the same time if each of them may have
read what another one changed; SQLite lets one writer work after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

#: Attempts at the same time as other writers, before one that excludes them.
_TOGETHER: Final = 4
#: Serialization failure, deadlock.
_CONFLICTS: Final = frozenset({"40001", "40P01"})
#: First characters of the codes of violated constraints.
_VIOLATED: Final = "23"

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_excludes_others: ContextVar[bool] = ContextVar("excludes_others", default=True)


def excludes_others() -> bool:
    """Return whether a transaction that begins now must exclude all other writers."""
    return _excludes_others.get()


def repeatable(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Mark a function that may run several times until its transaction succeeds.

    It does nothing besides one transaction that has effects when it is repeated, and its arguments
    can be read several times. Other writers work at the same time; the last attempt excludes them,
    so that it cannot fail because of them. Without this mark every transaction excludes all others.
    """

    @wraps(function)
    def repeated(*args: _Parameters.args, **options: _Parameters.kwargs) -> _Result:
        together = _TOGETHER
        while together:
            together -= 1
            before = _excludes_others.set(False)
            try:
                return function(*args, **options)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None) or ""
                # The other transaction may have stored what a check in this one did not find yet,
                # such as a record of the same name: the check finds it next time.
                if state.startswith(_VIOLATED):
                    together = 0
                elif state not in _CONFLICTS:
                    raise
            finally:
                _excludes_others.reset(before)
        before = _excludes_others.set(True)
        try:
            return function(*args, **options)
        finally:
            _excludes_others.reset(before)

    return repeated
