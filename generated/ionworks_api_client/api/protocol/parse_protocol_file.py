from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.parsed_protocol_file import ParsedProtocolFile
from ...models.protocol_file_upload import ProtocolFileUpload
from ...types import Response


def _get_kwargs(
    *,
    body: ProtocolFileUpload,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/protocols/parse",
    }

    _kwargs["files"] = body.to_multipart()

    headers["Content-Type"] = "multipart/form-data; boundary=+++"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ParsedProtocolFile | None:
    if 200 <= response.status_code <= 299:
        response_2xx = ParsedProtocolFile.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ParsedProtocolFile]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ProtocolFileUpload,
) -> Response[ParsedProtocolFile]:
    """Reads the protocol file of a battery cycler. Nothing is saved. Unless `partial` is true, a file with
    a step that UCP cannot express is rejected.

    Args:
        body (ProtocolFileUpload): A cycler's protocol file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ParsedProtocolFile]
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
    body: ProtocolFileUpload,
) -> ParsedProtocolFile | None:
    """Reads the protocol file of a battery cycler. Nothing is saved. Unless `partial` is true, a file with
    a step that UCP cannot express is rejected.

    Args:
        body (ProtocolFileUpload): A cycler's protocol file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ParsedProtocolFile
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ProtocolFileUpload,
) -> Response[ParsedProtocolFile]:
    """Reads the protocol file of a battery cycler. Nothing is saved. Unless `partial` is true, a file with
    a step that UCP cannot express is rejected.

    Args:
        body (ProtocolFileUpload): A cycler's protocol file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ParsedProtocolFile]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ProtocolFileUpload,
) -> ParsedProtocolFile | None:
    """Reads the protocol file of a battery cycler. Nothing is saved. Unless `partial` is true, a file with
    a step that UCP cannot express is rejected.

    Args:
        body (ProtocolFileUpload): A cycler's protocol file.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ParsedProtocolFile
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
