"""The asynchronous functions of the generated client, on the connection of the synchronous ones."""

from __future__ import annotations

from typing import Any

import httpx

from ionworks.errors import ClientClosedError

__all__ = ["ThreadedClient"]


class ThreadedClient(httpx.AsyncClient):
    """An asynchronous client that sends its requests with a synchronous one, in threads.

    So both have the same credentials, retries, limits and exceptions, and both reach the embedded
    engine, which answers function calls. A reply is read whole.

    Parameters
    ----------
    http : httpx.Client
        The synchronous client, which stays open when this one is closed.
    """

    def __init__(self, http: httpx.Client) -> None:
        # This transport is never used, but a default one would load the network and certificates.
        super().__init__(base_url=http.base_url, transport=httpx.AsyncBaseTransport())
        self._http = http

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        """Build a request as the synchronous client does, with its headers and limits."""
        return self._http.build_request(*args, **kwargs)

    async def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        """Send a request in a thread, which goes on if this is cancelled.

        Parameters
        ----------
        request : httpx.Request
            Made by `build_request`.
        stream : bool, optional
            Has no effect on the transfer: the reply is read whole either way.
        **options
            Those of `httpx.Client.send`.

        Raises
        ------
        IonworksError
            As the synchronous client.
        ClientClosedError
            If one of the two clients is closed.
        """
        # Few programs need it, and a client is made without it in less time.
        import asyncio

        if self.is_closed:
            raise ClientClosedError
        if not isinstance(request.stream, httpx.SyncByteStream):
            await request.aread()
        response = await asyncio.to_thread(self._http.send, request, **options)
        if stream:
            # The caller closes it, which it can do only with an asynchronous stream.
            response.stream = httpx.ByteStream(b"")
        return response
