"""Bytes that lie behind redirects and signed URLs.

The service hands out large files by sending the client elsewhere, to a signed URL of a storage
host, and takes them the same way. The credentials of the client never go there.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from ionworks.errors import ResponseDecodeError

PARQUET: Final = "application/vnd.apache.parquet"
ANY: Final = "*/*"
MOST_REDIRECTS: Final = 5
STORAGE_TIMEOUT: Final = 300.0
"""Seconds a storage may take to take in or find a large file."""

_CHUNK: Final = 1 << 18
_WITH_A_FILE: Final = frozenset({200, 203, 206})

OnBytes = Callable[[int], object]
"""``progress(done)``: how many bytes of a file are through; called from 0 again when retried."""


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
    return _followed(path, http=http, outside=outside, headers={"Accept": accept}).content


def download(
    path: str,
    target: Path,
    *,
    http: httpx.Client,
    outside: httpx.Client,
    accept: str = PARQUET,
    params: Any = None,
    progress: OnBytes | None = None,
) -> None:
    """Fetch a file as `fetch` does, but to disk, a piece at a time.

    Parameters
    ----------
    path : str
        Path under the root of the service.
    target : Path
        Where to write; what is there is replaced.
    http, outside, accept
        As for `fetch`.
    params : mapping, optional
        Query of the request to the service.
    progress : callable, optional
        Told how many bytes are there.

    Raises
    ------
    IonworksError
        As `fetch`.
    OSError
        If the file cannot be written.
    """

    def write(reply: httpx.Response) -> None:
        if reply.status_code not in _WITH_A_FILE:
            reply.read()
            return
        with target.open("wb") as file:
            for chunk in reply.iter_bytes(_CHUNK):
                file.write(chunk)
                if progress is not None:
                    progress(file.tell())

    _followed(
        path,
        http=http,
        outside=outside,
        headers={"Accept": accept},
        params=params,
        reader=write,
    )


def upload(
    url: str,
    source: Path,
    *,
    http: httpx.Client,
    outside: httpx.Client,
    content_type: str,
    progress: OnBytes | None = None,
) -> None:
    """Put a file to a signed URL, a piece at a time.

    Parameters
    ----------
    url : str
        Where to, as the service gave it; may be relative to its root.
    source : Path
        The file.
    http, outside : httpx.Client
        As for `fetch`: what goes to another origin than the service's has no credentials.
    content_type : str
        Media type of the file.
    progress : callable, optional
        Told how many bytes were handed over.

    Raises
    ------
    IonworksError
        If the storage refuses or fails, or the connection breaks for good.
    ResponseDecodeError
        If the URL leads nowhere a file may go.
    OSError
        If the file cannot be read, or changes meanwhile.
    """
    goal = _allowed(_joined(http.base_url, url), http.base_url, "an upload was sent")
    body = FileBody(source, progress)
    client = http if _origin(goal) == _origin(http.base_url) else outside
    request = client.build_request(
        "PUT",
        goal,
        content=body,
        headers={"Content-Type": content_type, "Content-Length": str(body.size)},
        timeout=_storage_timeout(client),
        extensions={"name": f"of a file to {goal.host}"},
    )
    client.send(request)


def is_foreign(url: str, *, http: httpx.Client) -> bool:
    """Whether a signed URL leads to another origin than the service's own."""
    return _origin(_joined(http.base_url, url)) != _origin(http.base_url)


class FileBody:
    """The bytes of a file, read anew each time they are sent.

    Parameters
    ----------
    path : Path
        The file; its size now is what is sent.
    progress : callable, optional
        Told how many bytes were handed over.
    """

    def __init__(self, path: Path, progress: OnBytes | None = None) -> None:
        self.size = path.stat().st_size
        self._path = path
        self._progress = progress

    def __iter__(self) -> Iterator[bytes]:
        left = self.size
        with self._path.open("rb") as file:
            while left and (chunk := file.read(min(_CHUNK, left))):
                left -= len(chunk)
                yield chunk
                if self._progress is not None:
                    self._progress(self.size - left)
        if left:
            raise OSError(
                f"{self._path} became {left} bytes shorter while it was sent: leave it alone until"
                " the upload is done"
            )


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


def _followed(
    path: str,
    *,
    http: httpx.Client,
    outside: httpx.Client,
    headers: dict[str, str],
    params: Any = None,
    reader: Callable[[httpx.Response], None] | None = None,
) -> httpx.Response:
    """Get the first reply that is no redirect; with a reader, it has read the body already."""
    extensions = {} if reader is None else {"reader": reader}
    request = http.build_request(
        "GET",
        path,
        headers=headers,
        params=params,
        timeout=_storage_timeout(http),
        extensions=extensions,
    )
    home = _origin(request.url)
    for _ in range(MOST_REDIRECTS + 1):
        client = http if _origin(request.url) == home else outside
        reply = client.send(request, stream=reader is not None)
        if not (reply.is_redirect and "Location" in reply.headers):
            reply.close()
            return _with_a_file(reply)
        reply.close()
        goal = _allowed(
            _joined(request.url, reply.headers["Location"]),
            request.url,
            "a download was redirected",
        )
        client = http if _origin(goal) == home else outside
        request = client.build_request(
            "GET",
            goal,
            headers=headers,
            timeout=_storage_timeout(client),
            extensions={**extensions, "name": f"of a file from {goal.host}"},
        )
    raise ResponseDecodeError(f"GET {path} was redirected more than {MOST_REDIRECTS} times")


def _with_a_file(reply: httpx.Response) -> httpx.Response:
    if reply.status_code not in _WITH_A_FILE:
        raise ResponseDecodeError(
            f"expected a file or a redirect to one, got status {reply.status_code}",
            status_code=reply.status_code,
        )
    return reply


def _joined(base: httpx.URL, url: str) -> httpx.URL:
    try:
        return base.join(url)
    except httpx.InvalidURL as problem:
        raise ResponseDecodeError(f"the service named a URL that is none: {problem}") from problem


def _allowed(goal: httpx.URL, asked: httpx.URL, what: str) -> httpx.URL:
    """Return where a file goes or lies; never from https back to plain http, never off the web."""
    if goal.scheme not in {"http", "https"} or not goal.host:
        raise ResponseDecodeError(f"{what} to a {goal.scheme!r} URL")
    if asked.scheme == "https" and goal.scheme == "http":
        raise ResponseDecodeError(f"{what} from https to plain http on {goal.host}")
    return goal


def _storage_timeout(client: httpx.Client) -> httpx.Timeout:
    """Return the client's time limits, with more time for a storage to answer."""
    limits = client.timeout
    answer = STORAGE_TIMEOUT if limits.read is None else max(STORAGE_TIMEOUT, limits.read)
    return httpx.Timeout(limits.connect, read=answer, write=answer)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, port
