from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simulation_status import SimulationStatus
from ...models.simulation_status_request import SimulationStatusRequest
from ...types import Response


def _get_kwargs(
    *,
    body: SimulationStatusRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/statuses",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> list[SimulationStatus] | None:
    if 200 <= response.status_code <= 299:
        response_2xx = []
        _response_2xx = response.json()
        for response_2xx_item_data in _response_2xx:
            response_2xx_item = SimulationStatus.from_dict(response_2xx_item_data)

            response_2xx.append(response_2xx_item)

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[list[SimulationStatus]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationStatusRequest,
) -> Response[list[SimulationStatus]]:
    """The status of up to 1000 simulations in one request, for waiting for many runs. Unknown ids are left
    out of the response.

    Args:
        body (SimulationStatusRequest): The simulations whose status is requested.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[list[SimulationStatus]]
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
    body: SimulationStatusRequest,
) -> list[SimulationStatus] | None:
    """The status of up to 1000 simulations in one request, for waiting for many runs. Unknown ids are left
    out of the response.

    Args:
        body (SimulationStatusRequest): The simulations whose status is requested.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        list[SimulationStatus]
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationStatusRequest,
) -> Response[list[SimulationStatus]]:
    """The status of up to 1000 simulations in one request, for waiting for many runs. Unknown ids are left
    out of the response.

    Args:
        body (SimulationStatusRequest): The simulations whose status is requested.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[list[SimulationStatus]]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: SimulationStatusRequest,
) -> list[SimulationStatus] | None:
    """The status of up to 1000 simulations in one request, for waiting for many runs. Unknown ids are left
    out of the response.

    Args:
        body (SimulationStatusRequest): The simulations whose status is requested.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        list[SimulationStatus]
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
