"""The public files in the folder ``samples``."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "samples"


def sample(name: str) -> Path:
    """Return the path of a file by ``maker/name``."""
    return FOLDER / name


def samples(maker: str) -> list[Path]:
    """Return the files of a maker."""
    return sorted((FOLDER / maker).iterdir())


ALL = [
    path
    for maker in ("maccor", "neware", "arbin", "biologic", "novonix")
    for path in samples(maker)
]
