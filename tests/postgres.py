"""A PostgreSQL server for tests: ``python -m tests.postgres PATH...`` runs some of them on it.

It listens on a Unix socket only, and keeps nothing. As root it runs as another user, because
PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psutil

#: Tests with these get their databases there, see `tests.databases`.
VARIABLE: Final = "IONWORKS_TEST_DATABASE"
_USER: Final = "ionworks"
#: Nothing survives the machine, but what was committed must survive the server: tests kill it. So
#: `synchronous_commit` and `full_page_writes` stay on.
_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": 300,
    "fsync": "off",
}


def programs() -> Path | None:
    """Return the folder with the programs of the newest PostgreSQL, or None without one."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    on_path = shutil.which("initdb")
    candidates = [*debian, *([] if on_path is None else [Path(on_path).resolve().parent])]
    return next((path for path in reversed(candidates) if (path / "pg_ctl").exists()), None)


class Server:
    """A PostgreSQL server in a folder.

    Parameters
    ----------
    folder
        An empty one with a short path, which limits the name of a socket.
    programs
        Folder of the programs of PostgreSQL.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._options: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            shutil.chown(folder, user.pw_uid, user.pw_gid)
            self._options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run(
            "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync",
            f"--username={_USER}",
        )  # fmt: skip

    def url(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://{_USER}@/{database}?host={self._folder}"

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = {**_SETTINGS, "unix_socket_directories": self._folder}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self._folder / "log"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--options={options}", f"--log={log}")

    def stop(self) -> None:
        """Stop the server, whatever its clients do."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")

    def kill(self) -> None:
        """Kill the server with all its processes."""
        lines = (self._folder / "data" / "postmaster.pid").read_text().splitlines()
        server = psutil.Process(int(lines[0]))
        processes = [server, *server.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, f"--pgdata={self._folder / 'data'}", *arguments],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **self._options,
        )


@contextmanager
def temporary_server() -> Iterator[Server]:
    """Start a server that is removed afterwards.

    Raises
    ------
    RuntimeError
        PostgreSQL is not installed.
    """
    found = programs()
    if found is None:
        raise RuntimeError(
            "PostgreSQL is not installed: initdb and pg_ctl are neither on the PATH nor below "
            "/usr/lib/postgresql; Debian and Ubuntu: apt-get install postgresql"
        )
    with TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        server = Server(Path(name), found)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def main(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments on PostgreSQL."""
    try:
        with temporary_server() as server:
            command = [sys.executable, "-m", "pytest", *arguments]
            environment = {**os.environ, VARIABLE: server.url()}
            return subprocess.run(command, env=environment, check=False).returncode
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
