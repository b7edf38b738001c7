"""`ionworks serve`: the engine of this machine over HTTP."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ionworks.cli.registry import ON_THIS_MACHINE, app, command
from ionworks.cli.session import Session

#: Type, placeholder and help of the options; `ionworks.server.options` reads and checks them, and
#: has their defaults.
_OPTIONS: Final[dict[str, tuple[Any, str | None, str]]] = {
    "host": (str, "HOST", "Address to listen on; 127.0.0.1 by default."),
    "port": (int, "PORT", "Port; 8000 by default, 0 for any free one."),
    "path": (Path, "DIR", "Folder of records and results; the user data folder by default."),
    "no_key": (bool, None, "Ask for no key (loopback only)."),
    "workers": (int, "N", "Worker processes; by default one per core, at most 8."),
    "run_limit": (float, "SECONDS", "Longest time that one simulation may take."),
    "check_limit": (float, "SECONDS", "Longest time a submission waits for its check."),
    "public_url": (str, "URL", "URL of a reverse proxy that clients use."),
    "role": (str, "ROLE", "'web' answers requests, 'dispatch' runs their jobs, 'all' does both."),
    "database": (str, "URL", "PostgreSQL database instead of a file in the folder."),
    "blobs": (str, "URL", "Results in s3://bucket/prefix instead of the folder."),
    "cluster": (str, "ADDRESS", "Dask scheduler whose workers run the jobs."),
    "team": (bool, None, "Ask for the keys of users, see 'ionworks admin', instead of one."),
    "requests_per_minute": (int, "N", "Requests of each user per minute, with --team."),
    "pending_runs": (int, "N", "Unfinished runs of each user, with --team."),
    "largest_submission": (int, "N", "Runs of one submission, with --team."),
    "metrics_host": (str, "HOST", "Address of the metrics; 127.0.0.1 by default."),
    "metrics_port": (int, "PORT", "Port with /metrics for Prometheus; none by default."),
    "log_format": (str, "FORMAT", "'text' or 'json'."),
    "log_level": (str, "LEVEL", "'debug', 'info', 'warning' or 'error'."),
    "grace": (float, "SECONDS", "Longest time for requests that had begun, at the end."),
}


def _serve(session: Session, **given: Any) -> None:
    """Serve the engine on this machine to other programs."""
    if (session.url, session.profile_name, session.project) != (None, None, None):
        raise ValueError(
            "--url, --profile and --project do not apply to serve: give --host, --port and --path"
        )
    from ionworks import local

    arguments = []
    for name, value in given.items():
        if value is not None and value is not False:
            arguments.append(_option(name))
            arguments += [] if value is True else [str(value)]
    raise typer.Exit(local.main(arguments))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _parameter(name: str, kind: Any, placeholder: str | None, text: str) -> inspect.Parameter:
    option = typer.Option(_option(name), metavar=placeholder, help=text, show_default=False)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=False if kind is bool else None,
        annotation=Annotated[kind if kind is bool else kind | None, option],
    )


# Typer reads the options of a function from its signature.
_serve.__name__ = "serve"
_serve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter("session", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Session),
        *(_parameter(name, *settings) for name, settings in _OPTIONS.items()),
    ]
)
command(
    app,
    "serve",
    panel=ON_THIS_MACHINE,
    epilog="When the engine is ready, its URL is written to standard output. Clients must send the"
    " key that IONWORKS_API_KEY has here. Ctrl-C stops it; unfinished jobs continue when the folder"
    " is opened again. Most options can also be given as variables, such as IONWORKS_ROLE;"
    " passwords and secrets only so.\n\nIONWORKS_API_KEY=secret ionworks serve --port 8000",
)(_serve)
