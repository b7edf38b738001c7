"""Every Python block of README.md and docs/ runs offline, in the order of its page.

Blocks fenced as `python` run; a fragment that cannot run is fenced as `py`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from tests.paths import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")


def blocks(page: Path) -> list[tuple[int, str]]:
    """Return the line number and the text of each block of a page that runs."""
    text = page.read_text(encoding="utf-8")
    return [(text.count("\n", 0, each.start()) + 2, each[1]) for each in FENCE.finditer(text)]


PAGES_WITH_BLOCKS = [page for page in PAGES if blocks(page)]


@pytest.mark.parametrize("page", PAGES_WITH_BLOCKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IONWORKS_API_URL", f"local:{tmp_path / 'engine'}")
    monkeypatch.setenv("IONWORKS_HISTORY", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    names: dict[str, Any] = {"__name__": "page"}
    try:
        for line, source in blocks(page):
            # Blank lines in front make the line numbers of a traceback those of the page.
            exec(compile("\n" * (line - 1) + source, str(page), "exec"), names)  # noqa: S102 - the project's own pages
    finally:
        for value in names.values():
            if type(value).__name__ == "Ionworks":
                value.close()
        plt.close("all")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_are_valid(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_has_blocks_that_run() -> None:
    assert blocks(ROOT / "README.md")
