"""`ionworks plot`: figures of simulations, studies, measurements and fits."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

import typer

from ionworks.cli.figures import FigureOption, drawing
from ionworks.cli.kinds import Kind, find
from ionworks.cli.registry import RESULTS, Ids, app, command, read_ids
from ionworks.cli.session import Session

_VOLTAGE: Final = "Voltage [V]"
_TIME: Final = "Time [s]"
_CYCLES: Final = ("Discharge capacity [A.h]", "Cycle count")
_FITS: Final = (Kind.PIPELINE, Kind.SIMPLE_PIPELINE)


class Figure(StrEnum):
    """What is plotted."""

    TIME_SERIES = "time-series"
    CYCLES = "cycles"
    OCV = "ocv"
    DQDV = "dqdv"
    RESIDUALS = "residuals"
    TRACE = "trace"


@command(
    app,
    "plot",
    panel=RESULTS,
    epilog="Examples:\n\n"
    "ionworks plot ID --output run.png\n\n"
    "ionworks plot ID --figure cycles --relative -o fade.pdf\n\n"
    "ionworks history --limit 1 --ids | ionworks plot - -o sweep.svg",
)
def plot(
    session: Session,
    ids: Ids,
    *,
    figure: Annotated[
        Figure,
        typer.Option(
            help="What to plot; residuals and trace are for fits, whose model and data are plotted"
            " by default."
        ),
    ] = Figure.TIME_SERIES,
    y: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Column of the y axis; can be repeated for one simulation or measurement.",
            show_default=False,
        ),
    ] = None,
    x: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of the x axis.", show_default=False),
    ] = None,
    by: Annotated[
        Literal["step", "cycle"] | None,
        typer.Option(
            help="Plot each step or cycle from its own start, for one simulation or measurement.",
            show_default=False,
        ),
    ] = None,
    color: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Input by which several simulations are coloured.",
            show_default=False,
        ),
    ] = None,
    relative: Annotated[
        bool, typer.Option("--relative", help="Plot percentages of the first cycle.")
    ] = False,
    output: FigureOption = None,
) -> None:
    """Plot simulations, a study, a measurement or a fit."""
    wanted = read_ids(session, ids)
    if not wanted:
        return
    given = {"x": x, "by": by, "color": color}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if relative:
        options["relative"] = True
    known = {each.simulation_id for each in session.client.simulation.get_statuses(wanted)}
    several = len(wanted) > 1
    if several and not known.issuperset(wanted):
        raise ValueError("several ids must be those of simulations; plot others one at a time")
    kind = Kind.SIMULATION if several or known else find(session.client, wanted[0]).kind
    if kind in _FITS and output is None:
        raise ValueError("figures of fits are written to files: pass --output FILE")
    with drawing(session.output, output) as shown:
        if kind is Kind.STUDY or several:
            drawn = _several(session, wanted, kind, figure, [*(y or ())], options)
        elif kind in _FITS:
            drawn = _fit(session, wanted[0], kind, figure, {"y": y, **options})
        else:
            drawn = _one(session, wanted[0], kind, figure, [*(y or ())], options)
        shown.take(drawn)


def _several(
    session: Session,
    ids: Sequence[str],
    kind: Kind,
    figure: Figure,
    y: Sequence[str],
    options: dict[str, Any],
) -> Any:
    """Plot simulations or a study, one signal of each."""
    _require(figure, (Figure.TIME_SERIES,), "several simulations and studies")
    _reject(options, ("by", "relative"), "several simulations and studies")
    if len(y) > 1:
        raise ValueError("several simulations and studies have one --y")
    shown = y[0] if y else _VOLTAGE
    axis = options.pop("x", _TIME)
    if kind is Kind.STUDY:
        return session.client.study.plot(ids[0], shown, axis, **options)
    return session.client.simulation.batch(ids).plot(shown, axis, **options)


def _one(
    session: Session,
    identifier: str,
    kind: Kind,
    figure: Figure,
    y: Sequence[str],
    options: dict[str, Any],
) -> Any:
    """Plot one simulation or measurement."""
    if kind is Kind.SIMULATION:
        result: Any = session.client.simulation.get_result(identifier)
    elif kind is Kind.MEASUREMENT:
        result = session.client.measurement.detail(identifier)
    else:
        raise ValueError(
            f"{identifier} is a {kind.noun}, which has no plot: give simulations, a study, a"
            " measurement or a fit"
        )
    name = f"a {kind.noun}"
    fits = (Figure.TIME_SERIES, Figure.CYCLES, Figure.OCV, Figure.DQDV)
    _require(figure, fits, name)
    _reject(options, ("color",), f"{name} alone")
    if figure is Figure.TIME_SERIES:
        _reject(options, ("relative",), "time series")
        return result.plot([*y] or None, **options)
    _reject(options, ("by",), figure.value)
    if figure is Figure.CYCLES:
        if len(y) > 1:
            raise ValueError("cycles have one --y")
        shown, axis = (y[0] if y else _CYCLES[0]), options.pop("x", _CYCLES[1])
        return result.plot_cycles(shown, x=axis, **options)
    _reject({"y": y, **options}, ("y", "x", "relative"), figure.value)
    return result.plot_ocv() if figure is Figure.OCV else result.plot_dqdv()


def _fit(
    session: Session, identifier: str, kind: Kind, figure: Figure, options: dict[str, Any]
) -> Any:
    """Plot a fit: its curves, residuals or history."""
    _require(figure, (Figure.TIME_SERIES, Figure.RESIDUALS, Figure.TRACE), "fits")
    _reject(options, ("y", "x", "by", "color", "relative"), "fits")
    client = session.client
    if kind is Kind.SIMPLE_PIPELINE:
        result: Any = client.simple_pipeline.result(identifier)
    else:
        result = client.pipeline.result(identifier).fit()
    plots = {Figure.RESIDUALS: "plot_residuals", Figure.TRACE: "plot_trace"}
    return getattr(result, plots.get(figure, "plot_fit"))()


def _require(figure: Figure, possible: Sequence[Figure], what: str) -> None:
    if figure not in possible:
        raise ValueError(f"{what} have no figure {figure.value!r}; they have {', '.join(possible)}")


def _reject(options: dict[str, Any], names: Sequence[str], what: str) -> None:
    given = [name for name in names if options.get(name)]
    if given:
        raise ValueError(f"--{given[0]} does not apply to {what}")
