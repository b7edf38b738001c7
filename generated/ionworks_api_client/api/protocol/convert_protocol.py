from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.protocol_conversion import ProtocolConversion
from ...models.protocol_conversion_request import ProtocolConversionRequest
from ...types import Response


def _get_kwargs(
    *,
    body: ProtocolConversionRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/protocols/convert",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ProtocolConversion | None:
    if 200 <= response.status_code <= 299:
        response_2xx = ProtocolConversion.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ProtocolConversion]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ProtocolConversionRequest,
) -> Response[ProtocolConversion]:
    """Writes a protocol in the file format of a battery cycler. If the format does not support a step, the
    request fails with an error that names the step.

    Args:
        body (ProtocolConversionRequest): A protocol to write in a cycler's format.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProtocolConversion]
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
    body: ProtocolConversionRequest,
) -> ProtocolConversion | None:
    """Writes a protocol in the file format of a battery cycler. If the format does not support a step, the
    request fails with an error that names the step.

    Args:
        body (ProtocolConversionRequest): A protocol to write in a cycler's format.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProtocolConversion
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ProtocolConversionRequest,
) -> Response[ProtocolConversion]:
    """Writes a protocol in the file format of a battery cycler. If the format does not support a step, the
    request fails with an error that names the step.

    Args:
        body (ProtocolConversionRequest): A protocol to write in a cycler's format.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ProtocolConversion]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ProtocolConversionRequest,
) -> ProtocolConversion | None:
    """Writes a protocol in the file format of a battery cycler. If the format does not support a step, the
    request fails with an error that names the step.

    Args:
        body (ProtocolConversionRequest): A protocol to write in a cycler's format.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ProtocolConversion
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
