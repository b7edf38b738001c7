"""Fields of an element: the forms of their values, and the errors found while they are read.

Every reader takes an `Issues` collector and adds an error for each wrong field instead of stopping
at the first. Checking an element is reading it and returning the errors; running it is reading it
with `strictly`, which raises them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import Any, Final, TypeGuard, TypeVar

from ionworks.engine.cells.specification import is_number

T = TypeVar("T")


MOST_ISSUES: Final = 20
"""Reading ends at this number of errors; each may need a search for a name that was meant."""


class TooManyIssues(Exception):
    """Raised to end the reading of an element at `MOST_ISSUES` errors."""


class Issues:
    """Collects the errors found while an element is read.

    Parameters
    ----------
    where : str
        Prefix of each message, such as ``objective 'voltage': ``.
    messages : list of str, optional
        List to append to; a new one by default.
    """

    def __init__(self, where: str = "", messages: list[str] | None = None) -> None:
        self.messages: list[str] = [] if messages is None else messages
        self._where = where

    def add(self, message: str) -> None:
        """Add an error, once.

        Raises
        ------
        TooManyIssues
            If `MOST_ISSUES` is reached.
        """
        sentence = f"{self._where}{message}"
        if sentence not in self.messages:
            self.messages.append(sentence)
        if len(self.messages) >= MOST_ISSUES:
            raise TooManyIssues

    def within(self, where: str) -> "Issues":
        """Return a collector into the same list whose messages name a place inside this one."""
        return Issues(f"{self._where}{where}: ", self.messages)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Turn a ValueError raised in the block into an error of the element."""
        try:
            yield
        except ValueError as error:
            self.add(str(error))

    def read(self, reader: Callable[..., T], *arguments: Any) -> T | None:
        """Call a reader; if it raises ValueError, add the error and return None."""
        try:
            return reader(*arguments)
        except ValueError as error:
            self.add(str(error))
            return None


def strictly(reader: Callable[..., T | None], *arguments: Any) -> T:
    """Call a reader that takes `Issues` as its last argument, and return its result.

    Raises
    ------
    ValueError
        If it finds errors; the message has all of them.
    """
    issues = Issues()
    found = None
    with suppress(TooManyIssues):
        found = reader(*arguments, issues)
    if issues.messages:
        raise ValueError("; ".join(issues.messages))
    return found  # type: ignore[return-value]  # a reader returns None only with errors


def mapping_of(given: Any, where: str) -> Mapping[str, Any]:
    """Return a mapping, an empty one for null.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    found = given or {}
    if not isinstance(found, Mapping):
        raise ValueError(f"{where} is {given!r}; give a mapping of names to values")
    return found


def known_fields(given: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raise ValueError if a mapping has a field that is not known."""
    for name in given:
        if name not in known:
            raise ValueError(f"{where} has no field {name!r}; it has {', '.join(known)}")


WITHOUT_EFFECT: Final[dict[str, tuple[tuple[Any, ...], str]]] = {
    "objective_parallelism": (
        ("auto",),
        "the candidates of a search run in parallel, its objectives one after the other",
    ),
    "log_to_screen": ((False,), "the progress of a job is stored and not printed"),
    "disp": ((False, 0), "the progress of a job is stored and not printed"),
    "validate": ((True,), "elements are always checked"),
    "skip_objective_callbacks": ((False,), "objectives have no callbacks"),
    "metadata": (({},), "only the columns of data are read"),
    "steps": ((), "steps are those of the column 'Step count'"),
}
"""Fields that change no result of this engine -> their values that ask for nothing, and why."""


def note_without_effect(given: Any, where: str, note: Callable[[str], None]) -> None:
    """Write a note for each field of a mapping that changes no result."""
    for name, (harmless, reason) in WITHOUT_EFFECT.items():
        value = given.get(name) if isinstance(given, Mapping) else None
        # Data frames cannot be compared.
        if value is not None and not (
            isinstance(value, bool | int | str | dict) and value in harmless
        ):
            note(f"{where}: {name!r} has no effect: {reason}")


def is_integer(value: Any) -> TypeGuard[int]:
    """Return whether a value is an integer; True and False are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    """Return whether a value is an integer above 0."""
    return is_integer(value) and value > 0


def are_rising(value: Any) -> bool:
    """Return whether a value is a list of at least two numbers, each above the one before."""
    if not isinstance(value, list | tuple) or len(value) < 2 or not all(map(is_number, value)):
        return False
    return all(low < high for low, high in pairwise(value))


def is_interval(value: Any) -> bool:
    """Return whether a value is a list of two numbers, the lower first."""
    return are_rising(value) and len(value) == 2
