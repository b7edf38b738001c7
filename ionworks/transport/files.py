"""Files behind redirects and signed URLs.

The service stores large files on a storage host. It redirects downloads to a signed URL there, and
returns signed URLs for uploads. The client's credentials are never sent to the storage host.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from ionworks.errors import ResponseDecodeError

PARQUET: Final = "application/vnd.apache.parquet"
ANY: Final = "*/*"
MOST_REDIRECTS: Final = 5
STORAGE_TIMEOUT: Final = 300.0
"""Seconds a storage host may take to store or find a large file."""

_CHUNK: Final = 1 << 18
# A large file takes long; only its single reads and writes are limited.
_WITHOUT_TOTAL: Final = {"total": None}
_FILE_STATUSES: Final = frozenset({200, 203, 206})

OnBytes = Callable[[int], object]
"""``progress(done)`` is called with the bytes transferred; a retry starts from 0 again."""


def fetch(
    path: str,
    *,
    http: httpx.Client,
    outside: httpx.Client,
    accept: str = PARQUET,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Fetch a file of the service into memory, following redirects to its storage.

    Parameters
    ----------
    path : str
        Path under the root of the service with percent-encoded ids, see `path_of`.
    http : httpx.Client
        Client for the service, with the credentials.
    outside : httpx.Client
        Client for other origins, without credentials.
    accept : str, optional
        Media type to request; the embedded engine returns parquet directly if requested.
    headers : mapping of str to str, optional
        Further headers, sent to the service only.

    Returns
    -------
    bytes
        The body of the first reply that is not a redirect.

    Raises
    ------
    IonworksError
        If the service or the storage rejects the request or fails; `NotFoundError` for 404.
    ResponseDecodeError
        If there are too many redirects, or the target of one is invalid.
    """
    return _followed(
        path, http=http, outside=outside, headers={"Accept": accept}, internal=headers
    ).content


def ask(path: str, body: Any, *, http: httpx.Client, accept: str) -> bytes:
    """Fetch a file that the service makes in reply to a question into memory.

    Parameters
    ----------
    path : str
        Path under the root of the service.
    body : dict
        The question, sent as JSON with POST.
    http : httpx.Client
        As for `fetch`.
    accept : str
        Media type to request.

    Raises
    ------
    IonworksError
        If the service rejects the request or fails.
    ResponseDecodeError
        If the reply is not a file.
    """
    request = http.build_request(
        "POST",
        path,
        json=body,
        headers={"Accept": accept},
        timeout=_storage_timeout(http),
        extensions={**_WITHOUT_TOTAL},
    )
    return _with_a_file(http.send(request)).content


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
    """Fetch a file like `fetch`, but stream it to disk.

    Parameters
    ----------
    path : str
        Path under the root of the service.
    target : Path
        Path to write to; an existing file is replaced.
    http, outside, accept
        As for `fetch`.
    params : mapping, optional
        Query of the request to the service.
    progress : callable, optional
        Called with the bytes written so far.

    Raises
    ------
    IonworksError
        As `fetch`.
    OSError
        If the file cannot be written.
    """

    def write(reply: httpx.Response) -> None:
        if reply.status_code not in _FILE_STATUSES:
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
    """Send a file to a signed URL in a stream.

    Parameters
    ----------
    url : str
        The signed URL; can be relative to the root of the service.
    source : Path
        The file.
    http, outside : httpx.Client
        As for `fetch`; requests to other origins have no credentials.
    content_type : str
        Media type of the file.
    progress : callable, optional
        Called with the bytes sent so far.

    Raises
    ------
    IonworksError
        If the storage rejects the file or fails, or the connection breaks.
    ResponseDecodeError
        If the URL is invalid or not allowed.
    OSError
        If the file cannot be read, or becomes shorter during the upload.
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
        extensions={**_WITHOUT_TOTAL, "name": f"of a file to {goal.host}"},
    )
    client.send(request)


def is_foreign(url: str, *, http: httpx.Client) -> bool:
    """Whether a signed URL has another origin than the service."""
    return _origin(_joined(http.base_url, url)) != _origin(http.base_url)


class FileBody:
    """The content of a file as a request body, read from disk for each attempt.

    Parameters
    ----------
    path : Path
        The file; as many bytes are sent as it has now.
    progress : callable, optional
        Called with the bytes sent so far.
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
                f"{self._path} became {left} bytes shorter during the upload: do not change it"
                " until the upload is complete"
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
    internal: Mapping[str, str] | None = None,
    params: Any = None,
    reader: Callable[[httpx.Response], None] | None = None,
) -> httpx.Response:
    """Return the first reply that is not a redirect; a reader has already read its body.

    The `internal` headers are sent to the service only.
    """
    extensions: dict[str, Any] = {**_WITHOUT_TOTAL}
    if reader is not None:
        extensions["reader"] = reader
    # Names of headers have no case, so a plain dict could have one of them twice.
    to_service = httpx.Headers(internal)
    to_service.update(headers)
    request = http.build_request(
        "GET",
        path,
        headers=to_service,
        params=params,
        timeout=_storage_timeout(http),
        extensions=extensions,
    )
    service = _origin(request.url)
    for _ in range(MOST_REDIRECTS + 1):
        client = http if _origin(request.url) == service else outside
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
        client = http if _origin(goal) == service else outside
        request = client.build_request(
            "GET",
            goal,
            headers=to_service if client is http else headers,
            timeout=_storage_timeout(client),
            extensions={**extensions, "name": f"of a file from {goal.host}"},
        )
    raise ResponseDecodeError(f"GET {path} was redirected more than {MOST_REDIRECTS} times")


def _with_a_file(reply: httpx.Response) -> httpx.Response:
    if reply.status_code not in _FILE_STATUSES:
        raise ResponseDecodeError(
            f"expected a file or a redirect to one, got status {reply.status_code}",
            status_code=reply.status_code,
        )
    return reply


def _joined(base: httpx.URL, url: str) -> httpx.URL:
    try:
        return base.join(url)
    except httpx.InvalidURL as problem:
        raise ResponseDecodeError(f"the service returned an invalid URL: {problem}") from problem


def _allowed(goal: httpx.URL, asked: httpx.URL, what: str) -> httpx.URL:
    """Check the URL of a file: only http and https, and no downgrade from https to http."""
    if goal.scheme not in {"http", "https"} or not goal.host:
        raise ResponseDecodeError(f"{what} to a {goal.scheme!r} URL")
    if asked.scheme == "https" and goal.scheme == "http":
        raise ResponseDecodeError(f"{what} from https to plain http on {goal.host}")
    return goal


def _storage_timeout(client: httpx.Client) -> httpx.Timeout:
    """Return the client's timeouts with a longer read and write timeout for a storage host."""
    limits = client.timeout
    answer = STORAGE_TIMEOUT if limits.read is None else max(STORAGE_TIMEOUT, limits.read)
    return httpx.Timeout(limits.connect, read=answer, write=answer)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, port
