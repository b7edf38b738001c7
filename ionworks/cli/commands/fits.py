"""`ionworks fit`: pipelines from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.exits import Code
from ionworks.cli.figures import drawing, figure_file, require_plots
from ionworks.cli.files import file_with, refuse_same, replaced
from ionworks.cli.kinds import Kind
from ionworks.cli.output import table
from ionworks.cli.registry import RUN, app, command
from ionworks.cli.session import Session
from ionworks.cli.waits import TimeLimit, require_waiting

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ionworks.records.job import EndingRecord
    from ionworks.workflows.pipelines.element_results import ElementResult

_FACTS: Final = ("cost", "success", "message", "evaluations", "standard_errors", "summary_stats")


@command(
    app,
    "fit",
    panel=RUN,
    computes=True,
    epilog="The JSON is an object: id, kind, name, status, error, parameter_values, and elements,"
    " an object for each with type, parameter_values, notes and, if it has them, cost, success,"
    " message, evaluations, standard_errors and summary_stats.",
)
def fit(
    session: Session,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="YAML or JSON file with the elements of a pipeline, see docs/pipelines.md, or -"
            " for standard input. Paths of data in it are relative to the current folder.",
        ),
    ],
    *,
    simple: Annotated[
        bool,
        typer.Option("--simple", help="Run it as a simple pipeline: at most one fit, in one job."),
    ] = False,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the fit.", show_default=False)
    ] = None,
    description: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Description of the fit.", show_default=False)
    ] = None,
    wait: Annotated[
        bool,
        typer.Option("--wait/--no-wait", help="Wait for the result; --no-wait writes only the id."),
    ] = True,
    timeout: TimeLimit = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            callback=file_with(".json"),
            help="Write the parameter values to a .json file, for the next fit or run.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=figure_file,
            help="Plot model and data to a .png, .pdf or .svg file.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Fit, calculate and validate parameters as described in a file, and show them."""
    from ionworks.cli.documents import read_configuration

    require_waiting("the fit", waits=wait, timeout=timeout, output=output, plot=plot)
    refuse_same(output, "--output", file)
    if plot is not None:
        require_plots()
    config = read_configuration(file)
    if "project_id" not in config:
        session.require_project()
    pipelines: Any = session.client.simple_pipeline if simple else session.client.pipeline
    record = pipelines.create(
        config, name=name or config.get("name") or _stem(file), description=description
    )
    kind = (Kind.SIMPLE_PIPELINE if simple else Kind.PIPELINE).value
    if not wait:
        session.output.result(_without_result(record, kind), lambda: record.id)
        session.note_left_running([record.id])
        return
    ended = pipelines.wait_for_completion(
        record.id, timeout, verbose=not session.output.quiet, raise_on_failure=False
    )
    if ended.status != "completed":
        _report_failure(session, ended, kind)
    _report(session, ended, kind, pipelines.result(record.id), output, plot)


def _stem(file: str) -> str | None:
    return None if file == "-" else Path(file).stem


def _without_result(record: EndingRecord, kind: str) -> dict[str, Any]:
    return {
        "id": record.id,
        "kind": kind,
        "name": record.name,
        "status": record.status,
        "error": record.error,
        "parameter_values": None,
        "elements": {},
    }


def _report_failure(session: Session, record: EndingRecord, kind: str) -> None:
    document = _without_result(record, kind)
    session.output.result(document, lambda: f"{record.id} {record.status}")
    session.output.error(
        f"the fit did not complete ({record.status}): {record.error or 'no reason is given'}"
    )
    raise typer.Exit(Code.FAILED)


def _report(
    session: Session, record: Any, kind: str, result: Any, output: Path | None, plot: Path | None
) -> None:
    from ionworks.data.json_values import plain

    elements = (
        {record.name or "fit": result} if kind != Kind.PIPELINE.value else result.element_results
    )
    document = {
        **_without_result(record, kind),
        "parameter_values": result.parameter_values,
        "elements": {name: _element(each) for name, each in elements.items()},
    }
    session.output.result(document, lambda: _view(elements))
    for element, each in elements.items():
        if each.get("success") is False:
            session.output.warning(f"{element} did not converge: {each.get('message')}")
        for note in each.notes or ():
            session.output.note(note)
    if output is not None:
        values = plain(result.parameter_values, "parameter_values")
        with replaced(output) as part:
            part.write_text(json.dumps(values, indent=2), encoding="utf-8")
        session.output.note(f"parameter values written to {output}")
    if plot is not None:
        _plot(session, elements, plot)


def _element(result: ElementResult) -> dict[str, Any]:
    facts = {name: result.get(name) for name in _FACTS}
    return {
        "type": result.type,
        "parameter_values": result.parameter_values,
        "notes": result.notes or [],
        **{name: value for name, value in facts.items() if value is not None},
    }


def _view(elements: Mapping[str, ElementResult]) -> RenderableType:
    from rich.console import Group

    tables: list[RenderableType] = []
    for name, result in elements.items():
        errors = result.get("standard_errors") or {}
        rows = [
            {"parameter": each, "value": value, "standard_error": errors.get(each)}
            for each, value in result.parameter_values.items()
            if isinstance(value, (int, float))
        ]
        title = name if result.get("cost") is None else f"{name}: cost {result['cost']:.4g}"
        if result.get("summary_stats"):
            rows = [
                {"objective": each, **stats}
                for each, stats in result["summary_stats"].items()
                if isinstance(stats, Mapping)
            ]
        if rows:
            tables += [title, table(rows, [*rows[0]])]
    return Group(*tables)


def _plot(session: Session, elements: Mapping[str, Any], path: Path) -> None:
    """Plot the last element that compares a model with data."""
    curved = [each for each in elements.values() if hasattr(each, "plot_fit")]
    if not curved:
        raise ValueError("--plot: no element compares a model with data")
    with drawing(session.output, path) as shown:
        shown.take(curved[-1].plot_fit())
