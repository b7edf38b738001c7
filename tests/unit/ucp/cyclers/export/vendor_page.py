"""The tables of ``docs/vendors.md``: from the descriptions of the formats, and from conversions.

``python -m tests.unit.ucp.cyclers.export.vendor_page`` (``make vendors``) writes them again, each
between ``<!-- generated: NAME -->`` and ``<!-- end -->``; the rest of the page is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from itertools import starmap
from pathlib import Path
from typing import Final

from ionworks import ucp
from ionworks.ucp.cyclers.conversion import find_format
from ionworks.ucp.cyclers.export.capability import (
    CONTROLS,
    CURRENT_LIMITS,
    DIRECTED,
    UNDIRECTED,
    VOLTAGE_LIMITS,
    Capability,
)
from ionworks.ucp.cyclers.export.format import Format
from ionworks.ucp.cyclers.read.files import READERS
from tests.paths import ROOT
from tests.unit.ucp.cyclers.export.golden import BIOLOGIC_SOFTWARE, BT_LAB_181, EC_LAB
from tests.unit.ucp.cyclers.export.probes import (
    CONDITIONS,
    CONSTRUCTS,
    IN_NO_FORMAT,
    SPECIAL_CASES,
    STEPS,
    accepted,
    leads_to,
    refusals,
)
from tests.unit.ucp.cyclers.export.protocols import TARGETS
from tests.unit.ucp.samples import ALL

PAGE: Final = ROOT / "docs" / "vendors.md"
_BLOCK: Final = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_KIND: Final = re.compile(r"\(((?:[^()]|\([^()]*\))+)\)$")
"""The type of a step, in the words of its file: at the end of the name of the step."""
_LIMITS: Final = (
    *sorted(VOLTAGE_LIMITS, reverse=True),
    *sorted(CURRENT_LIMITS),
    "temperature_min",
    "temperature_max",
)
_WORDS: Final = {
    frozenset({"next", "end", "jump"}): "any",
    frozenset({"next", "end"}): "next, stop",
    frozenset({"next"}): "next",
    frozenset({"end"}): "stop",
    frozenset(): "",
}
_COLUMNS: Final = {
    **{target: target for target in TARGETS if target not in ("biologic", "novonix")},
    "biologic": "biologic, BT-Lab",
    BT_LAB_181: "biologic, BT-Lab 1.81",
    EC_LAB: "biologic, EC-Lab",
    "novonix": "novonix",
}
_NO_REASON: Final = "not implemented"


def main() -> None:
    """Write the tables of the page again."""
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def rendered(page: str) -> str:
    """Return the page with its tables written again.

    Raises
    ------
    ValueError
        If a table is missing, or stands twice.
    """
    blocks = _blocks()
    found = [match[2] for match in _BLOCK.finditer(page)]
    if sorted(found) != sorted(blocks):
        raise ValueError(f"the page has the tables {found}; it must have {[*blocks]}, each once")
    return _BLOCK.sub(lambda match: f"{match[1]}\n{blocks[match[2]]()}\n\n{match[3]}", page)


def _blocks() -> dict[str, Callable[[], str]]:
    formats = {target: find_format(target) for target in TARGETS}
    return {
        "support": lambda: _support(formats),
        "in-no-format": _in_no_format,
        **{target: partial(_format, each) for target, each in formats.items()},
        "files": _files,
        "unread": _unread,
    }


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


# ---------------------------------------------------------------- all formats


def _support(formats: Mapping[str, Format]) -> str:
    rows = [
        [label, *("yes" if accepted(text, target, verify=True) else "no" for target in _COLUMNS)]
        for label, text in CONSTRUCTS.items()
    ]
    described = [formats["biologic" if name in BIOLOGIC_SOFTWARE else name] for name in _COLUMNS]
    for label, value in (
        ("levels of repeats", lambda each: str(each.capability.loops)),
        ("ends of a step", lambda each: _most(each.capability.most_ends, "any number")),
        ("steps of a file", lambda each: _most(each.capability.most_steps, "not known")),
        ("trust", lambda each: each.trust),
    ):
        rows.append([label, *map(value, described)])
    return _table(["", *_COLUMNS.values()], rows)


def _most(number: int | None, otherwise: str) -> str:
    return otherwise if number is None else f"at most {number}"


def _in_no_format() -> str:
    return _table(
        ["not in any format", "because"],
        [[label, _common_reason(text)] for label, text in IN_NO_FORMAT.items()],
    )


def _common_reason(text: str) -> str:
    """Return the reason that all formats give for rejecting a protocol."""
    found = [refusals(text, target) for target in TARGETS]
    common = set(found[0]).intersection(*found)
    if len(common) != 1:
        raise ValueError(f"the formats do not reject {text!r} for one reason: {found}")
    return common.pop()


# ---------------------------------------------------------------- one format


def _format(file_format: Format) -> str:
    facts = "\n".join(f"* {fact}" for fact in _facts(file_format))
    refused = _table(
        ["not supported", "because"],
        [*_refused(file_format.capability), *_special_cases(file_format.target)],
    )
    parts = [facts, _ends(file_format.target), refused]
    if file_format.target == "biologic" and _ends(EC_LAB) != parts[1]:
        parts[1] = f"With BT-Lab:\n\n{parts[1]}\n\nWith EC-Lab:\n\n{_ends(EC_LAB)}"
    if file_format.options:
        rows = [[f"`{name}`", text] for name, text in file_format.options.items()]
        parts.append(_table(["option", "value"], rows))
    return "\n\n".join(parts)


def _facts(file_format: Format) -> Iterator[str]:
    capability = file_format.capability
    yield f"File: `{file_format.suffix}` in the encoding {file_format.encoding}."
    yield f"Trust in the format: {file_format.trust}."
    steps = "no public source states a limit of steps"
    if capability.most_steps is not None:
        steps = f"at most {capability.most_steps} steps ({capability.reasons['steps']})"
    yield (
        f"Size: {steps}; {_most(capability.most_ends, 'any number of')} ends per step; "
        f"repeats nested up to {capability.loops} level{'s' * (capability.loops > 1)}."
    )
    keys = ", ".join(f"`{key}`" for key in _LIMITS if key in capability.safety)
    text = f"Safety limits: {keys}"
    if capability.pairs:
        pairs = ", ".join(f"`{low}` with `{high}`" for low, high in capability.pairs)
        text += f"; only in pairs: {pairs}"
    if capability.equal:
        text += "; one value for both currents"
    target = "can jump" if capability.safety_jumps else "can only end the test"
    yield f"{text}. A safety limit {target}."
    if "Advance cycle" in capability.marks and not file_format.counts_cycles:
        yield "The software counts cycles, so `Advance cycle` is left out, with a note."


def _ends(target: str) -> str:
    """Return the table of where the ends of each step may lead."""
    rows: dict[str, list[str]] = {}
    for step, (_, _, usual) in STEPS.items():
        if leads_to(step, usual, target):
            found = (frozenset(leads_to(step, condition, target)) for condition in CONDITIONS)
            rows[step] = [_WORDS[each] for each in found]
    used = [
        place for place in range(len(CONDITIONS)) if any(cells[place] for cells in rows.values())
    ]
    conditions = [*CONDITIONS]
    return _table(
        ["step", *(f"`{conditions[place]}`" for place in used)],
        ([step, *(cells[place] for place in used)] for step, cells in rows.items()),
    )


def _refused(capability: Capability) -> Iterator[list[str]]:
    """Yield what a format does not support, with the reasons of its capability."""

    def row(label: str, *names: str) -> list[str]:
        return [label, capability.reason(*names) or _NO_REASON]

    yield from starmap(row, _refused_steps(capability))
    yield from starmap(row, _refused_ends(capability))
    if not capability.jumps:
        yield row("end that jumps", "jump")
    if "loops" in capability.reasons:
        yield row(f"repeats nested more than {capability.loops} deep", "loops")
    if "Pause" not in capability.marks:
        yield row("`Pause`", "Pause")
    for key in _LIMITS:
        if key not in capability.safety:
            yield row(f"safety limit `{key}`", key)


def _refused_steps(capability: Capability) -> Iterator[tuple[str, ...]]:
    """Yield the kinds of steps that a format does not have, with the names of their reasons."""
    for control, text in CONTROLS.items():
        held = capability.controls.get(control, frozenset())
        label = re.sub("^an? ", "", text)
        if control == "cccv":
            label += " in one step"
        if not held:
            separate = control == "voltage" and "cccv" in capability.controls
            yield label + separate * " as a separate step", control
        elif held not in (DIRECTED, UNDIRECTED):
            for direction in sorted(map(str, DIRECTED - held)):
                yield f"{label} on {direction}", f"{control} {direction}", control


def _refused_ends(capability: Capability) -> Iterator[tuple[str, ...]]:
    """Yield the ends that a format does not have, with the names of their reasons."""
    known = frozenset().union(*capability.ends.values())
    for condition in CONDITIONS:
        if condition not in known:
            only_stops = condition in capability.protections
            label = f"end on `{condition}`" + only_stops * " that does not end the test"
            yield label, condition, condition.split()[0]
    for name in capability.reasons:
        control, _, condition = name.partition(" ")
        if control in CONTROLS and condition in CONDITIONS:
            yield f"end on `{condition}` of {CONTROLS[control]}", name
        elif name.startswith("ends of "):
            yield f"end of {CONTROLS[name.removeprefix('ends of ')]}", name
    if "Hold time" in capability.reasons:
        label = "end on the time at the voltage, of a constant current and voltage in one step"
        yield label, "Hold time"


def _special_cases(target: str) -> Iterator[list[str]]:
    """Yield the special cases that a format rejects, with the reason that the error gives."""
    lacks = [
        sign
        for sign, construct in {"goto: Other": "end that jumps", "US06": "drive cycle"}.items()
        if not accepted(CONSTRUCTS[construct], target)
    ]
    known: set[str] = set()
    for label, text in SPECIAL_CASES.items():
        reason = next(iter(refusals(text, target)), None)
        if reason is not None and reason not in known and not any(sign in text for sign in lacks):
            known.add(reason)
            yield [label, reason]


# ---------------------------------------------------------------- reading


def _files() -> str:
    """Return how much of the public files is read, by maker."""
    rows: dict[str, dict[str, int]] = {}
    kinds: dict[str, set[str]] = {}
    for path in ALL:
        maker = path.parent.name
        outcomes = rows.setdefault(maker, dict.fromkeys(("whole", "part", "none"), 0))
        outcomes[_outcome(path)] += 1
        kinds.setdefault(maker, set()).update(_kinds_read(path))
    return _table(
        ["maker", "files", "read", "read in part", "not read", "step types that are read"],
        (
            [maker, *map(str, (sum(outcomes.values()), *outcomes.values())), _listed(kinds[maker])]
            for maker, outcomes in rows.items()
        ),
    )


def _listed(kinds: Iterable[str]) -> str:
    return ", ".join(f"`{kind}`" for kind in sorted(kinds))


def _outcome(path: Path) -> str:
    try:
        return "part" if ucp.parse_file(path, partial=True).unread else "whole"
    except ucp.UCPError:
        return "none"


def _kinds_read(path: Path) -> Iterator[str]:
    """Yield the types of the steps that are read, in the words of the file."""
    # Both formats of Arbin have the same reader.
    reader = import_module(READERS[path.parent.name])
    try:
        plan = reader.read(path.read_bytes(), {}).plan
    except ucp.UCPError:
        return
    for _, step in plan.steps():
        kind = _KIND.search(step.title)
        if kind is not None:
            yield kind[1]


def _unread() -> str:
    """Return what is not read in the public files, by maker and reason."""
    places: dict[tuple[str, str], set[str]] = {}
    files: dict[tuple[str, str], set[str]] = {}
    for path in ALL:
        for message in _messages(path):
            place, _, reason = message.partition(": ")
            kind = _KIND.search(place)
            key = (path.parent.name, reason)
            places.setdefault(key, set()).add(kind[1] if kind else re.sub(r" -?\d.*", "", place))
            files.setdefault(key, set()).add(path.name)
    return _table(
        ["maker", "what", "why it is not read", "files"],
        (
            [maker, _listed(places[maker, reason]), reason, str(len(names))]
            for (maker, reason), names in sorted(files.items())
        ),
    )


def _messages(path: Path) -> list[str]:
    """Return what cannot be read in a file, each with its place."""
    try:
        return list(ucp.parse_file(path, partial=True).unread)
    except ucp.UCPError as error:
        return [problem.message for problem in error.problems] or [f"the file: {error}"]


if __name__ == "__main__":
    main()
