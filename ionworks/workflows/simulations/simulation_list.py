"""Lists of simulations, also from services that only list by model or study."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, overload

import attrs

from ionworks.data import filters
from ionworks.data.filters import SimulationFilters
from ionworks.data.paging import Fetch, Page, Slice, check_window
from ionworks.data.record_list import RecordList
from ionworks.errors import BadRequestError, UnprocessableError, reworded
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.simulation import Simulation
from ionworks.requests.fields import one_of, text
from ionworks.workflows.capabilities import offers
from ionworks.workflows.record_lists import record_fetcher
from ionworks.workflows.simulations.list_filters import chosen
from ionworks_api_client.api.parameterized_model import list_parameterized_models
from ionworks_api_client.api.simulation import list_simulations as list_operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ionworks.transport.connection import Connection

__all__ = ["LARGEST_PAGE", "SimulationScope", "list_simulations"]

LARGEST_PAGE: Final = 1000
"""Largest number of simulations the service returns in one page."""

_USUAL_PAGE: Final = 100
_LARGEST_MODEL_PAGE: Final = 100
_STATES: Final = ("queued", "running", "completed", "failed")
_STATUSES: Final = ("pending", "waiting", "processing", "completed", "failed", "canceled")
_ORDERS: Final = ("created_at", "updated_at", "name", "status")
_FILTERS: Final = "simulation_filters"
"""Field of the capabilities of a service that filters by name, status and times, and sorts."""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def _text(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None:
        text(value, attribute.name)


def _state(_: object, __: object, value: str | None) -> None:
    if value is not None:
        one_of(value, "state", _STATES)


@attrs.frozen(kw_only=True)
class SimulationScope:
    """Which simulations to list; the attributes are the query parameters.

    Raises
    ------
    ValueError
        If both a model and a study are given, an id is empty, or the state is unknown.
    TypeError
        If an id is not text.
    """

    parameterized_model_id: str | None = attrs.field(default=None, validator=_text)
    study_id: str | None = attrs.field(default=None, validator=_text)
    project_id: str | None = attrs.field(default=None, validator=_text)
    experiment_template_id: str | None = attrs.field(default=None, validator=_text)
    state: str | None = attrs.field(default=None, validator=_state)
    summary: bool = False

    def __attrs_post_init__(self) -> None:
        if self.parameterized_model_id is not None and self.study_id is not None:
            raise ValueError(
                "parameterized_model_id and study_id cannot be combined: give one of them"
            )

    @property
    def is_wide(self) -> bool:
        """Whether neither a model nor a study is given."""
        return self.parameterized_model_id is None and self.study_id is None

    def query(self) -> dict[str, Any]:
        """Return the query parameters that are set."""
        return {name: value for name, value in attrs.asdict(self).items() if value}


def list_simulations(
    connection: Connection,
    scope: SimulationScope,
    wanted: Mapping[str, Any] = _NOTHING,
    *,
    limit: int | None = None,
    offset: int | None = None,
) -> list[Simulation] | Page[Simulation]:
    """List simulations, newest first unless filters ask for another order.

    A service without these filters sends all simulations, which are filtered here.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    scope : SimulationScope
        Which simulations to list.
    wanted : Mapping
        Further filters and the order, see `SimulationFilters`.
    limit, offset : int, optional
        Size and start of the page.

    Returns
    -------
    list of Simulation or Page of Simulation
        All simulations as a list; a page if limit or offset is given.

    Raises
    ------
    ValueError, TypeError
        If a filter, limit or offset is wrong; nothing was sent.
    IonworksError
        If the service rejects the request or fails.
    """
    check_window(limit, offset, maximum=LARGEST_PAGE)
    if wanted.get("status") is not None:
        # Once, because an iterator can be read only once.
        wanted = {**wanted, "status": _statuses(wanted["status"])}
    query = _query(wanted)
    if query and not offers(connection, _FILTERS):
        found = RecordList(chosen(_read(connection, scope, {}, None, None), wanted))
        if limit is None and offset is None:
            return found
        return Page.first(partial(_window, found), limit=limit, offset=offset)
    return _read(connection, scope, query, limit, offset)


def _statuses(wanted: Any) -> list[str]:
    """Return statuses, checked: a misspelled one would be answered with an empty list."""
    return [one_of(each, "status", _STATUSES) for each in filters.statuses(wanted)]


def _query(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return filters as query parameters, checked."""
    query = filters.query(wanted, SimulationFilters)
    one_of(query.get("order_by", _ORDERS[0]), "order_by", _ORDERS)
    return query


