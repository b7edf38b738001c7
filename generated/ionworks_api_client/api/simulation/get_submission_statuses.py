from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.submission_statuses import SubmissionStatuses
from ...types import UNSET, Response, Unset


def _get_kwargs(
    submission_id: str,
    *,
    changed_since: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["changed_since"] = changed_since

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/simulations/submissions/{submission_id}/statuses".format(
            submission_id=quote(str(submission_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SubmissionStatuses | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SubmissionStatuses.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SubmissionStatuses]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    submission_id: str,
    *,
    client: AuthenticatedClient,
    changed_since: str | Unset = UNSET,
) -> Response[SubmissionStatuses]:
    """The statuses of all runs of a submission, for waiting for very many runs; an addition of the
    embedded engine. Consecutive runs with the same status, error and time of the last change are one
    entry. A service that answers a submission with a receipt has this operation.

    Args:
        submission_id (str): ID of a submission of simulations, from its receipt.
        changed_since (str | Unset): The as_of of an earlier reply; then at least the runs whose
            status has changed since are returned, and others can be. Without it all runs are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SubmissionStatuses]
    """

    kwargs = _get_kwargs(
        submission_id=submission_id,
        changed_since=changed_since,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    submission_id: str,
    *,
    client: AuthenticatedClient,
    changed_since: str | Unset = UNSET,
) -> SubmissionStatuses | None:
    """The statuses of all runs of a submission, for waiting for very many runs; an addition of the
    embedded engine. Consecutive runs with the same status, error and time of the last change are one
    entry. A service that answers a submission with a receipt has this operation.

    Args:
        submission_id (str): ID of a submission of simulations, from its receipt.
        changed_since (str | Unset): The as_of of an earlier reply; then at least the runs whose
            status has changed since are returned, and others can be. Without it all runs are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SubmissionStatuses
    """

    return sync_detailed(
        submission_id=submission_id,
        client=client,
        changed_since=changed_since,
    ).parsed


async def asyncio_detailed(
    submission_id: str,
    *,
    client: AuthenticatedClient,
    changed_since: str | Unset = UNSET,
) -> Response[SubmissionStatuses]:
    """The statuses of all runs of a submission, for waiting for very many runs; an addition of the
    embedded engine. Consecutive runs with the same status, error and time of the last change are one
    entry. A service that answers a submission with a receipt has this operation.

    Args:
        submission_id (str): ID of a submission of simulations, from its receipt.
        changed_since (str | Unset): The as_of of an earlier reply; then at least the runs whose
            status has changed since are returned, and others can be. Without it all runs are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SubmissionStatuses]
    """

    kwargs = _get_kwargs(
        submission_id=submission_id,
        changed_since=changed_since,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    submission_id: str,
    *,
    client: AuthenticatedClient,
    changed_since: str | Unset = UNSET,
) -> SubmissionStatuses | None:
    """The statuses of all runs of a submission, for waiting for very many runs; an addition of the
    embedded engine. Consecutive runs with the same status, error and time of the last change are one
    entry. A service that answers a submission with a receipt has this operation.

    Args:
        submission_id (str): ID of a submission of simulations, from its receipt.
        changed_since (str | Unset): The as_of of an earlier reply; then at least the runs whose
            status has changed since are returned, and others can be. Without it all runs are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SubmissionStatuses
    """

    return (
        await asyncio_detailed(
            submission_id=submission_id,
            client=client,
            changed_since=changed_since,
        )
    ).parsed
