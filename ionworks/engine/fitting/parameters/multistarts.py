"""Initial points of the searches of a multistart."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ionworks.engine.cells.cell import Floats
from ionworks.engine.fitting.fields import known_fields
from ionworks.engine.fitting.parameters.fitted import FittedParameter
from ionworks.engine.fitting.parameters.transforms import Coordinates

SAMPLERS: Final = ("LatinHypercube", "Uniform")


def sampler_of(given: Any) -> str:
    """Return the name of an initial guess sampler.

    Raises
    ------
    ValueError
        If there is no such sampler.
    """
    if given is None:
        return SAMPLERS[0]
    name = given
    if isinstance(given, Mapping):
        known_fields(given, ("type",), "initial_guess_sampler")
        name = given.get("type")
    if name not in SAMPLERS:
        raise ValueError(f"initial_guess_sampler: unknown {name!r}; use {' or '.join(SAMPLERS)}")
    return str(name)


def initial_points(
    count: int,
    sampler: str,
    guesses: Sequence[Mapping[str, float]],
    parameters: Sequence[FittedParameter],
    coordinates: Coordinates,
    random: np.random.Generator,
) -> list[Floats]:
    """Return the points the searches of a fit start from.

    The first has the initial values of the parameters; then come the further guesses, then draws
    until there are ``count`` points. All guesses are used, even if there are more.
    """
    initial = {parameter.name: parameter.initial for parameter in parameters}
    points = [coordinates.point({**initial, **guess}) for guess in ({}, *guesses)]
    missing = count - len(points)
    if missing > 0:
        points += list(_drawn(missing, sampler, parameters, coordinates, random))
    return points


def _drawn(
    count: int,
    sampler: str,
    parameters: Sequence[FittedParameter],
    coordinates: Coordinates,
    random: np.random.Generator,
) -> Floats:
    from scipy.stats import qmc

    size = len(parameters)
    probabilities = (
        qmc.LatinHypercube(size, rng=random).random(count)
        if sampler == "LatinHypercube"
        else random.random((count, size))
    )
    points = np.empty_like(probabilities)
    for place, (parameter, axis) in enumerate(zip(parameters, coordinates.axes, strict=True)):
        if parameter.guesses is not None:
            low, high = parameter.bounds
            for row, probability in enumerate(probabilities[:, place]):
                value = float(np.clip(parameter.guesses.quantile(probability), low, high))
                points[row, place] = (axis.transform.forward(value) - axis.offset) / axis.scale
            continue
        if not np.isfinite([axis.low, axis.high]).all():
            raise ValueError(
                f"multistarts: parameter {parameter.name!r} needs two finite bounds, or an "
                "initial_guess_distribution, to draw initial points from"
            )
        points[:, place] = axis.low + probabilities[:, place] * (axis.high - axis.low)
    return points
