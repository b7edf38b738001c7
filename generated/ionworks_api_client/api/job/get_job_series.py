from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.columns import Columns
from ...models.series_source import SeriesSource
from ...types import UNSET, Response, Unset


def _get_kwargs(
    job_id: str,
    *,
    objective: str,
    source: SeriesSource | Unset = UNSET,
    columns: str | Unset = UNSET,
    x_column: str | Unset = UNSET,
    max_points: int | Unset = UNSET,
    x_min: float | Unset = UNSET,
    x_max: float | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["objective"] = objective

    json_source: str | Unset = UNSET
    if not isinstance(source, Unset):
        json_source = source

    params["source"] = json_source

    params["columns"] = columns

    params["x_column"] = x_column

    params["max_points"] = max_points

    params["x_min"] = x_min

    params["x_max"] = x_max

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/jobs/{job_id}/series".format(
            job_id=quote(str(job_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Columns | None:
    if 200 <= response.status_code <= 299:
        response_2xx = Columns.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Columns]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    job_id: str,
    *,
    client: AuthenticatedClient,
    objective: str,
    source: SeriesSource | Unset = UNSET,
    columns: str | Unset = UNSET,
    x_column: str | Unset = UNSET,
    max_points: int | Unset = UNSET,
    x_min: float | Unset = UNSET,
    x_max: float | Unset = UNSET,
) -> Response[Columns]:
    """Channels of one objective as columns of equal length.

    Args:
        job_id (str): ID of the job.
        objective (str): The objective.
        source (SeriesSource | Unset): The parameters before the fit (`baseline`) or after it
            (`optimal`).
        columns (str | Unset): Comma-separated channel names; default all.
        x_column (str | Unset): The channel that `x_min` and `x_max` refer to.
        max_points (int | Unset): Downsample the columns to at most this many points.
        x_min (float | Unset): Leave out points below this value of x.
        x_max (float | Unset): Leave out points above this value of x.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Columns]
    """

    kwargs = _get_kwargs(
        job_id=job_id,
        objective=objective,
        source=source,
        columns=columns,
        x_column=x_column,
        max_points=max_points,
        x_min=x_min,
        x_max=x_max,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    job_id: str,
    *,
    client: AuthenticatedClient,
    objective: str,
    source: SeriesSource | Unset = UNSET,
    columns: str | Unset = UNSET,
    x_column: str | Unset = UNSET,
    max_points: int | Unset = UNSET,
    x_min: float | Unset = UNSET,
    x_max: float | Unset = UNSET,
) -> Columns | None:
    """Channels of one objective as columns of equal length.

    Args:
        job_id (str): ID of the job.
        objective (str): The objective.
        source (SeriesSource | Unset): The parameters before the fit (`baseline`) or after it
            (`optimal`).
        columns (str | Unset): Comma-separated channel names; default all.
        x_column (str | Unset): The channel that `x_min` and `x_max` refer to.
        max_points (int | Unset): Downsample the columns to at most this many points.
        x_min (float | Unset): Leave out points below this value of x.
        x_max (float | Unset): Leave out points above this value of x.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Columns
    """

    return sync_detailed(
        job_id=job_id,
        client=client,
        objective=objective,
        source=source,
        columns=columns,
        x_column=x_column,
        max_points=max_points,
        x_min=x_min,
        x_max=x_max,
    ).parsed


async def asyncio_detailed(
    job_id: str,
    *,
    client: AuthenticatedClient,
    objective: str,
    source: SeriesSource | Unset = UNSET,
    columns: str | Unset = UNSET,
    x_column: str | Unset = UNSET,
    max_points: int | Unset = UNSET,
    x_min: float | Unset = UNSET,
    x_max: float | Unset = UNSET,
) -> Response[Columns]:
    """Channels of one objective as columns of equal length.

    Args:
        job_id (str): ID of the job.
        objective (str): The objective.
        source (SeriesSource | Unset): The parameters before the fit (`baseline`) or after it
            (`optimal`).
        columns (str | Unset): Comma-separated channel names; default all.
        x_column (str | Unset): The channel that `x_min` and `x_max` refer to.
        max_points (int | Unset): Downsample the columns to at most this many points.
        x_min (float | Unset): Leave out points below this value of x.
        x_max (float | Unset): Leave out points above this value of x.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Columns]
    """

    kwargs = _get_kwargs(
        job_id=job_id,
        objective=objective,
        source=source,
        columns=columns,
        x_column=x_column,
        max_points=max_points,
        x_min=x_min,
        x_max=x_max,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    job_id: str,
    *,
    client: AuthenticatedClient,
    objective: str,
    source: SeriesSource | Unset = UNSET,
    columns: str | Unset = UNSET,
    x_column: str | Unset = UNSET,
    max_points: int | Unset = UNSET,
    x_min: float | Unset = UNSET,
    x_max: float | Unset = UNSET,
) -> Columns | None:
    """Channels of one objective as columns of equal length.

    Args:
        job_id (str): ID of the job.
        objective (str): The objective.
        source (SeriesSource | Unset): The parameters before the fit (`baseline`) or after it
            (`optimal`).
        columns (str | Unset): Comma-separated channel names; default all.
        x_column (str | Unset): The channel that `x_min` and `x_max` refer to.
        max_points (int | Unset): Downsample the columns to at most this many points.
        x_min (float | Unset): Leave out points below this value of x.
        x_max (float | Unset): Leave out points above this value of x.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Columns
    """

    return (
        await asyncio_detailed(
            job_id=job_id,
            client=client,
            objective=objective,
            source=source,
            columns=columns,
            x_column=x_column,
            max_points=max_points,
            x_min=x_min,
            x_max=x_max,
        )
    ).parsed
