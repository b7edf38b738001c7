from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simulation_batch_receipt import SimulationBatchReceipt
from ...models.simulation_batch_request import SimulationBatchRequest
from ...models.simulation_submission import SimulationSubmission
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: SimulationBatchRequest,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/with-template/batch",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> list[SimulationSubmission] | SimulationBatchReceipt | None:
    if 200 <= response.status_code <= 299:

        def _parse_response_2xx(
            data: object,
        ) -> list[SimulationSubmission] | SimulationBatchReceipt:
            try:
                if not isinstance(data, list):
                    raise TypeError()
                response_2xx_type_0 = []
                _response_2xx_type_0 = data
                for response_2xx_type_0_item_data in _response_2xx_type_0:
                    response_2xx_type_0_item = SimulationSubmission.from_dict(
                        response_2xx_type_0_item_data
                    )

                    response_2xx_type_0.append(response_2xx_type_0_item)

                return response_2xx_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_2xx_type_1 = SimulationBatchReceipt.from_dict(data)

            return response_2xx_type_1

        response_2xx = _parse_response_2xx(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[list[SimulationSubmission] | SimulationBatchReceipt]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationBatchRequest,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Response[list[SimulationSubmission] | SimulationBatchReceipt]:
    """Submits every combination of the experiment parameter sets and the points of the design, or the
    given conditions. Each run creates one simulation and one job. If the same run was submitted before,
    the stored simulation is returned.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        prefer (str | Unset): Preferences after RFC 7240; return=minimal asks for one receipt
            instead of a submission for each run. A service that does not know a preference ignores
            it.
        body (SimulationBatchRequest): One or many runs of a saved protocol. The runs are all
            combinations of experiment parameter sets and design points, or the given conditions.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[list[SimulationSubmission] | SimulationBatchReceipt]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: SimulationBatchRequest,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> list[SimulationSubmission] | SimulationBatchReceipt | None:
    """Submits every combination of the experiment parameter sets and the points of the design, or the
    given conditions. Each run creates one simulation and one job. If the same run was submitted before,
    the stored simulation is returned.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        prefer (str | Unset): Preferences after RFC 7240; return=minimal asks for one receipt
            instead of a submission for each run. A service that does not know a preference ignores
            it.
        body (SimulationBatchRequest): One or many runs of a saved protocol. The runs are all
            combinations of experiment parameter sets and design points, or the given conditions.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        list[SimulationSubmission] | SimulationBatchReceipt
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: SimulationBatchRequest,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> Response[list[SimulationSubmission] | SimulationBatchReceipt]:
    """Submits every combination of the experiment parameter sets and the points of the design, or the
    given conditions. Each run creates one simulation and one job. If the same run was submitted before,
    the stored simulation is returned.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        prefer (str | Unset): Preferences after RFC 7240; return=minimal asks for one receipt
            instead of a submission for each run. A service that does not know a preference ignores
            it.
        body (SimulationBatchRequest): One or many runs of a saved protocol. The runs are all
            combinations of experiment parameter sets and design points, or the given conditions.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[list[SimulationSubmission] | SimulationBatchReceipt]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
        prefer=prefer,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: SimulationBatchRequest,
    idempotency_key: str | Unset = UNSET,
    prefer: str | Unset = UNSET,
) -> list[SimulationSubmission] | SimulationBatchReceipt | None:
    """Submits every combination of the experiment parameter sets and the points of the design, or the
    given conditions. Each run creates one simulation and one job. If the same run was submitted before,
    the stored simulation is returned.

    Args:
        idempotency_key (str | Unset): A new text for each submission, the same each time this
            submission is sent. A service that honours keys creates what was submitted once, and
            answers repetitions with what it created. Others ignore the key; see Capabilities.
        prefer (str | Unset): Preferences after RFC 7240; return=minimal asks for one receipt
            instead of a submission for each run. A service that does not know a preference ignores
            it.
        body (SimulationBatchRequest): One or many runs of a saved protocol. The runs are all
            combinations of experiment parameter sets and design points, or the given conditions.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        list[SimulationSubmission] | SimulationBatchReceipt
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
            prefer=prefer,
        )
    ).parsed
