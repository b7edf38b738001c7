"""Numbers in files, each checked to be one."""

from __future__ import annotations

import math

from ionworks.ucp.cyclers.read.refusals import Unreadable


def finite(text: str, name: str = "") -> float:
    """Return a finite number.

    Parameters
    ----------
    text : str
        The number as written in the file.
    name : str
        Name of its field, for the message.

    Raises
    ------
    Unreadable
        If the text is not a number, or is infinite or NaN.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Unreadable(f"{name}{' ' if name else ''}{text!r} is not a number")
    return value


def whole(text: str, name: str = "") -> int:
    """Return a whole number from 0 of at most nine digits; see `finite`."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise Unreadable(f"{name}{' ' if name else ''}{text!r} is not a whole number")
    return int(text)
