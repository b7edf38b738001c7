"""What the ends of a protocol need of a model, besides what every run records."""

from typing import Final

from attrs import frozen

from ionworks.engine.cells.initial_state import LITHIUM
from ionworks.ucp.expressions import Name, walk
from ionworks.ucp.nodes import Protocol
from ionworks.ucp.traversal import expressions, leaves
from ionworks.ucp.vocabulary import READ_OUTS

CELL_CAPACITY: Final = READ_OUTS["Cell capacity"]
"""Name, in expressions, of the charge [A.h] between the states of charge 0 and 1 now."""

LOWEST_VOLTAGE: Final = READ_OUTS["Minimum voltage"]
"""Name, in expressions, of the lowest voltage [V] of the cycle so far."""


@frozen
class Watch:
    """Formulas of a model's variables, and variables of a model, that a protocol compares.

    Attributes
    ----------
    ends : tuple of str
        Formulas that can end a step: the models stop at bounds on them.
    reads : tuple of str
        Formulas and variables of which only the values at the ends of steps count.
    has_capacity, has_lowest_voltage : bool
        Whether the protocol reads `CELL_CAPACITY` and `LOWEST_VOLTAGE`.
    """

    ends: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    has_capacity: bool = False
    has_lowest_voltage: bool = False

    @classmethod
    def of(cls, protocol: Protocol) -> "Watch":
        """Return what the ends of a protocol compare."""
        ends: dict[str, None] = {}
        reads: dict[str, None] = {}
        names = {
            part.name
            for tree in (protocol.safety, protocol.steps)
            for _, expression in expressions(tree)
            for part in walk(expression)
            if isinstance(part, Name)
        }
        for leaf in leaves(protocol.steps):
            for end in leaf.ends:
                names.add(READ_OUTS.get(end.quantity, ""))
                if end.is_formula:
                    (reads if leaf.kind == "Control" else ends)[end.quantity] = None
        has_capacity = CELL_CAPACITY in names
        if has_capacity:
            reads |= dict.fromkeys(LITHIUM)
        only_read = tuple(name for name in reads if name not in ends)
        return cls((*ends,), only_read, has_capacity, LOWEST_VOLTAGE in names)

    @property
    def signals(self) -> tuple[str, ...]:
        """What is recorded, in the order of the signals."""
        return (*self.ends, *self.reads)


NOTHING: Final = Watch()
"""What a protocol needs whose ends compare only what every run records."""
