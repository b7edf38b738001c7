"""`ionworks script`: how a simulation can be made without this package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ionworks.cli.registry import RESULTS, app, command
from ionworks.cli.session import Session


@command(app, "script", panel=RESULTS, epilog="The JSON is the text as a string.")
def script(
    session: Session,
    simulation: Annotated[str, typer.Argument(metavar="ID", help="Id of a simulation.")],
    *,
    citations: Annotated[
        bool, typer.Option("--citations", help="Write the references in BibTeX instead.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="File to write.", show_default=False),
    ] = None,
) -> None:
    """Write a simulation as a PyBaMM script that gives the same curve."""
    simulations = session.client.simulation
    text = simulations.citations(simulation) if citations else simulations.script(simulation)
    if output is None:
        session.output.result(text, lambda: text)
    else:
        output.write_text(text, encoding="utf-8")
        session.output.note(f"written to {output}")