@overload
def _read(
    connection: Connection,
    scope: SimulationScope,
    query: Mapping[str, Any],
    limit: None,
    offset: None,
) -> list[Simulation]: ...
@overload
def _read(
    connection: Connection,
    scope: SimulationScope,
    query: Mapping[str, Any],
    limit: int | None,
    offset: int | None,
) -> list[Simulation] | Page[Simulation]: ...
def _read(
    connection: Connection,
    scope: SimulationScope,
    query: Mapping[str, Any],
    limit: int | None,
    offset: int | None,
) -> list[Simulation] | Page[Simulation]:
    try:
        fetch = _fetcher(connection, scope, query)
        page = Page.first(fetch, limit=limit, offset=offset)
    except (BadRequestError, UnprocessableError) as error:
        if not scope.is_wide:
            raise
        simulations = _of_all_models(connection, scope, error)
        window = partial(_window, simulations)
        page = Page.first(window, limit=limit, offset=offset)
    return RecordList(_walk(page)) if limit is None and offset is None else page


def _fetcher(
    connection: Connection, scope: SimulationScope, query: Mapping[str, Any] = _NOTHING
) -> Fetch[Simulation]:
    operation = list_operation.sync_detailed
    parameters = {**scope.query(), **query}
    return record_fetcher(connection, operation, Simulation, items="simulations", **parameters)


def _window(
    simulations: list[Simulation], offset: int | None, limit: int | None
) -> Slice[Simulation]:
    start = offset or 0
    stop = None if limit is None else start + limit
    return Slice(simulations[start:stop], len(simulations))


def _walk(page: Page[Simulation]) -> Iterator[Simulation]:
    """Yield the records of this and all following pages."""
    following: Page[Simulation] | None = page
    while following is not None:
        yield from following
        # If the service gives no total, a further page is requested only after a full page.
        is_last = following.total is None and following.count < _USUAL_PAGE
        following = None if is_last else following.next()


def _of_all_models(
    connection: Connection, scope: SimulationScope, refusal: BadRequestError | UnprocessableError
) -> list[Simulation]:
    """List model by model, for services that reject a list without model or study.

    Only summaries are requested, because this list can be long.
    """
    if scope.project_id is None:
        raise reworded(
            refusal,
            f"{refusal.message}; give parameterized_model_id or study_id, or a project_id to list"
            " the simulations of all its models",
        ) from None
    found: dict[str, Simulation] = {}
    for model_id in _model_ids(connection, scope.project_id):
        narrow = attrs.evolve(scope, parameterized_model_id=model_id, project_id=None, summary=True)
        page = Page.first(_fetcher(connection, narrow), limit=LARGEST_PAGE)
        for simulation in page.walk():
            found.setdefault(simulation.id, simulation)
    return sorted(found.values(), key=lambda each: each.created_at or "", reverse=True)


def _model_ids(connection: Connection, project_id: str) -> Iterator[str]:
    """Yield the ids of all parameterized models of a project."""
    fetch = record_fetcher(
        connection,
        list_parameterized_models.sync_detailed,
        ParameterizedModel,
        project_id=project_id,
        summary=True,
    )
    for model in Page.first(fetch, limit=_LARGEST_MODEL_PAGE).walk():
        yield model.id
