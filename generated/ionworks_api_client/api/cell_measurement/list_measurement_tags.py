from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.measurement_tag_page import MeasurementTagPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    project_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["project_id"] = project_id

    params["q"] = q

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cell_measurements/tags",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MeasurementTagPage | None:
    if 200 <= response.status_code <= 299:
        response_2xx = MeasurementTagPage.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[MeasurementTagPage]:
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
    q: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Response[MeasurementTagPage]:
    """Tags used on the measurements of a project, each with the number of measurements.

    Args:
        project_id (str | Unset): Only items of this project.
        q (str | Unset): Only tags that contain this text.
        limit (int | Unset): Maximum number of tags; default 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MeasurementTagPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        q=q,
        limit=limit,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> MeasurementTagPage | None:
    """Tags used on the measurements of a project, each with the number of measurements.

    Args:
        project_id (str | Unset): Only items of this project.
        q (str | Unset): Only tags that contain this text.
        limit (int | Unset): Maximum number of tags; default 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MeasurementTagPage
    """

    return sync_detailed(
        client=client,
        project_id=project_id,
        q=q,
        limit=limit,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> Response[MeasurementTagPage]:
    """Tags used on the measurements of a project, each with the number of measurements.

    Args:
        project_id (str | Unset): Only items of this project.
        q (str | Unset): Only tags that contain this text.
        limit (int | Unset): Maximum number of tags; default 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MeasurementTagPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        q=q,
        limit=limit,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = UNSET,
) -> MeasurementTagPage | None:
    """Tags used on the measurements of a project, each with the number of measurements.

    Args:
        project_id (str | Unset): Only items of this project.
        q (str | Unset): Only tags that contain this text.
        limit (int | Unset): Maximum number of tags; default 50.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MeasurementTagPage
    """

    return (
        await asyncio_detailed(
            client=client,
            project_id=project_id,
            q=q,
            limit=limit,
        )
    ).parsed
