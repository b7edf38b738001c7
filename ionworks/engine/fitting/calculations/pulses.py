r"""Diffusivity from a pulse between two rests (galvanostatic intermittent titration).

.. math:: D = \frac{4}{\pi \tau} \left(\frac{R}{3}\right)^2
          \left(\frac{\Delta E_s}{\Delta E_t}\right)^2

(Weppner and Huggins, 1977, "Determination of the kinetic parameters of mixed-conducting electrodes
and application to the system Li3Sb", J. Electrochem. Soc. 124, 1569; equation 26 of Wang et al.,
2022, "Review of parameterisation and a novel database (LiionDB) for continuum Li-ion battery
models", Prog. Energy 4, 032004). For spheres of radius :math:`R` the ratio of volume to surface is
:math:`R / 3`. :math:`\Delta E_s` is the change between the rests, :math:`\Delta E_t` that during
the pulse of length :math:`\tau` without its jump.
"""

from math import pi
from typing import Any, Final

import numpy as np

from ionworks.engine.fitting.calculations.known import Known
from ionworks.engine.fitting.measurement import CURRENT, STEP, TIME, VOLTAGE, Measurement

_STEP_NUMBER: Final = "Step number"
_REST: Final = 1e-3
"""A current below this fraction of the greatest counts as zero."""


def diffusivity(known: Known) -> dict[str, float]:
    """Return the diffusivity a pulse of a half cell shows.

    The pulse is the step ``step number`` names (of the column ``Step number``, else ``Step
    count``), else the first stretch with a current. ``dt_IR`` is how long after its begin the jump
    is over (0: its first row), ``dt_pulse`` how much of it counts from its begin (all of it). The
    rests before and after must have reached equilibrium.
    """
    measurement = known.state.measurement(known.element.get("data"), "data")
    rows = _pulse(measurement, known.options.get("step number"))
    times, voltages = measurement.column(TIME), measurement.column(VOLTAGE)
    since = times[rows] - times[rows[0]]
    jump = float(known.options.get("dt_IR") or 0.0)
    length = known.options.get("dt_pulse")
    counted = rows[(since >= jump) & (since <= (np.inf if length is None else float(length)))]
    if len(counted) < 2:
        raise ValueError("data: fewer than two rows of the pulse lie between dt_IR and dt_pulse")
    duration = float(times[counted[-1]] - times[rows[0]])
    during = voltages[counted[-1]] - voltages[counted[0]]
    between = voltages[_end_of_rest(measurement, rows[-1])] - voltages[rows[0] - 1]
    if during == 0:
        raise ValueError("data: the voltage does not change during the pulse")
    radius = known[f"{known.side} particle radius [m]"]
    found = 4 / (pi * duration) * (radius / 3) ** 2 * (between / during) ** 2
    return {f"{known.side} particle diffusivity [m2.s-1]": float(found)}


def _pulse(measurement: Measurement, step: Any) -> Any:
    """Return the rows of the pulse."""
    flows = _flows(measurement)
    if step is not None:
        name = _STEP_NUMBER if measurement.has(_STEP_NUMBER) else STEP
        flows &= measurement.column(name) == step
    rows = np.flatnonzero(flows)
    breaks = np.flatnonzero(np.diff(rows) != 1)
    if len(breaks):
        rows = rows[: breaks[0] + 1]
    if not len(rows):
        raise ValueError("data: no current flows" + (f" in step {step}" if step else ""))
    around = _flows(measurement)
    if rows[0] == 0 or rows[-1] == len(flows) - 1 or around[rows[0] - 1] or around[rows[-1] + 1]:
        raise ValueError("data: the pulse needs a rest before and after it")
    return rows


def _end_of_rest(measurement: Measurement, last: int) -> int:
    """Return the last row of the rest after a pulse."""
    later = np.flatnonzero(_flows(measurement)[last + 1 :])
    return int(last + later[0] if len(later) else len(measurement.frame) - 1)


def _flows(measurement: Measurement) -> Any:
    currents = np.abs(measurement.column(CURRENT))
    return currents > _REST * currents.max()
