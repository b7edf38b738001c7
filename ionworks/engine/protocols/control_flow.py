"""Control flow of a protocol: order of steps, repeats, jumps and cycle counts.

The tree of items is laid out as one list of instructions, in which a block is a start and an end.
A `Flow` is the program counter of one run: it opens and closes blocks, repeats them, follows jumps
and counts cycles. It is independent of the cell.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from attrs import define, field, frozen

from ionworks.ucp.checks.jumps import TargetIndex
from ionworks.ucp.nodes import Block, Goto, Item, Leaf, Marker, Protocol
from ionworks.ucp.problems import UCPError
from ionworks.ucp.traversal import Position, leaves

MAX_STEPS: Final = 100_000
"""Most steps a run may execute, including those that take no time."""

MAX_VISITS: Final = 1_000_000
"""Most instructions a run may pass: nested repeats of blocks without steps would never end."""

MAX_BACKWARD_JUMPS: Final = 1000
"""Most jumps back of a run, unless the request gives another number."""


class FlowError(ValueError):
    """A run that cannot continue: a limit is exceeded, or a repeat is not a whole number."""


@frozen
class LeafAt:
    """A step, the name under which it is reported, and the starts of the blocks around it."""

    leaf: Leaf
    label: str | None
    blocks: tuple[int, ...]


@frozen
class BlockAt:
    """The start of a block; ``end`` is the instruction that closes it."""

    block: Block
    blocks: tuple[int, ...]
    end: int


@frozen
class BlockEnd:
    """The end of a block; ``start`` is the instruction that opens it."""

    start: int


@frozen
class MarkerAt:
    """A marker and the starts of the blocks around it."""

    marker: Marker
    blocks: tuple[int, ...]


Instruction: TypeAlias = LeafAt | BlockAt | BlockEnd | MarkerAt


@frozen
class Route:
    """The instructions of a protocol, and the target of each of its jumps."""

    instructions: tuple[Instruction, ...]
    targets: Mapping[Goto, int]


def lay_out(protocol: Protocol) -> Route:
    """Lay out a protocol as a list of instructions.

    Raises
    ------
    UCPError
        If a jump has no target, or more than one item has the name of its target.
    """
    instructions: list[Instruction] = []
    places: dict[Position, int] = {}

    def place(items: Iterable[Item], above: Position, label: str | None, blocks: Position) -> None:
        for index, item in enumerate(items):
            position = (*above, index)
            here = places[position] = len(instructions)
            match item:
                case Leaf():
                    instructions.append(LeafAt(item, item.name or label, blocks))
                case Marker():
                    instructions.append(MarkerAt(item, blocks))
                case Block():
                    instructions.append(BlockEnd(here))
                    place(item.items, position, item.name, (*blocks, here))
                    instructions[here] = BlockAt(item, blocks, len(instructions))
                    instructions.append(BlockEnd(here))

    place(protocol.steps, (), None, ())
    index = TargetIndex(protocol.steps)
    targets: dict[Goto, int] = {}
    for goto in _jumps(protocol):
        found = index.find(goto)
        if isinstance(found, UCPError):
            raise found
        if isinstance(found, tuple):
            targets[goto] = places[found]
    return Route(tuple(instructions), targets)


def _jumps(protocol: Protocol) -> Iterator[Goto]:
    safety = (*(limit.goto for limit in protocol.safety.limits), protocol.safety.goto)
    ends = (end.goto for leaf in leaves(protocol.steps) for end in leaf.ends)
    return (goto for goto in (*safety, *ends) if goto is not None)


@define
class _Loop:
    """An open block: number of repeats, current iteration, and whether it counts cycles."""

    repeat: int
    iteration: int
    counts: bool


@define
class Flow:
    """The position of one run in a route.

    Attributes
    ----------
    route : Route
    max_backward_jumps : int
        Most jumps back before the run fails.
    counter : int
        The next instruction.
    cycle : int
        0-based cycle of the next step.
    backward_jumps, executed : int
        Jumps back and steps so far.
    """

    route: Route
    max_backward_jumps: int = MAX_BACKWARD_JUMPS
    counter: int = 0
    cycle: int = 0
    backward_jumps: int = 0
    executed: int = 0
    _visits: int = 0
    _open: dict[int, _Loop] = field(factory=dict)
    _cycle_ended: bool = False

    @property
    def finished(self) -> bool:
        """Whether the run is at the end of the protocol."""
        return self.counter >= len(self.route.instructions)

    @property
    def place(self) -> str:
        """The cycle of the next step in words; empty if the protocol has none so far."""
        cycle = self.cycle + self._cycle_ended + 1
        loop = next((each for each in self._open.values() if each.counts), None)
        if loop is None:
            return f"cycle {cycle}" if cycle > 1 else ""
        if loop.iteration == cycle:
            return f"cycle {cycle} of {loop.repeat}"
        return f"cycle {cycle} ({loop.iteration} of {loop.repeat})"

    def share_done(self, repeats: Callable[[Block], float]) -> float:
        """Return the share of the steps before the next one, if none of them jumps.

        Parameters
        ----------
        repeats : callable
            Returns the likely number of repeats of a block that is not open.
        """
        done, total = self._steps(0, len(self.route.instructions), repeats)
        return max(0.0, min(done / total, 1.0)) if total > 0 else 1.0

    def _steps(
        self, start: int, end: int, repeats: Callable[[Block], float]
    ) -> tuple[float, float]:
        """Return how many steps some instructions have made in this pass, and make in all."""
        done = total = 0.0
        at = start
        while at < end:
            found = self.route.instructions[at]
            if isinstance(found, LeafAt):
                total += 1
                done += at < self.counter
            elif isinstance(found, BlockAt):
                of_pass, size = self._steps(at + 1, found.end, repeats)
                loop = self._open.get(at)
                times = repeats(found.block) if loop is None else loop.repeat
                total += times * size
                if loop is not None:
                    done += (loop.iteration - 1) * size + of_pass
                elif at < self.counter:
                    done += times * size
                at = found.end
            at += 1
        return done, total

    def arrive(self, repeats: Callable[[Block], float]) -> LeafAt | None:
        """Advance to the next step and return it; None at the end of the protocol.

        Parameters
        ----------
        repeats : callable
            Returns the number of repeats of a block that is entered now.

        Raises
        ------
        FlowError
            If a number of repeats is not a whole number, or a limit is exceeded.
        """
        while not self.finished:
            self._visits += 1
            if self._visits > MAX_VISITS:
                raise FlowError(f"the run passed more than {MAX_VISITS} steps, blocks and markers")
            match self.route.instructions[self.counter]:
                case LeafAt() as found:
                    self._count_step(found.leaf)
                    return found
                case MarkerAt() as found:
                    self._mark(found.marker)
                case BlockAt() as found:
                    self._enter(self.counter, found, repeats)
                case BlockEnd(start):
                    self._close(start)
        return None

    def begin_step(self) -> int:
        """Return the cycle a step that takes time belongs to."""
        self.cycle += self._cycle_ended
        self._cycle_ended = False
        return self.cycle

    def proceed(self) -> None:
        """Advance past the step."""
        self.counter += 1

    def stop(self) -> None:
        """End the test."""
        self.counter = len(self.route.instructions)

    def follow(self, goto: Goto | None, place: str, repeats: Callable[[Block], float]) -> None:
        """Continue where the end of the step says.

        Parameters
        ----------
        goto : str, int or None
            ``"End"``, ``"Next"`` (as None), or a target of the route.
        place : str
            Name of the step in messages.
        repeats : callable
            Returns the number of repeats of a block into which the jump leads.

        Raises
        ------
        FlowError
            If this is one jump back more than allowed.
        """
        if goto is None or goto == "Next":
            self.proceed()
        elif goto == "End":
            self.stop()
        else:
            self._jump(goto, place, repeats)

    def _jump(self, goto: Goto, place: str, repeats: Callable[[Block], float]) -> None:
        target = self.route.targets[goto]
        # A jump to the step itself counts as one back.
        if target <= self.counter:
            if self.backward_jumps >= self.max_backward_jumps:
                raise FlowError(
                    f"{place} jumps back to {goto!r}, but the run has already made its maximum of "
                    f"{self.max_backward_jumps} backward jumps: raise max_backward_jumps"
                )
            self.backward_jumps += 1
        instruction = self.route.instructions[target]
        around = () if isinstance(instruction, BlockEnd) else instruction.blocks
        for start in [start for start in self._open if start not in around]:
            self._leave(start)
        # A block entered by a jump is in its first iteration.
        for start in around:
            block = self.route.instructions[start]
            if start not in self._open and isinstance(block, BlockAt):
                repeat = whole_repeats(repeats(block.block), block.block)
                self._open[start] = _Loop(repeat, 1, self._counts(repeat))
        self.counter = target

    def _count_step(self, leaf: Leaf) -> None:
        self.executed += 1
        if self.executed > MAX_STEPS:
            raise FlowError(
                f"the run has executed {MAX_STEPS} steps, the most it may ({leaf.path})"
            )

    def _mark(self, marker: Marker) -> None:
        if marker.kind == "End":
            self.stop()
            return
        self.cycle += marker.kind == "Advance cycle"
        self.counter += 1

    def _enter(self, start: int, found: BlockAt, repeats: Callable[[Block], float]) -> None:
        repeat = whole_repeats(repeats(found.block), found.block)
        if repeat == 0:
            self.counter = found.end + 1
            return
        self._open[start] = _Loop(repeat, 1, self._counts(repeat))
        self.counter = start + 1

    def _counts(self, repeat: int) -> bool:
        # Cycles are the iterations of the outermost block that repeats.
        return repeat > 1 and all(loop.repeat == 1 for loop in self._open.values())

    def _close(self, start: int) -> None:
        loop = self._open[start]
        if loop.iteration >= loop.repeat:
            self._leave(start)
            self.counter += 1
            return
        loop.iteration += 1
        self.cycle += loop.counts
        self.counter = start + 1

    def _leave(self, start: int) -> None:
        # The step after a block that counts cycles begins another one, but only if it takes time.
        self._cycle_ended |= self._open.pop(start).counts


def whole_repeats(given: float, block: Block) -> int:
    """Return a number of repeats as an integer; raises a FlowError if it is not one."""
    repeat = round(given)
    # Expressions such as ``0.3 * 10`` are rounded.
    if abs(given - repeat) > 1e-9 or repeat < 0:
        raise FlowError(f"{block.path}.repeat: {given:g} is not a whole number of 0 or more")
    return repeat
