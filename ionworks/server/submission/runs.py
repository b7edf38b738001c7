"""The runs of a request, made while they are read.

A hundred thousand runs in memory take forty megabytes. They are read several times: to be checked,
also in a worker process, which makes them from the design itself, and to be stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ionworks import doe
from ionworks.doe.run_columns import RunColumns
from ionworks.server.http.problems import bad_request

if TYPE_CHECKING:
    # A worker process that reads the runs needs no store.
    from ionworks.server.store.run_parameters import RunParameters


@frozen
class Combinations:
    """Every set of experiment parameters with every point of a design.

    Attributes
    ----------
    shared
        The sets of experiment parameters.
    points
        Those of the design; None for runs without design parameters.
    """

    shared: Sequence[dict[str, float | str]]
    points: doe.Points | None

    def __len__(self) -> int:
        return len(self.shared) * self._of_each

    def __iter__(self) -> Iterator[RunParameters]:
        for parameters in self.shared:
            for point in [{}] if self.points is None else self.points:
                yield {"experiment_parameters": parameters, "design_parameters": point}

    def pieces(self, size: int) -> Iterator[RunColumns]:
        """Yield the runs in pieces of at most this size."""
        for first in range(0, len(self), size):
            yield self._columns(first, min(first + size, len(self)))

    def examples(self) -> Iterator[tuple[RunParameters, int]]:
        """Yield runs, each with the number of those in sequence whose parameters have its names."""
        names = [] if self.points is None else self.points.names
        design = dict.fromkeys(names, 0.0)
        for parameters in self.shared:
            yield (
                {"experiment_parameters": parameters, "design_parameters": design},
                self._of_each,
            )

    @property
    def _of_each(self) -> int:
        return 1 if self.points is None else len(self.points)

    def _columns(self, first: int, end: int) -> RunColumns:
        """Return the runs from an index up to, and without, another."""
        size, shared, design = self._of_each, [], []
        for place in range(first // size, -(-end // size)):
            start, stop = max(first - place * size, 0), min(end - place * size, size)
            shared.append((self.shared[place], stop - start))
            if self.points is not None:
                design.append(self.points.columns(start, stop))
        names = [] if self.points is None else self.points.names
        if len(design) == 1:
            return RunColumns(shared, design[0])
        joined = {name: [*chain.from_iterable(each[name] for each in design)] for name in names}
        return RunColumns(shared, joined)


@frozen
class Conditions:
    """Runs that a request lists, whose experiment parameters replace the shared ones."""

    shared: dict[str, float | str]
    conditions: Sequence[Mapping[str, Any]]

    def __len__(self) -> int:
        return len(self.conditions)

    def __iter__(self) -> Iterator[RunParameters]:
        for condition in self.conditions:
            yield {
                "experiment_parameters": {**self.shared, **condition["experiment_parameters"]},
                "design_parameters": condition["design_parameters"],
            }

    def examples(self) -> Iterator[tuple[RunParameters, int]]:
        """Yield runs, each with the number of those in sequence whose parameters have its names."""
        return ((run, 1) for run in self)


Runs = Combinations | Conditions
"""Runs in the order of the reply, which can be read repeatedly and pickled."""


def expand(
    body: Mapping[str, Any], design: Mapping[str, Any] | None, inputs: Mapping[str, Any]
) -> Runs:
    """Return the runs that a request names.

    Each condition is one run, whose experiment parameters replace the shared ones. Without
    conditions every set of experiment parameters is combined with every point of the design.

    Parameters
    ----------
    body
        The request.
    design
        Its design, as `models.design_of` returns it.
    inputs
        The JSON Schema of the protocol's inputs, whose defaults are the values of those that are
        not given.

    Raises
    ------
    Problem
        400 if they are too many, or conditions are combined with what they exclude.
    """
    properties = inputs.get("properties", {})
    defaults = {
        name: about["default"]
        for name, about in properties.items()
        if isinstance(about, Mapping) and "default" in about
    }
    shared = [{**defaults, **each} for each in body["experiment_parameter_sets"]]
    if body.get("conditions") is not None:
        return _conditions(body["conditions"], shared, design)
    count = len(shared) * (1 if design is None else doe.count(design))
    if count > doe.LARGEST_DESIGN:
        limit = doe.LARGEST_DESIGN
        raise bad_request(f"{count} runs are too many at once: submit at most {limit}.")
    return Combinations(shared, None if design is None else doe.Points(design))


def _conditions(
    conditions: Sequence[Mapping[str, Any]],
    shared: Sequence[dict[str, float | str]],
    design: Mapping[str, Any] | None,
) -> Conditions:
    if design is not None:
        raise bad_request(
            "conditions and design_parameters_doe exclude each other: "
            "put the design parameters of each run into its condition."
        )
    if len(shared) > 1:
        raise bad_request(
            f"conditions need one set of shared experiment parameters, not {len(shared)}: "
            "put the parameters that differ into the conditions."
        )
    return Conditions(shared[0], conditions)
