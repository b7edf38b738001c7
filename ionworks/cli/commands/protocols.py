"""`ionworks validate` and `ionworks convert`: protocols, without a service."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.assignments import assigned, text_or_number
from ionworks.cli.exits import Code
from ionworks.cli.registry import DATA, app, command
from ionworks.cli.session import Session

if TYPE_CHECKING:
    from ionworks.cli.documents import Source
    from ionworks.ucp import ParseResult, Problem

_TEMPLATE: Final = "template"
_RANGE: Final = "voltage_range"


@command(
    app,
    "validate",
    panel=DATA,
    epilog="The JSON is a list with an object for each file: file, valid, issues (severity, code,"
    " path, message, line, column), inputs, drive_cycles and, with --explain, text.",
)
def validate(
    session: Session,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Files of protocols, or - for standard input."),
    ],
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also describe the protocol in sentences.")
    ] = False,
) -> None:
    """Check protocols; each problem is written with its line and column.

    Nothing is sent: the language is that of the embedded engine. The exit code is 2 if a protocol
    has errors.
    """
    from ionworks.cli.documents import read_protocol_file

    documents = [_checked(read_protocol_file(name), explain=explain) for name in files]
    session.output.result(documents, lambda: "\n".join(map(_report, documents)))
    if not all(document["valid"] for document in documents):
        raise typer.Exit(Code.INVALID)


def _checked(source: Source, *, explain: bool) -> dict[str, Any]:
    from ionworks import ucp

    found = source.parsed()
    document = {
        "file": source.label,
        "valid": found.protocol is not None,
        "issues": _issues(found),
        "inputs": [*found.input_references],
        "drive_cycles": []
        if found.protocol is None
        else [*ucp.required_drive_cycles(found.protocol)],
    }
    if explain:
        text = None if found.protocol is None else ucp.human_readable(found.protocol)
        document["text"] = text
    return document


def _issues(found: ParseResult) -> list[dict[str, Any]]:
    def issue(severity: str, problem: Problem) -> dict[str, Any]:
        return {
            "severity": severity,
            "code": problem.code,
            "path": problem.path,
            "message": problem.message,
            "line": problem.line,
            "column": problem.column,
        }

    listed = (("error", found.errors), ("warning", found.warnings))
    return [issue(severity, problem) for severity, problems in listed for problem in problems]


def _report(document: dict[str, Any]) -> str:
    """Return lines as compilers write them, which editors can follow."""
    lines = []
    for issue in document["issues"]:
        numbers = (issue["line"], issue["column"])
        place = "".join(f":{number}" for number in numbers if number is not None)
        path = f"{issue['path']}: " if issue["path"] else ""
        lines.append(
            f"{document['file']}{place}: {issue['severity']}: {path}{issue['message']}"
            f" ({issue['code']})"
        )
    if document["valid"]:
        needs = [
            f"{kind} {', '.join(map(repr, names))}"
            for kind, names in (
                ("inputs", document["inputs"]),
                ("drive cycles", document["drive_cycles"]),
            )
            if names
        ]
        lines.append("; ".join([f"{document['file']}: valid", *needs]))
    if document.get("text"):
        lines.append(document["text"].rstrip())
    return "\n".join(lines)


@command(
    app,
    "convert",
    panel=DATA,
    epilog="The JSON is an object: target, files and notes; for the file of a cycler target,"
    " protocol, nominal_capacity_ah, drive_cycles, notes and unread.\n\nExamples:\n\nionworks"
    " convert cycling.yaml --cycler maccor --capacity 5 --output files\n\nionworks convert"
    " cycling.000 | ionworks run - --model 'SPM Chen2020'",
)
def convert(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="File of the protocol, or - for standard input.")
    ],
    *,
    cycler: Annotated[
        str | None,
        typer.Option(
            "--cycler",
            "-c",
            metavar="FORMAT",
            help="maccor, neware, arbin (MITS Pro 7), arbin_sdx (MITS 8), biologic or novonix."
            " Without it, a file of a cycler is converted to UCP.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="Folder for the files of the cycler, by default the current one; or file for the"
            " protocol, by default standard output.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Name of the cycler's file without extension.", show_default=False
        ),
    ] = None,
    capacity: Annotated[
        float | None,
        typer.Option(
            metavar="A.H", help="Nominal capacity [A.h], for C-rates.", show_default=False
        ),
    ] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="Value of input[NAME]."),
    ] = None,
    drive_cycle: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FILE", help="CSV or parquet file with times [s] and values of a cycle."
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Option of the format, see docs/vendors.md; template takes a file.",
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read the file back and compare what it does.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace other files of the same name.")
    ] = False,
    asset: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="File that a Maccor procedure calls.", show_default=False
        ),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Replace each step that cannot be read by a Pause."),
    ] = False,
) -> None:
    """Convert a protocol to the file of a battery cycler, or such a file to UCP.

    A file is written only if the format supports the whole protocol; the messages say what to
    check before it runs on a cell.
    """
    if cycler is None:
        _refuse(
            "applies only to files written for a cycler: add --cycler",
            name=name, capacity=capacity, input=input_, drive_cycle=drive_cycle, option=option,
            verify=verify,
        )  # fmt: skip
        _read(session, file, output, asset or [], partial=partial, force=force)
        return
    _refuse(
        "applies only to files of cyclers that are read: leave out --cycler",
        asset=asset,
        partial=partial,
    )
    from ionworks import ucp
    from ionworks.cli.documents import STANDARD_INPUT, read_protocol_file
    from ionworks.records.protocol import drive_cycle_rows, protocol_text

    source = read_protocol_file(file)
    text = protocol_text(source.protocol, source.label)
    inputs = {each: text_or_number(value) for each, value in assigned(input_, "--input").items()}
    cycles = assigned(drive_cycle, "--drive-cycle")
    result = ucp.convert(
        text,
        cycler,
        drive_cycles=drive_cycle_rows(text, cycles, "--drive-cycle") if cycles else None,
        filename_stem=name or ("protocol" if file == STANDARD_INPUT else source.name),
        nominal_capacity_ah=capacity,
        verify=verify,
        experiment_parameters=inputs or None,
        options={
            each: _format_option(each, value)
            for each, value in assigned(option, "--option").items()
        },
    )
    folder = output or Path()
    try:
        result.save(folder, overwrite=force)
    except FileExistsError as error:
        # That of the library speaks of its own arguments.
        raise FileExistsError(
            f"{str(error).partition(':')[0]}: choose another --output or --name, or replace it"
            " with --force"
        ) from None
    written = [folder / result.primary_filename, *(folder / each for each, _ in result.assets)]
    notes = [*source.notes, *result.notes]
    paths = [str(path) for path in written]
    document = {"target": result.target, "files": paths, "notes": notes}
    session.output.result(document, lambda: "\n".join(paths))
    for note in notes:
        session.output.note(note)


def _format_option(name: str, value: str) -> Any:
    if name == _TEMPLATE:
        return Path(value).read_bytes()
    if name == _RANGE:
        return tuple(map(text_or_number, value.split(",")))
    return value


def _refuse(reason: str, **options: Any) -> None:
    for name, value in options.items():
        if value not in (None, False, []):
            raise ValueError(f"--{name.replace('_', '-')} {reason}")


def _read(
    session: Session, file: str, output: Path | None, assets: list[Path], *, partial: bool,
    force: bool,
) -> None:  # fmt: skip
    """Convert the file of a cycler to UCP."""
    from ionworks import ucp
    from ionworks.cli.documents import STANDARD_INPUT

    content = sys.stdin.buffer.read() if file == STANDARD_INPUT else Path(file).read_bytes()
    try:
        found = ucp.parse_file(
            content, assets={path.name: path.read_bytes() for path in assets}, partial=partial
        )
    except ucp.UCPError as error:
        raise ucp.UCPError(str(error).replace("With partial=True", "With --partial")) from None
    text = ucp.to_yaml(found.protocol)
    document = {
        "target": found.target,
        "protocol": ucp.to_document(found.protocol),
        "nominal_capacity_ah": found.nominal_capacity_ah,
        "drive_cycles": [*found.required_drive_cycles],
        "notes": [*found.notes],
        "unread": [*found.unread],
    }
    if output is not None:
        if output.exists() and not force:
            raise FileExistsError(f"{output} exists: choose another --output, or give --force")
        output.write_text(text, encoding="utf-8")
    session.output.result(document, lambda: text.rstrip() if output is None else str(output))
    session.output.note(f"Read as a file of {found.target}.")
    for note in found.notes:
        session.output.note(note)
    for step in found.unread:
        session.output.warning(f"not read: {step}")
