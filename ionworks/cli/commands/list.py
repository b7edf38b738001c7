"""`ionworks list`: records of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import attrs
import typer

from ionworks.cli.dates import Before, Since
from ionworks.cli.output import table
from ionworks.cli.registry import FIND, app, command
from ionworks.cli.session import Session

if TYPE_CHECKING:
    from ionworks.client import Ionworks

_PAGE: Final = 100
_LARGE_PAGE: Final = 1000
"""Records of one request; of simulations there may be very many."""


class Listed(StrEnum):
    """What can be listed."""

    SIMULATIONS = "simulations"
    PIPELINES = "pipelines"
    SIMPLE_PIPELINES = "simple-pipelines"
    STUDIES = "studies"
    MEASUREMENTS = "measurements"
    CELLS = "cells"
    SPECS = "specs"
    MODELS = "models"
    PROTOCOLS = "protocols"
    PROJECTS = "projects"


_KINDS: Final = f"What to list: {', '.join(Listed)}."


@attrs.frozen(kw_only=True)
class _Wanted:
    """The filters of a list; the names are those of the options."""

    name: str | None = None
    status: tuple[str, ...] = ()
    since: str | None = None
    before: str | None = None
    study: str | None = None
    model: str | None = None
    spec: str | None = None
    order_by: str | None = None
    order: str | None = None

    def given(self) -> dict[str, Any]:
        """Return those that are given."""
        return {name: value for name, value in attrs.asdict(self).items() if value}

    def ordered(self) -> dict[str, Any]:
        """Return the order as arguments of a list call."""
        found = {"order_by": self.order_by, "order": self.order}
        return {name: value for name, value in found.items() if value}

    def common(self) -> dict[str, Any]:
        """Return name, dates and order as arguments of a list call."""
        found = {
            "name": self.name,
            "created_after": self.since,
            "created_before": self.before,
        }
        return {name: value for name, value in found.items() if value} | self.ordered()


@attrs.frozen(kw_only=True)
class _List:
    """How records of one kind are listed."""

    fetch: Callable[[Ionworks, _Wanted, int], Any]
    filters: tuple[str, ...]
    columns: tuple[str, ...]
    needs_project: bool = True


_COMMON: Final = ("name", "since", "before", "order_by", "order")


def _simulations(client: Ionworks, wanted: _Wanted, limit: int) -> Any:
    status = {"status": list(wanted.status)} if wanted.status else {}
    return client.simulation.list(
        wanted.model,
        wanted.study,
        summary=True,
        limit=limit,
        **wanted.common(),
        **status,  # type: ignore[arg-type]  # mypy does not merge mappings into a TypedDict
    )


def _fits(resource: Any, wanted: _Wanted, limit: int) -> Any:
    from ionworks.data.filters import query

    filters: dict[str, Any] = wanted.ordered()
    if wanted.name is not None:
        # The client sends these filters unchanged, so wildcards in the name are escaped here.
        filters |= query({"name": wanted.name})
    if wanted.status:
        filters["status"] = f"in.({','.join(wanted.status)})"
    return resource.list(limit=limit, offset=0, **filters)


def _studies(client: Ionworks, wanted: _Wanted, limit: int) -> Any:
    named: dict[str, Any] = {} if wanted.name is None else {"name": wanted.name}
    return client.study.list(limit=limit, **named, **wanted.ordered())


def _measurements(client: Ionworks, wanted: _Wanted, limit: int) -> Any:
    return client.measurement.list_by_project(
        limit=limit, q=wanted.name, cell_specification_id=wanted.spec, **wanted.ordered()
    )


def _cells(client: Ionworks, wanted: _Wanted, limit: int) -> Any:
    if wanted.spec is None:
        raise ValueError("cells belong to a specification: pass --spec ID (see 'list specs')")
    return client.cell_instance.list(wanted.spec, limit=limit, **wanted.common())


_LISTS: Final = {
    Listed.SIMULATIONS: _List(
        fetch=_simulations,
        filters=(*_COMMON, "status", "study", "model"),
        columns=("id", "name", "status", "created_at", "parameterized_model_id", "error"),
    ),
    Listed.PIPELINES: _List(
        fetch=lambda client, *wanted: _fits(client.pipeline, *wanted),
        filters=("name", "status", "order_by", "order"),
        columns=("id", "name", "status", "created_at", "error"),
    ),
    Listed.SIMPLE_PIPELINES: _List(
        fetch=lambda client, *wanted: _fits(client.simple_pipeline, *wanted),
        filters=("name", "status", "order_by", "order"),
        columns=("id", "name", "status", "created_at", "error"),
    ),
    Listed.STUDIES: _List(
        fetch=_studies,
        filters=("name", "order_by", "order"),
        columns=("id", "name", "description", "created_at"),
    ),
    Listed.MEASUREMENTS: _List(
        fetch=_measurements,
        filters=("name", "spec", "order_by", "order"),
        columns=("id", "name", "measurement_type", "processing_status", "start_time", "created_at"),
    ),
    Listed.CELLS: _List(
        fetch=_cells,
        filters=(*_COMMON, "spec"),
        columns=("id", "name", "batch_id", "created_at"),
        needs_project=False,
    ),
    Listed.SPECS: _List(
        fetch=lambda client, wanted, limit: client.cell_spec.list(limit=limit, **wanted.common()),
        filters=_COMMON,
        columns=("id", "name", "form_factor", "manufacturer", "created_at"),
    ),
    Listed.MODELS: _List(
        fetch=lambda client, wanted, limit: client.parameterized_model.list_by_project(
            limit=limit, cell_spec_id=wanted.spec
        ),
        filters=("spec",),
        columns=("id", "name", "description"),
    ),
    Listed.PROTOCOLS: _List(
        fetch=lambda client, wanted, limit: client.protocol.list(limit=limit, **wanted.common()),
        filters=_COMMON,
        columns=("id", "name", "description", "created_at"),
    ),
    Listed.PROJECTS: _List(
        fetch=lambda client, wanted, limit: client.project.list(limit=limit, **wanted.common()),
        filters=_COMMON,
        columns=("id", "name", "description", "created_at"),
        needs_project=False,
    ),
}


@command(
    app,
    "list",
    panel=FIND,
    epilog="The JSON is a list of records.\n\nRetry what has failed:\n\n"
    "ionworks list --status failed --all --ids | ionworks retry -",
)
def list_records(
    session: Session,
    kind: Annotated[Listed, typer.Argument(metavar="KIND", help=_KINDS)] = Listed.SIMULATIONS,
    *,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Only names that contain this text, ignoring case and without wildcards.",
            show_default=False,
        ),
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATUS", help="Only this status; can be repeated.", show_default=False
        ),
    ] = None,
    since: Since = None,
    before: Before = None,
    study: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only simulations of this study.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only simulations of this model.", show_default=False),
    ] = None,
    spec: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Only measurements, cells or models of this cell specification.",
            show_default=False,
        ),
    ] = None,
    order_by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Field to sort by.", show_default=False),
    ] = None,
    order: Annotated[
        Literal["asc", "desc"] | None,
        typer.Option(help="Direction of sorting.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Maximum number of records.")] = 30,
    every: Annotated[bool, typer.Option("--all", help="All records, however many.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Write only the ids, one per line.")] = False,
) -> None:
    """List simulations, or other records of the project; the newest first."""
    wanted = _Wanted(
        name=name,
        status=tuple(status or ()),
        since=since,
        before=before,
        study=study,
        model=model,
        spec=spec,
        order_by=order_by,
        order=order,
    )
    listing = _LISTS[kind]
    foreign = [each for each in wanted.given() if each not in listing.filters]
    if foreign:
        known = ", ".join(_option(each) for each in listing.filters)
        raise ValueError(f"{kind.value} have no filter {_option(foreign[0])}; they have {known}")
    if listing.needs_project:
        session.require_project()
    most = _LARGE_PAGE if kind is Listed.SIMULATIONS else _PAGE
    page = listing.fetch(session.client, wanted, most if every else min(limit, most))
    records = [*islice(page.walk(), None if every else limit)]
    if ids:
        session.output.ids(each.id for each in records)
    else:
        documents = [each.to_dict() for each in records]
        session.output.result(documents, lambda: table(_short(documents), listing.columns))
    total = getattr(page, "total", None)
    if total is not None and total > len(records):
        session.output.note(f"{len(records)} of {total:,} shown; --limit or --all shows more")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _short(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield records as people read them, with times without seconds."""
    for record in records:
        times = {
            name: value[:16].replace("T", " ")
            for name, value in record.items()
            if name.endswith(("_at", "_time")) and isinstance(value, str)
        }
        yield {**record, **times}
