"""`Ionworks`, the client.

What it needs is imported when the first client is made, so that a program that may not make one
starts at once.
"""

from __future__ import annotations

import os
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ionworks.defaults import DEFAULT_RETRIES, DEFAULT_TIMEOUT
from ionworks.resources.user_requests import UserRequests

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import httpx
    from distributed import Client

    from ionworks.records.history import HistoryEntry
    from ionworks.resources.cell_instance import CellInstanceResource
    from ionworks.resources.cell_measurement import CellMeasurementResource
    from ionworks.resources.cell_spec import CellSpecResource
    from ionworks.resources.job import JobResource
    from ionworks.resources.model import ModelResource
    from ionworks.resources.parameterized_model import ParameterizedModelResource
    from ionworks.resources.pipeline import PipelineResource
    from ionworks.resources.project import ProjectResource
    from ionworks.resources.protocol import ProtocolResource
    from ionworks.resources.simple_pipeline import SimplePipelineResource
    from ionworks.resources.simulation import SimulationResource
    from ionworks.resources.simulation_batch import SimulationBatch
    from ionworks.resources.study import StudyResource
    from ionworks.settings import Settings
    from ionworks.transport.embedded import Engine
    from ionworks_api_client import AuthenticatedClient


class Ionworks(UserRequests):
    """A client of the Ionworks service, or of the engine embedded in this package.

    Settings that are not given are taken from the environment, then from the defaults.

    Parameters
    ----------
    api_key : str, optional
        API key; else ``IONWORKS_API_KEY``. A credential given here takes precedence over all
        environment variables.
    api_url : str, optional
        Root URL of the service; else ``IONWORKS_API_URL``, else ``https://api.ionworks.com``.
        ``"local"`` is the embedded engine, ``"local:DIR"`` the engine with its data in DIR.
    project_id : str, optional
        Default project of calls without ``project_id``; else ``IONWORKS_PROJECT_ID``. The
        variable is ignored if `api_url` selects the embedded engine, which has a default project.
    dataframe_backend : {"polars", "pandas"}, optional
        Library of the data frames this client returns; else that of
        `ionworks.set_dataframe_backend`, else ``IONWORKS_DATAFRAME_BACKEND``, else polars.
    timeout : float, optional
        Seconds for one request, from connecting to the end of the reply. The time in which at
        least 16 KiB per second are transferred does not count, and files are limited only by the
        pauses between their bytes. Waiting for a job has a separate timeout.
    max_retries : int, optional
        How many times a request is repeated after a transient failure. Reads are repeated after
        dropped connections and statuses 429, 502, 503 and 504. So are submissions to a service that
        honours their ``Idempotency-Key``; else these are repeated only if nothing was sent, or
        after status 429. Waits ask until their own timeout.
    token : str, optional
        Bearer token instead of a key; else ``IONWORKS_API_TOKEN``. A token takes precedence over a
        key.
    organization_id : str, optional
        Required if a token belongs to several organisations; else ``IONWORKS_ORGANIZATION_ID``.
    transport : httpx.BaseTransport, optional
        Used instead of the network, for tests.
    history : bool, optional
        Whether to record submissions in a file in the user's state folder, for `Ionworks.history`;
        else ``IONWORKS_HISTORY`` (``0`` or ``1``), else True, but False with a `transport`. The
        file never contains a credential.
    cluster : str or distributed.Client, optional
        Dask cluster that runs the simulations and fits of the embedded engine, see
        `Ionworks.local`.

    Raises
    ------
    ValueError
        If there is no credential, or a setting is invalid; nothing was sent.
    ImportError
        If the embedded engine is requested but its packages are not installed.

    Examples
    --------
    >>> client = Ionworks.local()  # doctest: +SKIP
    >>> client.parameterized_model.list_by_project()  # doctest: +SKIP
    """

    def __init__(  # noqa: PLR0913 - each is a setting, and most are keywords
        self,
        api_key: str | None = None,
        api_url: str | None = None,
        project_id: str | None = None,
        dataframe_backend: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        max_retries: int = DEFAULT_RETRIES,
        token: str | None = None,
        organization_id: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        history: bool | None = None,
        cluster: str | Client | None = None,
    ) -> None:
        from ionworks.settings import Settings

        self._settings = Settings.resolve(
            api_key=api_key,
            api_url=api_url,
            project_id=project_id,
            dataframe_backend=dataframe_backend,
            timeout=timeout,
            max_retries=max_retries,
            token=token,
            organization_id=organization_id,
            history=False if history is None and transport is not None else history,
            cluster=cluster,
        )
        engine = None
        if self._settings.is_local and transport is None:
            engine = self._open_engine(self._settings.local_folder, self._settings.local_cluster)
        # Only now, because the engine's first worker process gets ready while this is imported.
        from ionworks.transport.connection import connect

        journal = None
        if self._settings.history:
            from ionworks.history.journal import Journal

            journal = Journal()
        self._connection = connect(
            self._settings, transport=transport, engine=engine, journal=journal
        )

    @classmethod
    def local(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        cluster: str | Client | None = None,
        **options: Any,
    ) -> Self:
        """Make a client of the embedded engine: PyBaMM on this machine, without account or network.

        Parameters
        ----------
        path : path-like, optional
            Folder of simulations and results; the user's data folder if not given.
        cluster : str or distributed.Client, optional
            Dask cluster that runs simulations and fits: the address of its scheduler, such as
            ``tls://host:8786``, or a client of it; else ``IONWORKS_CLUSTER``, else this machine.
        **options
            Other parameters of `Ionworks`, except `api_url`.

        Raises
        ------
        TypeError, ValueError
            If `path` is not the path of a folder, or an option is invalid.
        ImportError
            If the engine's packages, or those of a cluster, are not installed.
        RuntimeError
            If the folder or the cluster cannot be used; the message says why.
        """
        options["cluster"] = cluster
        if "api_url" in options:
            raise TypeError("Ionworks.local() has no api_url: give the folder as path")
        if path is None:
            return cls(api_url="local", **options)
        folder = os.fspath(path) if isinstance(path, os.PathLike) else path
        if not isinstance(folder, str):
            raise TypeError(f"path must be text or a pathlib.Path, not {path!r}")
        if not folder.strip():
            raise ValueError(
                f"path is empty: {path!r}; give a folder, or omit it for the default one"
            )
        return cls(api_url=f"local:{folder}", **options)

    @property
    def settings(self) -> Settings:
        """Settings of this client; their repr does not show credentials."""
        return self._settings

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client, for operations and details that this client does not cover."""
        return self._connection.api

    @property
    def project_id(self) -> str | None:
        """The default project, if one is set."""
        return self._settings.project_id

    @cached_property
    def simulation(self) -> SimulationResource:
        """Run simulations and read their results."""
        from ionworks.resources.simulation import SimulationResource

        return SimulationResource(self._connection)

    @cached_property
    def pipeline(self) -> PipelineResource:
        """Fit, calculate and validate parameters in several steps."""
        from ionworks.resources.pipeline import PipelineResource

        return PipelineResource(self._connection)

    @cached_property
    def simple_pipeline(self) -> SimplePipelineResource:
        """Run a single fit or validation as one job."""
        from ionworks.resources.simple_pipeline import SimplePipelineResource

        return SimplePipelineResource(self._connection)

    @cached_property
    def protocol(self) -> ProtocolResource:
        """Check protocols in the Universal Cycler Protocol language."""
        from ionworks.resources.protocol import ProtocolResource

        return ProtocolResource(self._connection)

    @cached_property
    def job(self) -> JobResource:
        """Inspect the jobs behind simulations and pipelines."""
        from ionworks.resources.job import JobResource

        return JobResource(self._connection)

    @cached_property
    def project(self) -> ProjectResource:
        """Projects and their members."""
        from ionworks.resources.project import ProjectResource

        return ProjectResource(self._connection)

    @cached_property
    def model(self) -> ModelResource:
        """Battery models."""
        from ionworks.resources.model import ModelResource

        return ModelResource(self._connection)

    @cached_property
    def parameterized_model(self) -> ParameterizedModelResource:
        """Models with the parameter values of a cell."""
        from ionworks.resources.parameterized_model import ParameterizedModelResource

        return ParameterizedModelResource(self._connection)

    @cached_property
    def cell_spec(self) -> CellSpecResource:
        """Cell specifications: the design of a cell type."""
        from ionworks.resources.cell_spec import CellSpecResource

        return CellSpecResource(self._connection)

    @cached_property
    def cell_instance(self) -> CellInstanceResource:
        """Cell instances: individual physical cells."""
        from ionworks.resources.cell_instance import CellInstanceResource

        return CellInstanceResource(self._connection)

    @cached_property
    def cell_measurement(self) -> CellMeasurementResource:
        """Measurements of cells: upload, find, read."""
        from ionworks.resources.cell_measurement import CellMeasurementResource

        return CellMeasurementResource(self._connection)

    @property
    def measurement(self) -> CellMeasurementResource:
        """Alias of `cell_measurement`."""
        return self.cell_measurement

    @cached_property
    def study(self) -> StudyResource:
        """Studies: groups of simulations and measurements, and their comparison."""
        from ionworks.resources.study import StudyResource

        return StudyResource(self._connection)

    def healthz(self) -> dict[str, Any]:
        """Return the health status of the service.

        Returns
        -------
        dict
            ``status``, ``ok`` if it works.

        Raises
        ------
        IonworksError
            If the service rejects the request, fails or cannot be reached.
        """
        from ionworks.transport.call import call
        from ionworks_api_client.api.discovery import get_health

        return call(get_health.sync_detailed, client=self.api).to_dict()

    def whoami(self) -> dict[str, Any]:
        """Return the user of the credentials.

        Returns
        -------
        dict
            ``id``, ``email`` and further fields.

        Raises
        ------
        IonworksError
            If the service rejects the request, fails or cannot be reached.
        """
        from ionworks.transport.call import call
        from ionworks_api_client.api.discovery import get_current_user

        return call(get_current_user.sync_detailed, client=self.api).to_dict()

    def capabilities(self) -> dict[str, Any]:
        """Return the capabilities of the service and the location of its OpenAPI document.

        Returns
        -------
        dict
            What the service can do, by name.

        Raises
        ------
        IonworksError
            If the service rejects the request, fails or cannot be reached.
        """
        from ionworks.transport.call import call
        from ionworks_api_client.api.discovery import get_capabilities

        return call(get_capabilities.sync_detailed, client=self.api).to_dict()

    def history(
        self,
        limit: int = 50,
        *,
        name: str | None = None,
        since: str | date | None = None,
        everywhere: bool = False,
    ) -> list[HistoryEntry[SimulationBatch]]:
        """Return what was submitted from this machine, newest first.

        Each submission of simulations or pipelines is recorded in a file in the user's state
        folder, unless the history is turned off, see `Ionworks`. The file contains ids, names and
        times, but no credential. It grows to at most 32 MiB, about 100,000 submissions; then the
        oldest are removed.

        Parameters
        ----------
        limit : int, optional
            Largest number of submissions.
        name : str, optional
            Part of the name of the protocol or pipeline, ignoring case.
        since : str, datetime.date or datetime.datetime, optional
            Only submissions at or after this time. Without a time zone it is in UTC, and a date is
            the midnight at which it begins: ``date.today()`` is 0:00 UTC on that date.
        everywhere : bool, optional
            Whether to include submissions to other addresses than that of this client, which cannot
            read their simulations.

        Returns
        -------
        list of HistoryEntry
            With ``ids``; ``batch()`` of a submission of simulations is the batch that
            `simulation.protocol_batch` returned.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid, or the history is turned off.
        OSError
            If the file cannot be read.

        Examples
        --------
        >>> [entry, *_] = client.history(name="sweep")  # doctest: +SKIP
        >>> batch = entry.batch()  # doctest: +SKIP
        """
        from ionworks.workflows.submission_history import read_history

        return read_history(
            self._connection,
            limit,
            self.simulation.batch,
            name=name,
            since=since,
            everywhere=everywhere,
        )

    def close(self) -> None:
        """Close all connections; the embedded engine resumes unfinished jobs when reopened.

        An idle worker process is kept for a minute, for the next client of the embedded engine in
        this program, unless environment variables are changed before that one is made.
        """
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ionworks(api_url={self._address()!r}, project_id={self.project_id!r})"

    def _repr_html_(self) -> str:
        return self._html(type(self).__name__)

    def _html(self, title: str) -> str:
        from ionworks.html.fragments import fields, view

        shown = {
            "api_url": self._address(),
            "project_id": self.project_id,
            "dataframe_backend": self._settings.dataframe_backend,
        }
        return view(title, fields(shown))

    def _open_engine(self, folder: Path | None, cluster: str | Client | None) -> Engine:
        """Return the embedded engine; the asynchronous client opens it later."""
        from ionworks.transport.engine import open_engine

        return open_engine(folder, cluster=cluster)

    def _address(self) -> str:
        folder = self._settings.local_folder
        return self._settings.api_url if folder is None else f"local:{folder}"
