"""Generation of the runs of a design: grid, random and Latin hypercube sampling."""

from __future__ import annotations

import itertools
import random
import statistics
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ionworks.doe.design import count_normalised, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Points", "expand", "points", "with_seed"]

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
    return iter(Points(doe))


class Points:
    """The runs of a design, made when they are read: one by one, or some of them as columns.

    Values are drawn once. A pickled object has the design only, and draws the same values.

    Parameters
    ----------
    doe : Mapping
        The design, see `ionworks.doe`. Without a ``seed`` each object draws other values.
    """

    def __init__(self, doe: Mapping[str, Any]) -> None:
        self._design = with_seed(doe)
        self.names: list[str] = [row["name"] for row in self._design["rows"]]

    def __len__(self) -> int:
        return count_normalised(self._design)

    def __iter__(self) -> Iterator[dict[str, float]]:
        combine = itertools.product if self._is_grid else zip
        return (dict(zip(self.names, each, strict=True)) for each in combine(*self._values))

    def __reduce__(self) -> tuple[Any, ...]:
        return Points, (self._design,)

    def columns(self, first: int, end: int) -> dict[str, list[float]]:
        """Return the values of the runs from an index up to, and without, another, by name."""
        if not self._is_grid:
            each = (values[first:end] for values in self._values)
            return dict(zip(self.names, each, strict=True))
        found: list[list[float]] = []
        repeated = 1  # so many runs in sequence have the same value; the last row varies fastest
        for values in reversed(self._values):
            found.append(_repeated(values, repeated, first, end))
            repeated *= len(values)
        return dict(zip(self.names, reversed(found), strict=True))

    @property
    def _is_grid(self) -> bool:
        return bool(self._design["sampling"] == "grid")

    @cached_property
    def _values(self) -> list[list[float]]:
        """Return the values of each row: those to combine in a grid, else one per run."""
        seed, runs, found = self._design.get("seed"), len(self), []
        for row in self._design["rows"]:
            # Seeding with text is reproducible (Python hashes it with SHA-512), unlike hash().
            stream = random.Random(f"{seed}/{row['name']}")  # noqa: S311 - sampling, not a secret
            found.append(_column(row, self._design["sampling"], runs, stream))
        return found


def _repeated(values: list[float], each: int, first: int, end: int) -> list[float]:
    """Return a part of values, each of which is repeated, and which begin again at their end."""
    count = len(values)
    if each == 1:
        start, rounds = first % count, -(-(first % count + end - first) // count)
        return (values * rounds)[start : start + end - first]
    start = first // each
    blocks = (values[place % count] for place in range(start, -(-end // each)))
    found = [value for block in blocks for value in itertools.repeat(block, each)]
    return found[first - start * each : end - start * each]


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
    low, high = row["min"], row["max"]
    fractions = [index / last for index in range(row["count"])]
    # As in `_between`, without a call for each of up to a million values.
    values = [low * (1.0 - fraction) + high * fraction for fraction in fractions]
    if min(values) < low or max(values) > high:
        return [_between(row, fraction) for fraction in fractions]
    return values


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
