"""One large batch, whose worker and server are killed while it runs, and its audit.

``python -m tests.endurance.large_batch --runs 10000`` runs the batch twice: with an embedded engine
and no faults, which tells the result of each run, and on a server. There a worker is killed with
SIGKILL after a third of the runs, and the server after two thirds.
"""

from __future__ import annotations

import argparse
import itertools
import random
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ionworks import Ionworks
from ionworks.errors import IonworksError
from ionworks.records.job import TERMINAL_STATUSES
from tests.endurance import audit, report
from tests.endurance.stand import Stand
from tests.endurance.workload import DISCHARGE, PASSING, PATIENCE, THICKNESS

#: When the faults happen: the part of the runs that have ended, and the name of the fault.
KILLS: Final = ((1 / 3, "worker killed"), (2 / 3, "server killed"))
#: Relative difference of two results of the same run; those of other runs differ by more.
TOLERANCE: Final = 1e-5
#: Seconds between two looks, and those in which a batch must end.
_PAUSE, _LIMIT = 0.2, 3600.0
#: How many examples of one finding are named.
_NAMED: Final = 3


@frozen
class Seen:
    """What tells the result of a run from those of the others."""

    rows: int
    seconds: float
    capacity: float

    def agrees_with(self, other: Seen) -> bool:
        """Return whether both are of the same run."""
        pairs = [(self.seconds, other.seconds), (self.capacity, other.capacity)]
        return self.rows == other.rows and all(
            abs(mine - theirs) <= TOLERANCE * abs(theirs) for mine, theirs in pairs
        )


