"""PyBaMM experiments as reference, and their distance from runs of the engine."""

import numpy as np
import polars as pl
import pybamm


def keyed(soc, *lines):
    """Return a protocol of some steps, one a line."""
    return "\n".join(
        [f"global: {{initial_soc: {soc}}}", "steps:", *(f"  - {line}" for line in lines)]
    )


def reference(steps, soc, model=None):
    """Return PyBaMM's own solution of some steps, of the SPM if no other model is given."""
    simulation = pybamm.Simulation(
        model or pybamm.lithium_ion.SPM(),
        experiment=pybamm.Experiment(steps),
        parameter_values=pybamm.ParameterValues("Chen2020"),
    )
    return simulation.solve(initial_soc=soc)


def compare(series, solution, steps):
    """Return the RMS difference of the voltages [mV] over a whole run."""
    ends = [cycle.t[-1] for cycle in solution.cycles[:steps]]
    starts = [0.0, *ends[:-1]]
    squares, count, begun = 0.0, 0, 0.0
    for number, (cycle, start, end) in enumerate(zip(solution.cycles, starts, ends, strict=False)):
        ours = series if steps == 1 else series.filter(pl.col("Step count") == number)
        times = ours["Time [s]"].to_numpy() - begun
        begun = ours["Time [s]"][-1]
        # A short step may have no point but its end, which each finds within its tolerance: that of
        # the reference, PyBaMM's default, is the larger one.
        common = (times > 0) & (times <= (end - start) * (1 + 1e-2))
        theirs = cycle["Voltage [V]"](np.minimum(times[common] + start, end))
        squares += np.sum((ours["Voltage [V]"].to_numpy()[common] - theirs) ** 2)
        count += common.sum()
        assert abs(begun - end) < 1e-3 * end + 0.5
    return 1e3 * np.sqrt(squares / count)


def compare_inside(series, solution):
    """Return the same difference where several steps of PyBaMM are one of the engine.

    The ends of PyBaMM's steps are left out: the voltage jumps there.
    """
    errors, start = [], 0.0
    for cycle in solution.cycles:
        end = cycle.t[-1]
        ours = series.filter(pl.col("Time [s]").is_between(start + 1e-3, end - 1e-3))
        assert len(ours) > 0
        theirs = cycle["Voltage [V]"](ours["Time [s]"].to_numpy())
        errors.append(ours["Voltage [V]"].to_numpy() - theirs)
        start = end
    return 1e3 * np.sqrt(np.mean(np.concatenate(errors) ** 2))
