from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    measurement_id: str,
    *,
    row_start: int | Unset = UNSET,
    row_stop: int | Unset = UNSET,
    step_from: int | Unset = UNSET,
    step_to: int | Unset = UNSET,
    cycle_from: int | Unset = UNSET,
    cycle_to: int | Unset = UNSET,
    columns: list[str] | Unset = UNSET,
    max_points: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["row_start"] = row_start

    params["row_stop"] = row_stop

    params["step_from"] = step_from

    params["step_to"] = step_to

    params["cycle_from"] = cycle_from

    params["cycle_to"] = cycle_to

    json_columns: list[str] | Unset = UNSET
    if not isinstance(columns, Unset):
        json_columns = columns

    params["columns"] = json_columns

    params["max_points"] = max_points

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cell_measurements/{measurement_id}/time_series/download".format(
            measurement_id=quote(str(measurement_id), safe=""),
        ),
        "params": params,
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
    *,
    client: AuthenticatedClient,
    row_start: int | Unset = UNSET,
    row_stop: int | Unset = UNSET,
    step_from: int | Unset = UNSET,
    step_to: int | Unset = UNSET,
    cycle_from: int | Unset = UNSET,
    cycle_to: int | Unset = UNSET,
    columns: list[str] | Unset = UNSET,
    max_points: int | Unset = UNSET,
) -> Response[File]:
    """The time series as parquet, or a redirect to a signed, short-lived URL that needs no credentials.
    Ranges of rows, steps and cycles are combined; `max_points` then downsamples the selected rows.

    Args:
        measurement_id (str): ID of the measurement.
        row_start (int | Unset): The first row, counted from 0.
        row_stop (int | Unset): The row after the last one.
        step_from (int | Unset): Leave out rows whose step count is below this.
        step_to (int | Unset): Leave out rows whose step count is above this.
        cycle_from (int | Unset): Leave out rows whose cycle count is below this.
        cycle_to (int | Unset): Leave out rows whose cycle count is above this.
        columns (list[str] | Unset): Only these columns, in this order; default all.
        max_points (int | Unset): At most this many rows, chosen so that extremes are kept: from
            each section of the rows, those with the smallest and the largest voltage and current, or
            with those of the requested columns.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File]
    """

    kwargs = _get_kwargs(
        measurement_id=measurement_id,
        row_start=row_start,
        row_stop=row_stop,
        step_from=step_from,
        step_to=step_to,
        cycle_from=cycle_from,
        cycle_to=cycle_to,
        columns=columns,
        max_points=max_points,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    measurement_id: str,
    *,
    client: AuthenticatedClient,
    row_start: int | Unset = UNSET,
    row_stop: int | Unset = UNSET,
    step_from: int | Unset = UNSET,
    step_to: int | Unset = UNSET,
    cycle_from: int | Unset = UNSET,
    cycle_to: int | Unset = UNSET,
    columns: list[str] | Unset = UNSET,
    max_points: int | Unset = UNSET,
) -> File | None:
    """The time series as parquet, or a redirect to a signed, short-lived URL that needs no credentials.
    Ranges of rows, steps and cycles are combined; `max_points` then downsamples the selected rows.

    Args:
        measurement_id (str): ID of the measurement.
        row_start (int | Unset): The first row, counted from 0.
        row_stop (int | Unset): The row after the last one.
        step_from (int | Unset): Leave out rows whose step count is below this.
        step_to (int | Unset): Leave out rows whose step count is above this.
        cycle_from (int | Unset): Leave out rows whose cycle count is below this.
        cycle_to (int | Unset): Leave out rows whose cycle count is above this.
        columns (list[str] | Unset): Only these columns, in this order; default all.
        max_points (int | Unset): At most this many rows, chosen so that extremes are kept: from
            each section of the rows, those with the smallest and the largest voltage and current, or
            with those of the requested columns.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File
    """

    return sync_detailed(
        measurement_id=measurement_id,
        client=client,
        row_start=row_start,
        row_stop=row_stop,
        step_from=step_from,
        step_to=step_to,
        cycle_from=cycle_from,
        cycle_to=cycle_to,
        columns=columns,
        max_points=max_points,
    ).parsed


async def asyncio_detailed(
    measurement_id: str,
    *,
    client: AuthenticatedClient,
    row_start: int | Unset = UNSET,
    row_stop: int | Unset = UNSET,
    step_from: int | Unset = UNSET,
    step_to: int | Unset = UNSET,
    cycle_from: int | Unset = UNSET,
    cycle_to: int | Unset = UNSET,
    columns: list[str] | Unset = UNSET,
    max_points: int | Unset = UNSET,
) -> Response[File]:
    """The time series as parquet, or a redirect to a signed, short-lived URL that needs no credentials.
    Ranges of rows, steps and cycles are combined; `max_points` then downsamples the selected rows.

    Args:
        measurement_id (str): ID of the measurement.
        row_start (int | Unset): The first row, counted from 0.
        row_stop (int | Unset): The row after the last one.
        step_from (int | Unset): Leave out rows whose step count is below this.
        step_to (int | Unset): Leave out rows whose step count is above this.
        cycle_from (int | Unset): Leave out rows whose cycle count is below this.
        cycle_to (int | Unset): Leave out rows whose cycle count is above this.
        columns (list[str] | Unset): Only these columns, in this order; default all.
        max_points (int | Unset): At most this many rows, chosen so that extremes are kept: from
            each section of the rows, those with the smallest and the largest voltage and current, or
            with those of the requested columns.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File]
    """

    kwargs = _get_kwargs(
        measurement_id=measurement_id,
        row_start=row_start,
        row_stop=row_stop,
        step_from=step_from,
        step_to=step_to,
        cycle_from=cycle_from,
        cycle_to=cycle_to,
        columns=columns,
        max_points=max_points,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    measurement_id: str,
    *,
    client: AuthenticatedClient,
    row_start: int | Unset = UNSET,
    row_stop: int | Unset = UNSET,
    step_from: int | Unset = UNSET,
    step_to: int | Unset = UNSET,
    cycle_from: int | Unset = UNSET,
    cycle_to: int | Unset = UNSET,
    columns: list[str] | Unset = UNSET,
    max_points: int | Unset = UNSET,
) -> File | None:
    """The time series as parquet, or a redirect to a signed, short-lived URL that needs no credentials.
    Ranges of rows, steps and cycles are combined; `max_points` then downsamples the selected rows.

    Args:
        measurement_id (str): ID of the measurement.
        row_start (int | Unset): The first row, counted from 0.
        row_stop (int | Unset): The row after the last one.
        step_from (int | Unset): Leave out rows whose step count is below this.
        step_to (int | Unset): Leave out rows whose step count is above this.
        cycle_from (int | Unset): Leave out rows whose cycle count is below this.
        cycle_to (int | Unset): Leave out rows whose cycle count is above this.
        columns (list[str] | Unset): Only these columns, in this order; default all.
        max_points (int | Unset): At most this many rows, chosen so that extremes are kept: from
            each section of the rows, those with the smallest and the largest voltage and current, or
            with those of the requested columns.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File
    """

    return (
        await asyncio_detailed(
            measurement_id=measurement_id,
            client=client,
            row_start=row_start,
            row_stop=row_stop,
            step_from=step_from,
            step_to=step_to,
            cycle_from=cycle_from,
            cycle_to=cycle_to,
            columns=columns,
            max_points=max_points,
        )
    ).parsed
