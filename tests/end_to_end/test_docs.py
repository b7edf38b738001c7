"""Every Python block of README.md and docs/ runs offline, in the order of its page.

Blocks fenced as `python` run; a fragment that cannot run is fenced as `py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from tests.pages import blocks, closed, execute
from tests.paths import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")
# The pages of the cookbook run in their own module, which checks what they produce.
PAGES_WITH_BLOCKS = [
    page for page in PAGES if blocks(page) and "cookbook" not in page.relative_to(ROOT).parts
]


@pytest.mark.parametrize("page", PAGES_WITH_BLOCKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IONWORKS_API_URL", f"local:{tmp_path / 'engine'}")
    monkeypatch.setenv("IONWORKS_HISTORY", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with closed() as names:
        for line, source in blocks(page):
            execute(page, line, source, names)
    plt.close("all")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_are_valid(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_has_blocks_that_run() -> None:
    assert blocks(ROOT / "README.md")
