"""The examples run as a user runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from tests.paths import ROOT

EXAMPLES = ROOT / "examples"


def test_the_demo_prints_a_table_and_draws_a_plot(tmp_path: Path) -> None:
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


def test_measured_data_are_uploaded_compared_in_a_study_and_plotted(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "measurement_study.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    printed = dict(re.findall(r"^(\dC): [\d.]+ ([\d.]+)$", done.stdout, re.MULTILINE))
    for rate in ("1C", "2C", "3C"):
        # The capacity that the cycler counted in the last discharge.
        file = EXAMPLES / "data" / "nissan_leaf" / f"cell-discharge-bitrode-{rate.lower()}.csv"
        discharge = pl.read_csv(file, truncate_ragged_lines=True).filter(Mode="DCHG")
        assert float(printed[rate]) == pytest.approx(-discharge["Capacity(Ah)"][-1])
    assert done.stdout.count("simulation  ┆ Circuit") == 3
    assert done.stdout.count(" ┆ 1C cycling") == 1
    with Image.open(tmp_path / "measurement_study.png") as picture:
        assert picture.width > 1000
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24)) > 20


@pytest.mark.slow
def test_a_fit_to_a_real_cell_predicts_a_rate_that_was_not_fitted(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "fit_and_validate.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    [fitted] = re.findall(r"Fitted to 1C and 2C: (\d+) mV", done.stdout)
    [predicted] = re.findall(r"Validated on 3C: (\d+) mV", done.stdout)
    # The example fits the potentials of another chemistry, so it promises no better than this.
    assert int(fitted) < 60
    assert int(predicted) < 60
    for name in ("fit", "trace", "validation", "residuals"):
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24)) > 20
