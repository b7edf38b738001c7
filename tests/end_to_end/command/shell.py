"""The command as people run it: a line of a shell, with a home folder of its own."""

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import attrs
from waitress import wasyncore

from ionworks.server.http.addresses import Addresses
from ionworks.server.jobs.worker import worker_thread
from ionworks.server.serving import make_server
from tests.unit.server.engines import QUICK
from tests.unit.server.fixtures import quickly_opened

KEY = "a-key-for-the-command"
GATED = attrs.evolve(QUICK, simulate="tests.end_to_end.command.gated_worker:simulate")


class Ran:
    """What a line of a shell did."""

    def __init__(self, line, process):
        self.line = line
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

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
        self.environment = os.environ | own | environment

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
        ran = Ran(line, process)
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
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        thread.join()
        app.close()
