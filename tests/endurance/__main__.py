"""`make chaos ROUNDS=n` and `make soak MINUTES=n`: the engine under faults, with an audit."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.endurance import audit, report
from tests.endurance.faults import KILLS_WORKERS, MODERATE, WEIGHTS, choose
from tests.endurance.stand import Stand
from tests.endurance.workload import RECIPES

_DISK_FULL = "disk full"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns 1 if there are findings."""
    options = _parser().parse_args(arguments)
    # End as Ctrl-C does, so that the small disk is removed and no process is left.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return _run(options)
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(options: argparse.Namespace) -> int:
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    names = options.faults or list(WEIGHTS if options.command == "chaos" else MODERATE)
    is_chaos = options.command == "chaos"
    length = options.rounds if is_chaos else options.minutes
    # Twice what is stored in a round or a minute, so that only faults fill the disk.
    megabytes = options.megabytes or int(200 + (10 if is_chaos else 50) * length)
    print(f"SEED={seed}", flush=True)
    began = time.monotonic()
    stand = Stand(
        seed=seed,
        clients=options.clients,
        megabytes=megabytes if _DISK_FULL in names else None,
        # At least sixty samples, so that growth is found in a short run too.
        period=1.0 if is_chaos else min(10.0, length),
        say=lambda text: print(text, flush=True),
        recipes=options.recipes,
    )
    with stand:
        if _DISK_FULL in names and stand.disk is None:
            stand.say(f"skipped: {_DISK_FULL}; only root may mount a small file system")
            names.remove(_DISK_FULL)
        stand.run_reference()
        if is_chaos:
            _chaos(stand, options.rounds, names)
        else:
            _soak(stand, 60 * options.minutes, names)
        stand.server.stop()
        stand.audit_folder()
        for log in sorted(stand.root.glob("*.log")):
            stand.found(audit.log(log))
        figures = _figures(stand, time.monotonic() - began, options)
    findings = stand.findings
    print(f"\n{report.table(figures)}")
    report.write(options.report, figures, findings, stand.sampler.samples)
    print(f"\nThe figures are in {options.report}")
    for finding in findings:
        print(f"FINDING: {finding}")
    print("the audit found nothing" if not findings else f"{len(findings)} findings")
    return 1 if findings else 0


def _chaos(stand: Stand, rounds: int, names: Sequence[str]) -> None:
    """Run rounds of mixed work, each with one to three faults, healing and an audit."""
    for number in range(1, rounds + 1):
        since = len(stand.ledger.entries())
        faults = choose(stand.dice, names, stand.dice.randint(1, 3))
        delays = [stand.dice.uniform(0, 6) for _ in faults]
        began = time.monotonic()
        clients = stand.start_clients(f"r{number}", steps=3, seconds=100)
        injections = [
            threading.Thread(target=stand.inject, args=(name, delay, stand.dice.getrandbits(32)))
            for name, delay in zip(faults, delays, strict=True)
        ]
        for each in injections:
            each.start()
        for each in injections:
            each.join()
        stand.world.heal()
        recovery = stand.probe(f"r{number}-probe")
        stand.join(clients)
        stand.await_end(time.monotonic())
        stand.audit_work(since)
        stand.audit_folder()
        spent = time.monotonic() - began
        moments = ", ".join(
            f"{name} at {delay:.1f} s" for name, delay in zip(faults, delays, strict=True)
        )
        stand.say(
            f"round {number}: {moments}; a new run ended {recovery:.1f} s later; {spent:.0f} s"
        )


def _soak(stand: Stand, seconds: float, names: Sequence[str]) -> None:
    """Work without a pause on one server process, with a moderate fault about twice a minute."""
    since = len(stand.ledger.entries())
    until = time.monotonic() + seconds
    clients = stand.start_clients("soak", steps=10**9, seconds=seconds)
    number = 0
    while (left := until - time.monotonic()) > 0:
        if stand.program.process() is None:
            number += 1
            stand.program.join(0)
            stand.program.start(f"soak-p{number}", stand.dice.getrandbits(32), 5, stand.recipes)
        pause = stand.dice.uniform(10, 40)
        time.sleep(min(pause, left))
        if pause > left:
            break
        excluded = KILLS_WORKERS if audit.has_retried(stand.folder) else ()
        for name in choose(stand.dice, [each for each in names if each not in excluded], 1):
            stand.inject(name, 0, stand.dice.getrandbits(32))
            stand.say(f"{seconds - left + pause:6.0f} s: {name}")
    stand.world.heal()
    stand.probe("soak-probe")
    stand.join(clients)
    stand.await_end(time.monotonic())
    stand.sampler.stop()
    stand.found(report.growth(stand.sampler.samples))
    stand.audit_work(since, results=1000)


def _figures(stand: Stand, seconds: float, options: argparse.Namespace) -> dict[str, Any]:
    kinds = ("simulation", "pipeline", "simple_pipeline", "measurement")
    entries = stand.ledger.entries()
    return {
        "command": options.command,
        "seed": stand.seed,
        "minutes": round(seconds / 60, 1),
        **({"rounds": options.rounds} if options.command == "chaos" else {}),
        "submissions": len(entries),
        "submissions whose reply was lost": sum(not each.is_certain for each in entries),
        **{f"records: {kind}": stand.ledger.runs([kind]) for kind in kinds},
        **{f"faults: {name}": stand.world.counts[name] for name in sorted(stand.world.counts)},
        **({} if stand.disk else {f"faults: {_DISK_FULL}": "skipped"}),
        "connections broken by the proxy": stand.proxy.broken,
        "errors seen by clients": dict(stand.ledger.errors),
        "starts of the server": stand.server.starts,
        "longest restart [s]": round(stand.world.longest_restart, 1),
        "longest time from the last fault to a new result [s]": round(stand.longest_recovery, 1),
        "folder [MB]": round(report.size_of(stand.folder) / 1e6, 1),
        **report.peaks(stand.sampler.samples),
        "findings": len(stand.findings),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    chaos = commands.add_parser("chaos", help="rounds of work with faults, each with an audit")
    chaos.add_argument("--rounds", type=int, default=10, help="(%(default)s)")
    soak = commands.add_parser("soak", help="work without a pause, with moderate faults")
    soak.add_argument("--minutes", type=float, default=10, help="(%(default)s)")
    for each in (chaos, soak):
        each.add_argument("--seed", type=int, help="of all random choices (a random one)")
        each.add_argument("--clients", type=int, default=4, help="(%(default)s)")
        each.add_argument("--megabytes", type=int, help="size of the disk, which is in memory")
        each.add_argument("--faults", nargs="+", choices=list(WEIGHTS), help="only these")
        each.add_argument(
            "--recipes", nargs="+", choices=list(RECIPES), default=list(RECIPES), help="only these"
        )
        each.add_argument(
            "--report", type=Path, default=Path(f"endurance-{each.prog.split()[-1]}.json")
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
