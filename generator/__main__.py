"""``python -m generator`` generates the client; ``--check`` reports whether it would change."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from generator.document import load
from generator.tree import PACKAGE, GenerationError, differences, replace

_ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 on success, 1 if the tree differs, 2 if it cannot be generated."""
    options = _parser().parse_args(arguments)
    target = options.output / PACKAGE
    try:
        contract = load(options.contract)
        if options.check:
            return _report(differences(contract, target), target)
        replace(contract, target)
    except (ValueError, GenerationError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"generated {target}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if the tree would change"
    )
    parser.add_argument(
        "--contract", type=Path, default=_ROOT / "openapi.yaml", help="the contract to read"
    )
    parser.add_argument(
        "--output", type=Path, default=_ROOT / "generated", help="the folder of the package"
    )
    return parser


def _report(found: list[str], target: Path) -> int:
    if not found:
        print(f"{target} is up to date with the contract")
        return 0
    lines = "\n".join(f"  {each}" for each in found)
    print(f"{target} differs from the contract; run `make generate`:\n{lines}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
