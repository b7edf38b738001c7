"""`ionworks worker`: a worker of a Dask cluster on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ionworks.cli.registry import ON_THIS_MACHINE, app, command
from ionworks.cli.session import Session


@command(
    app,
    "worker",
    panel=ON_THIS_MACHINE,
    epilog="Each thread runs one worker process, which takes half a gigabyte. A worker whose"
    " scheduler has gone ends; what started it should start it again.\n\nionworks worker"
    " tls://scheduler:8786 --tls-ca-file ca.pem --tls-cert worker.pem --tls-key worker-key.pem",
)
def worker(
    session: Session,
    scheduler: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS", help="Address of the Dask scheduler, such as tls://host:8786."
        ),
    ],
    *,
    threads: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Simulations and fits at the same time; by default one per core.",
            show_default=False,
        ),
    ] = None,
    tls_ca_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Certificate of the authority of the cluster.", show_default=False
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Certificate of this worker.", show_default=False),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Key of this worker.", show_default=False),
    ] = None,
    local_directory: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of temporary files; the current folder by default.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run simulations and fits of a Dask cluster on this machine."""
    if (session.url, session.profile_name, session.project) != (None, None, None):
        raise ValueError("--url, --profile and --project do not apply to worker")
    from ionworks.worker import dask_worker

    dask_worker.start(
        scheduler,
        {
            "--nthreads": threads,
            "--tls-ca-file": tls_ca_file,
            "--tls-cert": tls_cert,
            "--tls-key": tls_key,
            "--local-directory": local_directory,
        },
    )
