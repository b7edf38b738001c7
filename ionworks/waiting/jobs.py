"""How messages refer to the jobs of a wait, and what becomes of them when it is interrupted."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Protocol

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["RESUMING", "Jobs"]

_MOST_PASTED: Final = 20
"""Most ids that the message of an interrupted wait contains, if they can be found otherwise."""

RESUMING: Final[ContextVar[Callable[[Sequence[str]], str] | None]] = ContextVar(
    "RESUMING", default=None
)
"""For programs whose users do not write Python: returns what waits for the jobs with these ids
again, such as a line for a shell. The client of such a program is closed when a wait ends."""


class _Place(Protocol):
    """The settings of a client, as far as a wait needs them."""

    @property
    def is_local(self) -> bool:
        """Whether it uses the embedded engine."""
        ...


@attrs.frozen(kw_only=True)
class Jobs:
    """How messages refer to the jobs.

    Attributes
    ----------
    noun : str
        Singular, such as ``"simulation"``.
    resume : str
        The call that resumes waiting, such as ``"client.simulation.wait_for_completion"``.
    find : str, optional
        The call that finds the jobs of a longer list again, where there is one.
    end_with_client : bool, optional
        Whether the jobs stop when the client is closed, as those of the embedded engine do. They
        go on when a client opens its folder again.
    """

    noun: str
    resume: str
    find: str | None = None
    end_with_client: bool = False

    def on(self, settings: _Place) -> Jobs:
        """Return how messages refer to the jobs of the service with these settings."""
        return attrs.evolve(self, end_with_client=settings.is_local)

    def outlook(self, count: int) -> str:
        """Return what becomes of jobs that are not waited for any longer."""
        if not self.end_with_client:
            return "keeps running" if count == 1 else "keep running"
        keeps, goes, stops = ("keeps", "goes", "stops") if count == 1 else ("keep", "go", "stop")
        if RESUMING.get() is not None:
            return f"{stops} now, and {goes} on when the engine is used again"
        return (
            f"{keeps} running while this client is open, and {goes} on when the folder is opened"
            " again"
        )

    def left_running(self, pending: Sequence[str]) -> str:
        """Return a sentence about jobs whose wait was interrupted, with their ids to be pasted."""
        count = len(pending)
        resuming = RESUMING.get()
        if resuming is not None:
            which = f"{self.noun} {pending[0]}" if count == 1 else f"{count} {self.noun}s"
            return f"{which} {self.outlook(count)}; wait again with {resuming(pending)}"
        beyond = "" if self.end_with_client else ", also after this program has ended"
        if count == 1:
            return (
                f"{self.noun} {pending[0]} {self.outlook(1)}{beyond}; wait again with"
                f" {self.resume}({pending[0]!r})"
            )
        some = f"{count} {self.noun}s {self.outlook(count)}{beyond}; "
        if count <= _MOST_PASTED or self.find is None:
            return f"{some}wait again with {self.resume}({[*pending]!r})"
        return f"{some}find their ids again with {self.find}, and wait with {self.resume}(ids)"
