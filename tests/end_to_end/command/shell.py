"""The command as people run it: a line of a shell, with a home folder of its own."""

import json
import os
import shlex
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import attrs
from typer.testing import CliRunner

from ionworks.cli.main import app
from ionworks.server.http.addresses import Addresses
from ionworks.server.jobs.worker import worker_thread
from ionworks.server.serving import make_server
from tests.unit.server.engines import QUICK, running
from tests.unit.server.fixtures import quickly_opened

KEY = "a-key-for-the-command"
GATED = attrs.evolve(QUICK, simulate="tests.end_to_end.command.gated_worker:simulate")


class Ran:
    """What a line did."""

    def __init__(self, line, code, out, err):
        self.line = line
        self.code = code
        self.out = out
        self.err = err

    def __repr__(self):
        return f"$ {self.line}\n{self.out}{self.err}[exit code {self.code}]"

    @property
    def json(self):
        return json.loads(self.out, parse_constant=_refuse_constant)


def _refuse_constant(name):
    raise AssertionError(f"{name} is not JSON")


class Shell:
    """Runs lines by ``sh -c``, in which ``ionworks`` is the command of this checkout."""

    def __init__(self, home: Path, url=None, **environment):
        self.home = home
        program = home / "bin" / "ionworks"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ionworks "$@"\n')
        program.chmod(0o755)
        own = {
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "COLUMNS": "80",
            "TERM": "dumb",
            **{
                f"XDG_{name}_HOME": str(home / name.lower())
                for name in ("CONFIG", "DATA", "STATE", "CACHE")
            },
        }
        if url is not None:
            own |= {"IONWORKS_API_URL": url, "IONWORKS_API_KEY": KEY}
            own["IONWORKS_PROJECT_ID"] = "default"
        self.own = own | environment
        self.environment = os.environ | self.own

    def __call__(self, line, *, code=0, given="", **environment):
        """Run a line, which must end with this code."""
        process = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.home,
            env=self.environment | environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        ran = Ran(line, process.returncode, process.stdout, process.stderr)
        assert ran.code == code, ran
        assert "Traceback" not in ran.err, ran
        return ran

    def start(self, line):
        """Start a line whose messages can be read while it runs, in a process group of its own."""
        return subprocess.Popen(
            ["/bin/sh", "-c", line],
            cwd=self.home,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


class Runner:
    """Runs the command in this process, for what a shell adds nothing to."""

    def __init__(self, monkeypatch, home, url=None):
        self.home = home
        self._monkeypatch = monkeypatch
        self._set(Shell(home, url=url).own)
        monkeypatch.chdir(home)

    def __call__(self, line, *, code=0, given="", **environment):
        """Run a line, which must end with this code; it can lack the name of the program."""
        with self._monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            words = shlex.split(line.removeprefix("ionworks "))
            result = CliRunner().invoke(app, words, input=given)
        ran = Ran(line, result.exit_code, result.stdout, result.stderr)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert ran.code == code, ran
        return ran

    def _set(self, environment):
        for name, value in environment.items():
            self._monkeypatch.setenv(name, value)


@contextmanager
def served(folder: Path):
    """Serve an engine whose runs take no time, in a thread; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    addresses = Addresses("127.0.0.1", listener.getsockname()[1], None)
    app = quickly_opened(
        folder,
        api_key=KEY,
        addresses=addresses,
        targets=GATED,
        workers=1,
        factory=worker_thread,
    )
    server = make_server(app, listener, folder, addresses.prefix)
    try:
        with running(server):
            yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        app.close()
