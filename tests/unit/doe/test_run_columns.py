"""Runs as columns are the same runs as one by one."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks import doe
from ionworks.doe.run_columns import Joined, RunColumns, in_pieces

GRID = {
    "sampling": "grid",
    "rows": [
        {"type": "range", "name": "a", "min": 0.1, "max": 0.7, "count": 3},
        {"type": "discrete", "name": "b", "values": [2.0, 3.0]},
        {"type": "range", "name": "c", "min": -1.0, "max": 1.0, "count": 4},
    ],
}
RANDOM = {
    "sampling": "latin_hypercube",
    "count": 24,
    "seed": 5,
    "rows": [
        {"type": "range", "name": "a", "min": 0.0, "max": 1.0},
        {"type": "normal", "name": "b", "mean": 0.0, "std": 1.0},
    ],
}
SHARED = [({"T": 298.15}, 2), ({"T": 313.15, "rate": 1}, 3), ({}, 1)]


@st.composite
def columns(draw):
    names = draw(st.lists(st.sampled_from("abc"), unique=True))
    parameters = st.dictionaries(st.sampled_from("xyz"), st.one_of(st.floats(0, 1), st.just("s")))
    shared = draw(st.lists(st.tuples(parameters, st.integers(0, 3)), max_size=4))
    count = sum(number for _, number in shared)
    values = st.lists(st.floats(-1, 1), min_size=count, max_size=count)
    return RunColumns(shared, {name: draw(values) for name in names})


@pytest.mark.parametrize("design", [GRID, RANDOM])
def test_columns_of_a_design_are_its_runs(design):
    points = doe.Points(design)
    expected = doe.expand(design)

    assert list(points) == expected
    assert len(points) == len(expected) == 24
    for first in range(24):
        for end in range(first + 1, 25):
            found = points.columns(first, end)
            assert found == {
                name: [run[name] for run in expected[first:end]] for name in points.names
            }


def test_random_values_are_the_same_after_pickling():
    points = doe.Points({key: value for key, value in RANDOM.items() if key != "seed"})

    again = pickle.loads(pickle.dumps(points))  # noqa: S301 - its own data

    assert list(again) == list(points)


def test_a_grid_begins_and_ends_at_its_bounds():
    low, high = 5.0e-5, 1.0e-4
    row = {"type": "range", "name": "x", "min": low, "max": high, "count": 1001}

    values = doe.Points({"sampling": "grid", "rows": [row]}).columns(0, 1001)["x"]

    assert (values[0], values[-1]) == (low, high)
    assert all(low <= value <= high for value in values)


def test_runs_as_columns_are_a_sequence_of_runs():
    runs = RunColumns(SHARED, {"a": [float(n) for n in range(6)]})
    expected = [
        {"experiment_parameters": shared, "design_parameters": {"a": float(n)}}
        for n, shared in enumerate([SHARED[0][0]] * 2 + [SHARED[1][0]] * 3 + [SHARED[2][0]])
    ]

    assert list(runs) == expected
    assert len(runs) == 6
    assert [runs[n] for n in range(6)] == expected
    assert runs[-1] == expected[-1]
    assert runs[1:4] == expected[1:4]
    with pytest.raises(IndexError):
        runs[6]


@given(columns(), st.integers(1, 4))
def test_pieces_together_are_all_runs(runs, size):
    pieces = list(in_pieces(runs, size))

    assert [run for piece in pieces for run in piece] == list(runs)
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(isinstance(piece, RunColumns) for piece in pieces)


def test_runs_with_others_are_read_in_pieces_and_pickled():
    others = [{"experiment_parameters": {}, "design_parameters": {"a": 9.0}}]
    runs = RunColumns(SHARED, {"a": [float(n) for n in range(6)]})

    joined = pickle.loads(pickle.dumps(Joined(runs, others)))  # noqa: S301 - its own data

    assert list(joined) == [*runs, *others]
    assert len(joined) == 7
    assert [run for piece in in_pieces(joined, 4) for run in piece] == list(joined)


def test_other_runs_are_read_in_pieces_too():
    assert list(in_pieces(iter(range(5)), 2)) == [[0, 1], [2, 3], [4]]
