"""The blocks of code of Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["blocks", "closed", "execute"]


def blocks(page: Path, language: str = "python") -> list[tuple[int, str]]:
    """Return the line number and the text of each block of a page in a language."""
    text = page.read_text(encoding="utf-8")
    fence = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(text.count("\n", 0, each.start()) + 2, each[1]) for each in fence.finditer(text)]


def execute(page: Path, line: int, source: str, names: dict[str, Any]) -> None:
    """Run a block of a page with the names that earlier blocks have left."""
    # Blank lines in front make the line numbers of a traceback those of the page.
    code = compile("\n" * (line - 1) + source, str(page), "exec")
    exec(code, names)  # noqa: S102 - the project's own pages


@contextmanager
def closed() -> Iterator[dict[str, Any]]:
    """Provide names for the blocks of a page; clients among them are closed at the end."""
    names: dict[str, Any] = {"__name__": "page"}
    try:
        yield names
    finally:
        for value in names.values():
            if type(value).__name__ == "Ionworks":
                value.close()
