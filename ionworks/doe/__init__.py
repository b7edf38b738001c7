"""Design of experiments: checking a design, counting its runs, and generating them.

A design is a mapping in the form of the service's contract::

    {"sampling": "grid" | "random" | "latin_hypercube",
     "rows": [{"type": "discrete", "name": "x", "values": [1.0, 2.0]},
              {"type": "range", "name": "y", "min": 0.0, "max": 1.0, "count": 3},
              {"type": "normal", "name": "z", "mean": 0.0, "std": 1.0, "count": 2}],
     "count": 10, "seed": 1}

The client uses this module to reject an invalid design before anything is sent, the embedded
engine to generate the runs. It only uses the standard library.

Decisions
---------
* ``grid`` is the product of all rows, with the last row varying fastest. A range row gives
  ``count`` evenly spaced values including both ends (``count`` 1 gives ``min``). A normal row
  gives ``count`` values, drawn once and then combined like any other values. A top-level
  ``count`` must equal the product.
* ``random`` and ``latin_hypercube`` use the top-level ``count``; without it the counts of the
  rows, of which those above 1 must be equal; without any count, one run.
* ``random`` draws uniformly in a range, picks from the values of a discrete row, and draws from
  the normal distribution.
* ``latin_hypercube`` puts exactly one run into each of ``count`` equally probable intervals of
  every range and normal row, and uses the values of a discrete row equally often, up to a
  difference of one.
* ``seed`` makes the drawn values reproducible. Without one a seed is drawn on submission, stored
  with the simulations and returned with their ids. Each row has its own random stream, seeded with
  the seed and the row's name, so that adding or moving a row does not change the values of others.
* ``min`` must be below ``max``; use a discrete row for a single value.
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
    without_effect,
)
from ionworks.doe.sampling import Points, expand, points, with_seed

__all__ = [
    "LARGEST_DESIGN",
    "ROW_FIELDS",
    "SAMPLINGS",
    "Points",
    "check",
    "count",
    "expand",
    "from_design_parameters",
    "normalise",
    "points",
    "with_seed",
    "without_effect",
]
