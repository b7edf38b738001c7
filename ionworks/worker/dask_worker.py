"""Starting a Dask worker with the settings that the queue needs."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

from ionworks.server.http.cluster_addresses import checked_address

#: A Dask worker that is a daemon of its nanny may start no processes.
ENVIRONMENT: Final = {"DASK_DISTRIBUTED__WORKER__DAEMON": "False"}


def start(scheduler: str, options: Mapping[str, int | str | Path | None]) -> NoReturn:
    """Become a Dask worker: its signals, output and exit code are those of this process.

    Parameters
    ----------
    scheduler
        Address of the scheduler.
    options
        Options of ``dask worker`` by name; those that are None are left out.

    Raises
    ------
    ImportError
        A package is missing.
    ValueError
        The address is not one, or the connection would be neither encrypted nor on this machine.
    """
    for package in ("distributed", "pybamm"):
        if importlib.util.find_spec(package) is None:
            raise ImportError(
                "a worker needs extra packages: pip install 'ionworks-api[local,cluster]' "
                f"({package} is missing)",
                name=package,
            )
    checked_address(scheduler)
    given = [
        part for name, value in options.items() if value is not None for part in (name, str(value))
    ]
    program = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, "--no-dashboard"]
    os.execve(sys.executable, [*program, *given], {**os.environ, **ENVIRONMENT})  # noqa: S606
