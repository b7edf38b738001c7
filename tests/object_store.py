"""A server of S3 on loopback for tests: moto, or the one that IONWORKS_TEST_S3 names.

With ``IONWORKS_TEST_BLOBS=moto`` in the environment, the engines of the server's tests keep their
results in a bucket instead of their folder.
"""

import logging
import os
from functools import cache
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from ionworks.server.store.blobs import FolderBlobs

#: Read when the tests are collected: each test removes the variables of the developer.
IS_DEFAULT = os.environ.get("IONWORKS_TEST_BLOBS") == "moto"
#: Endpoint of another server, for which the environment has the credentials.
ENDPOINT = os.environ.get("IONWORKS_TEST_S3")
BUCKET = os.environ.get("IONWORKS_TEST_BUCKET", "ionworks-tests")
#: Seconds that a request may take on a busy machine.
PATIENCE = 60.0
_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
_KEYS = {name: os.environ.get(name, "us-east-1") for name in _VARIABLES}


@cache
def endpoint():
    """Return the URL of the server, which is started by the first test that needs it."""
    if ENDPOINT is not None:
        return ENDPOINT
    moto = pytest.importorskip("moto.server", reason="moto is not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else it logs each request
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()  # a daemon thread, which ends with the tests
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.put(f"{url}/{BUCKET}", timeout=PATIENCE).raise_for_status()
    return url


def new_place():
    """Return the address of an empty place in the bucket; engines find the server from now on."""
    pytest.importorskip("obstore", reason="obstore is not installed")
    os.environ.update(_KEYS, AWS_ENDPOINT_URL=endpoint())
    return f"s3://{BUCKET}/{uuid4().hex}"


def files_at(blobs, folder=""):
    """Return the keys of all files, also hidden ones."""
    if isinstance(blobs, FolderBlobs):
        root = blobs.folder / folder
        # Unlike rglob, walk does not mind folders that go away while they are listed.
        found = (Path(parent, name) for parent, _, names in os.walk(root) for name in names)
        return sorted(path.relative_to(blobs.folder).as_posix() for path in found)
    import obstore

    pages = obstore.list(blobs._store, folder or None)
    return sorted(each["path"] for page in pages for each in page)


def overwrite(blobs, key, content):
    """Replace the content of a file, as a disk or a person may that damages it."""
    if isinstance(blobs, FolderBlobs):
        (blobs.folder / key).write_bytes(content)
    else:
        import obstore

        obstore.put(blobs._store, key, content)


def mounts():
    """Return what sends requests to the server, of a client that calls an engine otherwise."""
    return {f"all://{httpx.URL(endpoint()).netloc.decode()}": httpx.HTTPTransport()}
