"""Curves of fits and validations in files: model and data, one parquet file per objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ionworks.server.http.problems import Problem, entry, invalid
from ionworks.server.store.blobs import Blobs

if TYPE_CHECKING:
    import polars as pl

#: Source in a request -> prefix of the curve's column.
SOURCES: Final = {"optimal": "model", "baseline": "baseline"}
DATA: Final = "data"
_X: Final = "x"
_COLORS: Final = {"data": "black", "model": "crimson", "baseline": "gray"}
_TITLES: Final = {"data": "data", "model": "model", "baseline": "initial guess"}
_MOST_POINTS: Final = 2000


def write(blobs: Blobs, folder: str, series: Mapping[str, Any]) -> dict[str, Any]:
    """Store the curves of an element.

    Parameters
    ----------
    blobs
        Where they are stored.
    folder
        Folder for the element's files.
    series
        Objective -> ``{"type", "x": name, "x_values", "variables": {name: {"data": values,
        "model": values, "baseline": values or absent}}}``.

    Returns
    -------
    dict
        Objective -> type, variables and file, as `columns` and `plot` need them.
    """
    import polars as pl

    blobs.remove_scratch(folder)
    places = {}
    for number, (objective, content) in enumerate(series.items(), start=1):
        variables = content["variables"]
        curves = {
            (variable, whose): values
            for variable, each in variables.items()
            for whose, values in each.items()
            if whose in _TITLES and values is not None
        }
        columns = {_X: content["x_values"]}
        columns |= {f"{whose} {variable}": values for (variable, whose), values in curves.items()}
        key = f"{folder}/{number}.parquet"
        frame = pl.DataFrame(
            {name: pl.Series(values, dtype=pl.Float64) for name, values in columns.items()}
        )
        blobs.write_frame(key, frame)
        places[objective] = {
            "type": content.get("type"),
            "x": content["x"],
            "variables": list(variables),
            "sources": [
                source
                for source, whose in SOURCES.items()
                if any(each == whose for _, each in curves)
            ],
            "file": key,
        }
    return places


def channels(places: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Return objective -> source -> names of channels: x, model's curves, and data's."""
    return {
        objective: {
            source: [place["x"], *place["variables"], *map(_of_data, place["variables"])]
            for source in place["sources"]
        }
        for objective, place in places.items()
    }


def columns(
    blobs: Blobs, places: Mapping[str, Any], query: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Return the requested channels of an objective.

    Raises
    ------
    Problem
        404 for an unknown objective or source, 422 for an unknown channel.
    """
    import polars as pl

    source = query.get("source", "optimal")
    place = _place(places, query["objective"])
    if source not in place["sources"]:
        message = f"The objective {query['objective']!r} has no {source} series."
        raise Problem(404, "NOT_FOUND", message)
    frame = _read(blobs, place)
    named = {place["x"]: frame[_X]}
    for variable in place["variables"]:
        named[variable] = frame[f"{SOURCES[source]} {variable}"]
        named[_of_data(variable)] = frame[f"{DATA} {variable}"]
    table = pl.DataFrame([values.alias(name) for name, values in named.items()])
    axis = query.get("x_column", place["x"])
    wanted = query["columns"].split(",") if "columns" in query else table.columns
    for name, where in [(axis, "x_column"), *((name, "columns") for name in wanted)]:
        if name not in table.columns:
            message = f"unknown channel {name!r}; valid channels: {', '.join(table.columns)}"
            raise invalid([entry(["query", where], message, "unknown")])
    return (
        thinned(_within(table, axis, query), query.get("max_points"))
        .select(wanted)
        .to_dict(as_series=False)
    )


def plot(blobs: Blobs, places: Mapping[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plot of an objective: traces of data and model, and the titles of the axes.

    Raises
    ------
    Problem
        404 for an unknown objective or plot.
    """
    objective = query["objective_name"]
    place = _place(places, objective)
    index = query.get("plot_index", 0)
    if index >= len(place["variables"]):
        message = (
            f"The objective {objective!r} has no plot {index}; it has {len(place['variables'])} "
            "plots, numbered from 0."
        )
        raise Problem(404, "NOT_FOUND", message)
    variable = place["variables"][index]
    frame = _within(_read(blobs, place), _X, query)
    frame = thinned(frame, query.get("max_points", _MOST_POINTS))
    x = frame[_X].to_list()
    traces = [
        {"name": title, "x": x, "y": frame[name].to_list(), "color": _COLORS[whose]}
        for whose, title in _TITLES.items()
        if (name := f"{whose} {variable}") in frame.columns
    ]
    return {
        "type": place["type"],
        "traces": traces,
        "layout": {
            "xaxis": {"title": place["x"], "range": [x[0], x[-1]] if x else None},
            "yaxis": {"title": variable},
        },
    }


def thinned(frame: pl.DataFrame, most: int | None) -> pl.DataFrame:
    """Return at most ``most`` rows, evenly spread, including the first and the last."""
    if most is None or frame.height <= most:
        return frame
    if most == 1:
        return frame.head(1)
    last = frame.height - 1
    return frame[[place * last // (most - 1) for place in range(most)]]


def _of_data(variable: str) -> str:
    return f"{variable} (data)"


def _place(places: Mapping[str, Any], objective: str) -> Mapping[str, Any]:
    if objective not in places:
        known = ", ".join(map(repr, places)) or "none"
        message = f"Unknown objective {objective!r}; objectives with curves: {known}."
        raise Problem(404, "NOT_FOUND", message)
    place: Mapping[str, Any] = places[objective]
    return place


def _read(blobs: Blobs, place: Mapping[str, Any]) -> pl.DataFrame:
    import polars as pl

    try:
        file = blobs.open(place["file"])
    except FileNotFoundError as error:
        message = "The file with the curves of this objective was deleted."
        raise Problem(404, "NOT_FOUND", message) from error
    with file:
        return pl.read_parquet(file)


def _within(frame: pl.DataFrame, axis: str, query: Mapping[str, Any]) -> pl.DataFrame:
    import polars as pl

    if "x_min" in query:
        frame = frame.filter(pl.col(axis) >= query["x_min"])
    if "x_max" in query:
        frame = frame.filter(pl.col(axis) <= query["x_max"])
    return frame
