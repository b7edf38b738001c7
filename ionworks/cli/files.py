"""Names of the files that commands write, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

__all__ = ["file_with", "refuse_same", "replaced"]


def file_with(*endings: str) -> Callable[[Path | None], Path | None]:
    """Return a callback that checks the ending and the folder of a file to write.

    Options use it, so that a wrong name is refused before a long run.
    """

    def check(path: Path | None) -> Path | None:
        if path is None:
            return None
        if path.suffix.lower() not in endings:
            raise typer.BadParameter(f"{path}: the name must end with {', '.join(endings)}")
        if not path.parent.is_dir():
            raise typer.BadParameter(f"{path}: the folder {str(path.parent)!r} does not exist")
        if path.is_dir():
            raise typer.BadParameter(f"{path} is a folder: give the name of a file")
        return path

    return check


def refuse_same(output: Path | None, option: str, source: str) -> None:
    """Refuse to write a result over the file from which it is read.

    Parameters
    ----------
    output : Path or None
        The file to write.
    option : str
        Its option in messages.
    source : str
        The file to read, or ``-``.

    Raises
    ------
    ValueError
        If both are the same file, also by a link.
    """
    if output is None or not (output.exists() and Path(source).exists()):
        return
    if output.samefile(source):
        raise ValueError(f"{option} {output} is the file to read: give another name")


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield the name of a new file in the same folder, which replaces the old one at the end.

    If writing fails, for example because the disk is full, the old file stays as it is.
    """
    target = path.resolve()  # a link stays a link
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        yield part
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
