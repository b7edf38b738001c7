from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.project import Project
from ...models.project_page import ProjectPage
from ...models.sort_order import SortOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["offset"] = offset

    params["name"] = name

    params["created_at_gt"] = created_at_gt

    params["created_at_lt"] = created_at_lt

    params["updated_at_gt"] = updated_at_gt

    params["updated_at_lt"] = updated_at_lt

    params["order_by"] = order_by

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> list[Project] | ProjectPage | None:
    if 200 <= response.status_code <= 299:

        def _parse_response_2xx(data: object) -> list[Project] | ProjectPage:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                response_2xx_type_0 = ProjectPage.from_dict(data)

                return response_2xx_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, list):
                raise TypeError()
            response_2xx_type_1 = []
            _response_2xx_type_1 = data
            for response_2xx_type_1_item_data in _response_2xx_type_1:
                response_2xx_type_1_item = Project.from_dict(response_2xx_type_1_item_data)

                response_2xx_type_1.append(response_2xx_type_1_item)

            return response_2xx_type_1

        response_2xx = _parse_response_2xx(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[list[Project] | ProjectPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[list[Project] | ProjectPage]:
    """Projects that the caller has access to, as a page; in other revisions of the service as an array.

    Args:
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[list[Project] | ProjectPage]
    """

    kwargs = _get_kwargs(
        limit=limit,
        offset=offset,
        name=name,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> list[Project] | ProjectPage | None:
    """Projects that the caller has access to, as a page; in other revisions of the service as an array.

    Args:
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        list[Project] | ProjectPage
    """

    return sync_detailed(
        client=client,
        limit=limit,
        offset=offset,
        name=name,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[list[Project] | ProjectPage]:
    """Projects that the caller has access to, as a page; in other revisions of the service as an array.

    Args:
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[list[Project] | ProjectPage]
    """

    kwargs = _get_kwargs(
        limit=limit,
        offset=offset,
        name=name,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> list[Project] | ProjectPage | None:
    """Projects that the caller has access to, as a page; in other revisions of the service as an array.

    Args:
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        list[Project] | ProjectPage
    """

    return (
        await asyncio_detailed(
            client=client,
            limit=limit,
            offset=offset,
            name=name,
            created_at_gt=created_at_gt,
            created_at_lt=created_at_lt,
            updated_at_gt=updated_at_gt,
            updated_at_lt=updated_at_lt,
            order_by=order_by,
            order=order,
        )
    ).parsed
