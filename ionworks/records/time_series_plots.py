"""Plots of everything that has a time series, steps and cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ionworks.data.frames import Frame
    from ionworks.plots.quantities import Table
    from ionworks.plots.time_series import Range

__all__ = ["TimeSeriesPlots", "cycles_of"]


class TimeSeriesPlots:
    """The plots of a result or a measurement, which need matplotlib (the extra ``plot``).

    Each returns the axes, which can be changed further; ``axes.figure.savefig(...)`` saves the
    figure. Notebooks display it, and in a program that has imported pyplot so does ``plt.show()``.
    Pass the axes to the next call to plot several results together.
    """

    def plot(
        self,
        y: str | Sequence[str] | None = None,
        *,
        x: str = "Time [s]",
        by: Literal["step", "cycle"] | None = None,
        step_range: Range | None = None,
        cycle_range: Range | None = None,
        axes: Axes | Sequence[Axes] | None = None,
        label: str | None = None,
    ) -> list[Axes]:
        """Plot signals one above the other; the background shows charges and discharges.

        Parameters
        ----------
        y : str or sequence of str, optional
            Columns of the time series; voltage, current and temperature if not given.
        x : str, optional
            Column of the x axis. Long times are shown in minutes, hours or days.
        by : {"step", "cycle"}, optional
            Plot each step or cycle as a separate curve in its own colour; time and
            ``Capacity [A.h]`` count from its start.
        step_range, cycle_range : int or tuple of int, optional
            First and last ``Step count`` or ``Cycle count`` to plot, both included.
        axes : Axes or sequence of Axes, optional
            Where to plot, one for each column of `y`; a new figure if not given.
        label : str, optional
            Name of the curves in a legend, which ``axes[0].legend()`` adds; not with `by`, which
            names them.

        Returns
        -------
        list of matplotlib.axes.Axes
            One for each column of `y`.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a column does not exist, a range selects no rows, or there is no time series.
        """
        from ionworks.plots.time_series import plot_time_series

        time_series, steps = self._tables()
        return plot_time_series(
            time_series,
            steps,
            y,
            x=x,
            by=by,
            step_range=step_range,
            cycle_range=cycle_range,
            axes=axes,
            label=label,
        )

    def plot_cycles(
        self,
        y: str = "Discharge capacity [A.h]",
        *,
        x: str = "Cycle count",
        relative: bool = False,
        axes: Axes | None = None,
        label: str | None = None,
    ) -> Axes:
        """Plot a value of each cycle, such as its capacity or efficiency.

        Parameters
        ----------
        y : str, optional
            Column of the cycles.
        x : str, optional
            Column of the x axis.
        relative : bool, optional
            Whether to plot percentages of the first value.
        axes : Axes, optional
            Where to plot; a new figure if not given.
        label : str, optional
            Name of the points in a legend.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a column does not exist or has no values, or there are no cycles.
        """
        from ionworks.plots.cycles import plot_cycles

        return plot_cycles(self._cycles(), y, x=x, relative=relative, axes=axes, label=label)

    def plot_ocv(
        self,
        *,
        step_range: Range | None = None,
        cycle_range: Range | None = None,
        axes: Axes | None = None,
    ) -> Axes:
        """Plot the voltage over the capacity, and the voltages at which rests end.

        The lines of a slow discharge and charge, and the points of a titration with rests (GITT),
        approximate the open-circuit voltage. Charges are dashed.

        Parameters
        ----------
        step_range, cycle_range : int or tuple of int, optional
            First and last ``Step count`` or ``Cycle count`` to plot, both included.
        axes : Axes, optional
            Where to plot; a new figure if not given.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a range selects no rows, or there is no time series.
        """
        from ionworks.plots.capacity import plot_ocv

        time_series, _ = self._tables()
        return plot_ocv(time_series, step_range=step_range, cycle_range=cycle_range, axes=axes)

    def plot_dqdv(
        self,
        *,
        resolution: float = 0.01,
        step_range: Range | None = None,
        cycle_range: Range | None = None,
        axes: Axes | None = None,
    ) -> Axes:
        """Plot the incremental capacity dQ/dV, charge above and discharge below zero.

        Parameters
        ----------
        resolution : float, optional
            Width of the intervals of voltage [V] in which the charge is counted; wider ones smooth
            more.
        step_range, cycle_range : int or tuple of int, optional
            First and last ``Step count`` or ``Cycle count`` to plot, both included. Steps that move
            little charge, or do so at a constant voltage, are left out.
        axes : Axes, optional
            Where to plot; a new figure if not given.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If no step has such a curve, or the resolution is not above 0.
        """
        from ionworks.plots.capacity import plot_dqdv

        time_series, _ = self._tables()
        return plot_dqdv(
            time_series,
            resolution=resolution,
            step_range=step_range,
            cycle_range=cycle_range,
            axes=axes,
        )

    def _tables(self) -> tuple[Frame, Frame | None]:
        """Return the time series, and the steps if there are any."""
        raise NotImplementedError

    def _cycles(self) -> Table:
        """Return the table of the cycles."""
        raise NotImplementedError


def cycles_of(metrics: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the cycles in the metrics of a result as columns.

    Raises
    ------
    ValueError
        If the metrics have no cycles.
    """
    rows = metrics.get("Cycles")
    if not isinstance(rows, Sequence) or not rows:
        raise ValueError("the metrics of this result have no 'Cycles'")
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
