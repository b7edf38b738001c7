"""The notes of the service on a submission, shown as Python warnings."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any, Final

from ionworks.errors import ParameterWarning, ProtocolWarning
from ionworks.transport.observed import OBSERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["issue", "levels_to_the_user", "warn"]

_CATEGORIES: Final[dict[str, type[UserWarning]]] = {
    "protocol": ProtocolWarning,
    "parameters": ParameterWarning,
}
# A sweep over temperatures in kelvin has a different message for each run.
_MOST_WARNINGS: Final = 10


def warn(replies: Iterable[Mapping[str, Any]]) -> None:
    """Issue the notes of a submission as warnings that point to the user's line.

    Parameters
    ----------
    replies : iterable of mapping
        The replies of the service to one call of the user, one for each run or record, each with
        ``notes``, a list of ``{"category", "message"}``; services without notes omit it. A
        message is issued once, however many runs have it, and at most ten of them are.

    Warns
    -----
    ProtocolWarning, ParameterWarning
        For notes of the categories ``protocol`` and ``parameters``; a ``UserWarning`` for others.
    """
    distinct = dict.fromkeys(
        (str(note["category"]), str(note["message"]))
        for reply in replies
        for note in reply.get("notes") or ()
    )
    for category, message in list(distinct)[:_MOST_WARNINGS]:
        issue(message, _CATEGORIES.get(category, UserWarning))
    more = len(distinct) - _MOST_WARNINGS
    if more > 0:
        category, _ = list(distinct)[-1]
        noun = "warning" if more == 1 else "warnings"
        message = f"{more} more {noun}; all are in the notes of the records returned"
        issue(message, _CATEGORIES.get(category, UserWarning))


def issue(message: str, category: type[Warning] = UserWarning) -> None:
    """Issue a warning that points to the user's line, at once or where the call is awaited."""
    observed = OBSERVED.get()
    if observed is None:
        warnings.warn(message, category, stacklevel=levels_to_the_user())
    else:
        observed.warnings.append((message, category))


def levels_to_the_user() -> int:
    """Return the ``stacklevel``, for a warning of the caller, of the first frame outside of us."""
    frame, levels = sys._getframe(1), 1  # noqa: SLF001 - the documented way to inspect frames
    # A program that is run by `exec` may have no name.
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("ionworks."):
        frame, levels = frame.f_back, levels + 1
    return levels
