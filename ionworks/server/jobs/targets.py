"""Calls by name: how the server reaches code that only its worker processes may load."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from attrs import frozen

#: Seconds between two checks of a worker whether its server still lives.
PARENT_CHECK_PERIOD = 0.5

#: Environment of every worker process: one thread per solve, and no telemetry.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "PYBAMM_DISABLE_TELEMETRY": "true",
}

#: Process id of the server this process works for; empty in the server itself.
_servers: list[int] = []


@frozen
class Targets:
    """Functions that jobs and questions call, as ``module:function``.

    The server imports none of these modules itself: they need PyBaMM, and that of
    ``process_measurement``, which runs in a thread of the server, needs polars.

    ``warm`` names the modules a worker process imports first. ``has_known_names`` says that their
    models are those of `ionworks.engine.names`, so that some names can be refused without them.
    """

    simulate: str = "ionworks.worker.simulations:simulate"
    describe: str = "ionworks.worker.simulations:describe"
    check: str = "ionworks.worker.simulations:check"
    inspect: str = "ionworks.worker.simulations:inspect_model"
    smoke_test: str = "ionworks.worker.simulations:smoke_test"
    parameter_values: str = "ionworks.worker.simulations:parameter_values"
    serialise: str = "ionworks.worker.simulations:serialise"
    script: str = "ionworks.worker.simulations:script"
    citations: str = "ionworks.worker.simulations:citations"
    check_pipeline: str = "ionworks.worker.pipelines:check"
    run_pipeline: str = "ionworks.worker.pipelines:run"
    process_measurement: str = "ionworks.worker.measurements:process"
    warm: tuple[str, ...] = (
        "ionworks.worker.lean_imports",
        # All that a first run needs; what imports PyBaMM comes after the above.
        "ionworks.engine.simulation.api",
        "ionworks.engine.simulation.review",
        "ionworks.worker.simulations",
    )
    has_known_names: bool = True


def invoke(target: str, payload: dict[str, Any]) -> Any:
    """Call ``module:function`` with one argument, in this process.

    Parameters
    ----------
    target
        Import path of a module and the name of a function in it, joined by a colon.
    payload
        The function's only argument.

    Returns
    -------
    Any
        Whatever the function returns.
    """
    module, _, function = target.partition(":")
    return getattr(importlib.import_module(module), function)(payload)


def warm(modules: Sequence[str]) -> int:
    """Import modules in this process and return its id.

    In a worker process, what they make is not looked through for garbage, neither now nor later:
    a collection would take a tenth of a second, and loky makes one after nearly every call.
    """
    is_worker = bool(_servers)
    if is_worker:
        gc.disable()
    for module in modules:
        importlib.import_module(module)
    if is_worker:
        gc.freeze()
        gc.enable()
    return os.getpid()


def start_worker(server_pid: int) -> None:
    """Prepare a new worker process.

    Ctrl-C stops the user's script, not running jobs. Standard output is redirected to standard
    error, because the only line the server prints is its URL. A worker whose server was killed
    ends as well. The files it makes are private.
    """
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdout.flush()
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    _servers.append(server_pid)
    threading.Thread(target=_follow, daemon=True).start()


def leave_if_orphaned() -> None:
    """End this worker process at once if its server has ended.

    Called before a result is stored: another server may be computing the same run already.
    """
    if _servers and os.getppid() != _servers[-1]:
        os._exit(1)


def _follow() -> None:
    """End the process soon after the server that started it has ended."""
    never = threading.Event()
    while not never.wait(PARENT_CHECK_PERIOD):
        leave_if_orphaned()
