"""Test a server against the contract: `make contract URL=... [WRITE=1]`."""

from __future__ import annotations

import argparse
import os
import sys

import httpx

from tests.contract_validation import load_contract
from tests.end_to_end.conformance import reading, writing
from tests.end_to_end.conformance.probe import NOT_IMPLEMENTED, Probe


def main() -> int:
    """Test one server and print how it breaks the contract."""
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--url", required=True, help="the URL of the server")
    parser.add_argument("--write", action="store_true", help="also create and delete records")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for one request")
    arguments = parser.parse_args()
    # The key is read from the environment so that it never appears in a list of processes.
    key = os.environ.get("IONWORKS_CONTRACT_KEY") or None

    with httpx.Client(base_url=arguments.url, timeout=arguments.timeout) as http:
        probe = Probe(http, load_contract(), key)
        try:
            reading.run(probe)
            if arguments.write:
                writing.run(probe)
        except httpx.TransportError as error:
            print(f"{arguments.url} cannot be reached: {error!r}", file=sys.stderr)
            return 2
    print(report(probe))
    return 1 if probe.breaks else 0


def report(probe: Probe) -> str:
    """Format the number of requests, the missing operations and the breaks of the contract."""
    missing = sorted(
        name for name, statuses in probe.answered.items() if NOT_IMPLEMENTED in statuses
    )
    requests = sum(map(len, probe.answered.values()))
    lines = [f"{requests} requests to {len(probe.answered)} of {len(probe.operations)} operations"]
    if missing:
        lines.append(f"not implemented (501): {', '.join(missing)}")
    lines += [f"\n{index}. {text}" for index, text in enumerate(probe.breaks, start=1)]
    verdict = f"{len(probe.breaks)} replies break" if probe.breaks else "nothing breaks"
    lines.append(f"\n{verdict} the contract")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
