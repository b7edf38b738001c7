"""Results and data in a bucket of an object store that speaks S3.

Credentials, region and endpoint are those of the environment variables ``AWS_*``. Files of a folder
are objects whose keys begin so; there are no folders otherwise.
"""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from ionworks.server.http.signed_links import LIFETIME, UPLOAD_LIFETIME
from ionworks.server.store.blobs import Blobs, write_parquet
from ionworks.server.store.faults import BUCKET_DENIED, BUCKET_FAILS, BUCKET_MISSING

if TYPE_CHECKING:
    import polars as pl
    from obstore.store import ClientConfig, RetryConfig, S3Store

try:
    import obstore
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
except ModuleNotFoundError as _error:
    raise ImportError(
        "results in a bucket need an extra package: pip install 'ionworks-api[s3]' "
        f"({_error.name} is missing)",
        name=_error.name,
    ) from None

#: Where clients reach the store, if that is not the address the engine uses.
PUBLIC_URL: Final = "IONWORKS_BLOBS_PUBLIC_URL"
_ENDPOINTS: Final = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_REGIONS: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
#: What tells who the engine is; without any, only a machine of AWS has credentials.
_CREDENTIALS: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
#: Folder of files that a client is sending, within that of the upload.
_INCOMING: Final = ".incoming"
#: Size in bytes up to which a file is fetched as a whole: that takes one request.
_SMALL: Final = 8 << 20
#: Bytes of a larger file that are fetched at once when it is read piece by piece.
_PIECE: Final = 8 << 20
#: Age from which an object without a record is left over. A worker on another machine, of whose
#: server this one may not know, has its results recorded within minutes.
_NEW_FOR: Final = timedelta(days=1)
#: What a request for a list fails with; obstore has an exception of its own for other requests.
_DENIED: Final = re.compile(r"non-2xx status code: 40[13]\b")
#: Short, because a request waits for it; workers repeat what fails for as long as it takes.
_RETRIES: Final[RetryConfig] = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {
        "base": 2,
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=1),
    },
}


class BucketBlobs(Blobs):
    """Objects in a bucket.

    Parameters
    ----------
    address
        ``s3://bucket`` or ``s3://bucket/prefix``. Each database needs a prefix that no other uses.

    Raises
    ------
    ValueError
        The address is not valid.
    """

    def __init__(self, address: str) -> None:
        url = urlsplit(address)
        if url.scheme != "s3" or not url.hostname or url.netloc != url.hostname or url.query:
            raise ValueError(
                f"the place for results {address!r} is not valid: give s3://BUCKET/PREFIX, with "
                "the endpoint and the credentials in AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY; or the path of a folder"
            )
        self.address = address.rstrip("/")

    def prepare(self) -> None:
        """Look whether the bucket can be used.

        Raises
        ------
        RuntimeError
            It cannot; the message says why, and what to do.
        """
        from ionworks.server.store.faults import fault_of

        try:
            self.is_empty()
        except OSError as error:
            fault = fault_of(error)
            if fault is None:
                raise
            remedy = fault.remedy
            if not any(map(os.environ.get, _CREDENTIALS)):
                remedy = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which are missing"
            raise RuntimeError(f"cannot use {self.address}: {fault.reason}; {remedy}") from error

    def probe(self) -> None:
        """Look whether the store answers."""
        self.is_empty()

    def is_empty(self) -> bool:
        """Return whether there are no objects at all."""
        with _faults(self.address):
            return not any(map(len, obstore.list(self._store, chunk_size=1)))

    def exists(self, key: str) -> bool:
        """Return whether there is an object."""
        try:
            self.size(key)
        except FileNotFoundError:
            return False
        return True

    def size(self, key: str) -> int:
        """Return the size of an object in bytes; raises a FileNotFoundError for a missing one."""
        with self._faults_of(key):
            return obstore.head(self._store, key)["size"]

    def open(self, key: str) -> IO[bytes]:
        """Open an object; raises a FileNotFoundError for a missing one."""
        with self._faults_of(key):
            found = obstore.get(self._store, key)
            size = found.meta["size"]
            if size <= _SMALL:
                return io.BytesIO(found.bytes())
        return io.BufferedReader(_Object(self, key, size), _PIECE)

    def part(self, key: str, start: int, length: int) -> memoryview:
        """Return some bytes of an object."""
        with self._faults_of(key):
            return memoryview(obstore.get_range(self._store, key, start=start, length=length))

    def fetch(self, key: str) -> IO[bytes]:
        """Open an object whose content is in memory, or in a temporary file if it is large."""
        file = self.open(key)
        if isinstance(file, io.BytesIO):
            return file
        stream = self.temporary_file()
        try:
            shutil.copyfileobj(file, stream, _PIECE)
        except BaseException:
            stream.close()
            raise
        stream.seek(0)
        return stream

    def temporary_file(self) -> IO[bytes]:
        """Return an unnamed file in the system's folder of temporary files, see TMPDIR."""
        return TemporaryFile()

    def write_frame(
        self, key: str, frame: pl.DataFrame | pl.LazyFrame, *, rows_together: int | None = None
    ) -> None:
        """Write a frame, see `Blobs.write_frame`: an object appears when all of it was sent."""
        import polars as pl

        in_memory = isinstance(frame, pl.DataFrame)
        with io.BytesIO() if in_memory else self.temporary_file() as stream:
            write_parquet(frame.lazy(), stream, rows_together)
            stream.seek(0)
            with self._faults_of(key):
                obstore.put(self._store, key, stream)

    def remove(self, key: str) -> None:
        """Remove an object; does nothing when it does not exist."""
        with self._faults_of(key):
            obstore.delete(self._store, [key])

    def delete(self, folder: str) -> None:
        """Remove all objects of a folder."""
        with self._faults_of(folder):
            for objects in obstore.list(self._store, folder):
                obstore.delete(self._store, [each["path"] for each in objects])

    def remove_if_empty(self, folder: str) -> None:
        """Do nothing: a folder without objects does not exist."""

    def remove_scratch(self, folder: str) -> None:
        """Remove files that were sent to an upload that is confirmed."""
        self.delete(f"{folder}/{_INCOMING}")

    def end_upload(self, folder: str) -> None:
        """Remove what was sent to an upload: all that is needed was taken in."""
        self.discard(f"{folder}/{_INCOMING}")

    def listing(self) -> Callable[[str], list[str]]:
        """Return a function that names the folders in a folder, as they are now.

        All objects are listed at once: a request for each of 256 parents takes longer. Folders with
        new objects are left out.
        """
        newest: dict[str, datetime] = {}
        with _faults(self.address):
            for objects in obstore.list(self._store):
                for each in objects:
                    folder = each["path"].rpartition("/")[0]
                    moment = each["last_modified"]
                    newest[folder] = max(moment, newest.get(folder, moment))
        limit = datetime.now(UTC) - _NEW_FOR
        names: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for folder in (folder for folder, moment in newest.items() if folder and moment <= limit):
            parent = ""
            for name in folder.split("/"):
                names[parent][name] = None
                parent = f"{parent}/{name}" if parent else name
        return lambda parent: [*names.get(parent, ())]

    def upload_link(self, key: str) -> str:
        """Return a presigned URL of the store to PUT a file to."""
        return self._signed("PUT", _incoming(key), UPLOAD_LIFETIME)

    def download_link(self, key: str) -> str:
        """Return a presigned URL of the store to GET a file from."""
        return self._signed("GET", key, LIFETIME)

    def take_in(self, key: str) -> bool:
        """Copy an uploaded object to its key, because its link stays valid."""
        try:
            with self._faults_of(key):
                obstore.copy(self._store, _incoming(key), key)
        except FileNotFoundError:
            return False
        return True

    def _signed(self, method: Literal["GET", "PUT"], key: str, lifetime: int) -> str:
        with self._faults_of(key):
            return obstore.sign(self._public_store, method, key, timedelta(seconds=lifetime))

    @cached_property
    def _store(self) -> S3Store:
        return self._connected(_first(_ENDPOINTS))

    @cached_property
    def _public_store(self) -> S3Store:
        return self._connected(os.environ.get(PUBLIC_URL) or _first(_ENDPOINTS))

    def _connected(self, endpoint: str | None) -> S3Store:
        from obstore.store import S3Store

        options: ClientConfig = {"connect_timeout": "5s", "timeout": "120s"}
        if endpoint is None:
            return S3Store.from_url(
                self.address, client_options=options, retry_config=_RETRIES, region=_region()
            )
        return S3Store.from_url(
            self.address,
            # Who names an endpoint without TLS wants to use it.
            client_options={**options, "allow_http": endpoint.startswith("http://")},
            retry_config=_RETRIES,
            region=_region(),
            endpoint=endpoint,
        )

    @contextmanager
    def _faults_of(self, key: str) -> Iterator[None]:
        place = f"{self.address}/{key}"
        with _faults(place):
            try:
                yield
            except ValueError as error:  # a key such as ../secret, which no object has
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place) from error


