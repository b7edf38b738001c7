"""A small sample of the mutations of `python -m tests.unit.ucp.mutate`."""

from __future__ import annotations

import pytest

from tests.unit.ucp import mutate
from tests.unit.ucp.corpus import documents


@pytest.mark.parametrize("text", documents())
def test_the_seeds_of_mutations_are_valid(text: str) -> None:
    assert mutate.check(text)


@pytest.mark.parametrize("number", range(0, 400, 100))
def test_mutations_give_error_values(number: int) -> None:
    valid = [mutate.check(mutate.mutation(0, index)) for index in range(number, number + 100)]

    # Some mutations must break a document and some must not.
    assert 0 < sum(valid) < len(valid)


def test_a_mutation_is_reproducible() -> None:
    assert mutate.mutation(7, 3) == mutate.mutation(7, 3)
    assert mutate.mutation(7, 3) != mutate.mutation(7, 4)


def test_a_hang_is_interrupted() -> None:
    def hang() -> None:
        with mutate.at_most(0.01):
            # Only plain code: raised inside a finalizer, the exception would be ignored.
            while True:
                pass

    with pytest.raises(mutate.TooSlow):
        hang()
