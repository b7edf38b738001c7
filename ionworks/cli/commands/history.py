"""`ionworks history`: what was submitted from this machine."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ionworks.cli.dates import Since
from ionworks.cli.output import table
from ionworks.cli.registry import FIND, app, command
from ionworks.cli.session import Session
from ionworks.records.history import HistoryEntry

_COLUMNS = ("submitted_at", "kind", "count", "name", "model", "first_id")


@command(
    app,
    "history",
    panel=FIND,
    epilog="The JSON is a list with the fields of each submission and its ids.\n\n"
    "Wait for all simulations of the last submission:\n\n"
    "ionworks history --limit 1 --ids | ionworks wait -",
)
def history(
    session: Session,
    *,
    name: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Only names that contain this text.", show_default=False),
    ] = None,
    since: Since = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="Maximum number of submissions.")
    ] = 20,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Also submissions to other addresses.")
    ] = False,
    ids: Annotated[
        bool, typer.Option("--ids", help="Write only the ids of the simulations and fits.")
    ] = False,
) -> None:
    """List what was submitted from this machine, the newest first."""
    entries = session.offline_client.history(limit, name=name, since=since, everywhere=everywhere)
    if ids:
        session.output.ids(each for entry in entries for each in entry.ids)
        return
    documents = [{**_without_parts(each), "ids": each.ids} for each in entries]
    columns = (*_COLUMNS, "address") if everywhere else _COLUMNS
    session.output.result(documents, lambda: table(map(_row, entries), columns))


def _without_parts(entry: HistoryEntry[Any]) -> dict[str, Any]:
    """Return the fields except those of which the ids are made."""
    fields = entry.to_dict()
    return {name: value for name, value in fields.items() if name != "stored_ids"}


def _row(entry: HistoryEntry[Any]) -> dict[str, Any]:
    first = next(iter(entry.ids), None)
    time = entry.submitted_at[:16].replace("T", " ")
    return {**entry.to_dict(), "submitted_at": time, "first_id": first}
