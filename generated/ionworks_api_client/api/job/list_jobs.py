from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.job import Job
from ...models.job_page import JobPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    job_type: str | Unset = UNSET,
    status: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["job_type"] = job_type

    params["status"] = status

    params["limit"] = limit

    params["offset"] = offset

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/jobs/",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> JobPage | list[Job] | None:
    if 200 <= response.status_code <= 299:

        def _parse_response_2xx(data: object) -> JobPage | list[Job]:
            try:
                if not isinstance(data, list):
                    raise TypeError()
                response_2xx_type_0 = []
                _response_2xx_type_0 = data
                for response_2xx_type_0_item_data in _response_2xx_type_0:
                    response_2xx_type_0_item = Job.from_dict(response_2xx_type_0_item_data)

                    response_2xx_type_0.append(response_2xx_type_0_item)

                return response_2xx_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            response_2xx_type_1 = JobPage.from_dict(data)

            return response_2xx_type_1

        response_2xx = _parse_response_2xx(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[JobPage | list[Job]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    job_type: str | Unset = UNSET,
    status: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[JobPage | list[Job]]:
    """Jobs, newest first. The response is an array; in other revisions of the service it is a page.

    Args:
        job_type (str | Unset): Only jobs of this type, for example `simulate`.
        status (str | Unset): Only jobs in this status.
        limit (int | Unset): Maximum number of jobs.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobPage | list[Job]]
    """

    kwargs = _get_kwargs(
        job_type=job_type,
        status=status,
        limit=limit,
        offset=offset,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    job_type: str | Unset = UNSET,
    status: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> JobPage | list[Job] | None:
    """Jobs, newest first. The response is an array; in other revisions of the service it is a page.

    Args:
        job_type (str | Unset): Only jobs of this type, for example `simulate`.
        status (str | Unset): Only jobs in this status.
        limit (int | Unset): Maximum number of jobs.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobPage | list[Job]
    """

    return sync_detailed(
        client=client,
        job_type=job_type,
        status=status,
        limit=limit,
        offset=offset,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    job_type: str | Unset = UNSET,
    status: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[JobPage | list[Job]]:
    """Jobs, newest first. The response is an array; in other revisions of the service it is a page.

    Args:
        job_type (str | Unset): Only jobs of this type, for example `simulate`.
        status (str | Unset): Only jobs in this status.
        limit (int | Unset): Maximum number of jobs.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[JobPage | list[Job]]
    """

    kwargs = _get_kwargs(
        job_type=job_type,
        status=status,
        limit=limit,
        offset=offset,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    job_type: str | Unset = UNSET,
    status: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> JobPage | list[Job] | None:
    """Jobs, newest first. The response is an array; in other revisions of the service it is a page.

    Args:
        job_type (str | Unset): Only jobs of this type, for example `simulate`.
        status (str | Unset): Only jobs in this status.
        limit (int | Unset): Maximum number of jobs.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        JobPage | list[Job]
    """

    return (
        await asyncio_detailed(
            client=client,
            job_type=job_type,
            status=status,
            limit=limit,
            offset=offset,
        )
    ).parsed
