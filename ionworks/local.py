"""``python -m ionworks.local``: serve the embedded engine over HTTP.

The only line on standard output is the server's URL, printed when it is ready.
"""

from __future__ import annotations

import argparse
import errno
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

try:
    from ionworks.server.app import create_app
    from ionworks.server.http.addresses import Addresses, is_loopback
    from ionworks.server.jobs.queue import DEFAULT_RUN_LIMIT, MOST_DEFAULT_WORKERS
    from ionworks.server.serving import QUESTIONS, make_server
    from ionworks.server.store.database import default_folder
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

KEY_VARIABLE = "IONWORKS_API_KEY"
#: Seconds a submission waits for its check: clients have timeouts, and workers load PyBaMM first.
_DEFAULT_CHECK_LIMIT = 1.0
_USAGE_ERROR = 2
_HOSTS = "pass an address of this computer as --host, such as 127.0.0.1"
_LARGEST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a folder until interrupted; returns the exit code."""
    options = _parser().parse_args(arguments)
    api_key = None if options.no_key else os.environ.get(KEY_VARIABLE, "")
    if api_key == "":
        return _refuse(f"set {KEY_VARIABLE} to the key clients must send, or pass --no-key")
    if api_key is None and not is_loopback(options.host):
        return _refuse(
            f"--no-key would give access to everyone who can reach {options.host}: "
            "set a key, or listen on 127.0.0.1"
        )
    if not 0 <= options.port <= _LARGEST_PORT:
        return _refuse(f"--port {options.port} is not valid: give 0 to {_LARGEST_PORT}")
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        return _refuse(f"cannot listen on {options.host}:{options.port}: {error}")
    try:
        # With --port 0 the socket knows the port.
        addresses = Addresses(options.host, listener.getsockname()[1], options.public_url)
        app = create_app(
            options.path,
            api_key=api_key,
            addresses=addresses,
            workers=options.workers,
            run_limit=options.run_limit,
            check_limit=options.check_limit,
            question_limit=QUESTIONS,
        )
    except (ValueError, RuntimeError, OSError) as error:
        listener.close()
        return _refuse(str(error))
    server = make_server(app, listener, app.folder, addresses.prefix)
    signal.signal(signal.SIGTERM, _leave)
    app.services.jobs.prepare()
    try:
        sys.stdout.write(f"{_url(options.host, listener)}\n")
        sys.stdout.flush()
        server.run()
    finally:
        server.close()
        app.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ionworks.local",
        description="Serve the embedded engine. Prints its URL when it is ready.",
        epilog=f"Clients must send the key in the environment variable {KEY_VARIABLE}.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="0 for any free one (%(default)s)")
    parser.add_argument(
        "--path", type=Path, help=f"folder of records and results ({default_folder()})"
    )
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="URL clients use, if it is that of a reverse proxy, such as https://cells.example.com",
    )
    parser.add_argument("--no-key", action="store_true", help="ask for no key (loopback only)")
    parser.add_argument(
        "--workers",
        type=int,
        help=f"worker processes, half a gigabyte each (one per core, at most "
        f"{MOST_DEFAULT_WORKERS})",
    )
    parser.add_argument(
        "--run-limit",
        type=float,
        default=DEFAULT_RUN_LIMIT,
        help="longest time one simulation may take, in seconds (%(default)g)",
    )
    parser.add_argument(
        "--check-limit",
        type=float,
        default=_DEFAULT_CHECK_LIMIT,
        help="longest time a submission waits for its check, in seconds; later the check is made "
        "before the first run, which fails if there are problems (%(default)g)",
    )
    return parser


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address.

    Raises
    ------
    OSError
        The address cannot be used; the message says what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        is_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
        remedy = "pass another --port, or 0 for any free one" if is_port else _HOSTS
        # Without the address, which create_server adds to the text.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise OSError(f"{reason}; {remedy}") from error


def _url(host: str, listener: socket.socket) -> str:
    """Return the address of a server."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End the server as Ctrl-C does."""
    raise KeyboardInterrupt


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"ionworks.local: {sentence}\n")
    return _USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
