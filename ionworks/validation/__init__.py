"""Checks of a time series before it is uploaded.

`validate_time_series` checks any table; `client.cell_measurement.create` runs the same checks.

Positive current discharges. A *step* is a sequence of rows with the same ``Step count``.

Checks that always run; all of their findings are errors:

=============================  =====================================================================
code                           condition
=============================  =====================================================================
``EMPTY``                      there is no row
``MISSING_COLUMN``             ``Time [s]``, ``Voltage [V]``, ``Current [A]`` or ``Step count`` is
                               missing
``NOT_NUMERIC``                a known column does not contain numbers
``MISSING_VALUE``              a time or step count is null or not finite
``TIME_NOT_FROM_ZERO``         the first time is not 0, within 1e-6 s
``TIME_DECREASES``             a time is lower than in the row above
``STEP_COUNT_NOT_WHOLE``       a step count has a fraction
``STEP_COUNT_NOT_FROM_ZERO``   the first step count is not 0
``STEP_COUNT_NOT_SEQUENTIAL``  a step count is neither equal to that of the row above nor one more
``CURRENT_REVERSED``           the current has the wrong sign for the voltage: see below
``NOT_RESET``                  ``Discharge capacity [A.h]``, ``Charge capacity [A.h]``, ``Discharge
                               energy [W.h]`` or ``Charge energy [W.h]`` starts a step with more
                               than can have flowed since the row above: twice the larger of the two
                               currents (for energy, times the voltage) times the time between them,
                               plus a thousandth of the column's largest value for rounding
=============================  =====================================================================

Checks that run if a limit is given; their findings are errors:

=============================  =====================================================================
``OUTSIDE_VOLTAGE_WINDOW``     a voltage is more than 50 mV outside of ``voltage_window``
``ABOVE_RATED_CAPACITY``       the charge of one step exceeds 1.5 times ``rated_capacity``
=============================  =====================================================================

Checks that ``strict=True`` adds:

=============================  ========  ===========================================================
code                           severity  condition
=============================  ========  ===========================================================
``NOT_FINITE``                 error     a value of a known column is null, NaN or infinite
``FEW_POINTS``                 error     a step has fewer than 2 rows
``DUPLICATE_ROW``              error     time and step count are equal to those of the row above
``CUMULATIVE_DECREASES``       error     a capacity or energy falls within a step by more than a
                                         thousandth of its largest value: rows in the wrong order
``CYCLE_COUNT``                error     the cycle count does not start at 0, falls, or skips one
``CAPACITY_MISMATCH``          error     the capacity of a step and the integral of its current
                                         differ by more than 10 %; steps with less than 1 % of the
                                         largest capacity of a step are not checked
``IMPLAUSIBLE_UNIT``           error     voltage, current, time or temperature have another unit:
                                         see below
``TIME_GAP``                   error     rows are missing while current flows: between two rows of a
                                         step of ten or more pass more than 5 times the intervals
                                         beside them, more than 8 times the mean of the others, and
                                         5 % or more of the step
``TIME_GAP``                   warning   within a step, more than 100 times the step's mean interval
                                         and more than 10 min pass between two rows otherwise
``STEP_VOLTAGE_DIRECTION``     warning   in a step of constant direction the voltage changes in the
                                         wrong direction by more than 20 mV
``MIXED_DIRECTIONS``           warning   a step charges and discharges, each with 1 % or more of
                                         the charge that flows in it
=============================  ========  ===========================================================

*Reversed current.* A step has a constant direction if all of its currents above a thousandth of
the largest have the same sign. The voltage changes of such steps, from first to last row, are
summed in two groups: those in the expected direction (falling on discharge, rising on charge) and
the others. If the sum of the others is larger, the sign of the current is reversed. Single steps
can change in the other direction, such as a weak discharge after a strong one, but not most of
them. Changes below 5 mV are ignored. If no step qualifies, as in a drive cycle, the rows are used:
with a positive resistance, jumps of current and voltage have opposite signs, so the sum of their
products must not be positive. Only jumps of at least 1 mV count, and the positive products must
exceed the negative ones by more than nine to one.

*Missing columns.* The message names the column that looks like the missing one, and the argument
``columns`` that renames and converts it; ``payload["looks_like"]`` lists such columns.

*Units.* The rated capacity Q and the voltage window are those that are given, else those of the
cell's specification in an upload. The last column holds if they are unknown.

===============  ======================================  ======================================
suspected        if Q and the window are known           if they are unknown
===============  ======================================  ======================================
mV               half of the voltages exceed 100 times   half of the voltages exceed 100 V
                 the highest of the window
mA, or ms        the mean current of a step exceeds      the mean current of a step exceeds
                 100 Q in an hour, or its charge 10 Q    1500 A, or its charge 2500 A.h
h or min         the charge of all sweeps, relative to   all sweeps are 0.5 V or more, and more
                 Q, is less than 1/300 of the sweeps     than 0.05 V for each second of the test
                 relative to the window; or 1/30, if
                 each is 40 % of the window or more
kA               as for h, if the mean rate of the       (not found)
                 sweeps is also below Q in 300 h
K                half of the temperatures exceed         the same
                 200 degC
===============  ======================================  ======================================

A sweep is twice the difference between the mean and the last voltage of a step of constant
direction with five rows or more, if it is 0.1 V or more and ends in the window: an ohmic jump at
the start does not count.
"""

from ionworks.errors import IssueCode, ValidationIssue
from ionworks.validation.time_series import validate_time_series

__all__ = ["IssueCode", "ValidationIssue", "validate_time_series"]
