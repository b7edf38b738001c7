"""What a submission would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ionworks.data.frames import Frame

__all__ = ["Plan", "duration"]

_MOST_ROWS = 10
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


@attrs.frozen(kw_only=True, eq=False)
class Plan:
    """What a submission of simulations would do; nothing was stored.

    Attributes
    ----------
    count : int
        Number of runs.
    design : polars.DataFrame or pandas.DataFrame
        One row for each run, in the order of the submission: ``run``, counted from 0,
        ``parameterized_model`` if a list of models was given, and a column for each experiment and
        design parameter. `` (parameter)`` or `` (design parameter)`` is appended to a name that
        another column has, as in the table of a batch.
    warnings : list of str
        What is doubtful or has no effect, each message once.
    reused : int or None
        How many runs would get the results of an equal run, which is stored or one of these; None
        from services without plans.
    seconds : float or None
        Estimated time until all have ended if nothing else is running; None if no estimate is
        possible.
    basis : str or None
        What the estimate is based on.
    seed : int or None
        Seed of the random values of `design`. Give it in the design to submit these very runs.
    is_checked : bool
        Whether model and runs were checked as they are at a submission. False from services without
        plans, and from a served engine whose workers did not answer in time.
    digest : str or None
        Equal for plans whose runs have equal results.
    """

    count: int
    design: Frame = attrs.field(repr=False)
    warnings: list[str]
    reused: int | None = None
    seconds: float | None = None
    basis: str | None = None
    seed: int | None = None
    is_checked: bool = False
    digest: str | None = attrs.field(default=None, repr=False)

    def _repr_html_(self) -> str:
        from ionworks.html.fragments import paragraph, table, view

        names = [*self.design.columns]
        rows = zip(*([*self.design[name][:_MOST_ROWS]] for name in names), strict=True)
        parts = [*map(paragraph, str(self).splitlines()), table(names, rows)]
        if len(self.design) > _MOST_ROWS:
            parts.append(paragraph(f"{_MOST_ROWS} of {len(self.design):,} runs", is_muted=True))
        return view(type(self).__name__, *parts)

    def __str__(self) -> str:
        """Return the plan in a few lines."""
        lines = [f"{self.count:,} run{'' if self.count == 1 else 's'}"]
        if self.reused:
            lines[0] += f", {self.reused:,} of them with the results of equal runs"
        if self.seconds:
            lines.append(f"about {duration(self.seconds)} ({self.basis})")
        lines += [f"warning: {warning}" for warning in self.warnings]
        if not self.is_checked:
            lines.append("model and runs were not checked: that is done at the submission")
        return "\n".join(lines)


def duration(seconds: float) -> str:
    """Return a time as people say it: ``40 s``, ``12 min``, ``3.5 h``, ``2.1 days``."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.1f} h"
    return f"{seconds / _DAY:.1f} days"
