"""The golden files: for every protocol and target the file that is written, or the error.

``python -m tests.unit.ucp.cyclers.export.golden`` writes them again; read the difference before
committing it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
DATE = "2026-01-31T12:34:56"
"""The date written into the files."""
EC_LAB, BT_LAB_181 = BIOLOGIC_SOFTWARE = ("ec-lab", "bt-lab-1.81")
"""Other software of BioLogic, options of its target."""


def rendered(name: str, target: str) -> dict[str, bytes]:
    """Return the files of a protocol for a target (or EC-Lab) by name, or its error as a text."""
    from ionworks import ucp
    from tests.unit.ucp.cyclers.export.protocols import CASES

    case = CASES[name]
    software = {"software": EC_LAB} if target == EC_LAB else {}
    try:
        converted = ucp.convert(
            case.text,
            "biologic" if software else target,
            filename_stem=target,
            options={"date": DATE, **software},
            verify=True,
            **case.arguments,
        )
    except ucp.UCPError as error:
        return {f"{target}.error.txt": f"{error}\n".encode()}
    return {converted.primary_filename: converted.primary_bytes, **dict(converted.assets)}


def main() -> None:
    """Write all golden files."""
    from tests.unit.ucp.cyclers.export.protocols import CASES, TARGETS

    shutil.rmtree(FOLDER, ignore_errors=True)
    for name in CASES:
        for target in (*TARGETS, EC_LAB):
            for filename, content in rendered(name, target).items():
                path = FOLDER / name / filename
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


if __name__ == "__main__":
    main()
