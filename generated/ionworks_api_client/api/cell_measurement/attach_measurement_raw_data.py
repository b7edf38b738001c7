from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.raw_data_attachment import RawDataAttachment
from ...models.raw_data_request import RawDataRequest
from ...types import Response


def _get_kwargs(
    measurement_id: str,
    *,
    body: RawDataRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/cell_measurements/{measurement_id}/raw_data".format(
            measurement_id=quote(str(measurement_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> RawDataAttachment | None:
    if 200 <= response.status_code <= 299:
        response_2xx = RawDataAttachment.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[RawDataAttachment]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    measurement_id: str,
    *,
    client: AuthenticatedClient,
    body: RawDataRequest,
) -> Response[RawDataAttachment]:
    """Attaches the original files that a measurement was created from.

    Args:
        measurement_id (str): ID of the measurement.
        body (RawDataRequest): Original files to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[RawDataAttachment]
    """

    kwargs = _get_kwargs(
        measurement_id=measurement_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    measurement_id: str,
    *,
    client: AuthenticatedClient,
    body: RawDataRequest,
) -> RawDataAttachment | None:
    """Attaches the original files that a measurement was created from.

    Args:
        measurement_id (str): ID of the measurement.
        body (RawDataRequest): Original files to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        RawDataAttachment
    """

    return sync_detailed(
        measurement_id=measurement_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    measurement_id: str,
    *,
    client: AuthenticatedClient,
    body: RawDataRequest,
) -> Response[RawDataAttachment]:
    """Attaches the original files that a measurement was created from.

    Args:
        measurement_id (str): ID of the measurement.
        body (RawDataRequest): Original files to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[RawDataAttachment]
    """

    kwargs = _get_kwargs(
        measurement_id=measurement_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    measurement_id: str,
    *,
    client: AuthenticatedClient,
    body: RawDataRequest,
) -> RawDataAttachment | None:
    """Attaches the original files that a measurement was created from.

    Args:
        measurement_id (str): ID of the measurement.
        body (RawDataRequest): Original files to attach.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        RawDataAttachment
    """

    return (
        await asyncio_detailed(
            measurement_id=measurement_id,
            client=client,
            body=body,
        )
    ).parsed
