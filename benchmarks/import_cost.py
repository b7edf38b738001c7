"""Time and memory of `import ionworks`, compared with `import pandas`.

Each import runs in a new interpreter, and the candidates take turns, so that a busy machine slows
all of them alike. Times are those of the import alone. Memory includes the interpreter, which is
measured alone too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from statistics import median

from measure import machine, spread, table

PROBE = """
import json, resource, sys, time
before = set(sys.modules)
began = time.perf_counter()
{statement}
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
scale = 1 if sys.platform == "darwin" else 1024
print(json.dumps([seconds * 1e3, peak * scale / 1e6, len(set(sys.modules) - before)]))
"""

CANDIDATES = {
    "nothing": "pass",
    "import ionworks": "import ionworks",
    "from ionworks import Ionworks": "from ionworks import Ionworks",
    "Ionworks(api_key=...), no request": (
        "from ionworks import Ionworks; Ionworks(api_key='made-up')"
    ),
    "import pandas": "import pandas",
}


def measure(statement: str) -> tuple[float, float, int]:
    """Run `statement` in a new interpreter.

    Returns
    -------
    tuple
        Time of the statement [ms], peak resident memory [MB], number of modules loaded.
    """
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(statement=statement)],
        capture_output=True,
        text=True,
        check=True,
    )
    milliseconds, megabytes, modules = json.loads(done.stdout)
    return milliseconds, megabytes, modules


def main() -> None:
    """Measure every candidate in turn and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds

    samples: dict[str, list[tuple[float, float, int]]] = {name: [] for name in CANDIDATES}
    for statement in CANDIDATES.values():
        measure(statement)  # fills the page cache and writes the .pyc files
    for _ in range(rounds):
        for name, statement in CANDIDATES.items():
            samples[name].append(measure(statement))

    reference = median(each[0] for each in samples["import pandas"])
    rows = [
        [
            name,
            spread([each[0] for each in taken]),
            spread([each[1] for each in taken]),
            str(taken[0][2]),
            f"{median(each[0] for each in taken) / reference:.2f}",
        ]
        for name, taken in samples.items()
    ]
    print(f"Import cost, median (range) of {rounds} new interpreters; {machine()}\n")
    print(table(["statement", "time [ms]", "peak memory [MB]", "modules", "time / pandas"], rows))


if __name__ == "__main__":
    main()
