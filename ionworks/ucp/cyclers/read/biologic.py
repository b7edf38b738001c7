"""Reading settings of EC-Lab and BT-Lab: techniques that run in order, and loops over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ionworks.ucp.cyclers.read.biologic_container import Settings, Technique
from ionworks.ucp.cyclers.read.biologic_gcpl import read_gcpl
from ionworks.ucp.cyclers.read.biologic_modulo_bat import read_modulo_bat
from ionworks.ucp.cyclers.read.biologic_sequences import Sequences
from ionworks.ucp.cyclers.read.biologic_techniques import READERS, read_technique
from ionworks.ucp.cyclers.read.numbers import whole
from ionworks.ucp.cyclers.read.plan_builder import MOST_STEPS, Loop, PlanBuilder, ReadFile
from ionworks.ucp.cyclers.read.refusals import Refusals, Unreadable

TITLE: Final = "BioLogic settings file"
_LOOP: Final = "Loop"
_SWEEPS: Final = "sweeps of the voltage are not read; write a Drive in the mode Voltage"
_SIGNALS: Final = "UCP neither waits for other devices nor sends signals to them"
_REASONS: Final = {
    "Cyclic Voltammetry": _SWEEPS,
    "Cyclic Voltammetry Advanced": _SWEEPS,
    "Linear Sweep Voltammetry": _SWEEPS,
    "Staircase Voltammetry": _SWEEPS,
    "Trigger In": _SIGNALS,
    "Trigger Out": _SIGNALS,
    "External Application": _SIGNALS,
    "Temperature Control Unit": "what the chamber does if it is not stable in time is unknown",
    "Battery Capacity Determination": "later steps use the capacity that it measures",
    "Wait": "what the cell does while the instrument waits is not documented",
}


def read(content: bytes, _assets: Mapping[str, bytes]) -> ReadFile:
    """Read a settings file, or the settings in the head of a data file.

    Parameters
    ----------
    content : bytes
        Text in the encoding cp1252 or UTF-8.

    Raises
    ------
    UCPError
        If it is not such a file, or has settings of the whole test that UCP cannot express.
    """
    builder = PlanBuilder(Refusals(TITLE))
    settings = Settings(builder)
    settings.read(content)
    builder.refusals.raise_any()
    linked = _linked(builder, settings.techniques)
    count = sum(sequences.count for sequences in linked)
    if count > MOST_STEPS:
        builder.refusals.add("the file", f"it has {count} sequences; at most {MOST_STEPS} are read")
        builder.refusals.raise_any()
    for sequences in linked:
        _read_technique(sequences, linked)
    return builder.read_file()


def _linked(builder: PlanBuilder, techniques: list[Technique]) -> list[Sequences]:
    """Return the sequences of all techniques, numbered one after the other."""
    repeated = {
        cells
        for technique in techniques
        if technique.name == _LOOP
        for label, cells in technique.rows
        if label == "goto Ne"
    }
    found: list[Sequences] = []
    first = 0
    for technique in techniques:
        sequences = Sequences(
            builder,
            technique,
            first,
            alone=len(techniques) == 1,
            is_last=technique is techniques[-1],
            is_repeated=(str(technique.number),) in repeated,
        )
        found.append(sequences)
        first = sequences.number(sequences.count)
    return found


def _read_technique(sequences: Sequences, linked: list[Sequences]) -> None:
    name = sequences.technique.name
    with sequences.builder.refusing(
        f"technique {sequences.technique.number} ({name})", sequences.first
    ):
        if name == "Modulo Bat":
            read_modulo_bat(sequences)
        elif name == "Galvanostatic Cycling with Potential Limitation":
            read_gcpl(sequences)
        elif name in READERS:
            read_technique(sequences)
        elif name == _LOOP:
            _read_loop(sequences, linked)
        else:
            raise Unreadable(_REASONS.get(name, "this technique is not documented"))


def _read_loop(sequences: Sequences, linked: list[Sequences]) -> None:
    """Read a loop over techniques, which counts repetitions: one less than the passes.

    The readers of aurora-unicycler and of another project count in this way, and ``nt times`` is 12
    in a public file whose loop has a list of 13 temperatures. Loops inside a technique begin anew
    in each pass, as the data of ``v1150_MB.mpt`` show.
    """
    columns = sequences.technique.columns()
    if len(columns) != 1:
        raise Unreadable(f"it has {len(columns)} sequences; a loop has one")
    [column] = columns
    target, repeats = column.whole("goto Ne"), whole(column.text("nt times"), "nt times")
    column.check_all_heeded()
    end = sequences.turn(0, 0)
    if not 1 <= target < sequences.technique.number:
        raise Unreadable(f"it repeats from technique {target}, which is not before it")
    between = linked[target - 1 : sequences.technique.number - 1]
    if any(other.technique.name == _LOOP for other in between):
        raise Unreadable("it is not documented how nested loops are counted")
    if repeats:
        name = f"Techniques {target} to {sequences.technique.number}"
        start = linked[target - 1].first
        sequences.builder.loops.append(Loop(start, end, repeats + 1, name=name))
