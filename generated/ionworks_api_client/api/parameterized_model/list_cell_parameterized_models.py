from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.parameterized_model_page import ParameterizedModelPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cell_spec_id: str,
    *,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["offset"] = offset

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cells/{cell_spec_id}/parameterized_models".format(
            cell_spec_id=quote(str(cell_spec_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ParameterizedModelPage | None:
    if 200 <= response.status_code <= 299:
        response_2xx = ParameterizedModelPage.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ParameterizedModelPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    cell_spec_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[ParameterizedModelPage]:
    """Parameterized models of one cell specification.

    Args:
        cell_spec_id (str): ID of the cell specification.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ParameterizedModelPage]
    """

    kwargs = _get_kwargs(
        cell_spec_id=cell_spec_id,
        limit=limit,
        offset=offset,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    cell_spec_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> ParameterizedModelPage | None:
    """Parameterized models of one cell specification.

    Args:
        cell_spec_id (str): ID of the cell specification.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ParameterizedModelPage
    """

    return sync_detailed(
        cell_spec_id=cell_spec_id,
        client=client,
        limit=limit,
        offset=offset,
    ).parsed


async def asyncio_detailed(
    cell_spec_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[ParameterizedModelPage]:
    """Parameterized models of one cell specification.

    Args:
        cell_spec_id (str): ID of the cell specification.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ParameterizedModelPage]
    """

    kwargs = _get_kwargs(
        cell_spec_id=cell_spec_id,
        limit=limit,
        offset=offset,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    cell_spec_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> ParameterizedModelPage | None:
    """Parameterized models of one cell specification.

    Args:
        cell_spec_id (str): ID of the cell specification.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ParameterizedModelPage
    """

    return (
        await asyncio_detailed(
            cell_spec_id=cell_spec_id,
            client=client,
            limit=limit,
            offset=offset,
        )
    ).parsed
