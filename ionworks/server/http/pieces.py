"""Pieces of a large body, in which its errors are found a few at a time.

The validator collects all errors of what it is given, and an error takes kilobytes: those of a
hundred thousand wrong rows would take a gigabyte. So an invalid body is checked in pieces that have
at most `SIZE` members of any list or object, until enough errors are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from attrs import field, frozen

#: Most members of a list or object in a piece.
SIZE = 64

Path = tuple[str | int, ...]


@frozen
class Piece:
    """Some members of one list or object of a body, in the form of the whole body.

    Attributes
    ----------
    value
        The body, cut.
    path
        Place of the list or object in the body.
    place
        Its place in `value`.
    start
        Index in the body of the first of its members; 0 for an object.
    cut
        Places in the body of what is cut: errors of their size are none of the body.
    """

    value: Any
    path: Path = ()
    place: Path = ()
    start: int = 0
    cut: set[Path] = field(factory=set)

    def locate(self, path: Sequence[str | int]) -> Path | None:
        """Return the place in the body of an error of the piece; None if it is of another piece."""
        depth = len(self.place)
        if tuple(path[:depth]) != self.place:
            return None
        inner = tuple(path[depth:])
        if inner and isinstance(inner[0], int):
            inner = (inner[0] + self.start, *inner[1:])
        found = (*self.path, *inner)
        return None if found in self.cut else found


def pieces(body: Any) -> Iterator[Piece]:
    """Yield the pieces of a body: first its shape, then the other members of what is long."""
    cut: set[Path] = set()
    yield Piece(_cut(body, (), cut), cut=cut)
    for path, members in _long(body, ()) if isinstance(body, dict | list) else ():
        frames = list(_frames(body, path))
        place = tuple(key for _, key in frames)
        keys = list(members) if isinstance(members, dict) else []
        for start in range(SIZE, len(members), SIZE):
            cut = {path}
            inside: Any
            if isinstance(members, dict):
                inside = {
                    key: _cut(members[key], (*path, key), cut) for key in keys[start : start + SIZE]
                }
            else:
                inside = [
                    _cut(member, (*path, start + number), cut)
                    for number, member in enumerate(members[start : start + SIZE])
                ]
            first = 0 if keys else start
            yield Piece(_wrapped(inside, frames), path, place, first, cut)


def _nested(value: dict[str, Any] | list[Any]) -> list[tuple[str | int, Any]]:
    """Return the lists and objects that are members of one, with their keys."""
    if isinstance(value, dict):
        return [(key, each) for key, each in value.items() if isinstance(each, dict | list)]
    return [(index, each) for index, each in enumerate(value) if isinstance(each, dict | list)]


def _cut(value: Any, path: Path, cut: set[Path]) -> Any:
    """Return a value with at most `SIZE` members of each list and object; add what was cut."""
    if not isinstance(value, dict | list):
        return value
    kept: Any = value
    if len(value) > SIZE:
        cut.add(path)
        kept = dict(islice(value.items(), SIZE)) if isinstance(value, dict) else value[:SIZE]
    for key, member in _nested(kept):
        shorter = _cut(member, (*path, key), cut)
        if shorter is not member:
            kept = kept.copy() if kept is value else kept
            kept[key] = shorter
    return kept


def _long(value: dict[str, Any] | list[Any], path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield every list and object of a body with more than `SIZE` members, and its place."""
    if len(value) > SIZE:
        yield path, value
    for key, member in _nested(value):
        # Most members are short and hold no others.
        if len(member) > SIZE or _nested(member):
            yield from _long(member, (*path, key))


def _frames(body: Any, path: Path) -> Iterator[tuple[Any, str | int]]:
    """Yield what surrounds a place, outermost first, and where the next one is in it.

    Of what is long only the one member is kept.
    """
    around = body
    for number, key in enumerate(path):
        member = around[key]
        if len(around) <= SIZE:
            yield _cut(around, path[:number], set()), key
        elif isinstance(around, dict):
            yield {key: None}, key
        else:
            yield [None], 0
        around = member


def _wrapped(inside: Any, frames: Sequence[tuple[Any, str | int]]) -> Any:
    """Return members in the form of the whole body."""
    for frame, key in reversed(frames):
        around = frame.copy()
        around[key] = inside
        inside = around
    return inside
