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

__all__ = ["failure_of", "progress_of", "wait_until_ended"]

R = TypeVar("R", Pipeline, SimplePipeline)


@attrs.frozen
class _PipelineState(Generic[R]):
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
        Timeout and polling interval.
    verbose : bool
        Whether to show the progress on standard error.

    Raises
    ------
    WaitTimeoutError
        If the time is over.
    """

    def fetch(ids: Any) -> dict[str, _PipelineState[R]]:
        record = read(ids[0])
        is_shown = verbose and record.status == "running"
        return {ids[0]: _PipelineState(record, _words(read_progress(record)) if is_shown else None)}

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


def failure_of(record: Pipeline | SimplePipeline, noun: str, reason: str | None) -> JobFailedError:
    """Return the exception for a pipeline that has failed.

    Parameters
    ----------
    record : Pipeline or SimplePipeline
        The failed pipeline; becomes ``job`` of the exception.
    noun : str
        What it is, such as ``"pipeline"``.
    reason : str or None
        Why it failed, if known.
    """
    return JobFailedError(
        f"{noun.capitalize()} {record.id} failed: {reason or 'no reason given'}",
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
