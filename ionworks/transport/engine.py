"""Opening the embedded engine; apart from `embedded`, so that it needs no HTTP library."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ionworks.errors import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from distributed import Client

    from ionworks.server.app import LocalApp


def open_engine(
    folder: Path | None, *, starts_worker: bool = True, cluster: str | Client | None = None
) -> LocalApp:
    """Open the embedded engine on a folder; the only place where the client imports the server.

    Parameters
    ----------
    folder : Path or None
        Folder of its records; None for the user data folder.
    starts_worker : bool, optional
        Whether the first worker process starts now, and not when there is work for it.
    cluster : str or distributed.Client, optional
        The Dask cluster that runs simulations and fits; this machine if not given.

    Returns
    -------
    ionworks.server.app.LocalApp
        A WSGI application with a ``close`` method.

    Raises
    ------
    ImportError
        If the extra packages it needs are not installed.
    """
    try:
        from ionworks.server.opening import open_app

        return open_app(folder, starts_worker=starts_worker, cluster=cluster)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "ionworks":
            raise
        raise ImportError(
            "the embedded engine needs extra packages: pip install 'ionworks-api[local]' "
            f"({error.name} is missing)",
            name=error.name,
        ) from None


class DeferredEngine:
    """The embedded engine, which is opened by its first request, in the thread of that.

    Parameters
    ----------
    folder, cluster
        As of `open_engine`.
    """

    def __init__(self, folder: Path | None, cluster: str | Client | None = None) -> None:
        self._folder = folder
        self._cluster = cluster
        self._lock = threading.Lock()
        self._application: LocalApp | None = None
        self._is_closed = False

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer one request."""
        return self.open()(environ, start_response)

    def open(self) -> LocalApp:
        """Open the engine, unless it is open; other threads wait until it is.

        Raises
        ------
        ImportError
            As `open_engine`.
        ClientClosedError
            If it was closed.
        """
        with self._lock:
            if self._is_closed:
                raise ClientClosedError
            if self._application is None:
                self._application = open_engine(self._folder, cluster=self._cluster)
            return self._application

    def close(self) -> None:
        """Stop its workers, for good."""
        with self._lock:
            self._is_closed = True
            if self._application is not None:
                self._application.close()
