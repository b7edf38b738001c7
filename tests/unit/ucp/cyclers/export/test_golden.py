"""Every protocol and target gives the golden file, byte for byte, or the golden error."""

from __future__ import annotations

import pytest

from tests.unit.ucp.cyclers.export.golden import EC_LAB, FOLDER, rendered
from tests.unit.ucp.cyclers.export.protocols import CASES, TARGETS


def golden(name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((FOLDER / name).iterdir())}


@pytest.mark.parametrize("name", CASES)
def test_every_conversion_gives_its_golden_file_or_error(name: str) -> None:
    made: dict[str, bytes] = {}
    for target in (*TARGETS, EC_LAB):
        made |= rendered(name, target)

    assert made == golden(name)


def test_every_golden_folder_belongs_to_a_case() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)
    assert len(CASES) == 20


def test_every_target_writes_some_cases_and_rejects_some() -> None:
    for target in TARGETS:
        errors = [name for name in CASES if (FOLDER / name / f"{target}.error.txt").exists()]
        assert 3 <= len(errors) <= 16, target
