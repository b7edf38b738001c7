"""Metrics of a process for Prometheus; imported only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from ionworks.server.jobs.job_types import JobType
from ionworks.server.jobs.observers import Observer
from ionworks.server.jobs.queue import Jobs
from ionworks.server.jobs.registry import TYPES
from ionworks.server.jobs.web import WebJobs
from ionworks.server.observed import Request
from ionworks.server.store.database import Store

#: Upper ends of the classes of the histograms, in seconds.
_OF_CHUNKS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_OF_REQUESTS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics(Observer):
    """Counts what happens in a process.

    Parameters
    ----------
    store
        With the queue, whose length all processes that run jobs tell.
    jobs
        Returns the jobs of this process; None while another one is the dispatcher.
    """

    def __init__(self, store: Store, jobs: Callable[[], Jobs | WebJobs | None]) -> None:
        # When a counter was made is of no use, and doubles the text.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(_Now(store, jobs))
        self._chunks = self._histogram(
            "ionworks_chunk_seconds", "Duration of the chunks of workers.", ["type"], _OF_CHUNKS
        )
        self._ended = self._counter(
            "ionworks_jobs_ended", "Jobs that ended: completed, or their error.", ["type", "end"]
        )
        self._lost = self._counter("ionworks_workers_lost", "Workers that died with jobs.", [])
        self._outages = self._counter(
            "ionworks_store_outages", "Times jobs began to wait for the store.", ["error_code"]
        )
        self._requests = self._histogram(
            "ionworks_request_seconds", "Duration of requests.", ["operation"], _OF_REQUESTS
        )
        self._replies = self._counter("ionworks_requests", "Requests.", ["operation", "status"])
        self._errors = self._counter(
            "ionworks_request_errors", "Requests that ended with a problem.", ["error_code"]
        )

    def text(self) -> tuple[bytes, str]:
        """Return the metrics in Prometheus' format, and its media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def chunk_ended(self, job_type: str, seconds: float) -> None:
        """Count a chunk."""
        self._chunks.labels(job_type).observe(seconds)

    def jobs_ended(self, job_type: str, ends: Mapping[str, int]) -> None:
        """Count jobs by their end."""
        for end, number in ends.items():
            self._ended.labels(job_type, end).inc(number)

    def worker_lost(self) -> None:
        """Count a worker that died."""
        self._lost.inc()

    def store_failed(self, error_code: str) -> None:
        """Count a failure of the store."""
        self._outages.labels(error_code).inc()

    def request_ended(self, request: Request) -> None:
        """Count a request."""
        self._requests.labels(request.operation).observe(request.seconds)
        self._replies.labels(request.operation, str(request.status)).inc()
        if request.error_code is not None:
            self._errors.labels(request.error_code).inc()

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _histogram(
        self, name: str, text: str, labels: list[str], classes: tuple[float, ...]
    ) -> Histogram:
        return Histogram(name, text, labels, buckets=classes, registry=self._registry)


class _Now(Collector):
    """What is measured when the metrics are asked for."""

    def __init__(self, store: Store, jobs: Callable[[], Jobs | WebJobs | None]) -> None:
        self._store = store
        self._jobs = jobs

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Describe nothing, so that registration measures nothing."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Measure the queue and the workers."""
        jobs = self._jobs()
        is_dispatcher = GaugeMetricFamily(
            "ionworks_runs_jobs",
            "Whether this process runs jobs: 1, or 0 for a web process or a dispatcher on standby.",
        )
        is_dispatcher.add_metric([], float(isinstance(jobs, Jobs)))
        yield is_dispatcher
        if jobs is None:
            return
        if isinstance(jobs, Jobs):
            yield self._queue()
        started, busy = jobs.worker_counts()
        workers = GaugeMetricFamily(
            "ionworks_workers",
            "Workers that have started, and those of them that are busy.",
            labels=["state"],
        )
        workers.add_metric(["started"], started)
        workers.add_metric(["busy"], busy)
        yield workers
        failing = GaugeMetricFamily(
            "ionworks_jobs_held_up", "Whether a cause holds up jobs: 1 or 0.", labels=["cause"]
        )
        delays = jobs.delays()
        causes = {"store": delays.fault, "workers": delays.trouble, "dispatcher": delays.absence}
        for cause, reason in causes.items():
            failing.add_metric([cause], float(reason is not None))
        yield failing

    def _queue(self) -> GaugeMetricFamily:
        lengths = GaugeMetricFamily(
            "ionworks_jobs", "Jobs that have not ended, of all processes.", labels=["type", "state"]
        )
        for job_type in TYPES:
            for state, number in _counts(job_type, self._store).items():
                lengths.add_metric([job_type.name, state], number)
        return lengths


def _counts(job_type: JobType, store: Store) -> dict[str, int]:
    """Return the numbers of unfinished jobs by state, with the same names for all types."""
    found = job_type.states.counts(store)
    return {
        "pending": found.get("pending", 0),
        "waiting": found.get("waiting", 0),
        "processing": found.get("processing", 0) + found.get("running", 0),
    }
