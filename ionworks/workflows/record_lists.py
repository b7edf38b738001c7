"""List operations of the service, read as records page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ionworks.data.paging import Fetch, Slice
from ionworks.transport.call import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from ionworks.records.record import Record
    from ionworks.transport.connection import Connection
    from ionworks_api_client.types import Response

__all__ = ["record_fetcher"]

R = TypeVar("R", bound="Record")


def record_fetcher(
    connection: Connection,
    operation: Callable[..., Response[Any]],
    record: type[R],
    *path: str,
    items: str = "items",
    offset_parameter: str = "offset",
    **query: Any,
) -> Fetch[R]:
    """Return a function that fetches one page of a list operation.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    operation : callable
        ``sync_detailed`` of the generated list operation.
    record : type
        Class of the records.
    *path : str
        Ids in the path of the request.
    items, offset_parameter : str, optional
        Names of the reply's list and of the offset, where they differ from most operations.
    **query
        Query parameters; None is left out.
    """
    parameters = {name: value for name, value in query.items() if value is not None}

    def fetch(offset: int | None, limit: int | None) -> Slice[R]:
        window = {offset_parameter: offset, "limit": limit}
        given = {name: value for name, value in window.items() if value is not None}
        reply = call(operation, *path, client=connection.api, **parameters, **given)
        if isinstance(reply, list):
            # Older services answer with a bare array. It is the whole list unless a limit was
            # sent; then the total is unknown.
            total = len(reply) if limit is None else None
            return Slice([record.from_model(model) for model in reply], total)
        total = reply.total if isinstance(reply.total, int) else None
        return Slice([record.from_model(model) for model in getattr(reply, items)], total)

    return fetch
