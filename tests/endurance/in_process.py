"""A program that works with an engine of its own on a folder that a server has open too.

``python -m tests.endurance.in_process FOLDER PREFIX SEED STEPS SECONDS RECIPE...`` writes the
changes of its ledger to standard output, so that whoever kills it knows what it had submitted.
"""

from __future__ import annotations

import sys
import time

from ionworks import Ionworks
from ionworks.errors import IonworksError
from tests.endurance.ledger import Ledger
from tests.endurance.workload import Workload


def main() -> None:
    """Do a number of random things."""
    folder, prefix, seed, steps, seconds, *recipes = sys.argv[1:]
    until = time.monotonic() + float(seconds)
    ledger = Ledger(on_change=_write)
    with _opened(folder, ledger, until) as client:
        Workload(client, ledger, prefix, int(seed), recipes).work(int(steps), until)


def _opened(folder: str, ledger: Ledger, until: float) -> Ionworks:
    """Open the folder; again while a fault keeps it from being opened."""
    while True:
        try:
            client = Ionworks.local(folder)
            client.healthz()
        except (IonworksError, OSError, RuntimeError) as error:
            if time.monotonic() > until:
                raise
            ledger.error(error)
            time.sleep(0.5)
        else:
            return client


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
