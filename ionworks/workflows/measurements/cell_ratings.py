"""Ratings of a cell, from its specification, for the checks of a time series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ionworks.doe.scalars import finite
from ionworks.errors import NotFoundError
from ionworks.records.cell_instance import CellInstance
from ionworks.records.cell_spec import CellSpecification
from ionworks.transport.call import call
from ionworks.transport.notes import issue
from ionworks.ucp.quantities import converted
from ionworks.validation.check_options import CellRatings
from ionworks_api_client.api.cell_instance import get_cell_instance
from ionworks_api_client.api.cell_spec import get_cell_spec

if TYPE_CHECKING:
    from ionworks.transport.connection import Connection

__all__ = ["cell_ratings", "ratings_of"]


def cell_ratings(connection: Connection, cell_instance_id: str) -> CellRatings:
    """Read the ratings of a cell.

    A cell or specification that does not exist has none; the upload reports a missing cell.
    """
    try:
        cell = CellInstance.from_model(
            call(get_cell_instance.sync_detailed, cell_instance_id, client=connection.api)
        )
        if cell.cell_specification_id is None:
            return CellRatings()
        specification = CellSpecification.from_model(
            call(get_cell_spec.sync_detailed, cell.cell_specification_id, client=connection.api)
        )
    except NotFoundError:
        return CellRatings()
    return ratings_of(specification.ratings or {})


def ratings_of(ratings: Mapping[str, Any]) -> CellRatings:
    """Return the ratings in A.h and V; those that cannot be read are reported and left out."""
    capacity = _read(ratings, "capacity", "A.h")
    lowest, highest = (_read(ratings, f"voltage_{end}", "V") for end in ("min", "max"))
    window = None
    if lowest is not None and highest is not None and lowest < highest:
        window = (lowest, highest)
    return CellRatings(
        capacity=capacity if capacity is not None and capacity > 0 else None,
        voltage_window=window,
    )


def _read(ratings: Mapping[str, Any], name: str, unit: str) -> float | None:
    given = ratings.get(name)
    if given is None:
        return None
    try:
        value = finite(given["value"], f"the rating {name!r}")
        return converted(value, given.get("unit") or unit, unit)
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        issue(
            f"the checks do not use the rating {name!r} of the cell's specification, {given!r}:"
            f" {problem}"
        )
        return None
