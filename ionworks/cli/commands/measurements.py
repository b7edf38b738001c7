"""`ionworks read` and `ionworks upload`: files of measurements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.assignments import assigned_columns
from ionworks.cli.exits import Code
from ionworks.cli.files import file_with, refuse_same, replaced
from ionworks.cli.output import cell
from ionworks.cli.registry import DATA, app, command
from ionworks.cli.session import Session
from ionworks.cli.waits import TimeLimit, require_waiting

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ionworks.client import Ionworks
    from ionworks.data.measured_files import MeasuredFile
    from ionworks.errors import ValidationIssue

File = Annotated[str, typer.Argument(metavar="FILE", help="CSV or parquet file with column names.")]
Column = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=COLUMN",
        help="Use a column of the file as a column of a measurement, such as 'Test Time(s)=Time"
        " [s]'. If its name has no unit, add it after @: 'Amps=Current [A]@mA'. A minus before"
        " the name reverses the sign: positive current discharges.",
    ),
]
Separator = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Column separator.", show_default=False)
]
DecimalComma = Annotated[
    bool, typer.Option("--decimal-comma", help="Numbers have a decimal comma.")
]
SkipRows = Annotated[
    int, typer.Option(metavar="N", min=0, help="Lines above the column names.", show_default=False)
]
FromZero = Annotated[
    bool,
    typer.Option("--from-zero/--no-from-zero", help="Subtract the first time from all times."),
]
OneStep = Annotated[bool, typer.Option("--one-step", help="Treat all rows as one step.")]
Strict = Annotated[bool, typer.Option("--strict", help="Run all checks.")]
SkipCheck = Annotated[
    list[str] | None,
    typer.Option(metavar="CODE", help="Code of a check to skip, or 'all'."),
]
Capacity = Annotated[
    float | None,
    typer.Option(
        metavar="A.H", help="Rated capacity of the cell [A.h], for the checks.", show_default=False
    ),
]
Window = Annotated[
    str | None,
    typer.Option(
        "--voltage-window", metavar="LOW:HIGH", help="Voltage window of the cell [V], for the"
        " checks.", show_default=False,
    ),
]  # fmt: skip

_ALL: Final = "all"
_FORM: Final = (
    "--column 'NAME=Current [A]@mA' is what messages of the client call columns={'NAME': ('Current"
    " [A]', 'mA')}"
)
_REMEDIES: Final = {
    "TIME_NOT_FROM_ZERO": "without --no-from-zero the first time is subtracted",
    "CURRENT_REVERSED": "--column '-NAME=Current [A]' reverses the sign of the column NAME",
    "IMPLAUSIBLE_UNIT": "--column 'NAME=COLUMN@UNIT' converts a column from another unit",
}
"""Options that correct what a check has found, by its code."""


@command(
    app,
    "read",
    panel=DATA,
    epilog="The JSON is an object: file, rows, columns (column, from, min, max, missing), issues"
    " (code, severity, message, row, step, column) and output.",
)
def read(
    session: Session,
    file: File,
    *,
    column: Column = None,
    separator: Separator = None,
    decimal_comma: DecimalComma = False,
    skip_rows: SkipRows = 0,
    from_zero: FromZero = True,
    one_step: OneStep = False,
    strict: Strict = False,
    skip_check: SkipCheck = None,
    capacity: Capacity = None,
    voltage_window: Window = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            callback=file_with(".csv", ".parquet"),
            help="Write the rows with the columns of a measurement to a .csv or .parquet file.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show which columns of a measurement a file has, and check it.

    Nothing is sent. Columns with usual names and units are recognised; the exit code is 2 if the
    rows cannot be uploaded as they are, and then nothing is written.
    """
    refuse_same(output, "--output", file)
    with _readable(file):
        measured = _measured(
            file, column, separator, skip_rows, is_comma=decimal_comma, from_zero=from_zero,
            one_step=one_step,
        )  # fmt: skip
        issues = _issues(measured, skip_check, capacity, voltage_window, strict=strict)
        is_bad = any(issue.severity == "error" for issue in issues)
        count, columns = measured.summary()
        if output is not None and not is_bad:
            _write(measured, output)
    document = {
        "file": file,
        "rows": count,
        "columns": columns,
        "issues": [
            {
                "code": issue.code.value,
                "severity": issue.severity,
                "message": issue.message,
                "row": issue.row,
                "step": issue.step,
                "column": issue.column,
            }
            for issue in issues
        ],
        "output": None if output is None or is_bad else str(output),
    }
    session.output.result(document, lambda: _view(file, count, columns))
    _report(session, issues)
    if is_bad:
        raise typer.Exit(Code.INVALID)


