"""Files of measurements: checking them before an upload, listing and downloading them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ionworks.errors import ResponseDecodeError
from ionworks.requests.fields import text
from ionworks.transport.call import call
from ionworks.transport.files import ANY, download, fetch, path_of
from ionworks.ucp.cyclers.export.result import is_plain_name
from ionworks.waiting.views import TransferView
from ionworks_api_client.api import OPERATIONS
from ionworks_api_client.api.cell_measurement import list_measurement_files

if TYPE_CHECKING:
    from ionworks.transport.connection import Connection

__all__ = ["download_files", "files_to_send", "list_files", "read_file", "safe_name"]

_FILE = OPERATIONS["download_measurement_file"].path


def files_to_send(paths: Any) -> dict[str, Path]:
    """Return the files to upload by their names.

    Raises
    ------
    TypeError, ValueError
        If a path is not a file, or two files have the same name.
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    if not isinstance(paths, Iterable):
        raise TypeError(f"paths must be a path or a list of paths, not {paths!r}")
    files: dict[str, Path] = {}
    for index, given in enumerate(paths):
        if not isinstance(given, (str, os.PathLike)):
            raise TypeError(f"paths[{index}] must be a path, not {given!r}")
        path = Path(os.fspath(given))
        if not path.is_file():
            raise ValueError(f"paths[{index}] is {str(path)!r}, which is not a file")
        if any(unicodedata.category(character) == "Cs" for character in path.name):
            raise ValueError(
                f"paths[{index}] has a name that is not valid UTF-8: {path.name!r}; rename it"
            )
        if path.name in files:
            raise ValueError(
                f"paths has two files called {path.name!r}: rename one, because files are stored by"
                " name"
            )
        files[path.name] = path
    if not files:
        raise ValueError("paths is empty: give at least one file")
    return files


def list_files(connection: Connection, measurement_id: str) -> list[str]:
    """List the names of a measurement's files."""
    reply = call(list_measurement_files.sync_detailed, measurement_id, client=connection.api)
    return [*reply.filenames]


def read_file(connection: Connection, measurement_id: str, name: Any) -> bytes:
    """Read one file into memory."""
    if text(name, "name") in {".", ".."}:  # which servers resolve to another route
        raise ValueError(f"name must be the name of a file, not {name!r}")
    path = path_of(_FILE, measurement_id=measurement_id, file_name=name)
    return fetch(path, http=connection.http, outside=connection.outside, accept=ANY)


def download_files(
    connection: Connection,
    measurement_id: str,
    folder: Path,
    names: Iterable[str] | None,
    *,
    overwrite: bool,
    verbose: bool,
) -> list[Path]:
    """Download files of a measurement to a folder; incomplete files are removed.

    Raises
    ------
    FileExistsError
        If a file exists and `overwrite` is False; nothing was downloaded.
    ValueError
        If the measurement has no file of a given name.
    ResponseDecodeError
        If a file name of the service would lead outside of the folder.
    """
    known = list_files(connection, measurement_id)
    chosen = known if names is None else _chosen(names, known)
    targets = {name: folder / safe_name(name) for name in chosen}
    for target in targets.values():
        if target.exists() and not overwrite:
            raise FileExistsError(f"{target} already exists: pass overwrite=True to replace it")
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in targets.items():
        _download(connection, measurement_id, name, target, verbose=verbose)
    return [*targets.values()]


def _download(
    connection: Connection, measurement_id: str, name: str, target: Path, *, verbose: bool
) -> None:
    view = TransferView(f"downloading {name}", None) if verbose else None
    # Not made from the name, which may be as long as a name can be.
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        download(
            path_of(_FILE, measurement_id=measurement_id, file_name=name),
            part,
            http=connection.http,
            outside=connection.outside,
            accept=ANY,
            progress=None if view is None else view.advance,
        )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
        if view is not None:
            view.close()


def _chosen(names: Any, known: list[str]) -> list[str]:
    wanted = [names] if isinstance(names, str) else [text(name, "names") for name in names]
    for name in wanted:
        if name not in known:
            raise ValueError(f"the measurement has no file {name!r}; it has {known}")
    return wanted


def safe_name(name: str, system: str = os.name) -> str:
    """Check that a file name stays inside its folder, and is valid on this operating system."""
    is_outside = name in {"", ".", ".."} or set(name) & {"/", "\\"}
    if is_outside or any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        raise ResponseDecodeError(
            f"the service returned the file name {name!r}, which is not a plain name"
        )
    if system == "nt" and not is_plain_name(name):
        raise ResponseDecodeError(
            f"Windows allows no file called {name!r}: read it with get_file and write it under "
            "another name"
        )
    return name
