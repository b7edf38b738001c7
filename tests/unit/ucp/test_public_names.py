"""The public names of the package, and the modules it loads."""

from __future__ import annotations

import os
import subprocess
import sys

from ionworks import ucp
from tests.paths import ROOT

FOREIGN = ("yaml", "numpy", "polars", "httpx", "pybamm", "ionworks_api_client", "ionworks.server")


def test_every_public_name_exists() -> None:
    assert sorted(set(ucp.__all__)) == sorted(ucp.__all__)
    assert [name for name in ucp.__all__ if not hasattr(ucp, name)] == []


def test_importing_the_package_loads_no_large_dependency() -> None:
    program = (
        f"import sys, ionworks.ucp; print([name for name in {FOREIGN!r} if name in sys.modules])"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "generated")]),
    }

    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"
