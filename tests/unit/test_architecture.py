"""The import contracts of pyproject.toml, and rules no linter has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

LONGEST_MODULE = 400
MODULES = sorted((ROOT / "ionworks").rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "util", "helper"}
LIGHT = ("polars", "pandas", "numpy", "pybamm", "flask", "sqlalchemy", "ionworks_api_client")


def test_imports_go_the_way_the_house_is_built() -> None:
    # A program of its own: the linter switches off every logger of the process it runs in.
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_short(module: Path) -> None:
    lines = len(module.read_text(encoding="utf-8").splitlines())

    assert lines <= LONGEST_MODULE


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_named_after_what_they_hold(module: Path) -> None:
    assert module.stem not in FORBIDDEN_NAMES


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = f"import sys, ionworks; print(*[name for name in {LIGHT!r} if name in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []


def test_a_local_client_never_loads_pybamm_in_the_users_process(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ionworks import Ionworks\n"
        f"with Ionworks.local(Path({str(tmp_path)!r})) as client:\n"
        "    client.parameterized_model.list_by_project()\n"
        "print('pybamm' in sys.modules)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
