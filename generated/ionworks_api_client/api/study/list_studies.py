from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.sort_order import SortOrder
from ...models.study_page import StudyPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    project_id: str,
    *,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["offset"] = offset

    params["name"] = name

    params["order_by"] = order_by

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/studies".format(
            project_id=quote(str(project_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> StudyPage | None:
    if 200 <= response.status_code <= 299:
        response_2xx = StudyPage.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[StudyPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    project_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[StudyPage]:
    """Studies of a project.

    Args:
        project_id (str): ID of the project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[StudyPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        limit=limit,
        offset=offset,
        name=name,
        order_by=order_by,
        order=order,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    project_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> StudyPage | None:
    """Studies of a project.

    Args:
        project_id (str): ID of the project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        StudyPage
    """

    return sync_detailed(
        project_id=project_id,
        client=client,
        limit=limit,
        offset=offset,
        name=name,
        order_by=order_by,
        order=order,
    ).parsed


async def asyncio_detailed(
    project_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[StudyPage]:
    """Studies of a project.

    Args:
        project_id (str): ID of the project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[StudyPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        limit=limit,
        offset=offset,
        name=name,
        order_by=order_by,
        order=order,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    project_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> StudyPage | None:
    """Studies of a project.

    Args:
        project_id (str): ID of the project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        StudyPage
    """

    return (
        await asyncio_detailed(
            project_id=project_id,
            client=client,
            limit=limit,
            offset=offset,
            name=name,
            order_by=order_by,
            order=order,
        )
    ).parsed
