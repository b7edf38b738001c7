"""Opening a folder: its name, its modes, and what is wrong with it in one sentence."""

import errno
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from ionworks.local import main
from ionworks.server.app import create_app
from ionworks.server.store.database import DATABASE, Store
from ionworks.server.store.faults import explained
from tests.databases import needs_sqlite
from tests.unit.server.engines import client_of, finish, grid, submit
from tests.unit.server.uploading import make_cell, measure, processed

pytestmark = [needs_sqlite, pytest.mark.folder_blobs("the folder is that of a disk")]

needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def unprivileged():
    """Run as another user than root, whom no mode stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@needs_modes
def test_a_new_folder_and_its_files_are_private(open_umask, folder, app, template):
    with client_of(app) as api:
        processed(api, measure(api, make_cell(api))["id"])
        finish(api, submit(api, template, design_parameters_doe=grid(thickness=[1.0])))

        # The stand-in for the physics writes a text.
        files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".txt"]
        file_modes = {mode(path) for path in files}

    assert {mode(path) for path in (folder, *folder.iterdir()) if path.is_dir()} == {0o700}
    assert file_modes == {0o600}
    kinds = {".sqlite", ".sqlite-wal", ".sqlite-shm", ".parquet", ".lock"}
    assert kinds <= {path.suffix for path in files}


@needs_modes
def test_the_mode_of_an_existing_folder_is_kept(open_umask, folder):
    folder.mkdir(mode=0o755)

    Store(folder).close()

    assert (mode(folder), mode(folder / DATABASE)) == (0o755, 0o600)


@pytest.mark.parametrize(
    "name",
    ["eng%206", "a?b", "a#b", "?mode=memory", " a b ", "🔋电池", "a%00b", ":memory:", "file:a"],
)
def test_a_folder_of_any_name_is_opened_under_that_name(tmp_path, name):
    Store(tmp_path / name).close()

    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / DATABASE).read_bytes()[:6] == b"SQLite"


def text_file(folder):
    folder.mkdir()
    (folder / DATABASE).write_text("This is not a database." * 100, encoding="utf-8")


def truncated(folder):
    Store(folder).close()
    os.truncate(folder / DATABASE, 20_000)


def folder_of_that_name(folder):
    (folder / DATABASE).mkdir(parents=True)


def a_file(folder):
    folder.touch()


def results_without_records(folder):
    Store(folder).close()
    (folder / DATABASE).unlink()
    (folder / "blobs" / "ab" / "abc").mkdir(parents=True)


def results_beside_an_empty_file(folder):
    results_without_records(folder)
    (folder / DATABASE).touch()


def database_of_another_program(folder):
    folder.mkdir()
    connection = sqlite3.connect(folder / DATABASE)
    connection.execute("CREATE TABLE jobs (title TEXT)")
    connection.close()


def later_version(folder):
    Store(folder).close()
    connection = sqlite3.connect(folder / DATABASE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (text_file, "not a database of ionworks; restore ionworks.sqlite from a backup"),
        (truncated, "database is damaged"),
        (folder_of_that_name, "database cannot be opened; check"),
        (a_file, "is a file or inside a file: name a folder"),
        (results_without_records, "holds results, but its ionworks.sqlite is new or empty"),
        (results_beside_an_empty_file, "holds results, but its ionworks.sqlite is new or empty"),
        (database_of_another_program, "belongs to another program: use another folder"),
        (later_version, "upgrade ionworks or use another folder"),
    ],
)
def test_a_folder_that_cannot_be_opened_ends_the_server_with_one_line(
    folder, capsys, monkeypatch, prepare, words
):
    monkeypatch.setenv("IONWORKS_API_KEY", "key")
    prepare(folder)
    folders = {path for path in folder.rglob("*") if path.is_dir()}

    assert main(["--path", str(folder), "--port", "0"]) == 2

    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert str(folder) in err
    assert words in err
    assert folders <= set(folder.rglob("*"))


@needs_modes
def test_a_folder_without_the_right_to_write_is_explained(tmp_path, unprivileged):
    if os.getuid() != 0:  # nobody may not enter the folders of root's tests anyway
        tmp_path.chmod(0o500)

    with pytest.raises(RuntimeError, match=r"engine: .*cannot be written; give the engine's user"):
        create_app(tmp_path / "engine")


def test_a_folder_inside_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(NotADirectoryError, match="name a folder"):
        Store(tmp_path / "file" / "engine")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full; free some space"),
        (errno.EROFS, "cannot be written"),
        (errno.ENOLCK, "has no file locks; use a folder on a local disk"),
        (errno.ENAMETOOLONG, r"\(x\); use another folder"),
    ],
)
def test_an_error_of_the_system_is_explained(number, words):
    with (
        pytest.raises(RuntimeError, match=f"^cannot open somewhere: .*{words}"),
        explained(Path("somewhere")),
    ):
        raise OSError(number, os.strerror(number), "x")
