from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.cell_measurement import CellMeasurement
from ...models.cell_measurement_update import CellMeasurementUpdate
from ...types import Response


def _get_kwargs(
    measurement_id: str,
    *,
    body: CellMeasurementUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/cell_measurements/{measurement_id}".format(
            measurement_id=quote(str(measurement_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CellMeasurement | None:
    if 200 <= response.status_code <= 299:
        response_2xx = CellMeasurement.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[CellMeasurement]:
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
    body: CellMeasurementUpdate,
) -> Response[CellMeasurement]:
    """Changes the metadata of a measurement. `tags` replaces all tags.

    Args:
        measurement_id (str): ID of the measurement.
        body (CellMeasurementUpdate): Changes to the metadata of a measurement; fields that are
            left out stay unchanged.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurement]
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
    body: CellMeasurementUpdate,
) -> CellMeasurement | None:
    """Changes the metadata of a measurement. `tags` replaces all tags.

    Args:
        measurement_id (str): ID of the measurement.
        body (CellMeasurementUpdate): Changes to the metadata of a measurement; fields that are
            left out stay unchanged.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurement
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
    body: CellMeasurementUpdate,
) -> Response[CellMeasurement]:
    """Changes the metadata of a measurement. `tags` replaces all tags.

    Args:
        measurement_id (str): ID of the measurement.
        body (CellMeasurementUpdate): Changes to the metadata of a measurement; fields that are
            left out stay unchanged.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurement]
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
    body: CellMeasurementUpdate,
) -> CellMeasurement | None:
    """Changes the metadata of a measurement. `tags` replaces all tags.

    Args:
        measurement_id (str): ID of the measurement.
        body (CellMeasurementUpdate): Changes to the metadata of a measurement; fields that are
            left out stay unchanged.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurement
    """

    return (
        await asyncio_detailed(
            measurement_id=measurement_id,
            client=client,
            body=body,
        )
    ).parsed
