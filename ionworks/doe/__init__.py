"""Design of experiments: rows, checks, the exact number of runs, and the runs themselves.

A design is a mapping as the service takes it::

    {"sampling": "grid" | "random" | "latin_hypercube",
     "rows": [{"type": "discrete", "name": "x", "values": [1.0, 2.0]},
              {"type": "range", "name": "y", "min": 0.0, "max": 1.0, "count": 3},
              {"type": "normal", "name": "z", "mean": 0.0, "std": 1.0, "count": 2}],
     "count": 10, "seed": 1}

The client uses this module to refuse a wrong design before anything is sent, the embedded engine
to turn the design into runs. It needs the standard library only.

Decisions
---------
* ``grid`` is the product of all rows, the last row varying fastest. A range row gives ``count``
  evenly spaced values, both ends included (``count`` 1 gives ``min``). A normal row gives
  ``count`` draws, made once and then combined like any other values. A top-level ``count`` must
  agree with the product.
* ``random`` and ``latin_hypercube`` take the top-level ``count``; without one the counts of the
  rows, of which those above 1 must agree; without any, one run.
* ``random`` draws uniformly in a range, picks from the values of a discrete row, and draws from
  the normal distribution.
* ``latin_hypercube`` puts exactly one run into each of ``count`` equally probable slices of
  every range and normal row, and uses every value of a discrete row equally often (give or take
  one).
* ``seed`` makes the drawn values repeatable. Each row draws from its own stream, made from the
  seed and the row's name, so that adding or moving a row leaves the values of the others alone.
* ``min`` must lie below ``max``: for a single value there is the discrete row.
"""

from __future__ import annotations

from ionworks.doe.design import (
    LARGEST_DESIGN,
    ROW_FIELDS,
    SAMPLINGS,
    check,
    count,
    from_design_parameters,
    normalise,
)
from ionworks.doe.sampling import expand

__all__ = [
    "LARGEST_DESIGN",
    "ROW_FIELDS",
    "SAMPLINGS",
    "check",
    "count",
    "expand",
    "from_design_parameters",
    "normalise",
]
