"""Bytes that lie behind redirects and signed URLs.

The service hands out large files by sending the client elsewhere, to a signed URL of a storage
host. The credentials of the client never go there.
"""

from typing import Final
from urllib.parse import quote

import httpx

from ionworks.errors import ResponseDecodeError

PARQUET: Final = "application/vnd.apache.parquet"
MOST_REDIRECTS: Final = 5


def fetch(path: str, *, http: httpx.Client, outside: httpx.Client, accept: str = PARQUET) -> bytes:
    """Fetch the bytes behind a path of the service, wherever it keeps them.

    Parameters
    ----------
    path : str
        Path under the root of the service, its ids already encoded (`path_of` does that).
    http : httpx.Client
        Sends to the service, with the credentials.
    outside : httpx.Client
        Sends to any other origin; has no credentials.
    accept : str, optional
        Media type to ask for; the embedded engine answers parquet directly when asked for it.

    Returns
    -------
    bytes
        The body of the first reply that is no redirect.

    Raises
    ------
    IonworksError
        If the service or the storage refuses or fails, as `NotFoundError` for 404.
    ResponseDecodeError
        If there are too many redirects, or one leads nowhere.
    """
    request = http.build_request("GET", path, headers={"Accept": accept})
    home = _origin(request.url)
    for _ in range(MOST_REDIRECTS + 1):
        is_home = _origin(request.url) == home
        reply = (http if is_home else outside).send(request)
        if not (reply.is_redirect and "Location" in reply.headers):
            return _body(reply)
        goal = _goal(reply, request.url)
        client = http if _origin(goal) == home else outside
        request = client.build_request("GET", goal, headers={"Accept": accept})
    raise ResponseDecodeError(f"GET {path} was redirected more than {MOST_REDIRECTS} times")


def path_of(template: str, **ids: str) -> str:
    """Fill a path with ids, each percent-encoded so that it stays one segment.

    Parameters
    ----------
    template : str
        Such as ``"/simulations/{simulation_id}/steps/download"``.
    **ids : str
        The ids by name.
    """
    return template.format(**{name: quote(value, safe="") for name, value in ids.items()})


def _body(reply: httpx.Response) -> bytes:
    if reply.status_code not in {200, 203, 206}:
        raise ResponseDecodeError(
            f"expected a file or a redirect to one, got status {reply.status_code}",
            status_code=reply.status_code,
        )
    return reply.content


def _goal(reply: httpx.Response, asked: httpx.URL) -> httpx.URL:
    """Where a redirect leads; never from https back to plain http, never off the web."""
    goal = asked.join(reply.headers["Location"])
    if goal.scheme not in {"http", "https"} or not goal.host:
        raise ResponseDecodeError(f"a download was redirected to a {goal.scheme!r} URL")
    if asked.scheme == "https" and goal.scheme == "http":
        raise ResponseDecodeError(
            f"a download was redirected from https to plain http on {goal.host}"
        )
    return goal


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, port
