from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simulation_plan import SimulationPlan
from ...models.simulation_plan_request import SimulationPlanRequest
from ...types import Response


def _get_kwargs(
    *,
    body: SimulationPlanRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/plan",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SimulationPlan | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SimulationPlan.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SimulationPlan]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationPlanRequest,
) -> Response[SimulationPlan]:
    """What a submission would do: how many runs it has, what is doubtful, how many runs would get the
    results of equal ones, and a time estimated from past runs. The request is checked like the
    submission, and nothing is stored. An addition of the embedded engine: a service that has it says so
    with simulation_plans in its capabilities.

    Args:
        body (SimulationPlanRequest): One or many runs, as in SimulationBatchRequest, of a saved
            protocol or of the text of one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationPlan]
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
    body: SimulationPlanRequest,
) -> SimulationPlan | None:
    """What a submission would do: how many runs it has, what is doubtful, how many runs would get the
    results of equal ones, and a time estimated from past runs. The request is checked like the
    submission, and nothing is stored. An addition of the embedded engine: a service that has it says so
    with simulation_plans in its capabilities.

    Args:
        body (SimulationPlanRequest): One or many runs, as in SimulationBatchRequest, of a saved
            protocol or of the text of one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationPlan
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationPlanRequest,
) -> Response[SimulationPlan]:
    """What a submission would do: how many runs it has, what is doubtful, how many runs would get the
    results of equal ones, and a time estimated from past runs. The request is checked like the
    submission, and nothing is stored. An addition of the embedded engine: a service that has it says so
    with simulation_plans in its capabilities.

    Args:
        body (SimulationPlanRequest): One or many runs, as in SimulationBatchRequest, of a saved
            protocol or of the text of one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationPlan]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: SimulationPlanRequest,
) -> SimulationPlan | None:
    """What a submission would do: how many runs it has, what is doubtful, how many runs would get the
    results of equal ones, and a time estimated from past runs. The request is checked like the
    submission, and nothing is stored. An addition of the embedded engine: a service that has it says so
    with simulation_plans in its capabilities.

    Args:
        body (SimulationPlanRequest): One or many runs, as in SimulationBatchRequest, of a saved
            protocol or of the text of one.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationPlan
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
