"""Executes the tour and stores its outputs, see `make tour`.

What differs from one execution to the next is replaced: ids, dates, elapsed times and folders. So
the file contains nothing of the machine, and a new execution changes only what has changed.
"""

from __future__ import annotations

import base64
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient
from PIL import Image

from tests.paths import ROOT

TOUR: Final = ROOT / "examples" / "tour.ipynb"
METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_SECONDS: Final = 300
"""Longest time for one cell, on a busy machine."""
_PNG: Final = "image/png"
_COLORS: Final = 64
_DATE: Final = re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?Z?)?")
_ELAPSED: Final = re.compile(r", \d+\.\d s(?=</p>|$)")
_ID: Final = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})-([0-9a-f]{12})\b")
_RUN: Final = re.compile(r"[0f]0{7}[0-9a-f]{4}")
"""End of the id of a run of a submission: its index."""


def execute(notebook: Any, folder: Path) -> Any:
    """Execute a notebook in a folder, with the data of the examples, and return it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook; its outputs are replaced.
    folder : Path
        An empty folder, in which it also keeps its history.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell raises an exception.
    """
    (folder / "data").symlink_to(ROOT / "examples" / "data")
    client = NotebookClient(
        notebook,
        timeout=_SECONDS,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    with _environment(folder):
        client.execute()
    return tidied(notebook, folder)


def tidied(notebook: Any, folder: Path) -> Any:
    """Replace what differs from one execution to the next in the outputs of a notebook."""
    replaced = _replacement(folder)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = replaced(output.text)
            for kind, content in output.get("data", {}).items():
                if kind.startswith("text/"):
                    output.data[kind] = replaced(content)
    return notebook


def _smaller(content: str) -> str:
    """Return a plot with few colours and without metadata: a third of its size."""
    image = Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB")
    stored = io.BytesIO()
    image.quantize(_COLORS).save(stored, "PNG", optimize=True)
    return base64.b64encode(stored.getvalue()).decode()


def _replacement(folder: Path) -> Callable[[str], str]:
    places = sorted({str(folder), str(folder.resolve())}, key=len, reverse=True)
    known: dict[str, str] = {}

    def new_id(found: re.Match[str]) -> str:
        start = known.setdefault(found[1], f"{len(known) + 1:08x}-0000-4000-8000")
        return f"{start}-{found[2] if _RUN.fullmatch(found[2]) else '0' * 12}"

    def replaced(text: str) -> str:
        for place in places:
            text = text.replace(f"{place}{os.sep}", "").replace(place, ".")
        return _ID.sub(new_id, _ELAPSED.sub("", _DATE.sub("2026-01-01 12:00", text)))

    return replaced


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """Give the kernel a history and settings of its own, and these packages."""
    values = {
        "IPYTHONDIR": str(folder / "ipython"),
        "XDG_STATE_HOME": str(folder / "state"),
        "IONWORKS_HISTORY": "1",
        "IONWORKS_COMPILE": "never",
        # Measuring coverage makes the kernel slow, and other tests reach the same code.
        "COVERAGE_PROCESS_CONFIG": "",
        "PYTHONPATH": os.pathsep.join(
            [str(ROOT), str(ROOT / "generated"), os.environ.get("PYTHONPATH", "")]
        ),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def main() -> None:
    """Execute the tour and store it."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = execute(nbformat.read(TOUR, 4), Path(folder))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if _PNG in output.get("data", {}):
                output.data[_PNG] = _smaller(output.data[_PNG])
    nbformat.write(notebook, TOUR)


if __name__ == "__main__":
    main()
