"""The runs of a request, made while they are read.

A hundred thousand runs in memory take forty megabytes. They are read several times: to be checked,
also in a worker process, which makes them from the design itself, and to be stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ionworks import doe
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
    design
        With a seed if it has random values; None for runs without design parameters.
    count
        How many they are.
    """

    shared: Sequence[dict[str, float | str]]
    design: Mapping[str, Any] | None
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[RunParameters]:
        for parameters in self.shared:
            for point in [{}] if self.design is None else doe.points(self.design):
                yield {"experiment_parameters": parameters, "design_parameters": point}


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
    return Combinations(shared, design, count)


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
