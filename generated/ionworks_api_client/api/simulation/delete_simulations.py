from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simulation_selection import SimulationSelection
from ...models.unknown_simulations import UnknownSimulations
from ...types import Response


def _get_kwargs(
    *,
    body: SimulationSelection,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/delete",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> UnknownSimulations | None:
    if 200 <= response.status_code <= 299:
        response_2xx = UnknownSimulations.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[UnknownSimulations]:
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
) -> Response[UnknownSimulations]:
    """Deletes many simulations and their results; those that have not ended are canceled. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[UnknownSimulations]
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
) -> UnknownSimulations | None:
    """Deletes many simulations and their results; those that have not ended are canceled. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        UnknownSimulations
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationSelection,
) -> Response[UnknownSimulations]:
    """Deletes many simulations and their results; those that have not ended are canceled. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[UnknownSimulations]
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
) -> UnknownSimulations | None:
    """Deletes many simulations and their results; those that have not ended are canceled. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        body (SimulationSelection): Some simulations.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        UnknownSimulations
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
