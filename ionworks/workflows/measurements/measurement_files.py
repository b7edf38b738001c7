"""Files of measurements: their names, and bringing them to disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from ionworks.errors import ResponseDecodeError
from ionworks.requests.fields import text
from ionworks.transport.call import call
from ionworks.transport.files import ANY, download, fetch, path_of
from ionworks.waiting.views import TransferView
from ionworks_api_client.api import OPERATIONS
from ionworks_api_client.api.cell_measurement import list_measurement_files

if TYPE_CHECKING:
    from ionworks.transport.connection import Connection

__all__ = ["download_files", "files_to_send", "list_files", "read_file"]

_FILE = OPERATIONS["download_measurement_file"].path


def files_to_send(paths: Any) -> dict[str, Path]:
    """Return the files of a measurement by the names they will have.

    Raises
    ------
    TypeError, ValueError
        If one is no file, or two have the same name.
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
            raise ValueError(f"paths[{index}] names {str(path)!r}, which is no file")
        if path.name in files:
            raise ValueError(
                f"paths has two files called {path.name!r}: rename one, the name is what tells them"
                " apart"
            )
        files[path.name] = path
    if not files:
        raise ValueError("paths is empty: give at least one file")
    return files


def list_files(connection: Connection, measurement_id: str) -> list[str]:
    """List the names of a measurement's files."""
    reply = call(list_measurement_files.sync_detailed, measurement_id, client=connection.api)
    return [*reply.filenames]


def read_file(connection: Connection, measurement_id: str, name: str) -> bytes:
    """Read one file whole."""
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
    """Write files of a measurement to a folder, each whole or not at all.

    Raises
    ------
    FileExistsError
        If one is there already and may not be replaced; nothing was fetched.
    ValueError
        If a name is not one of the measurement's files.
    ResponseDecodeError
        If the service names a file that would lie elsewhere.
    """
    known = list_files(connection, measurement_id)
    chosen = known if names is None else _chosen(names, known)
    targets = {name: folder / _safe(name) for name in chosen}
    for target in targets.values():
        if target.exists() and not overwrite:
            raise FileExistsError(f"{target} is there already: pass overwrite=True to replace it")
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in targets.items():
        _download(connection, measurement_id, name, target, verbose=verbose)
    return [*targets.values()]


def _download(
    connection: Connection, measurement_id: str, name: str, target: Path, *, verbose: bool
) -> None:
    view = TransferView(f"fetching {name}", None) if verbose else None
    part = target.with_name(f"{target.name}.part")
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


def _safe(name: str) -> str:
    """Return the name of a file that lies in the folder it is put into, on any system."""
    is_plain = PurePosixPath(name).name == name == PureWindowsPath(name).name
    if not is_plain or name in {"", ".", ".."} or not name.isprintable():
        raise ResponseDecodeError(f"the service names a file {name!r}, which is no plain name")
    return name
