"""`Ionworks`, the client."""

import os
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from ionworks.settings import DEFAULT_RETRIES, DEFAULT_TIMEOUT, Settings
from ionworks.transport.connection import connect
from ionworks_api_client import AuthenticatedClient

if TYPE_CHECKING:
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
    from ionworks.resources.study import StudyResource


class Ionworks:
    """A client of the Ionworks service, or of the engine embedded in this package.

    What is not given is taken from the environment, then from the defaults.

    Parameters
    ----------
    api_key : str, optional
        API key; else ``IONWORKS_API_KEY``. Any explicit credential beats all variables.
    api_url : str, optional
        Root of the service; else ``IONWORKS_API_URL``, else ``https://api.ionworks.com``.
        ``"local"`` is the embedded engine, ``"local:DIR"`` the same with its data in DIR.
    project_id : str, optional
        Project of every call that names none; else ``IONWORKS_PROJECT_ID``, unless `api_url`
        names the embedded engine, which has a default project of its own.
    dataframe_backend : {"polars", "pandas"}, optional
        Kind of the data frames this client returns; else what `ionworks.set_dataframe_backend`
        chose, else ``IONWORKS_DATAFRAME_BACKEND``, else polars.
    timeout : float, optional
        Seconds one request may take to connect, and again to answer. Waiting for a job has a
        time limit of its own.
    max_retries : int, optional
        How many times a request is repeated after a passing failure. Reading is repeated after
        dropped connections and busy replies, submitting only if nothing was sent or on 429.
    token : str, optional
        Bearer token instead of a key; else ``IONWORKS_API_TOKEN``. A token beats a key.
    organization_id : str, optional
        Needed when a token spans several organisations; else ``IONWORKS_ORGANIZATION_ID``.
    transport : httpx.BaseTransport, optional
        Carries the requests instead of the network, for tests.

    Raises
    ------
    ValueError
        If there is no credential, or a setting is wrong; before anything is sent.
    ImportError
        If the embedded engine is asked for but its packages are not installed.

    Examples
    --------
    >>> client = Ionworks.local()  # doctest: +SKIP
    >>> client.parameterized_model.list_by_project()  # doctest: +SKIP
    """

    def __init__(
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
    ) -> None:
        self._settings = Settings.resolve(
            api_key=api_key,
            api_url=api_url,
            project_id=project_id,
            dataframe_backend=dataframe_backend,
            timeout=timeout,
            max_retries=max_retries,
            token=token,
            organization_id=organization_id,
        )
        self._connection = connect(self._settings, transport=transport)

    @classmethod
    def local(cls, path: str | os.PathLike[str] | None = None, **options: Any) -> Self:
        """Make a client of the embedded engine: no account, no network, physics by PyBaMM.

        Parameters
        ----------
        path : path-like, optional
            Folder that keeps simulations and results; the user's data folder if not given.
        **options
            Any other parameter of `Ionworks` except `api_url`.

        Raises
        ------
        TypeError, ValueError
            If `path` is no path of a folder, or an option is wrong.
        ImportError
            If the engine's packages are not installed.
        """
        if "api_url" in options:
            raise TypeError("Ionworks.local() has no api_url: give the folder as path")
        if path is None:
            return cls(api_url="local", **options)
        folder = os.fspath(path) if isinstance(path, os.PathLike) else path
        if not isinstance(folder, str):
            raise TypeError(f"path must be text or a pathlib.Path, not {path!r}")
        if not folder.strip():
            raise ValueError(f"path names no folder: {path!r}; leave it out for the default one")
        return cls(api_url=f"local:{folder}", **options)

    @property
    def settings(self) -> Settings:
        """What this client was made from; its repr shows no credential."""
        return self._settings

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client, for operations and details this one leaves out."""
        return self._connection.api

    @property
    def project_id(self) -> str | None:
        """The default project, if one is set."""
        return self._settings.project_id

    @cached_property
    def simulation(self) -> "SimulationResource":
        """Run simulations and read their results."""
        from ionworks.resources.simulation import SimulationResource

        return SimulationResource(self._connection)

    @cached_property
    def pipeline(self) -> "PipelineResource":
        """Fit, calculate and validate parameters in several steps."""
        from ionworks.resources.pipeline import PipelineResource

        return PipelineResource(self._connection)

    @cached_property
    def simple_pipeline(self) -> "SimplePipelineResource":
        """Run a single fit or validation as one job."""
        from ionworks.resources.simple_pipeline import SimplePipelineResource

        return SimplePipelineResource(self._connection)

    @cached_property
    def protocol(self) -> "ProtocolResource":
        """Check protocols in the Universal Cycler Protocol language."""
        from ionworks.resources.protocol import ProtocolResource

        return ProtocolResource(self._connection)

    @cached_property
    def job(self) -> "JobResource":
        """Look at the jobs behind simulations and pipelines."""
        from ionworks.resources.job import JobResource

        return JobResource(self._connection)

    @cached_property
    def project(self) -> "ProjectResource":
        """Projects and their members."""
        from ionworks.resources.project import ProjectResource

        return ProjectResource(self._connection)

    @cached_property
    def model(self) -> "ModelResource":
        """Battery models."""
        from ionworks.resources.model import ModelResource

        return ModelResource(self._connection)

    @cached_property
    def parameterized_model(self) -> "ParameterizedModelResource":
        """Models together with the parameters of a cell."""
        from ionworks.resources.parameterized_model import ParameterizedModelResource

        return ParameterizedModelResource(self._connection)

    @cached_property
    def cell_spec(self) -> "CellSpecResource":
        """Kinds of cells."""
        from ionworks.resources.cell_spec import CellSpecResource

        return CellSpecResource(self._connection)

    @cached_property
    def cell_instance(self) -> "CellInstanceResource":
        """Single cells."""
        from ionworks.resources.cell_instance import CellInstanceResource

        return CellInstanceResource(self._connection)

    @cached_property
    def cell_measurement(self) -> "CellMeasurementResource":
        """Measurements on cells: upload, find, read back."""
        from ionworks.resources.cell_measurement import CellMeasurementResource

        return CellMeasurementResource(self._connection)

    @property
    def measurement(self) -> "CellMeasurementResource":
        """The same as `cell_measurement`."""
        return self.cell_measurement

    @cached_property
    def study(self) -> "StudyResource":
        """Studies: simulations and measurements that belong together, side by side."""
        from ionworks.resources.study import StudyResource

        return StudyResource(self._connection)

    def healthz(self) -> dict[str, Any]:
        """Ask the service whether it is well; raises if it cannot be reached."""
        from ionworks.transport.call import call
        from ionworks_api_client.api.discovery import get_health

        return call(get_health.sync_detailed, client=self.api).to_dict()

    def whoami(self) -> dict[str, Any]:
        """Return the user the credentials belong to."""
        from ionworks.transport.call import call
        from ionworks_api_client.api.discovery import get_current_user

        return call(get_current_user.sync_detailed, client=self.api).to_dict()

    def capabilities(self) -> dict[str, Any]:
        """Return what the service offers, its own OpenAPI location included."""
        from ionworks.transport.call import call
        from ionworks_api_client.api.discovery import get_capabilities

        return call(get_capabilities.sync_detailed, client=self.api).to_dict()

    def close(self) -> None:
        """Close all connections; the embedded engine's work is kept and taken up again later."""
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
        where = repr(self._settings.api_url)
        if self._settings.local_folder is not None:
            where = repr(f"local:{self._settings.local_folder}")
        return f"Ionworks(api_url={where}, project_id={self.project_id!r})"