@command(
    app,
    "upload",
    panel=DATA,
    epilog="The JSON is an object: id, name, cell_instance_id, processing_status and"
    " steps_created.\n\nExample:\n\nionworks upload cycling.csv --spec 'LG M50' --cell 'Cell 7'"
    " --create",
)
def upload(
    session: Session,
    file: File,
    *,
    cell: Annotated[
        str,
        typer.Option(
            metavar="CELL", help="Id of the cell, or with --spec its name.", show_default=False
        ),
    ],
    spec: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC", help="Name or id of the cell's specification.", show_default=False
        ),
    ] = None,
    create: Annotated[
        bool,
        typer.Option(
            "--create", help="Create the specification and the cell if they do not exist."
        ),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the measurement; that of the file by default.",
            show_default=False,
        ),
    ] = None,
    notes: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Notes.", show_default=False)
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Tag.", show_default=False)
    ] = None,
    column: Column = None,
    separator: Separator = None,
    decimal_comma: DecimalComma = False,
    skip_rows: SkipRows = 0,
    from_zero: FromZero = True,
    one_step: OneStep = False,
    strict: Strict = False,
    skip_check: SkipCheck = None,
    capacity: Capacity = None,
    voltage_window: Window = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until the rows are processed.")
    ] = True,
    timeout: TimeLimit = None,
) -> None:
    """Upload a measurement of a cell, after the checks of 'ionworks read'."""
    if create and spec is None:
        raise ValueError("--create needs the name of the specification: --spec NAME")
    require_waiting("the processing", waits=wait, timeout=timeout)
    with _readable(file):
        measured = _measured(
            file, column, separator, skip_rows, is_comma=decimal_comma, from_zero=from_zero,
            one_step=one_step,
        )  # fmt: skip
        window = _window(voltage_window)
        # Before a record is created for rows that are then refused.
        issues = _issues(measured, skip_check, capacity, voltage_window, strict=strict)
    _report(session, issues)
    if any(issue.severity == "error" for issue in issues):
        raise typer.Exit(Code.INVALID)
    measurement = {"name": name or Path(file).stem, "notes": notes, "tags": tag}
    stored = session.client.cell_measurement.create(
        _cell(session.client, cell, spec, capacity, window, create=create),
        {
            "measurement": {key: value for key, value in measurement.items() if value is not None},
            "time_series": measured.rows,
        },
        validate_strict=strict,
        rated_capacity=capacity,
        voltage_window=window,
        # The other checks were run above; strict ones also depend on the ratings of the cell.
        skip_checks=_skipped(skip_check) if strict else True,
        wait_for_processing=wait,
        timeout=timeout,
        verbose=not session.output.quiet,
    )
    fields = ("id", "name", "cell_instance_id", "processing_status", "steps_created")
    document = {name: getattr(stored, name) for name in fields}
    session.output.result(document, lambda: stored.id)


def _measured(
    file: str, column: list[str] | None, separator: str | None, skip_rows: int, *,
    is_comma: bool, from_zero: bool, one_step: bool,
) -> MeasuredFile:  # fmt: skip
    from ionworks.data.measured_files import Layout, read_measured

    layout = Layout(
        columns=assigned_columns(column),
        separator=separator,
        has_decimal_comma=is_comma,
        skipped_lines=skip_rows,
        starts_at_zero=from_zero,
        is_one_step=one_step,
    )
    try:
        return read_measured(file, layout)
    except ValueError as error:
        if not str(error).startswith("columns"):
            raise
        raise ValueError(f"{error} ({_FORM})") from None


def _issues(
    measured: MeasuredFile, skip_check: list[str] | None, capacity: float | None,
    window: str | None, *, strict: bool,
) -> list[ValidationIssue]:  # fmt: skip
    from ionworks.validation import validate_time_series

    return validate_time_series(
        measured.rows,
        strict=strict,
        rated_capacity=capacity,
        voltage_window=_window(window),
        skip_checks=_skipped(skip_check),
    )


