"""Mutate valid protocols and look for exceptions, hangs and inconsistent results.

    python -m tests.unit.ucp.mutate --count 100000 --seed 1

Each mutation depends only on its seed and number, so a failure is reproduced with
``--seed S --start N --count 1``.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import yaml

from ionworks import ucp
from ionworks.ucp.nodes import Block
from ionworks.ucp.traversal import positions
from tests.unit.ucp.corpus import documents

SECONDS = 5.0
MEGABYTES = 100
LARGEST_TREE = 3000
FEW = (1, 1, 1, 2, 3, 6)  # how many edits make a mutation
Source = str | dict[str, Any]

VOCABULARY = r"""
steps global safety_limits Rest Charge Discharge Drive EIS Waveform Control mode direction
value duration ends goto repeat name note set_variable eval variable operator expression data
shape sine amplitude frequency resolution temperature initial_soc End Next Pause Voltage Current
C-rate SOC Time d/dt( input[ ifelse( VAR_A V_MAX < > <= == ** ^ % - + ( ) [ ] { } : , & * ! | ? #
@ ` " ' \ ~ null yes .nan .inf 1e999 1e-400 0 -0 -1 0x10 010 1:30 C/0 C/20 1_0 --- ...
99999999999999999999
"""
STRANGE = "\u00b0\u03a9\u2264\u0000\u0085\u2028\ufeff\ud800\U0001f50b\t\n\r\v"
WORDS = (*VOCABULARY.split(), *STRANGE)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -0.0, -1, 1, 2.5, 10**30, 1e308, float("nan"), float("inf")),
    *("", " ", "x", [], {}, [[]], [{}], {"": ""}, {"a": None}, "End", "input['x']", "VAR_A"),
)
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def of_characters(text: str, draw: random.Random, _: str) -> Source:
    """Change, remove, double or insert bytes of the text."""
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for _round in range(draw.choice(FEW)):
        at = draw.randrange(len(raw) + 1)
        length = draw.choice((0, 1, 1, 2, 8, 40))
        filling = (b"", bytes([draw.randrange(256)]), bytes(raw[at : at + length]) * 2)
        raw[at : at + length] = draw.choice(filling)
    return raw.decode("utf-8", draw.choice(("replace", "surrogateescape", "ignore")))


def of_tokens(text: str, draw: random.Random, other: str) -> Source:
    """Change, remove, double, swap or insert words, of this document, another, or the language."""
    tokens = TOKEN.findall(text)
    foreign = TOKEN.findall(other)
    for _ in range(draw.choice(FEW)):
        at = draw.randrange(len(tokens) + 1)
        match draw.randrange(5):
            case 0:
                tokens[at : at + draw.randint(1, 4)] = []
            case 1:
                tokens[at:at] = [draw.choice(WORDS)]
            case 2:
                tokens[at : at + 1] = [draw.choice(WORDS)]
            case 3:
                start = draw.randrange(len(foreign))
                tokens[at:at] = foreign[start : start + draw.randint(1, 30)]
            case _:
                tokens[at:at] = tokens[at : at + draw.randint(1, 20)] * draw.choice((1, 1, 2, 50))
    return "".join(tokens)


def of_lines(text: str, draw: random.Random, other: str) -> Source:
    """Remove, move, indent or exchange whole lines."""
    lines = text.splitlines(keepends=True)
    foreign = other.splitlines(keepends=True)
    for _ in range(draw.choice(FEW)):
        at = draw.randrange(len(lines) + 1)
        match draw.randrange(4):
            case 0:
                lines[at : at + 1] = []
            case 1:
                lines[at:at] = [draw.choice(foreign)]
            case 2:
                shift = " " * draw.randrange(9)
                lines[at : at + 1] = [shift + line.lstrip() for line in lines[at : at + 1]]
            case _:
                draw.shuffle(lines) if draw.random() < 0.1 else lines.append("".join(lines[at:]))
    return "".join(lines)


def of_structure(text: str, draw: random.Random, other: str) -> Source:
    """Exchange, remove, rename, repeat and nest parts of the parsed document."""
    tree = _tree(text)
    strangers = [part for _, _, part in _places(_tree(other))]
    for _ in range(draw.choice(FEW)):
        places = list(_places(tree))
        if not places or len(places) > LARGEST_TREE:
            break
        holder, key, part = draw.choice(places)
        match draw.randrange(6):
            case 0:
                del holder[key]
            case 1:
                holder[key] = copy.deepcopy(draw.choice(ODD_VALUES))
            case 2:
                holder[key] = copy.deepcopy(draw.choice(strangers or [None]))
            case 3:
                holder[key] = _nested(part, draw)
            case 4 if isinstance(holder, dict):
                holder[draw.choice((*WORDS, *ODD_VALUES[:6]))] = holder.pop(key)
            case _:
                holder[key] = [part] * draw.choice((2, 3, 50))
    return _written(tree, draw)


def _tree(text: str) -> Any:
    try:
        return ucp.load(text)
    except ucp.UCPError:
        return {"steps": [*text.splitlines()]}


def _places(tree: Any) -> Iterator[tuple[Any, Any, Any]]:
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, part in list(entries):
        yield tree, key, part
        if isinstance(part, dict | list):
            yield from _places(part)


def _nested(part: Any, draw: random.Random) -> Any:
    for _ in range(draw.choice((1, 1, 2, 30, 70))):
        part = draw.choice(([part], {"Block": [part]}, {"Block": {"repeat": 99, "steps": [part]}}))
    return part


def _written(tree: Any, draw: random.Random) -> Source:
    is_large = sum(1 for _ in islice(_places(tree), LARGEST_TREE)) == LARGEST_TREE
    try:
        match 2 if is_large else draw.randrange(3):
            case 0:
                return json.dumps(tree)
            case 1:
                return yaml.safe_dump(tree, allow_unicode=True)
    except (TypeError, ValueError, RecursionError, yaml.YAMLError):
        pass  # Some trees have no text: they go in as they are.
    return dict(tree)


MUTATIONS = (of_characters, of_tokens, of_lines, of_structure)


def mutation(seed: int, number: int) -> Source:
    """Return one mutated protocol."""
    draw = random.Random(f"{seed}:{number}")  # noqa: S311 - mutations are no secrets
    corpus = documents_once()
    mutate = draw.choice(MUTATIONS)
    return mutate(draw.choice(corpus), draw, draw.choice(corpus))


def documents_once(cache: list[str] = []) -> list[str]:  # noqa: B006 - the default is the cache
    """Return the seed documents, read once."""
    if not cache:
        cache.extend(documents())
    return cache


def check(source: Source) -> bool:
    """Use a protocol in every way; errors must be values, never exceptions.

    Returns
    -------
    bool
        Whether it is valid.
    """
    result = ucp.parse(source)
    assert (result.protocol is None) == bool(result.errors)
    assert all(len(str(problem)) < 2000 for problem in (*result.errors, *result.warnings))
    names = ucp.find_input_references(source)
    assert len(names) == len(set(names))
    if isinstance(source, str):
        _or_refusal(lambda: ucp.load(source))
    if result.protocol is not None:
        _check_protocol(result.protocol)
    return result.protocol is not None


def _check_protocol(protocol: ucp.Protocol) -> None:
    text = ucp.to_yaml(protocol)
    assert ucp.parse(text).protocol == protocol
    assert ucp.parse(ucp.load(text)).protocol == protocol
    prose = ucp.human_readable(protocol)
    limits = protocol.safety.limits
    count = 1 + bool(limits) + len(limits) + sum(1 for _ in positions(protocol.steps))
    assert len(prose.splitlines()) == count
    assert all(not isinstance(item, Block) or item.items for _, item in positions(protocol.steps))
    cycles = dict.fromkeys(ucp.required_drive_cycles(protocol), ((0, 1), (1, 2)))
    driven = ucp.with_drive_cycles(protocol, cycles)
    assert ucp.required_drive_cycles(driven) == []
    assert ucp.parse(ucp.to_yaml(driven)).protocol == driven
    needed = ucp.required_inputs(protocol)
    for value in (1, 0.25, "Charge"):
        values: dict[str, float | str] = dict.fromkeys(needed, value)
        filled = _or_refusal(partial(ucp.resolve, protocol, values))
        if filled is not None:
            assert ucp.required_inputs(filled) == []
            assert ucp.parse(ucp.to_yaml(filled)).protocol is not None
            ucp.human_readable(filled)


def _or_refusal(use: Callable[[], Any]) -> Any:
    try:
        return use()
    except ucp.UCPError:
        return None


class TooSlow(Exception):
    """Reading a document took too long."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Interrupt code that uses too much processor time."""

    def stop(_number: int, _frame: object) -> None:
        raise TooSlow(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    # Again and again: raised inside a callback of the garbage collector it would be lost.
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def main() -> int:
    """Run the mutations given on the command line; the exit code is the number of failures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--start", type=int, default=0)
    options.add_argument("--seconds", type=float, default=SECONDS, help="longest time of one")
    given = options.parse_args()
    begin, valid, slowest, finds = time.monotonic(), 0, (0.0, -1), 0
    memory = _peak()
    for number in range(given.start, given.start + given.count):
        source = mutation(given.seed, number)
        started = time.process_time()
        try:
            with at_most(given.seconds):
                valid += check(source)
        except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
            finds += 1
            sys.stdout.write(f"--- seed {given.seed} number {number}\n{traceback.format_exc(-4)}\n")
        slowest = max(slowest, (time.process_time() - started, number))
    grown = _peak() - memory
    sys.stdout.write(
        f"{given.count} mutations in {time.monotonic() - begin:.0f} s, {valid} of them valid, "
        f"{finds} finds; slowest {slowest[0]:.2f} s (number {slowest[1]}), "
        f"memory grew by {grown:.0f} MB\n"
    )
    return finds + (grown > MEGABYTES)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    raise SystemExit(min(main(), 100))
