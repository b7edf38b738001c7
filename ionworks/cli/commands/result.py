"""`ionworks result`: tables of simulations, measurements and fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.frames import FileOption, answer
from ionworks.cli.kinds import Found, Kind, find
from ionworks.cli.registry import RESULTS, Ids, app, command, read_ids
from ionworks.cli.session import Session

if TYPE_CHECKING:
    import polars as pl

_ID: Final = "simulation_id"


class Table(StrEnum):
    """What is read."""

    METRICS = "metrics"
    TIME_SERIES = "time-series"
    STEPS = "steps"
    CYCLES = "cycles"


@command(
    app,
    "result",
    panel=RESULTS,
    epilog="The JSON is a list with an object for each row; NaN is null.\n\nExamples:\n\n"
    "ionworks result ID --table time-series --output run.csv\n\n"
    "ionworks result ID --table steps --column 'Step type' --column 'Duration [s]' --json",
)
def result(
    session: Session,
    ids: Ids,
    *,
    rows: Annotated[
        Table | None,
        typer.Option(
            "--table",
            help="Table of simulations (by default metrics, a row for each with its inputs) or of"
            " measurements.",
            show_default=False,
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="NAME",
            help="Only this column; can be repeated.",
            show_default=False,
        ),
    ] = None,
    output: FileOption = None,
) -> None:
    """Read the results of simulations, measurements or fits."""
    wanted = read_ids(session, ids)
    if not wanted:
        return
    frame = _read(session, wanted, rows)
    if column:
        first = [name for name in (_ID, "id") if name in frame.columns and len(wanted) > 1]
        frame = frame.select(_chosen(frame, [*dict.fromkeys([*first, *column])]))
    answer(session.output, frame, output)


def _read(session: Session, ids: Sequence[str], rows: Table | None) -> pl.DataFrame:
    client = session.client
    known = {each.simulation_id for each in client.simulation.get_statuses(ids)}
    if known.issuperset(ids):
        return _of_simulations(session, ids, rows or Table.METRICS)
    found = [find(client, each) for each in ids if each not in known]
    kinds = {each.kind for each in found} | ({Kind.SIMULATION} if known else set())
    if kinds == {Kind.MEASUREMENT}:
        return _of_measurements(session, ids, rows or Table.METRICS)
    if kinds <= {Kind.PIPELINE, Kind.SIMPLE_PIPELINE}:
        if rows is not None:
            raise ValueError(
                "--table does not apply to fits, whose only table is that of their values: leave"
                " it out"
            )
        return _of_fits(session, found)
    nouns = ", ".join(sorted(each.noun for each in kinds))
    raise ValueError(
        f"these ids are of {nouns}: results are those of simulations, of measurements or of fits,"
        " one kind at a time"
    )


def _of_simulations(session: Session, ids: Sequence[str], rows: Table) -> pl.DataFrame:
    import polars as pl

    simulations = session.client.simulation
    if rows is Table.METRICS:
        return pl.DataFrame(simulations.get_table(ids))
    parts = []
    for each, found in zip(ids, simulations.get_results(ids), strict=True):
        if rows is Table.CYCLES:
            part = pl.DataFrame(found.cycles)
        else:
            part = pl.DataFrame(found.steps if rows is Table.STEPS else found.time_series)
        parts.append(part if len(ids) == 1 else _with_id(part, _ID, each))
    return pl.concat(parts, how="diagonal_relaxed")


def _of_measurements(session: Session, ids: Sequence[str], rows: Table) -> pl.DataFrame:
    import polars as pl

    measurements = session.client.measurement
    readers = {
        Table.TIME_SERIES: measurements.time_series,
        Table.STEPS: measurements.steps,
        Table.CYCLES: measurements.cycles,
    }
    if rows not in readers:
        raise ValueError("measurements have no metrics: pass --table time-series, steps or cycles")
    parts = [pl.DataFrame(readers[rows](each)) for each in ids]
    if len(ids) == 1:
        return parts[0]
    named = [_with_id(part, "id", each) for part, each in zip(parts, ids, strict=True)]
    return pl.concat(named, how="diagonal_relaxed")


def _of_fits(session: Session, found: Sequence[Found]) -> pl.DataFrame:
    """Return a row for each parameter, cost and deviation."""
    import polars as pl

    rows = [row for each in found for row in _rows_of_fit(session, each)]
    schema = {"id": str, "element": str, "name": str, "value": float}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _rows_of_fit(session: Session, found: Found) -> Iterator[tuple[str, str | None, str, float]]:
    identifier = found.record.id
    if found.kind is Kind.SIMPLE_PIPELINE:
        alone = session.client.simple_pipeline.result(identifier)
        results: Iterable[tuple[str | None, Any]] = [(None, alone)]
    else:
        results = session.client.pipeline.result(identifier).element_results.items()
    for element, each in results:
        for name, value in _numbers(each):
            yield identifier, element, name, value


def _numbers(result: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a result with their names."""
    for name, value in (result.get("parameter_values") or {}).items():
        if isinstance(value, (int, float)):
            yield name, value
    if isinstance(cost := result.get("cost"), (int, float)):
        yield "cost", cost
    for name, value in (result.get("summary_stats") or {}).items():
        if isinstance(value, (int, float)):
            yield name, value
        elif isinstance(value, Mapping):
            for key, each in value.items():
                if isinstance(each, (int, float)):
                    yield f"{name} {key}", each


def _with_id(frame: pl.DataFrame, name: str, value: str) -> pl.DataFrame:
    import polars as pl

    return frame.select(pl.lit(value).alias(name), pl.all())


def _chosen(frame: pl.DataFrame, names: Sequence[str]) -> Sequence[str]:
    unknown = [name for name in names if name not in frame.columns]
    if unknown:
        raise ValueError(
            f"there is no column {unknown[0]!r}; the columns are {', '.join(frame.columns)}"
        )
    return names
