"""Runs that the service answered with one receipt: records that take little memory each.

A submission may have a million runs. What they share is stored once, and ids are made when they are
asked for.
"""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections import deque
from contextlib import contextmanager
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeGuard, TypeVar

import attrs

from ionworks.records.record import Record
from ionworks.records.simulation import (
    SettledSimulation,
    Simulation,
    SimulationResponse,
    SimulationStatus,
    messages,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = [
    "EndedRun",
    "Ending",
    "RunStatus",
    "SharedStatus",
    "Submission",
    "SubmittedRun",
    "are_runs",
    "made_together",
    "run_of",
]

_PREFIX: Final = 24
_Record = TypeVar("_Record", bound=Record)
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@contextmanager
def made_together() -> Iterator[None]:
    """Collect no garbage while very many records are made.

    None of them is garbage yet, but each collection would look through those made so far.
    """
    is_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_enabled:
            gc.enable()


@attrs.frozen
class Submission:
    """What the runs of a submission share.

    Attributes
    ----------
    id : str
        Its id, of which the ids of the runs are made as the contract describes.
    count : int
        Number of runs.
    protocol_id : str or None
        Id of the saved protocol they run.
    seed : int or None
        Seed of the random values of the design.
    notes : list of dict
        Those of runs in sequence, each with ``first``, ``count`` and ``notes``, in the order of the
        runs.
    """

    id: str
    count: int
    protocol_id: str | None = None
    seed: int | None = None
    notes: list[Mapping[str, Any]] = attrs.field(factory=list, repr=False)

    @classmethod
    def of_receipt(cls, receipt: Mapping[str, Any], protocol_id: str | None) -> Submission:
        """Make a submission of a receipt, which does not name the protocol."""
        return cls(
            receipt["submission_id"],
            receipt["count"],
            protocol_id,
            receipt.get("seed"),
            receipt.get("notes") or [],
        )

    def runs(self) -> list[SimulationResponse]:
        """Return one record for each run, in their order."""
        with made_together():
            return SubmittedRun.of_many(self, range(self.count))

    def simulation_id(self, index: int) -> str:
        """Return the id of the simulation with an index, counted from 0."""
        return f"{self.id[:_PREFIX]}0{index:011x}"

    def job_id(self, index: int) -> str:
        """Return the id of the job with an index, counted from 0."""
        return f"{self.id[:_PREFIX]}1{index:011x}"

    def notes_of(self, index: int) -> list[str]:
        """Return the notes of the run with an index."""
        place = bisect_right(self.notes, index, key=lambda each: each["first"]) - 1
        if place < 0 or index >= self.notes[place]["first"] + self.notes[place]["count"]:
            return []
        return messages(self.notes[place]["notes"]) or []


class _OneOfMany(Record):
    """A record whose fields are made when they are read, from what many runs share.

    The slots of the fields stay unset, so that reading one calls ``__getattr__``. Subclasses have
    the slots ``shared`` and ``index``, and say how each field is made.
    """

    __slots__ = ()

    _made: ClassVar[Mapping[str, Callable[[Any, int], Any]]]
    _plain: ClassVar[type[Record]]

    def __getattr__(self, name: str) -> Any:
        if name == "_extra":
            return _NOTHING
        make = self._made.get(name)
        return super().__getattr__(name) if make is None else make(self.shared, self.index)

    @classmethod
    def _kind(cls) -> str:
        return cls._plain.__name__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, self._plain):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self._whole())

    def __reduce__(self) -> tuple[Any, ...]:
        return self._plain.from_dict, (self.to_dict(),)

    def _whole(self) -> Record:
        return self._plain.from_dict(self.to_dict())


class SubmittedRun(_OneOfMany, SimulationResponse):
    """The response to one run of a submission."""

    __slots__ = ("index", "shared")

    _plain = SimulationResponse
    _made: ClassVar[Mapping[str, Callable[[Submission, int], Any]]] = {
        "simulation_id": Submission.simulation_id,
        "job_id": Submission.job_id,
        "protocol_id": lambda submission, _: submission.protocol_id,
        "already_existed": lambda *_: False,
        "seed": lambda submission, _: submission.seed,
        "notes": Submission.notes_of,
    }

    def __init__(self, shared: Submission, index: int) -> None:
        _set_shared(self, shared)
        _set_index(self, index)

    @classmethod
    def of_many(cls, shared: Submission, indexes: Sequence[int]) -> list[SimulationResponse]:
        """Return the responses to many runs, without a call of Python code for each."""
        return _of_many(cls, (_set_shared, shared), (_set_index, indexes))


def are_runs(references: Sequence[Any]) -> TypeGuard[Sequence[SubmittedRun]]:
    """Return whether all are runs of submissions; much faster than to look at each."""
    return {*map(type, references)} <= {SubmittedRun}


