"""The options of the checks of a time series."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from ionworks.doe.scalars import finite, nearest
from ionworks.errors import IssueCode

__all__ = ["CellRatings", "CheckOptions"]


@attrs.frozen
class CellRatings:
    """Ratings of a cell's specification; None where it has none.

    Attributes
    ----------
    capacity : float or None
        Rated capacity [A.h].
    voltage_window : tuple of float or None
        Lowest and highest voltage [V].
    """

    capacity: float | None = None
    voltage_window: tuple[float, float] | None = None


@attrs.frozen(kw_only=True)
class CheckOptions:
    """Which checks to run, and the limits of the cell.

    Attributes
    ----------
    strict : bool
        Whether to run the strict checks too, which usable data can fail.
    rated_capacity : float or None
        Rated capacity [A.h].
    voltage_window : tuple of float or None
        Lowest and highest voltage [V].
    ratings : CellRatings
        Of the cell's specification. They tell units only: a test can leave the window on purpose.
    read_ratings : callable or None
        Reads the ratings, if the checks need them.
    skipped : frozenset of IssueCode
        Codes that are not reported.
    is_extension : bool
        Whether the rows continue existing ones, so that they can start at any time and in the
        middle of a step.

    Raises
    ------
    TypeError, ValueError
        If a limit is invalid, or a code is unknown.
    """

    strict: bool = False
    rated_capacity: float | None = None
    voltage_window: tuple[float, float] | None = None
    ratings: CellRatings = CellRatings()
    read_ratings: Callable[[], CellRatings] | None = None
    skipped: frozenset[IssueCode] = frozenset()
    is_extension: bool = False

    @property
    def known_capacity(self) -> float | None:
        """The rated capacity that was given, else that of the specification [A.h]."""
        return self.ratings.capacity if self.rated_capacity is None else self.rated_capacity

    @property
    def known_window(self) -> tuple[float, float] | None:
        """The voltages that were given, else those of the specification [V]."""
        return self.ratings.voltage_window if self.voltage_window is None else self.voltage_window

    def with_ratings(self) -> CheckOptions | None:
        """Return the options with the ratings of the cell; None if they change no check."""
        is_known = self.rated_capacity is not None and self.voltage_window is not None
        is_used = self.strict and IssueCode.IMPLAUSIBLE_UNIT not in self.skipped
        if self.read_ratings is None or is_known or not is_used:
            return None
        ratings = self.read_ratings()
        return None if ratings == self.ratings else attrs.evolve(self, ratings=ratings)

    @classmethod
    def of(
        cls, strict: Any, rated_capacity: Any, voltage_window: Any, skip_checks: Any
    ) -> CheckOptions:
        """Check the arguments of an upload."""
        if not isinstance(strict, bool):
            raise TypeError(f"strict must be True or False, not {strict!r}")
        capacity = None
        if rated_capacity is not None:
            capacity = finite(rated_capacity, "rated_capacity")
            if capacity <= 0:
                raise ValueError(f"rated_capacity must be above 0 A.h, not {capacity}")
        return cls(
            strict=strict,
            rated_capacity=capacity,
            voltage_window=_window(voltage_window),
            skipped=_codes(skip_checks),
        )

    @classmethod
    def of_extension(cls, skip_checks: Any) -> CheckOptions:
        """Check the arguments of an extension."""
        return cls(skipped=_codes(skip_checks), is_extension=True)


def _window(window: Any) -> tuple[float, float] | None:
    if window is None:
        return None
    if isinstance(window, str) or not isinstance(window, Iterable):
        raise TypeError(
            f"voltage_window must be a pair of volts such as (2.5, 4.2), not {window!r}"
        )
    limits = tuple(finite(value, "voltage_window") for value in window)
    if len(limits) != 2 or limits[0] >= limits[1]:
        raise ValueError(
            "voltage_window must be the lowest and the highest voltage, such as (2.5, 4.2),"
            f" not {window!r}"
        )
    return limits[0], limits[1]


def _codes(skipped: Any) -> frozenset[IssueCode]:
    if isinstance(skipped, bool):
        return frozenset(IssueCode) if skipped else frozenset()
    if skipped is None:
        return frozenset()
    if isinstance(skipped, str) or not isinstance(skipped, Iterable):
        raise TypeError(
            f"skip_checks must be a list of codes such as ['TIME_GAP'], or True, not {skipped!r}"
        )
    known = [code.value for code in IssueCode]
    for code in skipped:
        if code not in known:
            raise ValueError(f"unknown code {code!r} in skip_checks{nearest(str(code), known)}")
    return frozenset(IssueCode(code) for code in skipped)
