"""A process that is forked while a client or an engine is open."""

import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ionworks import Ionworks
from ionworks.server.jobs.leases import Lease

SCRIPT = Path(__file__).with_name("fork_script.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")


@pytest.fixture
def start(folder):
    started = []

    def start(kind):
        process = subprocess.Popen(
            # Python 3.12 warns of forks in a process with threads, which is the point here.
            [sys.executable, "-W", "ignore::DeprecationWarning", str(SCRIPT), str(folder), kind],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("kind", ["os.fork", "multiprocessing"])
def test_a_forked_child_gets_an_error_and_leaves_the_engine_to_its_parent(start, folder, kind):
    process = start(kind)

    out, err = process.communicate(timeout=60)

    child, parent = map(json.loads, out.splitlines())
    assert f"the engine of {folder} was opened in process {process.pid}" in child["request"]
    assert "get_context('spawn')" in child["request"]
    assert f"{folder} was open in process {process.pid} when" in child["opening"]
    assert (child["elsewhere"], child["closing"]) == ("no error", "no error")
    assert parent == {"code": 0, "same_worker": True}
    assert (process.returncode, err) == (0, "")


def test_a_child_that_outlives_its_parent_does_not_keep_the_parents_lease(start, folder):
    process = start("lives on")
    told = [json.loads(process.stdout.readline()) for _ in range(2)]
    (child,) = (line["child"] for line in told if "child" in line)
    owner = next(path.stem for path in (folder / "owners").glob("*.lock"))

    process.send_signal(signal.SIGKILL)
    process.wait()

    os.kill(child, 0)  # raises if the child has ended
    lease = Lease(folder / "owners")
    with lease.inherit(owner) as is_dead:
        assert is_dead
    lease.release()


class _Echo(BaseHTTPRequestHandler):
    """Tells from which port a request came, and keeps the connection open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"port": self.client_address[1]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        """Write nothing."""


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.off_contract("the server only tells ports")
def test_a_forked_child_of_a_remote_client_makes_its_own_connections():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    client = Ionworks("key", f"http://127.0.0.1:{server.server_port}", timeout=20, max_retries=0)
    http = client.api.get_httpx_client()
    ports = [http.get("/").json()["port"]]
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, json.dumps([http.get("/").json()["port"] for _ in range(2)]).encode())
            client.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        first, second = json.load(pipe)
    ports.append(http.get("/").json()["port"])
    client.close()
    server.shutdown()
    thread.join()
    server.server_close()

    assert first == second != ports[0]
    assert ports[0] == ports[1]
