"""Waiting until a pipeline has ended, while showing its best cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from ionworks.errors import JobFailedError
from ionworks.records.pipeline import Pipeline, PipelineElement
from ionworks.records.simple_pipeline import SimplePipeline
from ionworks.transport.timeouts import poll_within
from ionworks.waiting import polling
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.views import WaitView

__all__ = ["progress_of", "wait_until_ended"]

R = TypeVar("R", Pipeline, SimplePipeline)


@attrs.frozen
class _PipelineState(Generic[R]):
    """A pipeline in the form the waiting loop needs."""

    record: R
    progress: str | None = None
    reason: str | None = None

    @property
    def status(self) -> str | None:
        return self.record.status

    @property
    def delay_reason(self) -> str | None:
        return self.record.delay_reason


def wait_until_ended(
    identifier: str,
    read: Callable[[str], R],
    read_progress: Callable[[R], Mapping[str, Any] | None],
    read_reason: Callable[[R], str | None],
    *,
    jobs: Jobs,
    pace: polling.Pace,
    verbose: bool,
    raise_on_failure: bool,
) -> polling.Waiting[R]:
    """Wait until a pipeline has ended, successfully or not.

    Parameters
    ----------
    identifier : str
        The pipeline.
    read : callable
        Returns the record of an id.
    read_progress : callable
        Returns the progress of a running pipeline: ``best_cost``, ``evaluations`` and
        ``element``, each if known. Called only if `verbose`.
    read_reason : callable
        Returns why a pipeline has failed, None if the service does not say. Called only if
        `raise_on_failure`.
    jobs : Jobs
        How messages refer to the pipeline.
    pace : Pace
        Timeout and polling interval.
    verbose : bool
        Whether to show the progress on standard error.
    raise_on_failure : bool
        Whether a failed pipeline raises an exception.

    Raises
    ------
    JobFailedError
        If it has failed and `raise_on_failure`.
    WaitTimeoutError
        If it has not ended within the timeout.
    """

    def fetch(ids: Any, seconds: float) -> dict[str, _PipelineState[R]]:
        with poll_within(seconds):
            record = read(ids[0])
            is_shown = verbose and record.status == "running"
            progress = _words(read_progress(record)) if is_shown else None
            is_raised = raise_on_failure and record.status == "failed"
            reason = read_reason(record) if is_raised else None
        return {ids[0]: _PipelineState(record, progress, reason)}

    view = WaitView.of(jobs.noun, [identifier]) if verbose else None
    states = yield from polling.wait(
        [identifier],
        fetch,
        jobs=jobs,
        pace=pace,
        view=view,
        settled=lambda state: state.record.is_terminal,
        detail=lambda state: state.progress,
    )
    state = states[identifier]
    if raise_on_failure and state.status == "failed":
        raise _failure_of(state, jobs.noun)
    return state.record


def progress_of(elements: Iterable[PipelineElement]) -> dict[str, Any] | None:
    """Return the progress of the running element, None if no element has any."""
    running = [each for each in elements if each.progress and each.status in {None, "running"}]
    return {"element": running[-1].name, **(running[-1].progress or {})} if running else None


def _failure_of(state: _PipelineState[R], noun: str) -> JobFailedError:
    return JobFailedError(
        f"{noun.capitalize()} {state.record.id} failed: {state.reason or 'no reason given'}",
        job=state.record,
        error_code=state.record.error_code,
        data=state.record.to_dict(),
    )


def _words(progress: Mapping[str, Any] | None) -> str | None:
    """Return the progress as text, such as ``fit: best cost 0.00123 after 400 evaluations``."""
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
