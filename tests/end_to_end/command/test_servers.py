"""The options of `ionworks serve` and `ionworks worker` reach the programs that read them."""

import os
from pathlib import Path

from attrs import asdict

from ionworks import local
from ionworks.server import options
from ionworks.server.team.limits import Limits

DATABASE = "postgresql:///cells?host=/run/postgresql"
CLUSTER = "tls://127.0.0.1:8786"


def test_the_options_of_serve_are_those_of_the_server(invoke_bare, monkeypatch):
    found = []

    def keep(arguments):
        found.append(options.read(arguments))
        return 0

    monkeypatch.setattr(local, "main", keep)

    invoke_bare(
        "ionworks serve --role all --host 127.0.0.2 --port 8001 --path cells --workers 3"
        f" --run-limit 4 --check-limit 5 --public-url https://cells.example.com --cluster {CLUSTER}"
        f" --database '{DATABASE}' --blobs s3://cells/ionworks --team --requests-per-minute 60"
        " --pending-runs 70 --largest-submission 80 --metrics-host 127.0.0.3 --metrics-port 9000"
        " --log-format json --log-level info --grace 6"
    )

    assert [asdict(each, recurse=False) for each in found] == [
        {
            "role": "all",
            "host": "127.0.0.2",
            "port": 8001,
            "path": Path("cells"),
            "workers": 3,
            "run_limit": 4.0,
            "check_limit": 5.0,
            "public_url": "https://cells.example.com",
            "cluster": CLUSTER,
            "database": DATABASE,
            "blobs": "s3://cells/ionworks",
            "team": Limits(60, 70, 80),
            "metrics_host": "127.0.0.3",
            "metrics_port": 9000,
            "log_format": "json",
            "log_level": "info",
            "grace": 6.0,
            "api_key": None,
            "secret": None,
        }
    ]


def test_the_options_of_worker_are_those_of_dask(invoke_bare, monkeypatch):
    started = []

    def keep(_path, words, environment):
        started.append(words)
        assert environment["DASK_DISTRIBUTED__WORKER__DAEMON"] == "False"

    monkeypatch.setattr(os, "execve", keep)
    given = (
        "--threads 2 --tls-ca-file ca.pem --tls-cert worker.pem --tls-key key.pem"
        " --local-directory scratch"
    )

    invoke_bare(f"ionworks worker {CLUSTER} {given}")

    [words] = started
    assert words[1:3] == ["-m", "distributed.cli.dask_worker"]
    assert words[3:] == [
        CLUSTER,
        "--no-dashboard",
        *given.replace("--threads", "--nthreads").split(),
    ]
