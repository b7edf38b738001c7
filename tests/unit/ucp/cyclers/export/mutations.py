"""Changing a cycler file in one place, and reading it back as ``verify=True`` does.

A number gets another last digit, another first digit, ten times its value and the other sign; a
word loses a letter to another one, or is removed, or replaced by the words that stand at such
places in other files; a value is emptied; a name is removed together with what it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen

from ionworks import ucp
from ionworks.ucp.cyclers.plan import Plan
from ionworks.ucp.cyclers.read import verify
from tests.unit.ucp.cyclers.export.golden import EC_LAB, FOLDER, rendered
from tests.unit.ucp.cyclers.export.places import PLACES, Place, field_of, vocabulary
from tests.unit.ucp.cyclers.export.protocols import CASES, TARGETS

WRITTEN = (*TARGETS, EC_LAB)
_TOKEN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|[^\W\d_]+")
_REPLACEMENTS = 6


@frozen
class Golden:
    """A golden file, and what ``verify`` was given for it."""

    name: str
    target: str
    content: bytes
    encoding: str
    asset: str
    arguments: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Return the text that is changed: of the file, or of the waveform that belongs to it."""
        content = self.assets[self.asset] if self.asset else self.content
        return content.decode(self.encoding)

    @property
    def assets(self) -> Mapping[str, bytes]:
        """Return the waveforms that belong to the file."""
        found: Mapping[str, bytes] = self.arguments["assets"]
        return found

    @property
    def places(self) -> list[Place]:
        """Return the places of the text."""
        return list(PLACES["waveform" if self.asset else self.target](self.text))

    def verify(self, changed: str) -> None:
        """Do what ``verify=True`` does with a changed text."""
        given = dict(self.arguments)
        content, assets = self.content, dict(given.pop("assets"))
        if self.asset:
            assets[self.asset] = changed.encode(self.encoding)
        else:
            content = changed.encode(self.encoding)
        plan, target = given.pop("plan"), given.pop("target")
        verify(plan, target, content, assets, **given)


@frozen
class Mutation:
    """A place with its old and new text; the new text is None where the whole place is removed."""

    place: Place
    old: str
    new: str | None
    how: str

    def apply(self, text: str) -> str:
        """Return the changed file."""
        if self.new is None:
            assert self.place.whole is not None
            start, end = self.place.whole
            return text[:start] + text[end:]
        for start, end in reversed(self.place.ranges):
            new = self.new.ljust(self.place.width)
            text = text[:start] + new + text[end:]
        return text

    def __str__(self) -> str:
        new = "removed" if self.new is None else f"-> {self.new.strip()!r}"
        return f"{self.place.address}: {self.old.strip()!r} {new}"


def goldens(target: str) -> list[Golden]:
    """Return the golden files of a target, and the waveforms that belong to them."""
    found: list[Golden] = []
    for name in CASES:
        asked: dict[str, Any] = {}

        def remember(
            plan: Plan, target: str, content: bytes, assets: Any, *, into: Any = asked, **given: Any
        ) -> None:
            into.update(plan=plan, target=target, content=content, assets=assets, **given)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ionworks.ucp.cyclers.read.verify", remember)
            files = rendered(name, target)
        if not asked:
            continue
        content = asked.pop("content")
        encoding = "cp1252" if asked["target"] == "biologic" else "utf-8"
        encoding = "latin-1" if asked["target"].startswith("arbin") else encoding
        for filename, data in files.items():
            assert data == (FOLDER / name / filename).read_bytes()
            asset = filename if filename in asked["assets"] else ""
            found.append(Golden(name, target, content, encoding, asset, asked))
    return found


def mutations(
    text: str, places: Sequence[Place], words: Mapping[str, list[str]]
) -> Iterator[Mutation]:
    """Yield every change of every place."""
    for place in places:
        start, end = place.ranges[0]
        old = text[start:end]
        seen: set[str | None] = {old.strip()}
        for how, new in _changed(place, old, words):
            key = None if new is None else new.strip()
            if key in seen or (place.width and new and len(new.rstrip()) > place.width):
                continue
            seen.add(key)
            yield Mutation(place, old, new, how)


def _changed(
    place: Place, old: str, words: Mapping[str, list[str]]
) -> Iterator[tuple[str, str | None]]:
    if place.is_name:
        yield "removed", None
    bare = old.strip()
    before = old[: len(old) - len(old.lstrip())]
    after = old[len(old.rstrip()) :] if not place.width else ""
    if place.is_name and place.is_word:
        yield "letter", before + bare[:-1] + ("x" if bare[-1] != "x" else "y") + after
    else:
        for token in _TOKEN.finditer(bare):
            for how, new in _tokens(token[0]):
                yield how, before + bare[: token.start()] + new + bare[token.end() :] + after
        if bare:
            yield "emptied", ""
    same = words[field_of(place)]
    at = same.index(bare)
    for other in [*same[at + 1 :], *same[:at]][:_REPLACEMENTS]:
        yield "replaced", before + other + after


def _tokens(token: str) -> Iterator[tuple[str, str]]:
    """Yield changes of a number, all of which change its value, or of a word."""
    if not token[-1].isdecimal():
        yield "letter", token[:-1] + ("x" if token[-1] != "x" else "y")
        yield "word emptied", ""
        return
    value = Decimal(token)
    changed = {
        "last digit": token[:-1] + str((int(token[-1]) + 1) % 10),
        "first digit": re.sub("[1-9]", lambda found: str(int(found[0]) % 9 + 1), token, count=1),
        "ten times": f"{value * 10:f}",
        "sign": token[1:] if token.startswith("-") else f"-{token}",
    }
    yield from ((how, new) for how, new in changed.items() if Decimal(new) != value)


@frozen
class Undetected:
    """A change that ``verify`` accepts, in the file in which it was made."""

    file: Golden
    mutation: Mutation
    crash: str = ""


def changes(target: str) -> Iterator[tuple[Golden, Mutation]]:
    """Yield every change of every golden file of a target."""
    files = goldens(target)
    words = vocabulary([(file.text, file.places) for file in files])
    for file in files:
        for mutation in mutations(file.text, file.places, words):
            yield file, mutation


def distinct(given: Iterable[tuple[Golden, Mutation]]) -> Iterator[tuple[Golden, Mutation]]:
    """Yield of equal changes at places with one address only the first.

    Two protocols are kept apart: in one the safety limit is beyond the end of its only step, the
    other ends with a loop. Files written into a settings file of EC-Lab are kept apart too, because
    that file sets safety limits itself.
    """
    seen: set[tuple[str, str, str | None, str, bool]] = set()
    for file, mutation in given:
        apart = file.name if file.name in ("one_limit", "inputs") else ""
        key = mutation.place.address, mutation.old, mutation.new, apart, file.target == EC_LAB
        if key not in seen:
            seen.add(key)
            yield file, mutation


def undetected(given: Iterable[tuple[Golden, Mutation]]) -> Iterator[Undetected]:
    """Verify every changed file, and yield the changes that are not reported."""
    for file, mutation in given:
        try:
            file.verify(mutation.apply(file.text))
        except ucp.UCPError:
            continue
        except Exception as error:  # noqa: BLE001  any other error is one of the reader
            yield Undetected(file, mutation, repr(error))
        else:
            yield Undetected(file, mutation)
