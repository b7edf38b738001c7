from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.cell_measurement_page import CellMeasurementPage
from ...models.measurement_type import MeasurementType
from ...models.sort_order import SortOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    project_id: str | Unset = UNSET,
    cell_specification_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    q: str | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["project_id"] = project_id

    params["cell_specification_id"] = cell_specification_id

    params["limit"] = limit

    params["offset"] = offset

    json_measurement_type: str | Unset = UNSET
    if not isinstance(measurement_type, Unset):
        json_measurement_type = measurement_type

    params["measurement_type"] = json_measurement_type

    params["q"] = q

    json_tags_all: list[str] | Unset = UNSET
    if not isinstance(tags_all, Unset):
        json_tags_all = tags_all

    params["tags_all"] = json_tags_all

    json_tags_any: list[str] | Unset = UNSET
    if not isinstance(tags_any, Unset):
        json_tags_any = tags_any

    params["tags_any"] = json_tags_any

    params["order_by"] = order_by

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cell_measurements",
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
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    cell_specification_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    q: str | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[CellMeasurementPage]:
    """Measurements of a project.

    Args:
        project_id (str | Unset): Only items of this project.
        cell_specification_id (str | Unset): Only items of this cell specification.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        q (str | Unset): Only measurements whose name contains this text.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurementPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        cell_specification_id=cell_specification_id,
        limit=limit,
        offset=offset,
        measurement_type=measurement_type,
        q=q,
        tags_all=tags_all,
        tags_any=tags_any,
        order_by=order_by,
        order=order,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    cell_specification_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    q: str | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> CellMeasurementPage | None:
    """Measurements of a project.

    Args:
        project_id (str | Unset): Only items of this project.
        cell_specification_id (str | Unset): Only items of this cell specification.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        q (str | Unset): Only measurements whose name contains this text.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurementPage
    """

    return sync_detailed(
        client=client,
        project_id=project_id,
        cell_specification_id=cell_specification_id,
        limit=limit,
        offset=offset,
        measurement_type=measurement_type,
        q=q,
        tags_all=tags_all,
        tags_any=tags_any,
        order_by=order_by,
        order=order,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    cell_specification_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    q: str | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> Response[CellMeasurementPage]:
    """Measurements of a project.

    Args:
        project_id (str | Unset): Only items of this project.
        cell_specification_id (str | Unset): Only items of this cell specification.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        q (str | Unset): Only measurements whose name contains this text.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurementPage]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        cell_specification_id=cell_specification_id,
        limit=limit,
        offset=offset,
        measurement_type=measurement_type,
        q=q,
        tags_all=tags_all,
        tags_any=tags_any,
        order_by=order_by,
        order=order,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    project_id: str | Unset = UNSET,
    cell_specification_id: str | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    q: str | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
) -> CellMeasurementPage | None:
    """Measurements of a project.

    Args:
        project_id (str | Unset): Only items of this project.
        cell_specification_id (str | Unset): Only items of this cell specification.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        q (str | Unset): Only measurements whose name contains this text.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurementPage
    """

    return (
        await asyncio_detailed(
            client=client,
            project_id=project_id,
            cell_specification_id=cell_specification_id,
            limit=limit,
            offset=offset,
            measurement_type=measurement_type,
            q=q,
            tags_all=tags_all,
            tags_any=tags_any,
            order_by=order_by,
            order=order,
        )
    ).parsed
