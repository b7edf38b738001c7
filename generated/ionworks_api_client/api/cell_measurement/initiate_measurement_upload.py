from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.measurement_upload import MeasurementUpload
from ...models.measurement_upload_request import MeasurementUploadRequest
from ...types import Response


def _get_kwargs(
    cell_instance_id: str,
    *,
    body: MeasurementUploadRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/cell_instances/{cell_instance_id}/cell_measurements/initiate-upload".format(
            cell_instance_id=quote(str(cell_instance_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> MeasurementUpload | None:
    if 200 <= response.status_code <= 299:
        response_2xx = MeasurementUpload.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[MeasurementUpload]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    body: MeasurementUploadRequest,
) -> Response[MeasurementUpload]:
    """Starts an upload. Send the files by PUT, without credentials, to the signed URLs in the response;
    then confirm the upload.

    Args:
        cell_instance_id (str): ID of the cell.
        body (MeasurementUploadRequest): A measurement whose data will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MeasurementUpload]
    """

    kwargs = _get_kwargs(
        cell_instance_id=cell_instance_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    body: MeasurementUploadRequest,
) -> MeasurementUpload | None:
    """Starts an upload. Send the files by PUT, without credentials, to the signed URLs in the response;
    then confirm the upload.

    Args:
        cell_instance_id (str): ID of the cell.
        body (MeasurementUploadRequest): A measurement whose data will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MeasurementUpload
    """

    return sync_detailed(
        cell_instance_id=cell_instance_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    body: MeasurementUploadRequest,
) -> Response[MeasurementUpload]:
    """Starts an upload. Send the files by PUT, without credentials, to the signed URLs in the response;
    then confirm the upload.

    Args:
        cell_instance_id (str): ID of the cell.
        body (MeasurementUploadRequest): A measurement whose data will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[MeasurementUpload]
    """

    kwargs = _get_kwargs(
        cell_instance_id=cell_instance_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    body: MeasurementUploadRequest,
) -> MeasurementUpload | None:
    """Starts an upload. Send the files by PUT, without credentials, to the signed URLs in the response;
    then confirm the upload.

    Args:
        cell_instance_id (str): ID of the cell.
        body (MeasurementUploadRequest): A measurement whose data will be uploaded.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        MeasurementUpload
    """

    return (
        await asyncio_detailed(
            cell_instance_id=cell_instance_id,
            client=client,
            body=body,
        )
    ).parsed