@attrs.frozen(eq=False)
class SharedStatus:
    """The status of runs in sequence; the fields are those of `SimulationStatus`."""

    submission: Submission
    status: str | None = None
    error: str | None = None
    error_code: str | None = None
    delay_reason: str | None = None
    updated_at: str | None = None


class RunStatus(_OneOfMany, SimulationStatus):
    """The status of one run of a submission."""

    __slots__ = ("index", "shared")

    _plain = SimulationStatus
    _made: ClassVar[Mapping[str, Callable[[SharedStatus, int], Any]]] = {
        "simulation_id": lambda shared, index: shared.submission.simulation_id(index),
        "status": lambda shared, _: shared.status,
        "error": lambda shared, _: shared.error,
        "error_code": lambda shared, _: shared.error_code,
        "delay_reason": lambda shared, _: shared.delay_reason,
        "updated_at": lambda shared, _: shared.updated_at,
        "phase": lambda *_: None,
        "progress": lambda *_: None,
    }

    @classmethod
    def of_many(cls, shared: SharedStatus, indexes: Sequence[int]) -> list[RunStatus]:
        """Return the statuses of runs that are equal, without a call of Python code for each."""
        return _of_many(cls, (_set_shared_status, shared), (_set_index_of_status, indexes))


@attrs.frozen(eq=False)
class Ending:
    """How runs of a submission have ended.

    Attributes
    ----------
    submission : Submission
    status : str
    error, error_code : str or None
        Why they failed.
    load : callable
        Fetches the full record of a simulation by its id.
    """

    submission: Submission
    status: str
    error: str | None
    error_code: str | None
    load: Callable[[str], Simulation] = attrs.field(repr=False)


class EndedRun(SettledSimulation):
    """A run of a submission that has ended and whose full record is fetched on first access."""

    __slots__ = ("_ending", "_index")

    def __init__(self, ending: Ending, index: int) -> None:
        _set_ending(self, ending)
        _set_index_of_ended(self, index)

    def __getattr__(self, name: str) -> Any:
        # Callers filter very many records by these, so they are read without a dictionary.
        if name in _OF_ENDING:
            return getattr(self._ending, name)
        if name in _KNOWN_OF_ENDED:
            return self._known()[name]
        return super().__getattr__(name)

    @property
    def run(self) -> SubmittedRun:
        """The response to its submission."""
        return SubmittedRun(self._ending.submission, self._index)

    def has_known(self, name: str) -> bool:
        """Whether a field can be read without a request."""
        return name in _KNOWN_OF_ENDED or super().has_known(name)

    def _known(self) -> dict[str, Any]:
        ending, index = self._ending, self._index
        return {
            **super()._known(),
            "id": ending.submission.simulation_id(index),
            "job_id": ending.submission.job_id(index),
            "status": ending.status,
            "delay_reason": None,
            "error": ending.error,
            "error_code": ending.error_code,
        }

    def _full(self) -> Simulation:
        ending: Ending = self._ending
        return ending.load(self.id)


def _of_many(
    kind: type[_Record],
    shared: tuple[Callable[[Any, Any], None], Any],
    indexes: tuple[Callable[[Any, Any], None], Sequence[int]],
) -> list[_Record]:
    """Return records whose slots are set by the first of each pair, to the same and to each."""
    set_shared, value = shared
    set_index, values = indexes
    found = [*map(object.__new__, repeat(kind, len(values)))]
    deque(map(set_shared, found, repeat(value)), maxlen=0)
    deque(map(set_index, found, values), maxlen=0)
    return found


def run_of(reference: object) -> SubmittedRun | None:
    """Return the run of a submission that a record is about, None if that is not known."""
    match reference:
        case SubmittedRun():
            return reference
        case RunStatus():
            return SubmittedRun(reference.shared.submission, reference.index)
        case EndedRun():
            return reference.run
    return None


_OF_ENDING: Final = frozenset(("status", "error", "error_code"))
_KNOWN_OF_ENDED: Final = frozenset(
    ("id", "job_id", "status", "delay_reason", "error", "error_code")
)

# Records are frozen. Through its descriptor a slot is set twice as fast as by object.__setattr__.
_set_shared: Final = SubmittedRun.__dict__["shared"].__set__
_set_index: Final = SubmittedRun.__dict__["index"].__set__
_set_shared_status: Final = RunStatus.__dict__["shared"].__set__
_set_index_of_status: Final = RunStatus.__dict__["index"].__set__
_set_ending: Final = EndedRun.__dict__["_ending"].__set__
_set_index_of_ended: Final = EndedRun.__dict__["_index"].__set__
