from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.pybamm_model_request import PybammModelRequest
from ...models.pybamm_model_validation import PybammModelValidation
from ...types import Response


def _get_kwargs(
    *,
    body: PybammModelRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/discovery/pybamm_models/validate",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PybammModelValidation | None:
    if 200 <= response.status_code <= 299:
        response_2xx = PybammModelValidation.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PybammModelValidation]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: PybammModelRequest,
) -> Response[PybammModelValidation]:
    """Checks whether a PyBaMM model with these options can be built. An invalid model is reported with
    status 200.

    Args:
        body (PybammModelRequest): A PyBaMM model to check.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PybammModelValidation]
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
    body: PybammModelRequest,
) -> PybammModelValidation | None:
    """Checks whether a PyBaMM model with these options can be built. An invalid model is reported with
    status 200.

    Args:
        body (PybammModelRequest): A PyBaMM model to check.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PybammModelValidation
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: PybammModelRequest,
) -> Response[PybammModelValidation]:
    """Checks whether a PyBaMM model with these options can be built. An invalid model is reported with
    status 200.

    Args:
        body (PybammModelRequest): A PyBaMM model to check.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PybammModelValidation]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: PybammModelRequest,
) -> PybammModelValidation | None:
    """Checks whether a PyBaMM model with these options can be built. An invalid model is reported with
    status 200.

    Args:
        body (PybammModelRequest): A PyBaMM model to check.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PybammModelValidation
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
