from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.repetition_request import RepetitionRequest
from ...models.simulation_batch_receipt import SimulationBatchReceipt
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: RepetitionRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/repeat",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SimulationBatchReceipt | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SimulationBatchReceipt.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SimulationBatchReceipt]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: RepetitionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[SimulationBatchReceipt]:
    """Submits simulations of one submission again, with the model, protocol, parameters and options they
    were submitted with, as these were then. The new ones are in the order of the request. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (RepetitionRequest): The simulations to submit again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationBatchReceipt]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: RepetitionRequest,
    idempotency_key: str | Unset = UNSET,
) -> SimulationBatchReceipt | None:
    """Submits simulations of one submission again, with the model, protocol, parameters and options they
    were submitted with, as these were then. The new ones are in the order of the request. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (RepetitionRequest): The simulations to submit again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationBatchReceipt
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: RepetitionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[SimulationBatchReceipt]:
    """Submits simulations of one submission again, with the model, protocol, parameters and options they
    were submitted with, as these were then. The new ones are in the order of the request. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (RepetitionRequest): The simulations to submit again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationBatchReceipt]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: RepetitionRequest,
    idempotency_key: str | Unset = UNSET,
) -> SimulationBatchReceipt | None:
    """Submits simulations of one submission again, with the model, protocol, parameters and options they
    were submitted with, as these were then. The new ones are in the order of the request. This is an
    addition of the embedded engine: a service that has it says so with bulk_simulations in its
    capabilities.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (RepetitionRequest): The simulations to submit again.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationBatchReceipt
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
