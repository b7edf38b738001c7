"""The server as a program: its output, its key, its shutdown."""

import errno
import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from ionworks.local import main

SEARCH_PATH = os.pathsep.join(path for path in sys.path if path)


def test_the_url_is_the_only_line_on_stdout(folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "ionworks.local", "--port", "0", "--path", str(folder)],
        env=os.environ | {"PYTHONPATH": SEARCH_PATH, "IONWORKS_API_KEY": "secret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().strip()
    with httpx.Client(base_url=url, headers={"X-API-Key": "secret"}) as api:
        assert api.get("/users/me").status_code == 200
        assert api.get("/users/me", headers={"X-API-Key": "no"}).status_code == 401
        assert api.get("/discovery/capabilities").json()["openapi_spec"].startswith(url)
        assert api.get("/healthz", headers={"Host": "rebound.example"}).status_code == 421
        assert api.get("/healthz", headers={"Origin": "null"}).status_code == 403

    process.send_signal(signal.SIGTERM)
    out, _err = process.communicate(timeout=60)

    assert (process.returncode, out) == (0, "")
    assert not list((folder / "owners").iterdir())


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_it_does_not_start(folder, capsys, monkeypatch, key):
    if key is not None:
        monkeypatch.setenv("IONWORKS_API_KEY", key)

    assert main(["--path", str(folder)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert "IONWORKS_API_KEY" in err
    assert "--no-key" in err
    assert not folder.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--no-key", "--host", "192.0.2.1"], "set a key"),
        (["--no-key", "--host", "example.org"], "set a key"),
        (["--no-key", "--workers", "0"], "workers=0"),
        (["--no-key", "--run-limit", "-1"], "run_limit=-1"),
        (["--no-key", "--run-limit", "nan"], "run_limit=nan"),
        (["--no-key", "--check-limit", "-1"], "check_limit=-1"),
        (["--no-key", "--port", "99999"], "--port 99999"),
        (["--no-key", "--port", "0", "--public-url", "cells.example.com"], "'cells.example.com'"),
    ],
)
def test_a_wrong_option_is_rejected_with_a_message(folder, capsys, arguments, words):
    assert main([*arguments, "--path", str(folder)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert words in err


def test_a_port_in_use_is_rejected_with_a_message(folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert main(["--no-key", "--port", port, "--path", str(folder)]) == 2

    assert capsys.readouterr().err == (
        f"ionworks.local: cannot listen on 127.0.0.1:{port}: {os.strerror(errno.EADDRINUSE)}; "
        "pass another --port, or 0 for any free one\n"
    )


def test_an_address_of_another_computer_is_rejected_with_a_message(folder, capsys, monkeypatch):
    monkeypatch.setenv("IONWORKS_API_KEY", "key")

    assert main(["--host", "192.0.2.1", "--port", "0", "--path", str(folder)]) == 2

    assert "; pass an address of this computer as --host" in capsys.readouterr().err


def test_the_server_process_never_loads_pybamm():
    program = (
        "import sys; from ionworks.server import app, routing; routing.handlers(); "
        "sys.exit('pybamm' in sys.modules or 'polars' in sys.modules)"
    )
    path = os.pathsep.join(part for part in sys.path if part)

    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": path}, check=False
    )

    assert done.returncode == 0


def begun(folder, *options, environment=None):
    """Start a server; returns its process and its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ionworks.local", "--port", "0", "--path", str(folder), *options],
        env=os.environ
        | {"PYTHONPATH": SEARCH_PATH, "IONWORKS_API_KEY": "secret"}
        | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, process.stdout.readline().strip()


def test_a_second_signal_ends_the_server_at_once(folder):
    process, url = begun(folder)
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port)) as connection:
        # It waits for the rest of the body.
        connection.sendall(
            f"POST /simulations/statuses HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
            "X-API-Key: secret\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
            "".encode()
        )
        assert httpx.get(f"{url}/healthz").status_code == 200
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert process.returncode == -signal.SIGTERM
    with begun(folder)[0] as again:  # the lock ended with the process
        again.send_signal(signal.SIGTERM)
        again.communicate(timeout=60)
    assert not list((folder / "owners").iterdir())


@pytest.mark.off_contract("these paths are for operators")
def test_a_dispatcher_answers_only_operators(folder):
    pytest.importorskip("prometheus_client")
    process, url = begun(folder, "--role", "dispatch", "--metrics-port", "0")
    line = process.stderr.readline()
    operators = line.removeprefix("metrics: ").strip().removesuffix("/metrics")

    assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{url}/readyz").json()["status"] == "ready"
    assert httpx.get(f"{url}/projects").status_code == 404
    assert httpx.get(f"{url}/metrics").status_code == 404
    assert httpx.get(f"{operators}/readyz").status_code == 200
    assert "ionworks_runs_jobs 1.0" in httpx.get(f"{operators}/metrics").text

    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0
    assert not list((folder / "owners").iterdir())
