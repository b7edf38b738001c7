"""The tour runs, and what is stored in it is what it shows, without traces of a machine."""

from __future__ import annotations

import getpass
import re
import socket
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.end_to_end.notebook import TOUR, execute, tidied
from tests.paths import ROOT

LONGEST_CELL = 25
PROGRESS = {"display_data", "text/html", "text/plain"}


@pytest.fixture(scope="module")
def stored() -> Any:
    """The notebook as it is in the repository."""
    return nbformat.read(TOUR, 4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook, executed; it raises an exception if a cell does."""
    return execute(nbformat.read(TOUR, 4), tmp_path_factory.mktemp("tour"))


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def kinds(cell: Any) -> list[set[str]]:
    """Return the types of the outputs of a cell, without the progress of slow machines."""
    found = [{output.output_type, *output.get("data", {})} for output in cell.outputs]
    return [each for each in found if each != PROGRESS]


def texts(cell: Any) -> str:
    return " ".join(
        [
            *(output.get("text", "") for output in cell.outputs),
            *(output.get("data", {}).get("text/html", "") for output in cell.outputs),
            *(output.get("data", {}).get("text/plain", "") for output in cell.outputs),
        ]
    )


def output_of(notebook: Any, source: str) -> str:
    """Return the text of the output of the first cell whose source contains a text."""
    return next(texts(cell) for cell in code(notebook) if source in cell.source)


@pytest.mark.slow
def test_each_cell_has_the_outputs_that_are_stored(stored: Any, executed: Any) -> None:
    for before, after in zip(code(stored), code(executed), strict=True):
        assert kinds(after) == kinds(before), before.source
    images = [cell for cell in code(executed) if any("image/png" in each for each in kinds(cell))]
    assert len(images) >= 10


@pytest.mark.slow
def test_the_outputs_are_those_of_the_tour(executed: Any) -> None:
    assert "18 completed" in output_of(executed, "client.simulation.protocol_batch(config).wait()")
    assert "18 runs" in output_of(executed, "client.simulation.plan(config)")
    assert "of them with the results of equal runs" in output_of(executed, "larger =")
    assert "SOLVER_ERROR" in output_of(executed, "risky.failed")
    assert "1 simulation" in output_of(executed, "risky.retry()")
    replay = output_of(executed, "client.simulation.replay")
    assert re.search(r"'Voltage \[V\]': (0\.0|\d+(\.\d+)?e-\d+)", replay), replay
    assert "import pybamm" in output_of(executed, "client.simulation.script")
    assert output_of(executed, "client.simulation.citations").startswith("@")
    assert "Rates and temperatures" in output_of(executed, "client.history()")


def test_the_stored_outputs_contain_nothing_of_a_machine(stored: Any, tmp_path: Path) -> None:
    text = TOUR.read_text(encoding="utf-8")
    assert tidied(nbformat.read(TOUR, 4), tmp_path) == stored
    shown = " ".join(texts(cell) for cell in code(stored))
    user = f"/{getpass.getuser()}/"
    for trace in (socket.gethostname(), user, str(ROOT), "tmp/", "/home/"):
        assert trace not in shown
    assert "Traceback" not in shown
    assert not re.search(r"stderr|execution\W+iopub", text)


def test_the_stored_notebook_was_executed_from_top_to_bottom(stored: Any) -> None:
    counts = [cell.execution_count for cell in code(stored)]
    assert counts == [*range(1, len(counts) + 1)]


def test_cells_are_short(stored: Any) -> None:
    for cell in code(stored):
        assert cell.source.count("\n") < LONGEST_CELL, cell.source
