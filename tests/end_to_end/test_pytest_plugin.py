"""The tests of docs/testing.md run with the plugin, in the processes of pytest-xdist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

BLOCK = re.compile(r"^```py\n# (\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTINGS = """
import os

def test_the_engine_is_new_and_the_settings_of_a_service_are_not_used(
    ionworks_client, tmp_path_factory
):
    settings = ionworks_client.settings
    assert settings.is_local
    assert settings.local_folder.parent == tmp_path_factory.getbasetemp()
    assert settings.project_id is None
    assert not settings.history
    assert "LOKY_MAX_CPU_COUNT" not in os.environ
"""


def run_pytest(folder: Path, *options: str) -> str:
    """Run pytest in a folder as a user with an account does; return what it prints."""
    service = {
        "IONWORKS_API_URL": "https://ionworks.invalid",
        "IONWORKS_API_KEY": "some-key",
        "IONWORKS_PROJECT_ID": "some-project",
        # pytest would add these options to those of the command.
        "PYTEST_ADDOPTS": "",
        "COVERAGE_PROCESS_CONFIG": "",
    }
    command = [sys.executable, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        [*command, f"--basetemp={folder / 'temporary'}", str(folder)],
        cwd=folder,
        env=os.environ | service,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_tests_of_the_page_pass(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    files = dict(BLOCK.findall(page))
    assert [*files] == ["conftest.py", "test_protocols.py"]
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "test_settings.py").write_text(SETTINGS, encoding="utf-8")

    printed = run_pytest(tmp_path, "-n", "2")

    assert "5 passed" in printed


def test_the_plugin_imports_nothing_before_a_test_uses_it(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n"
        "def test_nothing_is_loaded():\n"
        "    assert 'ionworks.testing' in sys.modules\n"
        "    found = {'httpx', 'polars', 'flask', 'loky', 'ionworks.client'} & {*sys.modules}\n"
        "    assert not found\n",
        encoding="utf-8",
    )
    assert "1 passed" in run_pytest(tmp_path, "-p", "ionworks.testing")
