"""Generating the tree, replacing the existing one, and comparing the two."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.prepare import prepare

_HERE = Path(__file__).parent
PACKAGE = "ionworks_api_client"


class GenerationError(RuntimeError):
    """The generator rejected the prepared document, or warned about it."""


def build(contract: Mapping[str, Any], target: Path) -> None:
    """Generate the client of a contract into a folder that does not exist yet.

    Raises
    ------
    ContractError
        If the contract violates rules of the lint.
    GenerationError
        If the generator failed or warned.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "prepared.json"
        source.write_text(json.dumps(prepare(contract)), encoding="utf-8")
        _run_generator(source, target)
    (target / "py.typed").touch()
    document = json.dumps(contract, ensure_ascii=False, indent=1, sort_keys=True)
    (target / "openapi.json").write_text(document + "\n", encoding="utf-8")


def _run_generator(source: Path, target: Path) -> None:
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(source)]
    command += [
        "--config",
        str(_HERE / "config.yaml"),
        "--custom-template-path",
        str(_HERE / "templates"),
    ]
    command += ["--meta", "none", "--output-path", str(target), "--fail-on-warning"]
    # The generator looks for ruff on PATH, which lacks the environment if it is not activated.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise GenerationError(f"openapi-python-client failed:\n{done.stdout}{done.stderr}")


def replace(contract: Mapping[str, Any], target: Path) -> None:
    """Generate next to ``target`` and then swap: a failure leaves the old tree in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".generating-") as folder:
        fresh, old = Path(folder) / "fresh", Path(folder) / "old"
        build(contract, fresh)
        if target.exists():
            target.rename(old)
        shutil.move(fresh, target)


def differences(contract: Mapping[str, Any], target: Path) -> list[str]:
    """Return the files in which ``target`` differs from a freshly generated tree, and how."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / PACKAGE
        build(contract, fresh)
        expected, present = _contents(fresh), _contents(target)
    found = [f"{name}: missing" for name in expected.keys() - present.keys()]
    found += [f"{name}: not generated" for name in present.keys() - expected.keys()]
    found += [
        f"{name}: changed"
        for name in expected.keys() & present.keys()
        if expected[name] != present[name]
    ]
    return sorted(found)


def _contents(folder: Path) -> dict[str, bytes]:
    files = (
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
