"""Coordinates of the optimizers: parameters transformed and scaled to their bounds."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from attrs import frozen

from ionworks.engine.cells.cell import Floats

_LOG_DECADES: Final = 2.0
"""Positive bounds that span at least this many decades are searched on a logarithmic scale."""


@frozen
class Transform:
    """A monotone change of variable, and its inverse.

    Attributes
    ----------
    forward, backward : callable
    needs_positive : bool
        Whether it is defined only for numbers above 0.
    """

    forward: Callable[[Any], Any]
    backward: Callable[[Any], Any]
    needs_positive: bool = False


TRANSFORMS: Final[dict[str, Transform]] = {
    "Identity": Transform(lambda x: x, lambda t: t),
    "Log": Transform(np.log, np.exp, needs_positive=True),
    "Log10": Transform(np.log10, lambda t: 10.0**t, needs_positive=True),
    "Exp": Transform(np.exp, np.log),
    "Pow10": Transform(lambda x: 10.0**x, np.log10),
    "Inverse": Transform(lambda x: 1 / x, lambda t: 1 / t, needs_positive=True),
    "Negate": Transform(lambda x: -x, lambda t: -t),
}
"""Transforms of a parameter by name; the optimizer works on the transformed value."""


def default_transform(bounds: tuple[float, float]) -> str:
    """Return the default transform of a parameter.

    Diffusivities, rates and the like, whose bounds span decades, converge far faster on a
    logarithmic scale; everything else is left as it is.
    """
    low, high = bounds
    spans_decades = low > 0 and np.isfinite(high) and np.log10(high / low) >= _LOG_DECADES
    return "Log10" if spans_decades else "Identity"


@frozen
class Axis:
    """One coordinate: ``(transform(value) - offset) / scale``.

    Attributes
    ----------
    name : str
        The parameter.
    transform : Transform
    offset, scale : float
    low, high : float
        Bounds of the coordinate; infinite where the parameter has none.
    """

    name: str
    transform: Transform
    offset: float
    scale: float
    low: float
    high: float

    @property
    def is_linear(self) -> bool:
        """Whether the parameter is not transformed, only scaled."""
        return self.transform is TRANSFORMS["Identity"]

    @classmethod
    def of(
        cls, name: str, transform: str, bounds: tuple[float, float], start: float, *, scaled: bool
    ) -> "Axis":
        """Return the axis of a parameter; without bounds it is scaled by its initial value."""
        change = TRANSFORMS[transform]
        # Infinite bounds and a lower bound of 0 may transform to infinity; decreasing transforms
        # exchange the bounds, hence the sort.
        with np.errstate(all="ignore"):
            ends = np.sort([float(change.forward(bound)) for bound in bounds])
        if not scaled:
            offset, scale = 0.0, 1.0
        elif np.isfinite(ends).all():
            offset, scale = ends[0], ends[1] - ends[0]
        else:
            middle = float(change.forward(start))
            offset, scale = middle, abs(middle) or 1.0
        low, high = (float((end - offset) / scale) for end in ends)
        return cls(name, change, float(offset), float(scale), low, high)


@frozen
class Coordinates:
    """All coordinates of a fit.

    Attributes
    ----------
    axes : tuple of Axis
    """

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in order."""
        return tuple(axis.name for axis in self.axes)

    @property
    def low(self) -> Floats:
        """Lower bounds, shape (parameters,)."""
        return np.array([axis.low for axis in self.axes])

    @property
    def high(self) -> Floats:
        """Upper bounds, shape (parameters,)."""
        return np.array([axis.high for axis in self.axes])

    @property
    def is_bounded(self) -> bool:
        """Whether every parameter has two finite bounds."""
        return bool(np.isfinite(self.low).all() and np.isfinite(self.high).all())

    def values(self, points: Floats) -> Floats:
        """Return the parameters at some points, shape (points, parameters)."""
        columns = [
            axis.transform.backward(points[:, place] * axis.scale + axis.offset)
            for place, axis in enumerate(self.axes)
        ]
        return np.stack(columns, axis=1)

    def named(self, point: Floats) -> dict[str, float]:
        """Return the parameters at one point by name."""
        return dict(zip(self.names, map(float, self.values(point[None])[0]), strict=True))

    def point(self, values: Mapping[str, float]) -> Floats:
        """Return the point of some parameter values."""
        return np.array(
            [
                (float(axis.transform.forward(values[axis.name])) - axis.offset) / axis.scale
                for axis in self.axes
            ]
        )

    def slopes(self, point: Floats) -> Floats:
        """Return the derivative of each parameter by its coordinate at a point."""
        # Transforms are smooth and evaluated exactly: the error is of order step squared.
        step = 1e-6
        ahead, behind = self.values((point + step)[None]), self.values((point - step)[None])
        return np.asarray((ahead - behind)[0] / (2 * step))


def clipped(points: Floats, coordinates: Coordinates) -> tuple[Floats, Floats]:
    """Return points moved inside the bounds, and the distance each was moved."""
    inside = np.clip(points, coordinates.low, coordinates.high)
    return inside, np.linalg.norm(points - inside, axis=1)
