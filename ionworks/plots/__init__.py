"""Plots: data frames in, matplotlib axes out, all in one style.

The methods ``plot...`` of results, measurements and studies import this package when they are
called, so that only a program that plots needs matplotlib.
"""

try:
    import matplotlib as mpl  # noqa: F401 - only to say what is missing
except ImportError as error:
    raise ImportError(
        "plots need matplotlib: pip install 'ionworks-api[plot]'", name=error.name
    ) from None

from ionworks.plots.capacity import plot_dqdv, plot_ocv
from ionworks.plots.cycles import plot_cycles
from ionworks.plots.runs import plot_batch, plot_runs, plot_table
from ionworks.plots.time_series import plot_time_series

__all__ = [
    "plot_batch",
    "plot_cycles",
    "plot_dqdv",
    "plot_ocv",
    "plot_runs",
    "plot_table",
    "plot_time_series",
]
