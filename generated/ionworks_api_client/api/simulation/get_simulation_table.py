from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simulation_selection import SimulationSelection
from ...models.simulation_table import SimulationTable
from ...types import Response


def _get_kwargs(
    *,
    body: SimulationSelection,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/table",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SimulationTable | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SimulationTable.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SimulationTable]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationSelection,
) -> Response[SimulationTable]:
    """Inputs, status and metrics of many simulations as columns. This is an addition of the embedded
    engine: a service that has it says so with bulk_simulations in its capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationTable]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: SimulationSelection,
) -> SimulationTable | None:
    """Inputs, status and metrics of many simulations as columns. This is an addition of the embedded
    engine: a service that has it says so with bulk_simulations in its capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationTable
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationSelection,
) -> Response[SimulationTable]:
    """Inputs, status and metrics of many simulations as columns. This is an addition of the embedded
    engine: a service that has it says so with bulk_simulations in its capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationTable]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: SimulationSelection,
) -> SimulationTable | None:
    """Inputs, status and metrics of many simulations as columns. This is an addition of the embedded
    engine: a service that has it says so with bulk_simulations in its capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationTable
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
