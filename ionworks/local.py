"""``python -m ionworks.local``: serve the embedded engine over HTTP.

The only line on standard output is the server's URL, printed when it is ready.
"""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

try:
    from ionworks.server import logs, options
    from ionworks.server.app import LocalApp, create_app
    from ionworks.server.dispatching import DispatcherProcess, open_dispatcher
    from ionworks.server.http.addresses import Addresses
    from ionworks.server.jobs import observers
    from ionworks.server.observed import Observed
    from ionworks.server.operations import Operations
    from ionworks.server.options import DISPATCH, WEB, Options
    from ionworks.server.readiness import Readiness
    from ionworks.server.serving import QUESTIONS, Application, make_server
except ModuleNotFoundError as _error:
    if (_error.name or "").partition(".")[0] == "ionworks":
        raise
    _REMEDY = (
        "serving the embedded engine needs extra packages: pip install 'ionworks-api[local]' "
        f"({_error.name} is missing)"
    )
    if __name__ == "__main__":
        sys.exit(f"ionworks.local: {_REMEDY}")
    raise ImportError(_REMEDY, name=_error.name) from None

if TYPE_CHECKING:
    from ionworks.server.metrics import Metrics

_USAGE_ERROR = 2
#: Requests of operators that are answered at the same time.
_OPERATORS_THREADS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a folder until interrupted; returns the exit code."""
    with ExitStack() as closing:
        try:
            given = options.read(arguments)
            _configure_logs(given)
            listener = closing.enter_context(_listening("", given.host, given.port))
            operators = None
            if given.metrics_port is not None:
                operators = closing.enter_context(
                    _listening("metrics-", given.metrics_host, given.metrics_port)
                )
            addresses = Addresses(given.host, listener.getsockname()[1], given.public_url)
            engine = _open(given, addresses)
            closing.callback(engine.close)
            metrics = None if operators is None else _metrics(engine)
        except (ValueError, RuntimeError, OSError, ImportError) as error:
            return _refuse(str(error))
        readiness = Readiness(engine.store, engine.delays, needs_workers=given.role != WEB)
        operations = Operations(readiness)
        folder = engine.store.folder
        if operators is not None and metrics is not None:
            with_metrics = Operations(readiness, metrics.text)
            beside = make_server(with_metrics, operators, folder, threads=_OPERATORS_THREADS)
            closing.enter_context(_running(beside))
            if given.metrics_port == 0:  # else it is known
                sys.stderr.write(f"metrics: {_url(given.metrics_host, operators)}/metrics\n")
        served: Application = operations
        if isinstance(engine, LocalApp):
            note = None if metrics is None else metrics.request_ended
            served = Observed(engine, operations, note)
            engine.services.jobs.prepare()
        server = make_server(served, listener, folder, addresses.prefix, grace=given.grace)
        closing.callback(server.close)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, partial(_stop, server.stop))
        sys.stdout.write(f"{_url(given.host, listener)}\n")
        sys.stdout.flush()
        server.run()
    return 0


def _open(given: Options, addresses: Addresses) -> LocalApp | DispatcherProcess:
    if given.role == DISPATCH:
        return open_dispatcher(
            given.path,
            database=given.database,
            blobs=given.blobs,
            workers=given.workers,
            run_limit=given.run_limit,
            cluster=given.cluster,
        )
    return create_app(
        given.path,
        role="web" if given.role == WEB else "all",
        database=given.database,
        blobs=given.blobs,
        secret=given.secret,
        api_key=given.api_key,
        addresses=addresses,
        workers=given.workers,
        run_limit=given.run_limit,
        cluster=given.cluster,
        check_limit=given.check_limit,
        question_limit=QUESTIONS,
        team=given.team,
    )


def _configure_logs(given: Options) -> None:
    try:
        logs.configure(given.log_format, given.log_level)
    except ImportError as error:
        raise ValueError(_extra("--log-format json", error)) from error


def _metrics(engine: LocalApp | DispatcherProcess) -> Metrics:
    """Return the metrics of an engine, which is observed from now on."""
    try:
        from ionworks.server.metrics import Metrics
    except ImportError as error:
        raise ValueError(_extra("--metrics-port", error)) from error
    metrics = Metrics(engine.store, lambda: engine.jobs)
    observers.install(metrics)
    return metrics


def _extra(option: str, error: ImportError) -> str:
    return (
        f"{option} needs extra packages: pip install 'ionworks-api[server]' "
        f"({error.name} is missing)"
    )


@contextmanager
def _running(server: Any) -> Iterator[None]:
    """Run a server in a thread of its own until the end of the block."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()
        server.close()


@contextmanager
def _listening(option: str, host: str, port: int) -> Iterator[socket.socket]:
    """Bind a socket to the address of ``--<option>host`` and ``--<option>port``.

    Raises
    ------
    OSError
        The address cannot be used; the message says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        remedy = f"pass an address of this computer as --{option}host, such as 127.0.0.1"
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            remedy = f"pass another --{option}port, or 0 for any free one"
        # Without the address, which create_server adds to the text.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise OSError(f"cannot listen on {host}:{port}: {reason}; {remedy}") from error
    with listener:
        yield listener


def _url(host: str, listener: socket.socket) -> str:
    """Return the address of a server."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def _stop(stop: Callable[[], None], number: int, _frame: FrameType | None) -> None:
    """Stop the server in order at the first signal, and at once at the second."""
    signal.signal(number, signal.SIG_DFL)
    stop()


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"ionworks.local: {sentence}\n")
    return _USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
