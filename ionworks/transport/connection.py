"""Connections to a service: headers, time limits, compression, errors, remote or local.

This is the only module that distinguishes a service on the network from the embedded engine in
this process. All modules above it send HTTP requests to either.
"""

import gzip
import time
import warnings
import weakref
from collections.abc import Callable, Iterable
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final

import attrs
import httpx

from ionworks import errors
from ionworks.settings import Settings, installed_version
from ionworks.transport.asynchronous import ThreadedClient
from ionworks.transport.embedded import Engine, EngineTransport
from ionworks.transport.error_replies import from_response, is_json
from ionworks.transport.idempotency import KeyedTransport
from ionworks.transport.network import NetworkTransport, is_loopback
from ionworks.transport.notes import levels_to_the_user
from ionworks.transport.observed import observe
from ionworks.transport.retries import RepeatingTransport, Sleep
from ionworks.transport.timeouts import extended, is_polling
from ionworks_api_client import AuthenticatedClient

if TYPE_CHECKING:
    from ionworks.history.journal import Journal

USER_AGENT: Final = f"ionworks/{installed_version()}"
COMPRESSED_FROM: Final = 524_288
"""Size in bytes from which a JSON body is compressed."""

_LOCAL_ROOT = "http://ionworks.local"


@attrs.define(kw_only=True)
class Connection:
    """A connection to one service.

    Attributes
    ----------
    settings : Settings
        The settings it was made from.
    http : httpx.Client
        Client for the service, with the credentials.
    api : AuthenticatedClient
        The generated client, which uses `http`; its asynchronous functions use it in threads.
    outside : httpx.Client
        Client for other origins, without credentials.
    default_project_id : str or None
        The default project of the embedded engine, set once it has been requested.
    capabilities : dict or None
        What the service says it can do, set once it has been requested.
    journal : Journal or None
        The history of submissions; None if it is turned off.
    shares_polls : bool
        Whether the statuses of several waits are requested together.
    """

    settings: Settings
    http: httpx.Client
    api: AuthenticatedClient = attrs.field(repr=False)
    outside: httpx.Client
    default_project_id: str | None = None
    capabilities: dict[str, Any] | None = attrs.field(default=None, repr=False)
    journal: "Journal | None" = attrs.field(default=None, repr=False)
    shares_polls: bool = False
    _release: Callable[[], None] = attrs.field(repr=False, alias="release")

    def close(self) -> None:
        """Close all connections and the embedded engine, if any; can be called repeatedly."""
        self.http.close()
        self.outside.close()
        self._release()


def connect(
    settings: Settings,
    *,
    transport: httpx.BaseTransport | None = None,
    engine: Engine | None = None,
    journal: "Journal | None" = None,
    sleep: Sleep = time.sleep,
) -> Connection:
    """Make a connection to the service in the settings; sends nothing yet.

    Parameters
    ----------
    settings : Settings
        URL, credentials and options.
    transport : httpx.BaseTransport, optional
        Used instead of the network; retries still apply.
    engine : Engine, optional
        The embedded engine, called instead of a service and closed with the connection.
    journal : Journal, optional
        The history of submissions, closed with the connection.
    sleep : callable, optional
        Called with the seconds to pause between attempts.

    Warns
    -----
    UserWarning
        If the credentials would be sent unencrypted beyond this machine.
    """
    if transport is None and engine is None:
        _warn_of_an_open_key(settings)
    root = _LOCAL_ROOT if settings.is_local else settings.api_url
    network = transport or NetworkTransport()
    carrier = network if engine is None else EngineTransport(engine)
    repeating = RepeatingTransport(carrier, settings.max_retries, sleep)
    keyed = KeyedTransport(repeating, root, settings.max_retries, sleep)
    http = _client(settings, keyed, base_url=root, headers=_headers(settings))
    outside = _client(
        settings,
        RepeatingTransport(network, settings.max_retries, sleep),
        headers={"User-Agent": USER_AGENT},
    )
    # The generated client adds no headers to an httpx client that it is given, so the credentials
    # are stored in one place only, and not in its repr.
    api = AuthenticatedClient(base_url=root, token="").set_httpx_client(http)
    # Without one, it would make a client of its own for its asynchronous functions, which has no
    # credentials, finds no embedded engine, and raises the exceptions of httpx.
    api.set_async_httpx_client(ThreadedClient(http))
    # The finalizer is tied to `http`, which everything that can still send refers to. So sockets
    # are closed when the user forgets to, but not while a resource of the client is still in use.
    closeables = [each for each in (network, engine, journal) if each is not None]
    release = weakref.finalize(http, _close_all, closeables)
    return Connection(
        settings=settings, http=http, api=api, outside=outside, journal=journal, release=release
    )