def compare(expected: Iterable[Seen], found: Iterable[Seen]) -> list[str]:
    """Return findings about results that are missing, too many or those of another run."""
    wrong, fewer, more = [], 0, 0
    for index, (wanted, got) in enumerate(itertools.zip_longest(expected, found)):
        if got is None:
            fewer += 1
        elif wanted is None:
            more += 1
        elif not got.agrees_with(wanted):
            wrong.append(f"run {index} has {got}, expected {wanted}")
    return [
        *([f"{len(wrong)} results are wrong: {'; '.join(wrong[:_NAMED])}"] if wrong else []),
        *([f"{fewer} results are missing"] if fewer else []),
        *([f"{more} results too many"] if more else []),
    ]


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return findings about runs that changed, or are gone, after they were seen to have ended.

    Parameters
    ----------
    before, after
        The time of the last change by id.
    """
    lost = [each for each in before if each not in after]
    again = [each for each in before if each in after and before[each] != after[each]]
    return [
        *([f"{len(lost)} ended runs are lost: {', '.join(lost[:_NAMED])}"] if lost else []),
        *([f"{len(again)} ended runs changed: {', '.join(again[:_NAMED])}"] if again else []),
    ]


class LargeBatch:
    """A batch of different runs in random order, so that neighbours have different results."""

    def __init__(self, runs: int, dice: random.Random) -> None:
        self.thicknesses = [60e-6 + 20e-6 * index / runs for index in range(runs)]
        dice.shuffle(self.thicknesses)

    def submit(self, client: Ionworks) -> list[Any]:
        """Submit the batch."""
        models = {each.name: each.id for each in client.parameterized_model.list_by_project()}
        row = {"type": "discrete", "name": THICKNESS, "values": self.thicknesses}
        return client.simulation.protocol_batch(
            {
                "parameterized_model": models["SPM Chen2020"],
                "protocol_experiment": {"protocol": DISCHARGE, "name": "large batch"},
                "experiment_parameters": {"C-rate": 1.0},
                "design_parameters_doe": {"sampling": "grid", "rows": [row]},
            }
        )


def read(client: Ionworks, submitted: list[Any]) -> Iterator[Seen]:
    """Read all results."""
    for result in client.simulation.get_results(submitted):
        series = result.time_series
        seconds, capacity = series["Time [s]"][-1], series["Discharge capacity [A.h]"][-1]
        yield Seen(len(series), float(seconds), float(capacity))


def undisturbed(stand: Stand, batch: LargeBatch) -> list[Seen]:
    """Run the batch without faults, in another folder."""
    with Ionworks.local(stand.root / "undisturbed") as client:
        submitted = batch.submit(client)
        client.simulation.wait_for_completion(submitted, timeout=_LIMIT, verbose=False)
        return list(read(client, submitted))


def disturbed(stand: Stand, batch: LargeBatch, expected: Sequence[Seen]) -> None:
    """Run the batch on the server with all faults, and audit it."""
    with stand.connect(timeout=PATIENCE) as client, stand.connect(timeout=PATIENCE) as waiting:
        submitted = batch.submit(client)
        ids = [each.simulation_id for each in submitted]
        wait = threading.Thread(target=_wait, args=(stand, waiting, submitted), daemon=True)
        wait.start()
        ended: dict[str, str] = {}
        for part, fault in KILLS:
            while len(ended) < part * len(ids) and wait.is_alive():
                time.sleep(_PAUSE)
                # The first time that a run was seen to have ended is kept.
                ended = _ended(client, ids) | ended
            if len(ended) == len(ids):
                stand.found([f"all runs had ended before the fault {fault!r}: take more runs"])
            stand.inject(fault, 0.0, stand.dice.getrandbits(32))
            stand.say(f"{fault} after {len(ended)} runs")
        wait.join(_LIMIT)
        stand.found(["the wait did not end"] if wait.is_alive() else [])
        statuses = client.simulation.get_statuses(submitted)
        others = [each for each in statuses if each.status != "completed"]
        texts = [f"{each.simulation_id} {each.status}: {each.error}" for each in others[:_NAMED]]
        stand.found([f"{len(others)} runs: {'; '.join(texts)}"] if others else [])
        stand.found(changed(ended, {each.simulation_id: str(each.updated_at) for each in statuses}))
        total = len(client.simulation.list(summary=True))
        stand.found([f"{total} runs are stored, not {len(ids)}"] if total != len(ids) else [])
        if not others:
            stand.found(compare(expected, read(client, submitted)))


def _wait(stand: Stand, client: Ionworks, submitted: list[Any]) -> None:
    """Wait as a program does, which must not notice the faults."""
    try:
        client.simulation.wait_for_completion(submitted, timeout=_LIMIT, verbose=False)
    except IonworksError as error:
        stand.found([f"the wait ended with {type(error).__name__}: {error}"])


def _ended(client: Ionworks, ids: Sequence[str]) -> dict[str, str]:
    """Return the time of the last change of the runs that have ended; none during a fault."""
    try:
        statuses = client.simulation.get_statuses(ids)
    except PASSING:
        return {}
    return {
        each.simulation_id: str(each.updated_at)
        for each in statuses
        if each.status in TERMINAL_STATUSES
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the batch; returns 1 if there are findings."""
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.large_batch")
    parser.add_argument("--runs", type=int, default=10_000, help="(%(default)s)")
    parser.add_argument("--seed", type=int, help="of all random choices (a random one)")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"SEED={seed}", flush=True)
    # End as Ctrl-C does, so that no process is left.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Stand(seed=seed, clients=0, megabytes=None, period=0.5, say=_say) as stand:
            batch = LargeBatch(options.runs, stand.dice)
            began = time.monotonic()
            expected = undisturbed(stand, batch)
            between = time.monotonic()
            disturbed(stand, batch, expected)
            ended = time.monotonic()
            stand.server.stop()
            stand.audit_folder()
            for log in sorted(stand.root.glob("*.log")):
                stand.found(audit.log(log))
            figures = {
                "runs": options.runs,
                "without faults [s]": round(between - began, 1),
                "with faults [s]": round(ended - between, 1),
                "longest restart [s]": round(stand.world.longest_restart, 1),
                "folder [kB a run]": round(report.size_of(stand.folder) / options.runs / 1e3, 2),
                **report.peaks(stand.sampler.samples),
                "findings": len(stand.findings),
            }
            findings = stand.findings
    finally:
        signal.signal(signal.SIGTERM, before)
    print(f"\n{report.table(figures)}\n")
    print("the audit found nothing" if not findings else f"{len(findings)} findings")
    return 1 if findings else 0


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
