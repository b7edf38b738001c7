"""Waiting until a pipeline has ended, with the best cost so far in view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from ionworks.errors import JobFailedError
from ionworks.records.pipeline import Pipeline, PipelineElement
from ionworks.records.simple_pipeline import SimplePipeline
from ionworks.waiting import polling
from ionworks.waiting.views import WaitView

__all__ = ["check_success", "progress_of", "wait_until_ended"]

R = TypeVar("R", Pipeline, SimplePipeline)


@attrs.frozen
class _State(Generic[R]):
    """A pipeline as the waiting loop sees it."""

    record: R
    progress: str | None = None

    @property
    def status(self) -> str | None:
        return self.record.status


def wait_until_ended(
    identifier: str,
    read: Callable[[str], R],
    read_progress: Callable[[R], Mapping[str, Any] | None],
    *,
    jobs: polling.Jobs,
    pace: polling.Pace,
    verbose: bool,
) -> R:
    """Wait until a pipeline has ended, however it ended.

    Parameters
    ----------
    identifier : str
        The pipeline.
    read : callable
        Reads its record.
    read_progress : callable
        Takes a record that has not ended and returns how far it is: ``best_cost``,
        ``evaluations`` and ``element``, as far as they are known. Called only if `verbose`.
    jobs : Jobs
        How to speak of it.
    pace : Pace
        How long and how often.
    verbose : bool
        Whether to show the progress on standard error.

    Raises
    ------
    WaitTimeoutError
        If the time is over.
    """

    def fetch(ids: Any) -> dict[str, _State[R]]:
        record = read(ids[0])
        is_shown = verbose and record.status == "running"
        return {ids[0]: _State(record, _words(read_progress(record)) if is_shown else None)}

    view = WaitView(f"{jobs.noun} {identifier}", 1) if verbose else None
    states = polling.wait(
        [identifier],
        fetch,
        jobs=jobs,
        pace=pace,
        view=view,
        settled=lambda state: state.record.is_terminal,
        detail=lambda state: state.progress,
    )
    return states[identifier].record


def check_success(record: Pipeline | SimplePipeline, noun: str, error: str | None = None) -> None:
    """Raise if a pipeline has failed; one that was canceled has done what was asked of it.

    Parameters
    ----------
    record : Pipeline or SimplePipeline
        What has ended.
    noun : str
        What it is, such as ``"pipeline"``.
    error : str, optional
        The reason, where the record does not have it.

    Raises
    ------
    JobFailedError
        With the record as ``job``.
    """
    if record.status == "failed":
        reason = record.error or error or "no reason given"
        raise JobFailedError(
            f"{noun.capitalize()} {record.id} failed: {reason}",
            job=record,
            error_code=record.error_code,
            data=record.to_dict(),
        )


def progress_of(elements: Iterable[PipelineElement]) -> dict[str, Any] | None:
    """Return how far the element under way is, None if none says so."""
    running = [each for each in elements if each.progress and each.status in {None, "running"}]
    return {"element": running[-1].name, **(running[-1].progress or {})} if running else None


def _words(progress: Mapping[str, Any] | None) -> str | None:
    """Return how far a fit is, in words: ``fit: best cost 0.00123 after 400 evaluations``."""
    if not progress:
        return None
    words = []
    if isinstance(progress.get("best_cost"), (int, float)):
        words.append(f"best cost {progress['best_cost']:.4g}")
    if isinstance(progress.get("evaluations"), int):
        words.append(f"{'after ' if words else ''}{progress['evaluations']} evaluations")
    element = progress.get("element")
    parts = filter(None, (element, " ".join(words)))
    return ": ".join(map(str, parts)) or None
