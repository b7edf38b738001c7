"""Names of the files that commands write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer

__all__ = ["file_with"]


def file_with(*endings: str) -> Callable[[Path | None], Path | None]:
    """Return a callback of options: the name has one of these endings, and its folder exists.

    So a long run is not in vain.
    """

    def check(path: Path | None) -> Path | None:
        if path is not None and path.suffix.lower() not in endings:
            raise typer.BadParameter(f"{path}: the name must end with {', '.join(endings)}")
        if path is not None and not path.parent.is_dir():
            raise typer.BadParameter(f"{path}: the folder {str(path.parent)!r} does not exist")
        return path

    return check
