"""Checks of a time series before it is uploaded: what is wrong, and where in the data.

`validate_time_series` checks any table; `client.cell_measurement.create` does so by itself.

Positive current discharges. A *step* is a run of rows with the same ``Step count``.

Always checked, all of them errors:

=============================  =====================================================================
code                           found when
=============================  =====================================================================
``EMPTY``                      there is no row
``MISSING_COLUMN``             ``Time [s]``, ``Voltage [V]``, ``Current [A]`` or ``Step count`` is
                               not there
``NOT_NUMERIC``                a column this package knows holds no numbers
``MISSING_VALUE``              a time or step count is null or not finite
``TIME_NOT_FROM_ZERO``         the first time is not 0, within 1e-6 s
``TIME_DECREASES``             a time is before the one above it
``STEP_COUNT_NOT_WHOLE``       a step count has a fraction
``STEP_COUNT_NOT_FROM_ZERO``   the first step count is not 0
``STEP_COUNT_NOT_SEQUENTIAL``  a step count is neither that of the row above nor one more
``CURRENT_REVERSED``           voltage follows current the wrong way round: see below
``NOT_RESET``                  ``Discharge capacity [A.h]``, ``Charge capacity [A.h]``, ``Discharge
                               energy [W.h]`` or ``Charge energy [W.h]`` starts a step with more
                               than can have flowed since the row above: twice the larger of the two
                               currents (for energy, times the voltage) over the time between them,
                               and a thousandth of the column's largest value for rounding
=============================  =====================================================================

Checked where a limit is given, errors as well:

=============================  =====================================================================
``OUTSIDE_VOLTAGE_WINDOW``     a voltage is more than 50 mV outside of ``voltage_window``
``ABOVE_RATED_CAPACITY``       more than 1.5 times ``rated_capacity`` flows in one step
=============================  =====================================================================

Added by ``strict=True``:

=============================  ========  ===========================================================
code                           severity  found when
=============================  ========  ===========================================================
``NOT_FINITE``                 error     a number of a known column is null, NaN or infinite
``FEW_POINTS``                 error     a step has fewer than 2 rows
``DUPLICATE_ROW``              error     time and step count are those of the row above
``CUMULATIVE_DECREASES``       error     a capacity or energy falls within a step by more than a
                                         thousandth of its largest value: rows in another order
``CYCLE_COUNT``                error     the cycle count does not start at 0, falls, or skips one
``CAPACITY_MISMATCH``          error     the capacity of a step and the integral of its current
                                         differ by more than 10 %, where it is 1 % or more of the
                                         largest of a step
``IMPLAUSIBLE_UNIT``           error     half of the voltages are above 100 V (millivolts?), or half
                                         of the currents above 100 times the rated capacity in an
                                         hour (milliamperes?)
``TIME_GAP``                   warning   within a step, more than 100 times the step's mean interval
                                         and more than 10 min pass between two rows
``STEP_VOLTAGE_DIRECTION``     warning   a step of constant direction moves the voltage the wrong
                                         way by more than 20 mV
``MIXED_DIRECTIONS``           warning   a step charges and discharges, each with 1 % or more of
                                         what flows in it
=============================  ========  ===========================================================

*Reversed current.* A step is of constant direction when all of its currents above a thousandth of
the largest have one sign. The voltage changes of such steps, from first to last row, are added up,
those that fall on discharge and rise on charge apart from the others. When the others weigh more,
the sign is reversed: single steps may go the wrong way, such as a weak discharge after a strong
one, but not most of them. Changes below 5 mV say nothing. Where no step says anything, as in a
drive cycle, the rows do: with a resistance above zero, jumps of current and voltage have opposite
signs, so the sum of their products must not be above zero; it counts if jumps of at least 1 mV
agree on it by more than nine to one in their absolute sum.
"""

from ionworks.validation.issues import IssueCode, ValidationIssue
from ionworks.validation.time_series import validate_time_series

__all__ = ["IssueCode", "ValidationIssue", "validate_time_series"]
