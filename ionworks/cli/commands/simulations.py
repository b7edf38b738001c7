"""`ionworks run` and `ionworks sweep`: submit simulations, wait for them, and show the results."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.assignments import assigned, numbers, swept, text_or_number
from ionworks.cli.figures import figure_file
from ionworks.cli.frames import table_file
from ionworks.cli.registry import RUN, app, command
from ionworks.cli.session import Session
from ionworks.cli.submitted import Wishes, finish, said_by_options
from ionworks.cli.waits import TimeLimit

if TYPE_CHECKING:
    from collections.abc import Sequence

_DESIGN: Final = "design_parameters_doe"
_SAMPLINGS: Final = {"lhs": "latin_hypercube"}

Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", "-m", metavar="MODEL",
        help="Name or id of a model, see 'ionworks models'. Several models get the same runs.",
        show_default=False,
    ),
]  # fmt: skip
Name = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Name of the experiment; that of the file by default.",
        show_default=False,
    ),
]
DriveCycles = Annotated[
    list[str] | None,
    typer.Option(
        "--drive-cycle",
        metavar="NAME=FILE",
        help="CSV or parquet file with times [s] and values of a drive cycle of the protocol.",
    ),
]
Variables = Annotated[
    list[str] | None,
    typer.Option("--variable", metavar="NAME", help="Additional variable of the model to store."),
]
Study = Annotated[str | None, typer.Option(metavar="ID", help="Id of a study.", show_default=False)]
Reuse = Annotated[
    bool | None,
    typer.Option(
        "--reuse/--no-reuse",
        help="Reuse the stored results of identical runs, as the engine does by default.",
        show_default=False,
    ),
]
Waits = Annotated[
    bool,
    typer.Option("--wait/--no-wait", help="Wait for the results; --no-wait writes only the ids."),
]
OnlyIds = Annotated[bool, typer.Option("--ids", help="Write only the ids of the runs.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=table_file,
        help="Write inputs and metrics, a row for each run, to a .csv, .parquet or .json file.",
        show_default=False,
    ),
]
Series = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        callback=table_file,
        help="Write the time series to a .csv, .parquet or .json file.",
        show_default=False,
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME",
        help="Column to write to --time-series; by default all columns of one run, or time, voltage"
        " and current of several runs.",
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        callback=figure_file,
        help="Write a plot to a .png, .pdf or .svg file.",
        show_default=False,
    ),
]

_JSON: Final = (
    "The JSON is a list with an object for each run: simulation_id, status, inputs and metrics"
    " under their names, and error."
)


@command(
    app,
    "run",
    panel=RUN,
    computes=True,
    epilog=_JSON
    + "\n\nExamples:\n\nionworks run 'Discharge at 1C until 2.5 V' 'Rest for 1 hour' --model"
    " 'SPM Chen2020' --plot discharge.png\n\nionworks run cycling.yaml -m 'SPM Chen2020' -m 'DFN"
    " Chen2020' --input C-rate=0.5 --output cycling.csv",
)
def run(
    session: Session,
    protocol: Annotated[
        list[str],
        typer.Argument(
            metavar="PROTOCOL",
            help="File of a protocol (UCP in YAML or JSON, a PyBaMM experiment in JSON, or the file"
            " of a cycler), - for standard input, or sentences, which start from a full cell.",
            show_default=False,
        ),
    ],
    *,
    model: Models = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="NAME=VALUE",
            help="Parameter of the model, such as 'Positive electrode thickness [m]=7e-5'.",
        ),
    ] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="NAME=VALUE", help="Value of input[NAME]."),
    ] = None,
    name: Name = None,
    drive_cycle: DriveCycles = None,
    variable: Variables = None,
    study: Study = None,
    reuse: Reuse = None,
    wait: Waits = True,
    timeout: TimeLimit = None,
    ids: OnlyIds = False,
    output: Output = None,
    time_series: Series = None,
    column: Columns = None,
    plot: Plot = None,
) -> None:
    """Run a protocol on a model, or on several, and show the metrics."""
    wishes = Wishes(
        waits=wait, timeout=timeout, only_ids=ids, output=output, time_series=time_series,
        plot=plot, columns=column or (),
    )  # fmt: skip
    wishes.check()
    config: dict[str, Any] = {
        **_models({}, model),
        **_experiment(session, {}, protocol, name, drive_cycle),
        **_options(variable, study, reuse),
        "experiment_parameters": {
            each: text_or_number(value) for each, value in assigned(input_, "--input").items()
        },
    }
    parameters = numbers(set_, "--set")
    if parameters:
        rows = [
            {"type": "discrete", "name": each, "values": [value]}
            for each, value in parameters.items()
        ]
        config[_DESIGN] = {"sampling": "grid", "rows": rows}
    with said_by_options():
        batch = session.client.simulation.protocol_batch(config)
    finish(session, batch, wishes)


@command(
    app,
    "sweep",
    panel=RUN,
    computes=True,
    epilog=_JSON
    + " With --plan it is an object: count, reused, seconds, basis, seed, is_checked, warnings and"
    " design.\n\nExamples:\n\nionworks sweep rates.yaml -m 'SPM Chen2020' -i C-rate=0.5,1,2 -s"
    " 'Positive electrode thickness [m]=6e-5:8e-5:5'\n\nionworks sweep rates.yaml -m 'SPM Chen2020'"
    " -i C-rate=0.5:2 --sampling lhs --count 200 --seed 1 --retry-failed",
)
def sweep(
    session: Session,
    protocol: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROTOCOL",
            help="As for 'ionworks run'; optional if the configuration contains it.",
            show_default=False,
        ),
    ] = None,
    *,
    model: Models = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="NAME=VALUES",
            help="Values of a parameter of the model: a list 1,2,3, a range MIN:MAX:COUNT, or"
            " normal:MEAN:STD:COUNT; in a random design MIN:MAX or normal:MEAN:STD.",
        ),
    ] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option(
            "--input", "-i", metavar="NAME=VALUES", help="Values of input[NAME], as for --set."
        ),
    ] = None,
    sampling: Annotated[
        str | None,
        typer.Option(help="grid (the default), random, or lhs (Latin hypercube).", metavar="KIND"),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Number of runs of a random design.", min=1, show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Seed of random values.", min=0, show_default=False),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="YAML or JSON file with the configuration of a batch, as in Python, or - for"
            " standard input; options take precedence.",
            show_default=False,
        ),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Show what would be run. In a terminal, ask whether to run it; elsewhere, and"
            " with --json, submit nothing.",
        ),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Rerun simulations that fail, once.")
    ] = False,
    name: Name = None,
    drive_cycle: DriveCycles = None,
    variable: Variables = None,
    study: Study = None,
    reuse: Reuse = None,
    wait: Waits = True,
    timeout: TimeLimit = None,
    ids: OnlyIds = False,
    output: Output = None,
    time_series: Series = None,
    column: Columns = None,
    plot: Plot = None,
) -> None:
    """Run a protocol with many values of parameters and inputs, and show a table of the runs."""
    from ionworks.cli.documents import read_configuration
    from ionworks.cli.sweeps import with_values

    wishes = Wishes(
        waits=wait, timeout=timeout, retries=retry_failed, only_ids=ids, output=output,
        time_series=time_series, plot=plot, columns=column or (),
    )  # fmt: skip
    wishes.check()
    base = {} if config is None else read_configuration(config)
    whole = {
        **base,
        **_models(base, model),
        **_experiment(session, base, protocol or [], name, drive_cycle),
        **_options(variable, study, reuse),
    }
    if protocol:
        whole.pop("protocol_id", None)
    whole, drawn = with_values(
        whole,
        swept(set_, "--set"),
        _swept_inputs(input_),
        sampling=_SAMPLINGS.get(sampling or "", sampling),
        count=count,
        seed=seed,
    )
    if drawn is not None and seed is None:
        session.output.note(f"--seed {drawn} gives the same runs")
    if plan and not _is_wanted(session, whole):
        return
    with said_by_options():
        batch = session.client.simulation.protocol_batch(whole)
    finish(session, batch, wishes)


def _swept_inputs(items: list[str] | None) -> list[dict[str, Any]]:
    """Return rows of a design for the values of inputs; a text is a row of one value."""
    rows: list[dict[str, Any]] = []
    for name, value in assigned(items, "--input").items():
        if isinstance(text_or_number(value), str) and not set(value) & {",", ":"}:
            rows.append({"name": name, "type": "discrete", "values": [value]})
        else:
            rows += swept([f"{name}={value}"], "--input")
    return rows


def _models(base: dict[str, Any], given: Sequence[str] | None) -> dict[str, Any]:
    if given:
        return {"parameterized_model": given[0] if len(given) == 1 else [*given]}
    if "parameterized_model" in base:
        return {}
    raise ValueError("--model is missing: give the name or id of a model, see 'ionworks models'")


def _experiment(
    session: Session,
    base: dict[str, Any],
    arguments: Sequence[str],
    name: str | None,
    drive_cycle: Sequence[str] | None,
) -> dict[str, Any]:
    """Return the protocol as a field of a configuration."""
    from ionworks.cli.documents import read_protocol

    cycles = assigned(drive_cycle, "--drive-cycle")
    if not arguments:
        known = base.get("protocol_experiment")
        if known is None and "protocol_id" not in base:
            raise ValueError("no protocol: give its file, or sentences")
        if (name or cycles) and not isinstance(known, dict):
            raise ValueError("--name and --drive-cycle need a protocol_experiment with a protocol")
        if not (name or cycles):
            return {}
        experiment: dict[str, Any] = {**(known or {}), **({"name": name} if name else {})}
    else:
        source = read_protocol(arguments)
        for note in source.notes:
            session.output.note(note)
        experiment = {"protocol": source.protocol, "name": name or source.name}
    if cycles:
        experiment["drive_cycles"] = {**(experiment.get("drive_cycles") or {}), **cycles}
    return {"protocol_experiment": experiment}


def _options(
    variable: Sequence[str] | None, study: str | None, reuse: bool | None
) -> dict[str, Any]:
    options = {"extra_variables": variable, "study_id": study, "reuse": reuse}
    return {name: value for name, value in options.items() if value not in (None, [])}


def _is_wanted(session: Session, config: dict[str, Any]) -> bool:
    """Show what a configuration would do, and return whether to do it."""
    from ionworks.cli.sweeps import shown_plan

    with said_by_options():
        document, text = shown_plan(session.client.simulation.plan(config))
    is_asked = sys.stdin.isatty() and sys.stderr.isatty() and not session.output.json
    session.output.result(document, lambda: text)
    return is_asked and typer.confirm("Run it?", err=True)
