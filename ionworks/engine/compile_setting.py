"""The setting that says when models are compiled; the server checks it without loading PyBaMM."""

import os
from typing import Final

SETTING: Final = "IONWORKS_COMPILE"
"""Environment variable: ``auto`` (the default), ``never``, or ``always``, which compiles before the
first solve and waits for it."""

_VALUES: Final = ("auto", "never", "always")


def compile_setting() -> str:
    """Return the value of `SETTING`.

    Raises
    ------
    ValueError
        If it is not one of the valid values.
    """
    value = os.environ.get(SETTING, "").strip() or "auto"
    if value not in _VALUES:
        raise ValueError(f"{SETTING} is {value!r}: set it to one of {', '.join(_VALUES)}")
    return value
