"""A few of the mutations that `python -m tests.unit.ucp.mutate` runs by the hundred thousand."""

from __future__ import annotations

import pytest

from ionworks.ucp import parse
from tests.unit.ucp import mutate
from tests.unit.ucp.corpus import documents


@pytest.mark.parametrize("text", documents())
def test_mutations_start_from_what_is_valid(text: str) -> None:
    assert mutate.check(text)


@pytest.mark.parametrize("number", range(0, 400, 100))
def test_mutations_give_nothing_but_error_values(number: int) -> None:
    valid = [mutate.check(mutate.mutation(0, index)) for index in range(number, number + 100)]

    # Neither so mild that nothing breaks, nor so wild that nothing is left of the language.
    assert 0 < sum(valid) < len(valid)


def test_a_mutation_is_the_same_each_time() -> None:
    assert mutate.mutation(7, 3) == mutate.mutation(7, 3)
    assert mutate.mutation(7, 3) != mutate.mutation(7, 4)


def test_what_hangs_is_stopped() -> None:
    def hang() -> None:
        with mutate.at_most(0.01):
            while True:
                parse("steps: [End]")

    with pytest.raises(mutate.TooSlow):
        hang()
