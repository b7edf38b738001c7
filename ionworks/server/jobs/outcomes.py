"""Notes on their way from a worker to the server: one line of JSON each.

A worker notes each run the moment it ends, and how far a fit is. The server reads the file while
the worker goes on, and after it died: nothing finished is lost or computed twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson


class OutcomeFile:
    """Reader of the notes of one task.

    Parameters
    ----------
    path
        File a worker appends to; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def read_new(self) -> list[dict[str, Any]]:
        """Return the notes made since the last call; a line being written comes next time."""
        try:
            with self.path.open("rb") as stream:
                stream.seek(self._offset)
                text = stream.read()
        except FileNotFoundError:
            return []
        complete = text[: text.rfind(b"\n") + 1]
        self._offset += len(complete)
        return [orjson.loads(line) for line in complete.splitlines()]

    def ask_to_stop(self) -> None:
        """Tell the worker that nobody wants more than it has."""
        stop_file(self.path).touch()

    def delete(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)
        stop_file(self.path).unlink(missing_ok=True)


def stop_file(path: Path) -> Path:
    """Return the file whose being there asks a worker to stop."""
    return path.with_name(f"{path.name}.stop")


def note(content: Mapping[str, Any]) -> bytes:
    """Return a line; numbers that are not finite become null."""
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(content, option=options) + b"\n"


def line(
    run_id: str,
    *,
    metrics: dict[str, Any],
    stored: bool,
    error: str | None,
    error_code: str | None,
    compute_time: float,
) -> bytes:
    """Return the line that notes what became of a run."""
    return note(
        {
            "id": run_id,
            "metrics": metrics,
            "stored": stored,
            "error": error,
            "error_code": error_code,
            "compute_time": compute_time,
        }
    )
