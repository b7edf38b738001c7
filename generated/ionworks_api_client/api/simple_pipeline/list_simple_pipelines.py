from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simple_pipeline_page import SimplePipelinePage
from ...models.sort_order import SortOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    project_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    description: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at: str | Unset = UNSET,
    updated_at: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["project_id"] = project_id

    params["limit"] = limit

    params["offset"] = offset

    params["name"] = name

    params["description"] = description

    params["status"] = status

    params["created_by_email"] = created_by_email

    params["created_at"] = created_at

    params["updated_at"] = updated_at

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
        "url": "/simple_pipelines",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SimplePipelinePage | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SimplePipelinePage.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SimplePipelinePage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    description: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at: str | Unset = UNSET,
    updated_at: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[SimplePipelinePage]:
    """Simple pipelines of a project. Filters contain their operator, for example `ilike.%fit%` or
    `in.(failed,canceled)`. Without a limit, 10 are returned.

    Args:
        project_id (str | Unset): Only items of this project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        description (str | Unset): A filter on the description, in the same form as `name`.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at (str | Unset): A filter on the time of creation, for example `gte.2026-05-08`.
        updated_at (str | Unset): A filter on the time of the last change, in the same form as
            `created_at`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: id, name, description, status, created_at,
            updated_at or created_by_email.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimplePipelinePage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        limit=limit,
        offset=offset,
        name=name,
        description=description,
        status=status,
        created_by_email=created_by_email,
        created_at=created_at,
        updated_at=updated_at,
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
    project_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    description: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at: str | Unset = UNSET,
    updated_at: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> SimplePipelinePage | None:
    """Simple pipelines of a project. Filters contain their operator, for example `ilike.%fit%` or
    `in.(failed,canceled)`. Without a limit, 10 are returned.

    Args:
        project_id (str | Unset): Only items of this project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        description (str | Unset): A filter on the description, in the same form as `name`.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at (str | Unset): A filter on the time of creation, for example `gte.2026-05-08`.
        updated_at (str | Unset): A filter on the time of the last change, in the same form as
            `created_at`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: id, name, description, status, created_at,
            updated_at or created_by_email.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimplePipelinePage
    """

    return sync_detailed(
        client=client,
        project_id=project_id,
        limit=limit,
        offset=offset,
        name=name,
        description=description,
        status=status,
        created_by_email=created_by_email,
        created_at=created_at,
        updated_at=updated_at,
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
    project_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    description: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at: str | Unset = UNSET,
    updated_at: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[SimplePipelinePage]:
    """Simple pipelines of a project. Filters contain their operator, for example `ilike.%fit%` or
    `in.(failed,canceled)`. Without a limit, 10 are returned.

    Args:
        project_id (str | Unset): Only items of this project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        description (str | Unset): A filter on the description, in the same form as `name`.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at (str | Unset): A filter on the time of creation, for example `gte.2026-05-08`.
        updated_at (str | Unset): A filter on the time of the last change, in the same form as
            `created_at`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: id, name, description, status, created_at,
            updated_at or created_by_email.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimplePipelinePage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        limit=limit,
        offset=offset,
        name=name,
        description=description,
        status=status,
        created_by_email=created_by_email,
        created_at=created_at,
        updated_at=updated_at,
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
    project_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    description: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at: str | Unset = UNSET,
    updated_at: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> SimplePipelinePage | None:
    """Simple pipelines of a project. Filters contain their operator, for example `ilike.%fit%` or
    `in.(failed,canceled)`. Without a limit, 10 are returned.

    Args:
        project_id (str | Unset): Only items of this project.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        description (str | Unset): A filter on the description, in the same form as `name`.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at (str | Unset): A filter on the time of creation, for example `gte.2026-05-08`.
        updated_at (str | Unset): A filter on the time of the last change, in the same form as
            `created_at`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: id, name, description, status, created_at,
            updated_at or created_by_email.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimplePipelinePage
    """

    return (
        await asyncio_detailed(
            client=client,
            project_id=project_id,
            limit=limit,
            offset=offset,
            name=name,
            description=description,
            status=status,
            created_by_email=created_by_email,
            created_at=created_at,
            updated_at=updated_at,
            created_at_gt=created_at_gt,
            created_at_lt=created_at_lt,
            updated_at_gt=updated_at_gt,
            updated_at_lt=updated_at_lt,
            order_by=order_by,
            order=order,
        )
    ).parsed
