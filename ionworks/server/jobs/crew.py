"""Who runs what the queue hands out: worker processes of this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from attrs import define

from ionworks.server.jobs.worker import ExecutorFactory

if TYPE_CHECKING:
    from distributed import Client


class Crew(Protocol):
    """Where worker processes run, and how many there can be."""

    @property
    def size(self) -> int:
        """Largest number of worker processes now."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why there are no workers; None if there are."""
        ...

    @property
    def start(self) -> ExecutorFactory:
        """Starts a worker process."""
        ...

    @property
    def start_spare(self) -> ExecutorFactory:
        """Starts one beyond `size`, for questions while all others are busy."""
        ...

    def follow(self, resize: Callable[[int], None]) -> None:
        """Call a function whenever `size` has changed."""
        ...

    def close(self) -> None:
        """Leave what runs the processes; they have ended."""
        ...


@define
class LocalCrew:
    """Worker processes of this machine.

    Attributes
    ----------
    size
        Largest number of them.
    start
        Starts one.
    """

    size: int
    start: ExecutorFactory
    trouble: str | None = None

    @property
    def start_spare(self) -> ExecutorFactory:
        """Starts another one."""
        return self.start

    def follow(self, resize: Callable[[int], None]) -> None:
        """Do nothing: the size does not change."""

    def close(self) -> None:
        """Do nothing."""


def cluster_crew(cluster: str | Client) -> Crew:
    """Return the workers of a Dask cluster, see `ionworks.server.jobs.cluster.Cluster`.

    Raises
    ------
    ImportError
        distributed is not installed.
    """
    try:
        from ionworks.server.jobs.cluster import Cluster
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        raise ImportError(
            "a cluster needs extra packages: pip install 'ionworks-api[local,cluster]' "
            "(distributed is missing)",
            name=error.name,
        ) from None
    return Cluster(cluster)
