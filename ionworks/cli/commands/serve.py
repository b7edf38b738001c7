"""`ionworks serve`: the engine of this machine over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ionworks.cli.registry import ON_THIS_MACHINE, app, command
from ionworks.cli.session import Session


@command(
    app,
    "serve",
    panel=ON_THIS_MACHINE,
    epilog="When the engine is ready, its URL is written to standard output. Clients must send the"
    " key that IONWORKS_API_KEY has here. Ctrl-C stops it; unfinished jobs continue when the folder"
    " is opened again.\n\nIONWORKS_API_KEY=secret ionworks serve --port 8000",
)
def serve(
    session: Session,
    *,
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", help="Port; 0 for any free one.")] = 8000,
    path: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of records and results; the user data folder by default.",
            show_default=False,
        ),
    ] = None,
    no_key: Annotated[
        bool, typer.Option("--no-key", help="Ask for no key (loopback only).")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Worker processes; by default one per core, at most 8.",
            show_default=False,
        ),
    ] = None,
    run_limit: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="Longest time that one simulation may take.", show_default=False
        ),
    ] = None,
    check_limit: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Longest time a submission waits for its check.",
            show_default=False,
        ),
    ] = None,
    team: Annotated[
        bool,
        typer.Option(
            "--team",
            help="Ask for the keys of users, made with 'ionworks admin', instead of one key.",
        ),
    ] = False,
    requests_per_minute: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Requests of one user of a team.", show_default=False
        ),
    ] = None,
    pending_runs: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Unfinished runs of one user of a team.", show_default=False
        ),
    ] = None,
    largest_submission: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Runs of one request of a user of a team.", show_default=False
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="URL of a reverse proxy that clients use.", show_default=False
        ),
    ] = None,
) -> None:
    """Serve the engine on this machine to other programs."""
    if (session.url, session.profile_name, session.project) != (None, None, None):
        raise ValueError(
            "--url, --profile and --project do not apply to serve: give --host, --port and --path"
        )
    from ionworks import local

    given: dict[str, Any] = {
        "--host": host,
        "--port": port,
        "--path": path,
        "--workers": workers,
        "--run-limit": run_limit,
        "--check-limit": check_limit,
        "--public-url": public_url,
        "--requests-per-minute": requests_per_minute,
        "--pending-runs": pending_runs,
        "--largest-submission": largest_submission,
    }
    switches = {"--no-key": no_key, "--team": team}
    arguments = [
        part for name, value in given.items() if value is not None for part in (name, str(value))
    ]
    arguments += [name for name, is_on in switches.items() if is_on]
    raise typer.Exit(local.main(arguments))
