"""Generation of the runs of a design: grid, random and Latin hypercube sampling."""

from __future__ import annotations

import itertools
import random
import statistics
from typing import TYPE_CHECKING, Any

from ionworks.doe.design import count_normalised, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["expand", "points", "with_seed"]

_SEED_BITS = 32
_STANDARD_NORMAL = statistics.NormalDist()


def with_seed(doe: Mapping[str, Any]) -> dict[str, Any]:
    """Return a design that gives the same runs each time.

    Parameters
    ----------
    doe : Mapping
        The design, see `ionworks.doe`.

    Returns
    -------
    dict
        The normalised design. If it has random values and no ``seed``, one is drawn and added.

    Raises
    ------
    ValueError, TypeError
        As for `check`.
    """
    design = normalise(doe)
    is_random = design["sampling"] != "grid" or any(
        row["type"] == "normal" for row in design["rows"]
    )
    if is_random:
        design.setdefault("seed", random.SystemRandom().getrandbits(_SEED_BITS))
    return design


def expand(doe: Mapping[str, Any]) -> list[dict[str, float]]:
    """Return the runs of a design.

    Parameters
    ----------
    doe : Mapping
        The design, see `ionworks.doe`. Without a ``seed`` each call draws other values, see
        `with_seed`.

    Returns
    -------
    list of dict
        One ``{name: value}`` per run; their number is that of `count`.

    Raises
    ------
    ValueError, TypeError
        As for `check`.
    """
    return list(points(doe))


def points(doe: Mapping[str, Any]) -> Iterator[dict[str, float]]:
    """Yield the runs of a design one by one, as `expand` lists them.

    A million runs as a list of dictionaries take half a gigabyte.
    """
    design = with_seed(doe)
    seed = design.get("seed")
    runs = count_normalised(design)
    columns: list[list[float]] = []
    for row in design["rows"]:
        # Seeding with text is reproducible (Python hashes it with SHA-512), unlike hash().
        stream = random.Random(f"{seed}/{row['name']}")  # noqa: S311 - sampling, not a secret
        columns.append(_column(row, design["sampling"], runs, stream))
    names = [row["name"] for row in design["rows"]]
    is_grid = design["sampling"] == "grid"
    combined = itertools.product(*columns) if is_grid else zip(*columns, strict=True)
    return (dict(zip(names, values, strict=True)) for values in combined)


def _column(row: Mapping[str, Any], sampling: str, runs: int, stream: random.Random) -> list[float]:
    """Return a row's values: `count` values in a grid, otherwise one per run."""
    if sampling == "grid":
        return _grid_values(row, stream)
    if sampling == "random":
        return [_draw(row, stream) for _ in range(runs)]
    return _stratified_values(row, runs, stream)


def _grid_values(row: Mapping[str, Any], stream: random.Random) -> list[float]:
    if row["type"] == "discrete":
        return list(row["values"])
    if row["type"] == "normal":
        return [stream.gauss(row["mean"], row["std"]) for _ in range(row["count"])]
    last = row["count"] - 1
    if last == 0:
        return [row["min"]]
    return [_between(row, index / last) for index in range(row["count"])]


def _draw(row: Mapping[str, Any], stream: random.Random) -> float:
    if row["type"] == "discrete":
        return float(stream.choice(row["values"]))
    if row["type"] == "normal":
        return stream.gauss(row["mean"], row["std"])
    return _between(row, stream.random())


def _stratified_values(row: Mapping[str, Any], runs: int, stream: random.Random) -> list[float]:
    if row["type"] == "discrete":
        values: list[float] = row["values"]
        drawn = values * (runs // len(values)) + stream.sample(values, runs % len(values))
    else:
        drawn = [_quantile(row, (index + stream.random()) / runs) for index in range(runs)]
    stream.shuffle(drawn)
    return drawn


def _quantile(row: Mapping[str, Any], probability: float) -> float:
    if row["type"] == "range":
        return _between(row, probability)
    # inv_cdf is undefined at 0 and 1. The bounds correspond to about 9 standard deviations below
    # and 8 above the mean.
    inside = min(max(probability, 2.0**-60), 1.0 - 2.0**-53)
    return float(row["mean"] + row["std"] * _STANDARD_NORMAL.inv_cdf(inside))


def _between(row: Mapping[str, Any], fraction: float) -> float:
    """Interpolate a range; this form cannot overflow and is exact at both ends."""
    value = row["min"] * (1.0 - fraction) + row["max"] * fraction
    return float(min(max(value, row["min"]), row["max"]))
