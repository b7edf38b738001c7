"""Every field a pipeline accepts, each with a value that has to change the outcome.

A `Table` is one place of a configuration: the fields the code declares for it, and a case for each.
The outcome of a pipeline is its errors, or its whole result with the notes. A field whose case does
not change the outcome is accepted and not read; a field without a case has been added and not
considered. `unread` finds both.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from attrs import frozen

from ionworks.engine import fitting

Elements = Mapping[str, Any]


@frozen(eq=False)
class Table:
    """The fields of one place of a configuration.

    Attributes
    ----------
    fields : callable
        Returns the fields the code declares now.
    place : callable
        Takes fields and their values, returns the elements that have them.
    cases : mapping
        Field -> a value, or a `Case`.
    """

    fields: Callable[[], Iterable[str]]
    place: Callable[[Mapping[str, Any]], Elements]
    cases: Mapping[str, Any]

    def unread(self) -> set[str]:
        """Return the fields that have no case, or whose case does not change the outcome."""
        return {field for field in self.fields() if not self._is_read(field)}

    def elements(self) -> list[Elements]:
        """Return the elements of every case."""
        return [self.place({**case.beside, field: case.value}) for field, case in self._all()]

    def _all(self) -> Iterable[tuple[str, "Case"]]:
        for field, given in self.cases.items():
            yield field, given if isinstance(given, Case) else Case(given)

    def _is_read(self, field: str) -> bool:
        case = dict(self._all()).get(field)
        if case is None:
            return False
        changed = outcome(self.place({**case.beside, field: case.value}))
        return changed != outcome(self.place(case.beside))


@frozen(eq=False)
class Case:
    """A value of a field, and the fields beside it without which it has no meaning."""

    value: Any
    beside: Mapping[str, Any] = {}


def outcome(elements: Elements) -> str:
    """Return the errors of a pipeline, else its result, as text."""
    return _outcome(json.dumps(elements))


@cache
def _outcome(text: str) -> str:
    elements = json.loads(text)
    found: Any = fitting.check_elements(elements)
    if not found:
        try:
            result = fitting.run_pipeline(elements, {})
            # The digest in it is that of all fields, also of those without effect.
            found = {name: part for name, part in result.items() if name != "provenance"}
        except fitting.PipelineError as error:
            found = str(error)
    return json.dumps(found)


Place = tuple[str | int, ...]


def mappings(value: Any, place: Place = ()) -> Iterable[tuple[Place, Any]]:
    """Yield each mapping in a configuration, with the keys and indices that lead to it."""
    if isinstance(value, Mapping):
        yield place, value
        for key, part in value.items():
            yield from mappings(part, (*place, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from mappings(part, (*place, index))


def with_unknown(value: Any, place: Place) -> Any:
    """Return a configuration with an unknown field in the mapping at a place."""
    if not place:
        return {**value, "unheard of": 1}
    changed = list(value) if isinstance(value, list) else dict(value)
    changed[place[0]] = with_unknown(value[place[0]], place[1:])  # type: ignore[index]
    return changed
