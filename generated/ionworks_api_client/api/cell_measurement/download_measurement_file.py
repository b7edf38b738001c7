from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...types import File, Response


def _get_kwargs(
    measurement_id: str,
    file_name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cell_measurements/{measurement_id}/files/{file_name}".format(
            measurement_id=quote(str(measurement_id), safe=""),
            file_name=quote(str(file_name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> File | None:
    if 200 <= response.status_code <= 299:
        response_2xx = File(payload=BytesIO(response.content))

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[File]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    measurement_id: str,
    file_name: str,
    *,
    client: AuthenticatedClient,
) -> Response[File]:
    """One file, or a redirect to a signed, short-lived URL that needs no credentials.

    Args:
        measurement_id (str): ID of the measurement.
        file_name (str): The file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File]
    """

    kwargs = _get_kwargs(
        measurement_id=measurement_id,
        file_name=file_name,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    measurement_id: str,
    file_name: str,
    *,
    client: AuthenticatedClient,
) -> File | None:
    """One file, or a redirect to a signed, short-lived URL that needs no credentials.

    Args:
        measurement_id (str): ID of the measurement.
        file_name (str): The file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File
    """

    return sync_detailed(
        measurement_id=measurement_id,
        file_name=file_name,
        client=client,
    ).parsed


async def asyncio_detailed(
    measurement_id: str,
    file_name: str,
    *,
    client: AuthenticatedClient,
) -> Response[File]:
    """One file, or a redirect to a signed, short-lived URL that needs no credentials.

    Args:
        measurement_id (str): ID of the measurement.
        file_name (str): The file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File]
    """

    kwargs = _get_kwargs(
        measurement_id=measurement_id,
        file_name=file_name,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    measurement_id: str,
    file_name: str,
    *,
    client: AuthenticatedClient,
) -> File | None:
    """One file, or a redirect to a signed, short-lived URL that needs no credentials.

    Args:
        measurement_id (str): ID of the measurement.
        file_name (str): The file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File
    """

    return (
        await asyncio_detailed(
            measurement_id=measurement_id,
            file_name=file_name,
            client=client,
        )
    ).parsed
