"""Filters of lists of simulations, applied here for services that do not know them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ionworks.data.filters import moment, statuses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ionworks.records.simulation import Simulation

__all__ = ["chosen"]

_NUMBERED: Final = re.compile(r"(.*) (\d+)/\d+", re.DOTALL)
_LIMITS: Final[Mapping[str, tuple[str, Callable[[datetime, datetime], bool]]]] = {
    "created_after": ("created_at", datetime.__ge__),
    "created_before": ("created_at", datetime.__le__),
    "updated_after": ("updated_at", datetime.__ge__),
    "updated_before": ("updated_at", datetime.__le__),
}


def chosen(simulations: Iterable[Simulation], wanted: Mapping[str, Any]) -> list[Simulation]:
    """Return the simulations that match filters, in the order that these ask for.

    Parameters
    ----------
    simulations : iterable of Simulation
        All of them, newest first.
    wanted : Mapping
        Valid filters, see `ionworks.data.filters.SimulationFilters`.

    Returns
    -------
    list of Simulation
        Simulations without the field of a filter are left out; those without the field of the
        order are last.
    """
    given = {name: value for name, value in wanted.items() if value is not None}
    found = [each for each in simulations if _matches(each, given)]
    name = given.get("order_by", "created_at")
    is_descending = given.get("order", "desc") == "desc"
    if name == "created_at":
        # The order of the service, also of those that were created at the same moment.
        return found if is_descending else found[::-1]
    known = [each for each in found if each.get(name) is not None]
    unknown = [each for each in found if each.get(name) is None]
    key = _name_and_number if name == "name" else str
    return sorted(known, key=lambda each: key(each[name]), reverse=is_descending) + unknown


def _name_and_number(name: str) -> tuple[str, int]:
    """Return the name of a submission and the number of the run: ``Sweep 3/10`` has both."""
    found = _NUMBERED.fullmatch(name)
    return (name, 0) if found is None else (found[1], int(found[2]))


def _matches(simulation: Simulation, given: Mapping[str, Any]) -> bool:
    name = simulation.name
    exact, part = given.get("name_exact"), given.get("name")
    if exact is not None:
        if name != exact:
            return False
    elif part is not None and (name is None or part.lower() not in name.lower()):
        return False
    if "status" in given and simulation.status not in statuses(given["status"]):
        return False
    return all(
        _is_within(simulation.get(field), is_inside, moment(limit, given[limit]))
        for limit, (field, is_inside) in _LIMITS.items()
        if limit in given
    )


def _is_within(
    time: str | None, is_inside: Callable[[datetime, datetime], bool], limit: str
) -> bool:
    return time is not None and is_inside(_instant(time), _instant(limit))


def _instant(text: str) -> datetime:
    """Return a time of the service or of a filter; without a time zone it is in UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
