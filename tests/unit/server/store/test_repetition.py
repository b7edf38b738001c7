"""Which failures of a transaction are repeated, and when it excludes other writers."""

import psycopg
import pytest
import sqlalchemy as sa

from ionworks.server.store.repetition import excludes_others, repeatable

CONFLICT = psycopg.errors.SerializationFailure
TAKEN = psycopg.errors.UniqueViolation


def failing(*errors):
    """Return a function that fails with these errors, one after the other, and what it saw."""
    seen = []
    left = list(errors)

    @repeatable
    def write():
        seen.append(excludes_others())
        if left:
            raise sa.exc.DBAPIError("COMMIT", {}, left.pop(0)())
        return "written"

    return write, seen


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([], [False]),
        ([CONFLICT], [False] * 2),
        ([psycopg.errors.DeadlockDetected] * 3, [False] * 4),
        ([CONFLICT] * 4, [False] * 4 + [True]),
        # The check in the transaction finds next time what it did not see.
        ([TAKEN], [False, True]),
        ([CONFLICT, TAKEN], [False, False, True]),
    ],
)
def test_conflicts_are_repeated_and_the_last_attempt_excludes_others(errors, expected):
    write, seen = failing(*errors)

    assert write() == "written"
    assert seen == expected
    assert excludes_others()


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([CONFLICT] * 5, [False] * 4 + [True]),
        ([TAKEN] * 2, [False, True]),
        ([psycopg.errors.AdminShutdown], [False]),
        ([psycopg.errors.UndefinedTable], [False]),
    ],
)
def test_other_failures_and_the_last_one_are_raised(errors, expected):
    write, seen = failing(*errors)

    with pytest.raises(sa.exc.DBAPIError) as caught:
        write()

    assert isinstance(caught.value.orig, errors[-1])
    assert seen == expected
    assert excludes_others()


def test_a_function_inside_another_one_is_repeated_alone():
    inner, seen = failing(*[CONFLICT] * 4)
    calls = []

    @repeatable
    def outer():
        calls.append(excludes_others())
        inner()
        calls.append(excludes_others())

    outer()

    assert calls == [False, False]
    assert seen == [False] * 4 + [True]
