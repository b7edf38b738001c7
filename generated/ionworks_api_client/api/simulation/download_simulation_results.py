from http import HTTPStatus
from io import BytesIO
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.results_request import ResultsRequest
from ...types import File, Response


def _get_kwargs(
    *,
    body: ResultsRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/simulations/results",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
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
    *,
    client: AuthenticatedClient,
    body: ResultsRequest,
) -> Response[File]:
    """The results of many simulations in one response. This is an addition of the embedded engine: a
    service that has it says so with bulk_results in its capabilities. The response is a tar archive,
    which is sent while it is made. Results that are stored together are sent together: each such group
    has a folder, 0, 1, 2 and so on, with three files. runs.json is a ResultGroup, which says what
    belongs to which simulation. steps.parquet and time_series.parquet have the rows of its simulations,
    and can have rows of others that are stored with them; the steps can have an additional first
    column, Position. The last file, problems.json, is a list of ResultProblem, one for each simulation
    without results. The groups are in any order.

    Args:
        body (ResultsRequest): The simulations whose results are requested, and which parts of
            these.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File]
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
    body: ResultsRequest,
) -> File | None:
    """The results of many simulations in one response. This is an addition of the embedded engine: a
    service that has it says so with bulk_results in its capabilities. The response is a tar archive,
    which is sent while it is made. Results that are stored together are sent together: each such group
    has a folder, 0, 1, 2 and so on, with three files. runs.json is a ResultGroup, which says what
    belongs to which simulation. steps.parquet and time_series.parquet have the rows of its simulations,
    and can have rows of others that are stored with them; the steps can have an additional first
    column, Position. The last file, problems.json, is a list of ResultProblem, one for each simulation
    without results. The groups are in any order.

    Args:
        body (ResultsRequest): The simulations whose results are requested, and which parts of
            these.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ResultsRequest,
) -> Response[File]:
    """The results of many simulations in one response. This is an addition of the embedded engine: a
    service that has it says so with bulk_results in its capabilities. The response is a tar archive,
    which is sent while it is made. Results that are stored together are sent together: each such group
    has a folder, 0, 1, 2 and so on, with three files. runs.json is a ResultGroup, which says what
    belongs to which simulation. steps.parquet and time_series.parquet have the rows of its simulations,
    and can have rows of others that are stored with them; the steps can have an additional first
    column, Position. The last file, problems.json, is a list of ResultProblem, one for each simulation
    without results. The groups are in any order.

    Args:
        body (ResultsRequest): The simulations whose results are requested, and which parts of
            these.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ResultsRequest,
) -> File | None:
    """The results of many simulations in one response. This is an addition of the embedded engine: a
    service that has it says so with bulk_results in its capabilities. The response is a tar archive,
    which is sent while it is made. Results that are stored together are sent together: each such group
    has a folder, 0, 1, 2 and so on, with three files. runs.json is a ResultGroup, which says what
    belongs to which simulation. steps.parquet and time_series.parquet have the rows of its simulations,
    and can have rows of others that are stored with them; the steps can have an additional first
    column, Position. The last file, problems.json, is a list of ResultProblem, one for each simulation
    without results. The groups are in any order.

    Args:
        body (ResultsRequest): The simulations whose results are requested, and which parts of
            these.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
