"""Outcomes on their way from a worker to the server: one line of JSON per finished run.

A worker notes each run the moment it ends. The server reads the file while the chunk is still
under way, and after a worker died: nothing finished is lost or computed twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from attrs import frozen


@frozen
class Outcome:
    """What became of one run, as its worker noted it."""

    id: str
    metrics: dict[str, Any]
    stored: bool
    error: str | None
    error_code: str | None
    compute_time: float


class OutcomeFile:
    """Reader of the outcomes of one chunk.

    Parameters
    ----------
    path
        File a worker appends to; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0

    def read_new(self) -> list[Outcome]:
        """Return the outcomes noted since the last call; a line being written comes next time."""
        try:
            with self.path.open("rb") as stream:
                stream.seek(self._offset)
                text = stream.read()
        except FileNotFoundError:
            return []
        complete = text[: text.rfind(b"\n") + 1]
        self._offset += len(complete)
        return [Outcome(**orjson.loads(line)) for line in complete.splitlines()]

    def delete(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


def line(
    run_id: str,
    *,
    metrics: dict[str, Any],
    stored: bool,
    error: str | None,
    error_code: str | None,
    compute_time: float,
) -> bytes:
    """Return the line that notes one outcome; numbers that are not finite become null."""
    content = {
        "id": run_id,
        "metrics": metrics,
        "stored": stored,
        "error": error,
        "error_code": error_code,
        "compute_time": compute_time,
    }
    return (
        orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS) + b"\n"
    )
