"""The table of runs in terminals of several widths."""

import pytest
from rich.console import Console

from ionworks.cli.run_tables import runs_view

METRICS = {"Discharge capacity [A.h]": 5.0, "Charge capacity [A.h]": 0.0, "Number of steps": 2}


def row(number, *, status="completed", **values):
    error = None if status == "completed" else "the solver gave up " * 20
    name = f"0a1b2c3d-0000-4000-8000-{number:012}"
    return {"simulation_id": name, "status": status, **values, **METRICS, "error": error}


def shown(rows, width):
    console = Console(width=width or 10_000, markup=False, highlight=False)
    with console.capture() as captured:
        console.print(runs_view(rows, width))
    return captured.get()


def swept(number, **fields):
    values = {"parameterized_model": "SPM", "Positive electrode thickness [m]": number * 1e-5}
    return row(number, **values, **fields)


SWEPT = [swept(number) for number in range(3)]


@pytest.mark.parametrize("width", [40, 80, 140])
def test_what_differs_comes_first_and_nothing_is_cut(width):
    text = shown(SWEPT, width)
    assert max(map(len, text.splitlines())) <= width
    assert text.split()[0] == "Positive"
    assert "1e-05" in text
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    # What does not fit is named in the last line.
    assert ("more columns: see --json and --table" in text) == (width < 140)


def test_everything_is_written_where_there_is_no_terminal():
    text = shown(SWEPT, None)
    assert all(each["simulation_id"] in text for each in SWEPT)
    assert "Number of steps" in text


def test_the_status_comes_first_if_a_run_has_failed():
    text = shown([*SWEPT, swept(3, status="failed")], 80)
    assert text.splitlines()[-3].split()[:3] == ["3", "completed", "2e-05"]
    assert text.splitlines()[-2].split()[:2] == ["4", "failed"]


def test_fifty_of_many_runs_are_shown():
    text = shown([row(number, rate=float(number)) for number in range(60)], 80)
    assert "50 of 60 runs" in text
    assert len(text.splitlines()) < 60


def test_one_run_is_a_list_of_its_fields():
    text = shown(SWEPT[:1], 80)
    assert "simulation id" in text
    assert "Discharge capacity [A.h]" in text
    assert "error" not in text
    assert "deleted" in shown([], 80)
