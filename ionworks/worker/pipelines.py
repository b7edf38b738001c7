"""Checks and runs pipelines in a worker process, and reports their outcomes.

Only worker processes load this module; the server refers to its functions by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ionworks.engine import fitting
from ionworks.server.jobs.outcomes import OutcomeWriter, outcome_line, stop_file
from ionworks.server.jobs.targets import leave_if_orphaned
from ionworks.server.store import curves
from ionworks.server.store.blobs import Blobs

Runner = Callable[..., dict[str, Any]]


def check(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the ``problems`` of elements before they run; they have no ``notes``.

    Parameters
    ----------
    payload
        ``elements``, and ``data``: reference to ``{"columns": names, "rows": number}``.
    """
    data = {
        reference: fitting.DataInfo(tuple(each["columns"]), each["rows"])
        for reference, each in payload["data"].items()
    }
    return {"problems": fitting.check_elements(payload["elements"], data), "notes": []}


def run(payload: dict[str, Any], run_pipeline: Runner | None = None) -> None:
    """Run the elements of a pipeline.

    Parameters
    ----------
    payload
        ``job_id``, ``elements``, ``completed`` (results of an earlier attempt by element),
        ``blobs`` (address of all data), ``data`` (reference to files there), ``folder`` of the
        curves there, ``is_live`` (whether steps of fits are kept), ``threads``, and ``outcomes``
        (file that gets a line for each step, for each element that has ended, and at the end).
    run_pipeline
        Function that runs the elements; the engine's by default.
    """
    with OutcomeWriter(Path(payload["outcomes"])) as outcomes:
        _PipelineRun(payload, outcomes, run_pipeline or fitting.run_pipeline).run()


class _PipelineRun:
    """A running pipeline."""

    def __init__(
        self, payload: Mapping[str, Any], outcomes: OutcomeWriter, run_pipeline: Runner
    ) -> None:
        self.payload = payload
        self.run_pipeline = run_pipeline
        self.outcomes = outcomes
        self.started = time.monotonic()
        self.stop = stop_file(Path(payload["outcomes"]))
        self.blobs = Blobs.at(payload["blobs"])
        self.order = {name: place for place, name in enumerate(payload["elements"], start=1)}
        self.reported = set(payload["completed"])
        self.provenance: dict[str, Any] | None = None

    def run(self) -> None:
        """Run all elements, and report the end, also of a failure."""
        error = code = None
        notes: list[str] = []
        try:
            notes = self._run_elements()
        except ValueError as caught:
            error, code = _error_text(caught), "CONFIGURATION_ERROR"
        except Exception as caught:  # noqa: BLE001 it is reported, and ends this job only
            error, code = _error_text(caught), "SOLVER_ERROR"
        leave_if_orphaned()
        self._write(
            "end",
            error=error,
            error_code=code,
            notes=notes,
            compute_time=time.monotonic() - self.started,
            provenance=self.provenance,
        )

    def _run_elements(self) -> list[str]:
        found = self.run_pipeline(
            self.payload["elements"],
            _load(self.blobs, self.payload["data"]),
            progress=self._report,
            should_stop=self.stop.exists,
            threads=self.payload["threads"],
            completed=self.payload["completed"],
        )
        is_whole = found["status"] == "completed"
        last = [*found["element_results"]][-1:]
        for name, result in found["element_results"].items():
            if name not in self.reported:
                series = found["series"].get(name)
                self._report_result(name, result, series, is_whole=is_whole or [name] != last)
        self.provenance = found.get("provenance")
        notes: list[str] = found["notes"]
        return notes

    def _report(self, progress: dict[str, Any]) -> None:
        """Report the progress or the result of an element."""
        leave_if_orphaned()
        name = progress["element"]
        if progress.get("status") == "completed":
            self._report_result(
                name, progress.get("result", {}), progress.get("series"), is_whole=True
            )
        else:
            # Without content it is a heartbeat, which shows that this worker is alive.
            is_kept = self.payload["is_live"] or "best_cost" not in progress
            self._write("progress", element=name, progress=progress if is_kept else None)

    def _report_result(
        self, name: str, result: dict[str, Any], series: Mapping[str, Any] | None, *, is_whole: bool
    ) -> None:
        self.reported.add(name)
        # The curves are written before the outcome that refers to them can be read.
        places = self.outcomes.insist(
            lambda: curves.write(
                self.blobs,
                f"{self.payload['folder']}/{self.order[name]}",
                series or {},
            )
        )
        self._write("result", element=name, result=result, curves=places, is_whole=is_whole)

    def _write(self, kind: str, **content: Any) -> None:
        self.outcomes.write(outcome_line({"kind": kind, "id": self.payload["job_id"], **content}))


def _load(blobs: Blobs, data: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {
        reference: {name: _frame(blobs, key) for name, key in files.items()}
        for reference, files in data.items()
    }


def _frame(blobs: Blobs, key: str) -> pl.DataFrame:
    with blobs.fetch(key) as file:
        return pl.read_parquet(file)


def _error_text(error: Exception) -> str:
    """Return an error with its type; subclasses of ValueError are shown as ValueError."""
    kind = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    return f"{kind}: {error}"
