"""The table of runs in terminals of several widths."""

import io
import os

import polars as pl
import pytest
from rich.console import Console

from ionworks.cli.run_tables import by_interest, runs_view


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def shown(monkeypatch):
    """Return the text of a table in a terminal of some width, or in none."""

    def show(frame, width):
        size = os.terminal_size((width or 1000, 24))
        monkeypatch.setattr("shutil.get_terminal_size", lambda *_: size)
        monkeypatch.setattr("sys.stdout", Terminal() if width else io.StringIO())
        console = Console(width=width or 1000, file=io.StringIO(), color_system=None, markup=False)
        console.print(runs_view(frame))
        return console.file.getvalue()

    return show


def runs(count, *, failing=0):
    return pl.DataFrame(
        {
            "simulation_id": [f"0a1b2c3d-0000-4000-8000-{n:012}" for n in range(count)],
            "status": [*["completed"] * (count - failing), *["failed"] * failing],
            "Temperature": [25.0] * count,
            "Positive electrode thickness [m]": [n * 1e-5 for n in range(count)],
            "Discharge capacity [A.h]": [5.0 + n for n in range(count)],
            "Min voltage [V]": [2.5 + n * 1e-13 for n in range(count)],
            "Number of steps": [2] * count,
            "error": [None] * (count - failing) + ["the solver gave up " * 20] * failing,
        },
        schema_overrides={"error": pl.String},
    )


def test_what_differs_comes_first():
    differing = ["Positive electrode thickness [m]", "Discharge capacity [A.h]"]
    assert by_interest(runs(3))[:4] == ["simulation_id", *differing, "status"]
    failed = by_interest(runs(3, failing=1))
    assert failed[:5] == ["simulation_id", "status", *differing, "error"]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_table_fits_into_the_terminal(shown, width):
    text = shown(runs(3, failing=1), width)
    assert max(map(len, text.splitlines())) <= width
    rows = [line.split()[:4] for line in text.splitlines()]
    assert ["0a1b2c..000001", "completed", "1e-05", "6"] in rows
    assert ["0a1b2c..000002", "failed", "2e-05", "7"] in rows
    assert ("not shown: --output FILE or --json has all" in text) == (width < 140)


def test_everything_is_written_where_there_is_no_terminal(shown):
    text = shown(runs(3), None)
    assert "0a1b2c3d-0000-4000-8000-000000000002" in text
    assert text.splitlines()[-1].split()[-1] == "2"


def test_one_run_is_a_list_of_its_values_if_they_do_not_fit(shown):
    lines = shown(runs(1), 60).splitlines()
    assert ["Min", "voltage", "[V]", "2.5"] in [line.split() for line in lines]
    assert lines[0].split() == ["simulation", "id", "0a1b2c3d-0000-4000-8000-000000000000"]
