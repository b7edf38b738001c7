"""What workers report to the server: files with one line of JSON per outcome.

A worker writes the outcome of each job as soon as it ends, and the progress of fits. The server
reads the file while the worker goes on, and after it died, so that nothing finished is lost or
computed twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson


class OutcomeFile:
    """Reader of the outcomes of one task.

    Parameters
    ----------
    path
        File a worker appends to; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def read_new(self) -> list[dict[str, Any]]:
        """Return the outcomes written since the last call, except an incomplete last line."""
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
        """Ask the worker to stop and hand in what it has."""
        stop_file(self.path).touch()

    def delete(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)
        stop_file(self.path).unlink(missing_ok=True)


def stop_file(path: Path) -> Path:
    """Return the file whose existence asks a worker to stop."""
    return path.with_name(f"{path.name}.stop")


def outcome_line(content: Mapping[str, Any]) -> bytes:
    """Return a line of the file; numbers that are not finite become null."""
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(content, option=options) + b"\n"


def simulation_line(
    run_id: str,
    *,
    metrics: dict[str, Any],
    stored: bool,
    error: str | None,
    error_code: str | None,
    compute_time: float,
) -> bytes:
    """Return the line with the outcome of one simulation; ``compute_time`` is in seconds."""
    return outcome_line(
        {
            "id": run_id,
            "metrics": metrics,
            "stored": stored,
            "error": error,
            "error_code": error_code,
            "compute_time": compute_time,
        }
    )
