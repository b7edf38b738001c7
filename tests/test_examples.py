"""The examples run as a user runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def test_the_demo_prints_a_table_and_draws_a_picture(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "demo.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "1C discharge: 5." in done.stdout or "1C discharge: 4." in done.stdout
    assert "Sweep: 28 simulations" in done.stdout
    assert done.stdout.count(" um ") == 7
    assert str(tmp_path / "demo.png") in done.stdout
    with Image.open(tmp_path / "demo.png") as picture:
        assert picture.width > 1000
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24)) > 20
