"""How requests travel: headers, time limits, compression, errors, remote or local.

This is the only module that knows whether a service on the network or the embedded engine of this
process answers; everything above it speaks HTTP to either.
"""

import gzip
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final

import attrs
import httpx

from ionworks import __version__, errors
from ionworks.settings import Settings, proxy_for
from ionworks.transport.embedded import EngineTransport, open_engine
from ionworks.transport.retries import RepeatingTransport, Sleep
from ionworks.transport.timeouts import extended
from ionworks_api_client import AuthenticatedClient

USER_AGENT: Final = f"ionworks/{__version__}"
COMPRESSED_FROM: Final = 524_288
"""Size in bytes from which on a JSON body is sent compressed."""

_LOCAL_ROOT = "http://ionworks.local"


@attrs.define(kw_only=True)
class Connection:
    """An open way to one service.

    Attributes
    ----------
    settings : Settings
        What it was made from.
    http : httpx.Client
        Sends to the service, with the credentials.
    api : AuthenticatedClient
        The generated client over the same `http`.
    outside : httpx.Client
        Sends to other origins; knows no credentials.
    default_project_id : str or None
        The embedded engine's own project, once it has been asked for.
    """

    settings: Settings
    http: httpx.Client
    api: AuthenticatedClient = attrs.field(repr=False)
    outside: httpx.Client
    default_project_id: str | None = None
    _release: Callable[[], None] = attrs.field(repr=False, alias="release")

    def close(self) -> None:
        """Close every connection, and the embedded engine if there is one; may be repeated."""
        self.http.close()
        self.outside.close()
        self._release()


def connect(
    settings: Settings,
    *,
    transport: httpx.BaseTransport | None = None,
    sleep: Sleep = time.sleep,
) -> Connection:
    """Open the way to the service the settings name; sends nothing yet.

    Parameters
    ----------
    settings : Settings
        Where to and as whom.
    transport : httpx.BaseTransport, optional
        Carries the requests instead of the network; retries still apply.
    sleep : callable, optional
        Pauses between tries, given seconds.

    Raises
    ------
    ImportError
        If the embedded engine is asked for but not installed.
    """
    engine = open_engine(settings.local_folder) if settings.is_local and transport is None else None
    root = _LOCAL_ROOT if settings.is_local else settings.api_url
    network = transport or NetworkTransport()
    carrier = network if engine is None else EngineTransport(engine)
    http = _client(settings, carrier, sleep, base_url=root, headers=_headers(settings))
    outside = _client(settings, network, sleep, headers={"User-Agent": USER_AGENT})
    # The generated client adds no header of its own to a client it is handed: the credentials
    # live in one place, and its repr has nothing to tell.
    api = AuthenticatedClient(base_url=root, token="").set_httpx_client(http)
    # Tied to `http`, which everything that can still send holds: whoever forgets to close, or
    # keeps only a resource of a client, gets neither an open socket nor a closed one too early.
    release = weakref.finalize(http, _close_all, [network] if engine is None else [network, engine])
    return Connection(settings=settings, http=http, api=api, outside=outside, release=release)


def _close_all(things: Iterable[Any]) -> None:
    for thing in things:
        thing.close()


def _headers(settings: Settings) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
    if settings.token is not None:
        headers["Authorization"] = f"Bearer {settings.token}"
    elif settings.api_key is not None:
        headers["X-API-Key"] = settings.api_key
    if settings.organization_id is not None:
        headers["X-Organization-Id"] = settings.organization_id
    if settings.is_internal:
        headers["X-Ionworks-Internal-Client"] = "1"
    return headers


def _client(
    settings: Settings, carrier: httpx.BaseTransport, sleep: Sleep, **options: Any
) -> "ServiceClient":
    return ServiceClient(
        transport=RepeatingTransport(carrier, settings.max_retries, sleep),
        timeout=httpx.Timeout(settings.timeout),
        follow_redirects=False,
        # Every request says who it is by its headers; a session would only be one more secret.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        event_hooks={"response": [_raise_for_error]},
        **options,
    )


def _raise_for_error(response: httpx.Response) -> None:
    """Raise before anyone tries to parse a reply that is an error."""
    if response.status_code >= 400:
        response.read()
        raise errors.from_response(response.status_code, response.headers, response.content)


class ServiceClient(httpx.Client):
    """An httpx client that compresses large JSON and speaks in our exceptions."""

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        """Build a request as httpx does, then compress its body if that pays.

        Raises
        ------
        RequestEncodeError
            If the body cannot be written as JSON, or the URL not as a URL.
        """
        try:
            request = super().build_request(*args, **kwargs)
        except httpx.InvalidURL as problem:
            raise errors.RequestEncodeError(f"the request has no valid URL: {problem}") from problem
        except (TypeError, ValueError) as problem:
            if kwargs.get("json") is None:
                raise
            raise errors.RequestEncodeError(
                f"the request cannot be written as JSON: {problem}"
            ) from problem
        if "timeout" in request.extensions:
            request.extensions["timeout"] = extended(request.extensions["timeout"])
        return _compressed(request)

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request; what the network does wrong comes back as one of our exceptions.

        Raises
        ------
        RequestTimeoutError
            If it took longer than the timeout.
        ServiceConnectionError
            If the service could not be reached or the connection broke.
        ResponseDecodeError
            If the body is not in the encoding its header names.
        """
        # Without query, or a name in its place: a signed URL is a credential.
        named = request.extensions.get("name", request.url.copy_with(query=None))
        goal = f"{request.method} {named}"
        try:
            return super().send(request, **options)
        except httpx.TimeoutException as problem:
            limit = request.extensions.get("timeout", {}).get("read", self.timeout.read)
            raise errors.RequestTimeoutError(
                f"{goal} took longer than {limit} s ({type(problem).__name__}); "
                "Ionworks(timeout=...) sets how long one request may take"
            ) from problem
        except httpx.DecodingError as problem:
            raise errors.ResponseDecodeError(
                f"{goal}: the reply cannot be decoded: {problem}"
            ) from problem
        except httpx.TransportError as problem:
            words = str(problem) or type(problem).__name__
            raise errors.ServiceConnectionError(
                f"{goal} failed: {words}; check api_url and the network"
            ) from problem


def _compressed(request: httpx.Request) -> httpx.Request:
    """Return the same request, its body compressed if it is JSON and large."""
    if not errors.is_json(request.headers.get("Content-Type", "")):
        return request
    body = request.read()
    if len(body) < COMPRESSED_FROM:
        return request
    headers = request.headers.copy()
    del headers["Content-Length"]
    headers["Content-Encoding"] = "gzip"
    return httpx.Request(
        request.method,
        request.url,
        headers=headers,
        # A fixed time makes the same request the same bytes.
        content=gzip.compress(body, compresslevel=1, mtime=0),
        extensions=request.extensions,
    )


class NetworkTransport(httpx.BaseTransport):
    """The network, through the proxy the system names for each origin."""

    def __init__(self) -> None:
        self._by_origin: dict[tuple[str, str, int | None], httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; connections are kept and reused."""
        url = request.url
        origin = (url.scheme, url.host, url.port)
        with self._lock:
            if origin not in self._by_origin:
                # Asking the system for its proxies is slow on some systems: once an origin.
                proxy = proxy_for(f"{url.scheme}://{url.host}")
                self._by_origin[origin] = httpx.HTTPTransport(proxy=proxy)
            carrier = self._by_origin[origin]
        return carrier.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for carrier in self._by_origin.values():
                carrier.close()
            self._by_origin.clear()
