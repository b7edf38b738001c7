"""Designs of experiments: exact counts, reproducible draws, and stratification."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks import doe

NUMBERS = st.floats(min_value=-1e6, max_value=1e6)
COUNTS = st.integers(min_value=1, max_value=6)
DISCRETE = st.fixed_dictionaries(
    {"type": st.just("discrete"), "values": st.lists(NUMBERS, min_size=1, max_size=5)}
)
RANGE = st.builds(
    lambda low, span, count: {"type": "range", "min": low, "max": low + span, "count": count},
    NUMBERS,
    st.floats(min_value=0.5, max_value=1e6),
    COUNTS,
)
NORMAL = st.fixed_dictionaries(
    {
        "type": st.just("normal"),
        "mean": NUMBERS,
        "std": st.floats(min_value=0, max_value=1e6),
        "count": COUNTS,
    }
)


@st.composite
def designs(draw: st.DrawFn) -> dict[str, Any]:
    rows = draw(st.lists(st.one_of(DISCRETE, RANGE, NORMAL), min_size=1, max_size=3))
    for index, row in enumerate(rows):
        row["name"] = f"parameter {index}"
    design: dict[str, Any] = {"sampling": draw(st.sampled_from(doe.SAMPLINGS)), "rows": rows}
    if design["sampling"] != "grid":
        design["count"] = draw(COUNTS)
    return design


@given(designs())
def test_the_count_is_the_number_of_runs(design: dict[str, Any]) -> None:
    runs = doe.expand(design)

    assert len(runs) == doe.count(design)
    assert all(list(run) == [row["name"] for row in design["rows"]] for run in runs)
    assert all(math.isfinite(value) for run in runs for value in run.values())


@given(designs(), st.integers(min_value=0, max_value=2**63 - 1))
def test_a_seed_repeats_the_runs(design: dict[str, Any], seed: int) -> None:
    assert doe.expand(design | {"seed": seed}) == doe.expand(design | {"seed": seed})


@given(st.integers(min_value=1, max_value=60), st.integers(min_value=0, max_value=2**63 - 1))
def test_latin_hypercube_puts_one_run_into_each_stratum(count: int, seed: int) -> None:
    design = {
        "sampling": "latin_hypercube",
        "count": count,
        "seed": seed,
        "rows": [
            {"type": "range", "name": "x", "min": 0.0, "max": 1.0},
            {"type": "normal", "name": "z", "mean": 0.0, "std": 1.0},
        ],
    }

    runs = doe.expand(design)

    strata = sorted(min(int(run["x"] * count), count - 1) for run in runs)
    assert strata == list(range(count))
    probabilities = sorted(0.5 * (1 + math.erf(run["z"] / math.sqrt(2))) for run in runs)
    for index, probability in enumerate(probabilities):
        assert index / count - 1e-9 <= probability <= (index + 1) / count + 1e-9


@given(st.integers(min_value=1, max_value=40), st.integers(min_value=1, max_value=7))
def test_latin_hypercube_uses_discrete_values_equally(count: int, values: int) -> None:
    row = {"type": "discrete", "name": "x", "values": list(range(values))}
    runs = doe.expand({"sampling": "latin_hypercube", "count": count, "rows": [row]})

    uses = Counter({float(value): 0 for value in range(values)})
    uses.update(run["x"] for run in runs)
    assert max(uses.values()) - min(uses.values()) <= 1


def test_a_grid_is_the_product_with_the_last_row_fastest() -> None:
    design = {
        "sampling": "grid",
        "rows": [
            {"type": "discrete", "name": "a", "values": [1, 2]},
            {"type": "range", "name": "b", "min": 0.0, "max": 1.0, "count": 3},
        ],
    }

    assert doe.expand(design) == [{"a": a, "b": b} for a in (1.0, 2.0) for b in (0.0, 0.5, 1.0)]


def test_a_range_of_one_value_is_its_lower_end() -> None:
    row = {"type": "range", "name": "b", "min": 3.0, "max": 4.0, "count": 1}

    assert doe.expand({"sampling": "grid", "rows": [row]}) == [{"b": 3.0}]


def test_a_very_wide_range_does_not_overflow() -> None:
    row = {"type": "range", "name": "b", "min": -1.7e308, "max": 1.7e308, "count": 3}

    values = [run["b"] for run in doe.expand({"sampling": "grid", "rows": [row]})]

    assert values == [-1.7e308, 0.0, 1.7e308]


def test_another_row_does_not_change_the_values_of_the_first() -> None:
    first = {"type": "normal", "name": "x", "mean": 0, "std": 1}
    second = {"type": "range", "name": "y", "min": 0, "max": 1}
    design = {"sampling": "latin_hypercube", "count": 5, "seed": 3}

    alone = [run["x"] for run in doe.expand(design | {"rows": [first]})]
    together = [run["x"] for run in doe.expand(design | {"rows": [second, first]})]

    assert alone == together


def test_different_seeds_differ_and_so_do_unseeded_calls() -> None:
    row = {"type": "range", "name": "x", "min": 0, "max": 1}
    design = {"sampling": "random", "count": 3, "rows": [row]}

    drawn = [
        doe.expand(each) for each in (design, design, design | {"seed": 1}, design | {"seed": 2})
    ]

    assert len({str(runs) for runs in drawn}) == 4


@pytest.mark.parametrize(
    ("design", "runs"),
    [
        ({"sampling": "random", "rows": [{"type": "discrete", "name": "x", "values": [1]}]}, 1),
        (
            {
                "sampling": "latin_hypercube",
                "rows": [{"type": "range", "name": "x", "min": 0, "max": 1, "count": 5}],
            },
            5,
        ),
        (
            {
                "sampling": "random",
                "count": 2,
                "rows": [{"type": "range", "name": "x", "min": 0, "max": 1, "count": 5}],
            },
            2,
        ),
        (
            {
                "sampling": "random",
                "rows": [
                    {"type": "range", "name": "x", "min": 0, "max": 1, "count": 1},
                    {"type": "normal", "name": "y", "mean": 0, "std": 1, "count": 4},
                ],
            },
            4,
        ),
    ],
    ids=["no count", "count of a row", "count of the design", "one row counts"],
)
def test_counts_outside_a_grid(design: dict[str, Any], runs: int) -> None:
    assert doe.count(design) == len(doe.expand(design)) == runs


def test_numpy_becomes_plain_python() -> None:
    design = doe.normalise(
        {
            "sampling": "grid",
            "rows": [
                {"type": "discrete", "name": "x", "values": np.linspace(0, 1, 3)},
                {
                    "type": "range",
                    "name": "y",
                    "min": np.float32(0),
                    "max": np.int64(2),
                    "count": np.int32(2),
                },
            ],
            "seed": None,
        }
    )

    values = [*design["rows"][0]["values"], *list(design["rows"][1].values())[2:]]
    assert {type(value) for value in values} == {float, int}
    assert type(design["rows"][1]["count"]) is int
    assert "seed" not in design


def test_design_parameters_are_a_grid_of_one_run() -> None:
    design = doe.from_design_parameters({"x": 1, "y": 2.5})

    assert design == {
        "sampling": "grid",
        "rows": [
            {"type": "discrete", "name": "x", "values": [1.0]},
            {"type": "discrete", "name": "y", "values": [2.5]},
        ],
    }
    assert doe.expand(design) == [{"x": 1.0, "y": 2.5}]


D = {"type": "discrete", "name": "x", "values": [1.0]}
R = {"type": "range", "name": "x", "min": 0.0, "max": 1.0, "count": 3}
N = {"type": "normal", "name": "x", "mean": 0.0, "std": 1.0, "count": 3}


def grid(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"sampling": "grid", "rows": list(rows), **more}


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


@pytest.mark.parametrize(
    ("design", "kind", "words"),
    [
        ([D], TypeError, "must be a mapping"),
        ({"rows": [D]}, ValueError, "sampling is missing: give one of grid, random"),
        ({"sampling": "sobol", "rows": [D]}, ValueError, "valid: grid, random, latin_hypercube"),
        ({"sampling": "Grid", "rows": [D]}, ValueError, "did you mean 'grid'"),
        ({"sampling": 1, "rows": [D]}, TypeError, "sampling must be one of"),
        ({"sampling": "grid"}, ValueError, "rows is missing"),
        (grid(), ValueError, "rows is empty"),
        ({"sampling": "grid", "rows": D}, TypeError, "rows must be a list"),
        (grid(D, samplign=1), ValueError, "unknown key 'samplign' (did you mean 'sampling'?)"),
        (grid("x"), TypeError, "rows[0] must be a mapping"),
        (grid(without(D, "type")), ValueError, "rows[0].type is missing"),
        (grid(D | {"type": "zzz"}), ValueError, "valid: discrete, range, normal"),
        (grid(D | {"valeus": [1]}), ValueError, "did you mean 'values'"),
        (grid(D | {"min": 1}), ValueError, "rows[0].min is not a field of a row of type 'disc"),
        (grid(without(D, "name")), ValueError, "rows[0].name is missing"),
        (grid(D | {"name": " "}), ValueError, "rows[0].name is empty"),
        (grid(D | {"name": 3}), TypeError, "rows[0].name must be text"),
        (grid(D, D), ValueError, "rows[1].name 'x' occurs twice"),
        (grid(without(D, "values")), ValueError, "rows[0].values is missing"),
        (grid(D | {"values": []}), ValueError, "rows[0].values is empty"),
        (grid(D | {"values": 1.0}), TypeError, "rows[0].values must be a list"),
        (grid(D | {"values": "12"}), TypeError, "rows[0].values must be a list"),
        (grid(D | {"values": {1.0}}), TypeError, "rows[0].values must be a list"),
        (grid(D | {"values": [1, math.nan]}), ValueError, "values[1] must be a finite number"),
        (grid(D | {"values": [math.inf]}), ValueError, "values[0] must be a finite number"),
        (grid(D | {"values": [10**400]}), ValueError, "values[0] must be a finite number"),
        (grid(D | {"values": [True]}), TypeError, "values[0] must be a number, not True"),
        (grid(D | {"values": ["1"]}), TypeError, "values[0] must be a number, not '1'"),
        (grid(without(R, "min")), ValueError, "rows[0].min is missing"),
        (grid(without(R, "count")), ValueError, "rows[0].count is missing: in a grid"),
        (grid(R | {"min": 1.0}), ValueError, "must be below"),
        (grid(R | {"min": 2.0}), ValueError, "for a single value use a row of type 'discrete'"),
        (grid(R | {"count": 0}), ValueError, "rows[0].count must be at least 1, not 0"),
        (grid(R | {"count": 2.5}), ValueError, "rows[0].count must be a whole number"),
        (grid(R | {"count": True}), TypeError, "rows[0].count must be a whole number, not True"),
        (grid(N | {"std": -1}), ValueError, "rows[0].std must not be negative"),
        (grid(N | {"std": 1e308}), ValueError, "too large to draw finite values"),
        (grid(D, count=2), ValueError, "count is 2, but the grid has 1 runs"),
        (grid(D, count=0), ValueError, "count must be at least 1"),
        (grid(D, seed=-1), ValueError, "seed must be at least 0"),
        (
            grid(D, seed=2**63),
            ValueError,
            "seed must be at least 0 and at most 9223372036854775807",
        ),
        (grid(D, seed="x"), TypeError, "seed must be a whole number"),
        (grid(R | {"count": 1001}, R | {"name": "y", "count": 1000}), ValueError, "1001000 runs"),
        (
            {"sampling": "random", "rows": [R, N | {"name": "y", "count": 4}]},
            ValueError,
            "the rows disagree on the number of runs ([3, 4])",
        ),
        ({"sampling": "random", "rows": [D], "count": 10**7}, ValueError, "10000000 runs"),
    ],
)
def test_invalid_designs_are_rejected(design: Any, kind: type[Exception], words: str) -> None:
    for use in (doe.check, doe.count, doe.expand):
        with pytest.raises(kind) as caught:
            use(design)
        assert type(caught.value) is kind
        assert words in str(caught.value)
        assert "design_parameters_doe" in str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "kind", "words"),
    [
        ({}, ValueError, "design_parameters is empty"),
        ([1], TypeError, "design_parameters must be a mapping"),
        ({"x": math.nan}, ValueError, "design_parameters['x'] must be a finite number"),
        ({"x": "1"}, TypeError, "design_parameters['x'] must be a number"),
        ({1: 1.0}, TypeError, "a name in design_parameters must be text"),
    ],
)
def test_invalid_design_parameters_are_rejected(
    parameters: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught:
        doe.from_design_parameters(parameters)

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("design", "is_random"),
    [
        (grid(D, R | {"name": "y", "count": 3}), False),
        (grid(N | {"count": 2}), True),
        ({"sampling": "random", "rows": [R], "count": 3}, True),
        ({"sampling": "latin_hypercube", "rows": [R], "count": 3}, True),
    ],
)
def test_a_drawn_seed_gives_the_same_runs_each_time(design: Any, is_random: bool) -> None:
    seeded = doe.with_seed(design)

    assert ("seed" in seeded) is is_random
    assert doe.expand(seeded) == doe.expand(seeded)
    assert doe.with_seed(seeded) == seeded
    if is_random:
        assert doe.with_seed(design)["seed"] != seeded["seed"]
