"""`ionworks show`: the fields of records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.kinds import Found, Kind, find
from ionworks.cli.output import cell
from ionworks.cli.registry import FIND, Ids, app, command, read_ids
from ionworks.cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType

_HIDDEN: Final = ("storage_folder", "experiment_id", "organization_id", "user_id", "kind")
"""Fields that say nothing to people; the JSON has them."""
_LONGEST: Final = 150
"""Characters of an object within an object that is shown."""


@command(
    app,
    "show",
    panel=FIND,
    epilog="The JSON is a list with an object for each id: the fields of the record, and its kind.",
)
def show(
    session: Session,
    ids: Ids,
    *,
    kind: Annotated[
        Kind | None,
        typer.Option(help="Kind of the records; looked up by default.", show_default=False),
    ] = None,
) -> None:
    """Show simulations, fits, studies, measurements, models and other records."""
    found = [find(session.client, each, kind) for each in read_ids(session, ids)]
    documents = [{"kind": each.kind.value, **each.record.to_dict()} for each in found]
    session.output.result(documents, lambda: _view(found))


def _view(found: list[Found]) -> RenderableType:
    from rich.console import Group

    return Group(*(_fields(each) for each in found))


def _fields(found: Found) -> RenderableType:
    """Return the fields of a record, and below each other those of objects in it."""
    from rich.table import Table
    from rich.text import Text

    record = found.record.to_dict()
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("kind", found.kind.noun)
    for name, value in record.items():
        if value in (None, "", [], {}) or name in _HIDDEN or _is_repeated(name, record):
            continue
        label = name.replace("_", " ")
        if not isinstance(value, Mapping):
            grid.add_row(label, Text(_text(value)))
        elif value.keys() == {"id", "name"}:
            grid.add_row(label, Text(f"{value['name']} ({value['id']})"))
        else:
            grid.add_row(label, "")
            for key, each in value.items():
                if each is not None and each != []:
                    grid.add_row(Text(f"  {key}", style="not bold"), Text(_text(each)))
    return grid


def _is_repeated(name: str, record: Mapping[str, Any]) -> bool:
    """Whether it is the id of a record that is shown with its name."""
    other = {"experiment_template_id": "experiment"}.get(name, name.removesuffix("_id"))
    return other != name and bool(record.get(other))


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = [f"{name} {cell(each)}" for name, each in value.items()]
        text = ", ".join(pairs)
        return text if len(text) <= _LONGEST else f"{len(pairs)} values, see --json"
    if isinstance(value, list):
        if len(value) > 0 and all(isinstance(each, (Mapping, list)) for each in value):
            return f"{len(value)} entries, see --json"
        return ", ".join(map(cell, value))
    return cell(value)