def _skipped(codes: list[str] | None) -> list[str] | bool:
    return True if codes == [_ALL] else codes or []


def _window(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    low, colon, high = text.partition(":")
    try:
        return float(low), float(high if colon else "")
    except ValueError:
        raise ValueError(f"--voltage-window must be LOW:HIGH, not {text!r}") from None


def _view(file: str, count: int, columns: list[dict[str, Any]]) -> RenderableType:
    """Return a table of the columns that have a meaning, and the names of the others."""
    from rich import box
    from rich.console import Group
    from rich.table import Table

    from ionworks.data.column_units import KNOWN_COLUMNS

    found = {each["column"]: each for each in columns}
    known = [found[name] for name in KNOWN_COLUMNS if name in found]
    others = [repr(name) for name in found if name not in KNOWN_COLUMNS]
    parts: list[RenderableType] = [f"{file}: {count:,} rows"]
    if known:
        made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        made.add_column("column", no_wrap=True)
        for name in ("min", "max", "missing"):
            made.add_column(name, justify="right", no_wrap=True)
        made.add_column("from")
        for each in known:
            made.add_row(
                *(cell(each[name]) for name in ("column", "min", "max", "missing", "from"))
            )
        parts.append(made)
    if others:
        parts.append(f"other columns: {', '.join(others)}")
    return Group(*parts)


def _report(session: Session, issues: list[ValidationIssue]) -> None:
    for issue in issues:
        write = session.output.error if issue.severity == "error" else session.output.warning
        write(str(issue))
    remedies = (f"{issue.code.value}: {remedy}" for issue in issues for remedy in _remedies(issue))
    for remedy in dict.fromkeys(remedies):
        session.output.note(remedy)


def _remedies(issue: ValidationIssue) -> Iterator[str]:
    """Yield the options that correct what a check has found."""
    from ionworks.data.column_units import named_unit
    from ionworks.ucp.quantities import unit_in

    if issue.code in _REMEDIES:
        yield _REMEDIES[issue.code]
    if issue.code == "MISSING_COLUMN" and issue.column is not None:
        for name in issue.payload["looks_like"][:1]:
            unit = unit_in(issue.column)
            needs_unit = unit and not named_unit(name, issue.column).unit
            suffix = f"@{unit}' if it is in {unit}" if needs_unit else "'"
            yield f"--column '{name}={issue.column}{suffix}"
        if issue.column == "Step count":
            yield "--one-step if all rows are one step"


@contextmanager
def _readable(file: str) -> Iterator[None]:
    """Refuse a file that is not a table."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError as error:
        reason = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"{file} cannot be read: {reason}; see --separator, --decimal-comma and --skip-rows"
        ) from error


def _write(measured: MeasuredFile, path: Path) -> None:
    with replaced(path) as part:
        if path.suffix.lower() == ".csv":
            measured.rows.sink_csv(part)
        else:
            measured.rows.sink_parquet(part)


def _cell(
    client: Ionworks, cell: str, spec: str | None, capacity: float | None,
    window: tuple[float, float] | None, *, create: bool,
) -> str:  # fmt: skip
    """Return the id of the cell."""
    from ionworks.errors import NotFoundError

    if spec is None:
        return cell
    if create:
        ratings = {} if capacity is None else {"capacity": {"value": capacity, "unit": "A.h"}}
        if window is not None:
            low, high = ({"value": value, "unit": "V"} for value in window)
            ratings |= {"voltage_min": low, "voltage_max": high}
        fields: dict[str, Any] = {"name": spec, **({"ratings": ratings} if ratings else {})}
        made = client.cell_spec.create_or_get(fields)
        return client.cell_instance.create_or_get(made.id, {"name": cell}).id
    advice = "give another name, or make what does not exist with --create"
    named = [*client.cell_spec.list(name_exact=spec, limit=1)]
    try:
        found = named[0] if named else client.cell_spec.get(spec)
    except NotFoundError:
        message = f"no specification has the name or id {spec!r}: {advice}"
        raise NotFoundError(message) from None
    cells = [*client.cell_instance.list(found.id, name_exact=cell, limit=1)]
    if not cells:
        raise NotFoundError(f"the specification {spec!r} has no cell {cell!r}: {advice}")
    return cells[0].id
