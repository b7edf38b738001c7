"""What the generated client needs: its synchronous client, threads, and its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from ionworks.aio.calls import Calls
from ionworks.client import Ionworks
from ionworks.transport.engine import DeferredEngine

if TYPE_CHECKING:
    import os
    from pathlib import Path
    from types import TracebackType

    from distributed import Client

    from ionworks.settings import Settings
    from ionworks_api_client import AuthenticatedClient

__all__ = ["AsyncClient", "ClientInThreads"]


class ClientInThreads(Ionworks):
    """The synchronous client of an asynchronous one, whose embedded engine is opened when needed.

    Opening takes about a second, and would keep the event loop from other work.
    """

    _engine: DeferredEngine | None = None

    def open(self) -> None:
        """Open the embedded engine, if this client has one and it is not open."""
        if self._engine is not None:
            self._engine.open()

    def _open_engine(self, folder: Path | None, cluster: str | Client | None) -> DeferredEngine:
        self._engine = DeferredEngine(folder, cluster)
        return self._engine


class AsyncClient:
    """A client in an event loop, made of a synchronous one.

    Parameters
    ----------
    client : ClientInThreads
        The synchronous client, which is closed with this one.
    """

    def __init__(self, client: ClientInThreads) -> None:
        self._client = client
        connection = client._connection  # noqa: SLF001 - the two clients are one
        connection.shares_polls = True
        self._calls = Calls(connection)

    @classmethod
    def local(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        cluster: str | Client | None = None,
        **options: Any,
    ) -> Self:
        """Make a client of the embedded engine: PyBaMM on this machine, without account or network.

        The engine is opened in a thread: by ``async with``, else by the first request.

        Parameters
        ----------
        path : path-like, optional
            Folder of simulations and results; the user's data folder if not given.
        cluster : str or distributed.Client, optional
            As of `Ionworks.local`.
        **options
            Other parameters of `AsyncIonworks`, except `api_url`.

        Raises
        ------
        TypeError, ValueError
            If `path` is not the path of a folder, or an option is invalid.
        ImportError
            Raised when the engine is opened, if its packages are not installed.
        """
        client = cls.__new__(cls)
        AsyncClient.__init__(client, ClientInThreads.local(path, cluster=cluster, **options))
        return client

    @property
    def settings(self) -> Settings:
        """Settings of this client; their repr does not show credentials."""
        return self._client.settings

    @property
    def api(self) -> AuthenticatedClient:
        """The generated client; await the functions ``asyncio`` and ``asyncio_detailed``."""
        return self._client.api

    @property
    def project_id(self) -> str | None:
        """The default project, if one is set."""
        return self._client.project_id

    async def aclose(self) -> None:
        """Close the client when all calls have ended, including those that were cancelled.

        The embedded engine resumes unfinished jobs when it is opened again.
        """
        await self._calls.close()
        await asyncio.to_thread(self._client.close)

    async def __aenter__(self) -> Self:
        try:
            await self._calls.run(self._client.open)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"Async{self._client!r}"

    def _repr_html_(self) -> str:
        return self._client._html(type(self).__name__)  # noqa: SLF001 - as above
