"""``verify`` detects every change of a file that affects the test.

The numbers, words and names of the golden files are changed one at a time, and every change must be
reported, or belong to a class of changes without effect or to a known gap, see `inert_places`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice

import pytest

from tests.unit.ucp.cyclers.export.inert_places import GAPS, INERT, Class, class_of
from tests.unit.ucp.cyclers.export.mutations import (
    WRITTEN,
    Golden,
    Mutation,
    changes,
    distinct,
    undetected,
)

SAMPLE = 12
"""One in so many changes is tried in the fast test."""


def judged(given: Iterable[tuple[Golden, Mutation]]) -> tuple[str, set[Class]]:
    """Return the undetected changes outside all classes as lines, and the classes that occurred."""
    lines: list[str] = []
    used: set[Class] = set()
    for change in undetected(given):
        entry = class_of((*INERT, *GAPS), change.file, change.mutation)
        if entry is None or change.crash:
            lines.append(f"{change.file.name}: {change.mutation} {change.crash}".strip())
        else:
            used.add(entry)
    return "\n".join(lines), used


@pytest.mark.parametrize("target", WRITTEN)
def test_verify_detects_a_sample_of_the_changes(target: str) -> None:
    tried = list(islice(distinct(changes(target)), 0, None, SAMPLE))

    unexplained, _ = judged(tried)

    assert len(tried) >= 80
    assert unexplained == ""


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("targets", sorted({entry.targets for entry in INERT}), ids=" ".join)
def test_verify_detects_every_change_that_affects_the_test(targets: tuple[str, ...]) -> None:
    # The targets of an entry have one reader, so a change that two of them share is tried once.
    every = chain.from_iterable(changes(target) for target in targets)

    unexplained, used = judged(distinct(every))

    assert unexplained == ""
    known = {entry for entry in (*INERT, *GAPS) if entry.targets == targets}
    # A class that no change belongs to is out of date.
    assert sorted(f"{entry.addresses} ({entry.reason})" for entry in known - used) == []
