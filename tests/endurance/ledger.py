"""What clients asked of the engine and what must have become of it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from attrs import asdict, define, field, frozen

#: Outcomes besides those of the reference run.
CANCELED, GONE = "canceled", "gone"


@frozen
class Outcome:
    """How a job ended, as far as two runs of the same job must agree.

    ``rows`` are those of its time series, ``value`` is its last voltage, the fitted parameter or
    the number of steps.
    """

    status: str
    rows: int = 0
    value: float | None = None
    error_code: str | None = None
    error: str | None = None

    def agrees_with(self, other: Outcome) -> bool:
        """Return whether two outcomes are the same within the tolerance of the solver."""
        mine, theirs = self.value, other.value
        if (mine is None) != (theirs is None):
            return False
        same_value = mine is None or theirs is None or abs(mine - theirs) <= 1e-6 * abs(theirs)
        rest = ("status", "rows", "error_code", "error")
        return same_value and all(getattr(self, each) == getattr(other, each) for each in rest)


@define
class Entry:
    """One submission.

    Attributes
    ----------
    kind
        ``simulation``, ``pipeline``, ``simple_pipeline`` or ``measurement``.
    name
        A name that no other submission has.
    expected
        For each record the keys of the outcomes that are right, in the order of the submission.
    ids
        The records; empty if the reply was lost, so that it may or may not have been stored.
    seen
        Time of the last change of each job when a client saw that it had ended.
    """

    kind: str
    name: str
    expected: list[list[str]]
    ids: list[str] = field(factory=list)
    seen: dict[str, str] = field(factory=dict)

    @property
    def is_certain(self) -> bool:
        """Whether the client knows that it was stored."""
        return bool(self.ids)


class Ledger:
    """All submissions of a run, written by several threads.

    Parameters
    ----------
    on_change
        Called with a line of JSON for each change, so that another process can keep a copy.
    """

    def __init__(self, on_change: Callable[[str], None] = lambda _: None) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._on_change = on_change
        #: What clients saw that they should not have.
        self._findings: Counter[str] = Counter()
        #: Errors that clients may see during a fault, by type and status.
        self.errors: Counter[str] = Counter()

    def put(self, entry: Entry) -> None:
        """Add an entry, or record that it changed."""
        with self._lock:
            self._entries[entry.name] = entry
        self._on_change(json.dumps({"entry": asdict(entry)}))

    def finding(self, text: str) -> None:
        """Record what should not have happened."""
        with self._lock:
            self._findings[text] += 1
        self._on_change(json.dumps({"finding": text}))

    def take_findings(self) -> list[str]:
        """Return the findings since the last call, each once, with how often it was met."""
        with self._lock:
            found, self._findings = self._findings, Counter()
        return [text if count == 1 else f"{text} ({count} times)" for text, count in found.items()]

    def error(self, error: Exception) -> None:
        """Count an error that a client may see during a fault."""
        status = getattr(error, "status_code", None)
        name = f"{type(error).__name__} {status or ''}".rstrip()
        with self._lock:
            self.errors[name] += 1
        self._on_change(json.dumps({"error": name}))

    def copy_line(self, line: str) -> None:
        """Apply a change of another process; an incomplete line of a killed one is ignored."""
        if not line.endswith("\n"):
            return
        change: dict[str, Any] = json.loads(line)
        with self._lock:
            if "entry" in change:
                entry = Entry(**change["entry"])
                self._entries[entry.name] = entry
            elif "finding" in change:
                self._findings[change["finding"]] += 1
            else:
                self.errors[change["error"]] += 1

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first."""
        with self._lock:
            return list(self._entries.values())

    def runs(self, kinds: Iterable[str] = ("simulation",)) -> int:
        """Return the number of records of entries that are known to be stored."""
        wanted = set(kinds)
        return sum(len(each.ids) for each in self.entries() if each.kind in wanted)
