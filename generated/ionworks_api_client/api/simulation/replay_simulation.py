from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.empty_request import EmptyRequest
from ...models.simulation_submission import SimulationSubmission
from ...types import UNSET, Response, Unset


def _get_kwargs(
    simulation_id: str,
    *,
    body: EmptyRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/{simulation_id}/replay".format(
            simulation_id=quote(str(simulation_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SimulationSubmission | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SimulationSubmission.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SimulationSubmission]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    simulation_id: str,
    *,
    client: AuthenticatedClient,
    body: EmptyRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[SimulationSubmission]:
    """Computes a simulation again, with the model and the protocol as they were when it was submitted. The
    new simulation never gets the results of an equal one. An extension, which a service can omit.

    Args:
        simulation_id (str): ID of the simulation.
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (EmptyRequest | Unset): An empty object, for operations without fields.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationSubmission]
    """

    kwargs = _get_kwargs(
        simulation_id=simulation_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    simulation_id: str,
    *,
    client: AuthenticatedClient,
    body: EmptyRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> SimulationSubmission | None:
    """Computes a simulation again, with the model and the protocol as they were when it was submitted. The
    new simulation never gets the results of an equal one. An extension, which a service can omit.

    Args:
        simulation_id (str): ID of the simulation.
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (EmptyRequest | Unset): An empty object, for operations without fields.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationSubmission
    """

    return sync_detailed(
        simulation_id=simulation_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    simulation_id: str,
    *,
    client: AuthenticatedClient,
    body: EmptyRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[SimulationSubmission]:
    """Computes a simulation again, with the model and the protocol as they were when it was submitted. The
    new simulation never gets the results of an equal one. An extension, which a service can omit.

    Args:
        simulation_id (str): ID of the simulation.
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (EmptyRequest | Unset): An empty object, for operations without fields.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationSubmission]
    """

    kwargs = _get_kwargs(
        simulation_id=simulation_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    simulation_id: str,
    *,
    client: AuthenticatedClient,
    body: EmptyRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> SimulationSubmission | None:
    """Computes a simulation again, with the model and the protocol as they were when it was submitted. The
    new simulation never gets the results of an equal one. An extension, which a service can omit.

    Args:
        simulation_id (str): ID of the simulation.
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        body (EmptyRequest | Unset): An empty object, for operations without fields.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationSubmission
    """

    return (
        await asyncio_detailed(
            simulation_id=simulation_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