def _close_all(closeables: Iterable[Any]) -> None:
    for closeable in closeables:
        closeable.close()


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


def _warn_of_an_open_key(settings: Settings) -> None:
    url = httpx.URL(settings.api_url)
    if url.scheme != "http" or is_loopback(url.host):
        return
    name = "token" if settings.api_key is None else "API key"
    warnings.warn(
        f"the {name} is sent to {url.host} unencrypted, so that others on the network can read it:"
        " give api_url with https://, or tunnel the connection (ssh -L) and use the address of"
        " this end, 127.0.0.1",
        UserWarning,
        stacklevel=levels_to_the_user(),
    )


def _client(settings: Settings, transport: httpx.BaseTransport, **options: Any) -> "ServiceClient":
    return ServiceClient(
        transport=transport,
        timeout=httpx.Timeout(settings.timeout),
        follow_redirects=False,
        # Requests are authenticated by headers; a session cookie would be another secret to keep.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        event_hooks={"response": [partial(_raise_for_error, is_local=settings.is_local)]},
        **options,
    )


def _raise_for_error(response: httpx.Response, *, is_local: bool) -> None:
    """Raise an exception for an error reply, before the generated client parses it."""
    if response.status_code >= 400:
        response.read()
        error = from_response(response.status_code, response.headers, response.content)
        if is_local:
            # It is for requests to the support of a service. Where the log of the embedded engine
            # has more about an error, the message contains the id.
            error.request_id = None
        raise error


class ServiceClient(httpx.Client):
    """An httpx client that compresses large JSON and raises this package's exceptions."""

    def build_request(self, *args: Any, **kwargs: Any) -> httpx.Request:
        """Build a request as httpx does, and compress a large JSON body.

        Raises
        ------
        RequestEncodeError
            If the body cannot be written as JSON, or the URL is invalid.
        """
        try:
            request = super().build_request(*args, **kwargs)
        except httpx.InvalidURL as problem:
            raise errors.RequestEncodeError(
                f"the URL of the request is invalid: {problem}"
            ) from problem
        except (TypeError, ValueError) as problem:
            if kwargs.get("json") is None:
                raise
            raise errors.RequestEncodeError(
                f"the request cannot be written as JSON: {problem}"
            ) from problem
        if "timeout" in request.extensions:
            limits = extended(request.extensions["timeout"])
            # httpx limits each read; the network limits the whole request, unless it is a file.
            request.extensions = {"total": limits["read"], **request.extensions, "timeout": limits}
        return _compressed(request)

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request; network errors are raised as this package's exceptions.

        Raises
        ------
        ClientClosedError
            If the client is closed.
        RequestTimeoutError
            If the request took longer than the timeout.
        ServiceConnectionError
            If the service could not be reached or the connection broke.
        ResponseDecodeError
            If the body cannot be decoded with the encoding in its header.
        """
        # The message has no query, or a name instead of the URL: a signed URL is a credential.
        named = request.extensions.get("name", request.url.copy_with(query=None))
        target = f"{request.method} {named}"
        if self.is_closed:
            raise errors.ClientClosedError
        observe(request)
        try:
            return super().send(request, **options)
        except httpx.TimeoutException as problem:
            kind = type(problem).__name__
            limit = request.extensions.get("timeout", {}).get("read", self.timeout.read)
            raise errors.RequestTimeoutError(
                # The remaining time of a wait can be shorter than the limit of a request.
                f"{target} took too long ({kind})"
                if is_polling()
                else f"{target} took longer than {limit} s ({kind}); "
                "increase it with Ionworks(timeout=...)"
            ) from _without_frames(problem)
        except httpx.DecodingError as problem:
            raise errors.ResponseDecodeError(
                f"{target}: the reply cannot be decoded: {problem}"
            ) from _without_frames(problem)
        except httpx.TransportError as problem:
            words = str(problem) or type(problem).__name__
            raise errors.ServiceConnectionError(
                f"{target} failed: {words}; check api_url and the network"
            ) from _without_frames(problem)


def _without_frames(problem: BaseException) -> BaseException:
    """Return an exception of the network without its traceback, and those of its causes.

    They are long, and tell about libraries that the user did not call.
    """
    link: BaseException | None = problem
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return problem


def _compressed(request: httpx.Request) -> httpx.Request:
    """Return the same request, its body compressed if it is JSON and large."""
    if not is_json(request.headers.get("Content-Type", "")):
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
        # A fixed mtime makes the bytes of equal requests equal.
        content=gzip.compress(body, compresslevel=1, mtime=0),
        extensions=request.extensions,
    )
