"""The pytest plugin for users; tests/end_to_end/test_pytest_plugin.py runs it."""

from __future__ import annotations

import os
import tomllib
from types import SimpleNamespace
from typing import Any

import loky
import pytest

from ionworks.testing import _share_processors
from tests.paths import ROOT


@pytest.mark.parametrize(
    ("sessions", "limit"), [(None, None), (1, None), (2, "3"), (4, "1"), (100, "1")]
)
def test_the_engines_of_pytest_xdist_share_the_processors(
    sessions: int | None, limit: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOKY_MAX_CPU_COUNT", raising=False)
    monkeypatch.setattr(loky, "cpu_count", lambda: 6)
    config: Any = SimpleNamespace()
    if sessions is not None:
        config.workerinput = {"workercount": sessions}

    _share_processors(config, monkeypatch)

    assert os.environ.get("LOKY_MAX_CPU_COUNT") == limit


def test_its_installation_activates_no_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "pytest11" not in project.get("entry-points", {})
