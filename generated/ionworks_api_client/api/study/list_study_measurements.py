from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.cell_measurement_page import CellMeasurementPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    project_id: str,
    study_id: str,
    *,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["offset"] = offset

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/projects/{project_id}/studies/{study_id}/measurements".format(
            project_id=quote(str(project_id), safe=""),
            study_id=quote(str(study_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CellMeasurementPage | None:
    if 200 <= response.status_code <= 299:
        response_2xx = CellMeasurementPage.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[CellMeasurementPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    project_id: str,
    study_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[CellMeasurementPage]:
    """Measurements assigned to a study.

    Args:
        project_id (str): ID of the project.
        study_id (str): ID of the study.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurementPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        study_id=study_id,
        limit=limit,
        offset=offset,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    project_id: str,
    study_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> CellMeasurementPage | None:
    """Measurements assigned to a study.

    Args:
        project_id (str): ID of the project.
        study_id (str): ID of the study.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurementPage
    """

    return sync_detailed(
        project_id=project_id,
        study_id=study_id,
        client=client,
        limit=limit,
        offset=offset,
    ).parsed


async def asyncio_detailed(
    project_id: str,
    study_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[CellMeasurementPage]:
    """Measurements assigned to a study.

    Args:
        project_id (str): ID of the project.
        study_id (str): ID of the study.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurementPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        study_id=study_id,
        limit=limit,
        offset=offset,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    project_id: str,
    study_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> CellMeasurementPage | None:
    """Measurements assigned to a study.

    Args:
        project_id (str): ID of the project.
        study_id (str): ID of the study.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurementPage
    """

    return (
        await asyncio_detailed(
            project_id=project_id,
            study_id=study_id,
            client=client,
            limit=limit,
            offset=offset,
        )
    ).parsed