class _Object(io.RawIOBase):
    """A large object that is fetched where it is read."""

    def __init__(self, blobs: BucketBlobs, key: str, size: int) -> None:
        self._blobs = blobs
        self._key = key
        self._size = size
        self._place = 0

    def scan(self) -> pl.LazyFrame:
        """Return the object as a lazy frame, for which polars fetches what it needs."""
        import polars as pl

        endpoint = _first(_ENDPOINTS)
        options: dict[str, Any] = {"aws_region": _region(), "max_retries": _RETRIES["max_retries"]}
        if endpoint is not None:
            options["aws_endpoint_url"] = endpoint
            options["aws_allow_http"] = "true" if endpoint.startswith("http://") else "false"
        return pl.scan_parquet(
            f"{self._blobs.address}/{self._key}",
            storage_options=options,
            # Else polars asks boto3, which knows other credentials than obstore.
            credential_provider=None,
            glob=False,
            hive_partitioning=False,
        )

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        length = min(len(buffer), self._size - self._place)
        if length <= 0:
            return 0
        content = self._blobs.part(self._key, self._place, length)
        buffer[:length] = content
        self._place += length
        return length


@contextmanager
def _faults(place: str) -> Iterator[None]:
    """Raise what the store says as an OSError whose number stands for the fault."""
    try:
        yield
    except (BaseError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        if "NoSuchBucket" in str(error):
            number = BUCKET_MISSING
        elif isinstance(error, FileNotFoundError):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), place) from None
        elif isinstance(error, PermissionDeniedError | UnauthenticatedError) or _DENIED.search(
            str(error)
        ):
            number = BUCKET_DENIED
        else:
            number = BUCKET_FAILS
        raise OSError(number, str(error).partition("\n")[0], place) from error


def _incoming(key: str) -> str:
    """Return where a file is sent that will be at a key."""
    folder, _, name = key.rpartition("/")
    return f"{folder}/{_INCOMING}/{name}"


def _region() -> str:
    return _first(_REGIONS) or "us-east-1"


def _first(variables: tuple[str, ...]) -> str | None:
    """Return the first environment variable that is set."""
    return next((value for name in variables if (value := os.environ.get(name))), None)
