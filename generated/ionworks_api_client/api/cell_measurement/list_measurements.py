from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.cell_measurement_page import CellMeasurementPage
from ...models.measurement_type import MeasurementType
from ...models.sort_order import SortOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    cell_instance_id: str,
    *,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    start_time_gt: str | Unset = UNSET,
    start_time_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["offset"] = offset

    json_measurement_type: str | Unset = UNSET
    if not isinstance(measurement_type, Unset):
        json_measurement_type = measurement_type

    params["measurement_type"] = json_measurement_type

    params["name"] = name

    params["created_by_email"] = created_by_email

    params["created_at_gt"] = created_at_gt

    params["created_at_lt"] = created_at_lt

    params["updated_at_gt"] = updated_at_gt

    params["updated_at_lt"] = updated_at_lt

    params["start_time_gt"] = start_time_gt

    params["start_time_lt"] = start_time_lt

    params["order_by"] = order_by

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    json_tags_all: list[str] | Unset = UNSET
    if not isinstance(tags_all, Unset):
        json_tags_all = tags_all

    params["tags_all"] = json_tags_all

    json_tags_any: list[str] | Unset = UNSET
    if not isinstance(tags_any, Unset):
        json_tags_any = tags_any

    params["tags_any"] = json_tags_any

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cell_instances/{cell_instance_id}/cell_measurements".format(
            cell_instance_id=quote(str(cell_instance_id), safe=""),
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
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    start_time_gt: str | Unset = UNSET,
    start_time_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
) -> Response[CellMeasurementPage]:
    """Measurements on one cell.

    Args:
        cell_instance_id (str): ID of the cell.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        start_time_gt (str | Unset): Started at or after this ISO 8601 time.
        start_time_lt (str | Unset): Started at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurementPage]
    """

    kwargs = _get_kwargs(
        cell_instance_id=cell_instance_id,
        limit=limit,
        offset=offset,
        measurement_type=measurement_type,
        name=name,
        created_by_email=created_by_email,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        start_time_gt=start_time_gt,
        start_time_lt=start_time_lt,
        order_by=order_by,
        order=order,
        tags_all=tags_all,
        tags_any=tags_any,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    start_time_gt: str | Unset = UNSET,
    start_time_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
) -> CellMeasurementPage | None:
    """Measurements on one cell.

    Args:
        cell_instance_id (str): ID of the cell.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        start_time_gt (str | Unset): Started at or after this ISO 8601 time.
        start_time_lt (str | Unset): Started at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurementPage
    """

    return sync_detailed(
        cell_instance_id=cell_instance_id,
        client=client,
        limit=limit,
        offset=offset,
        measurement_type=measurement_type,
        name=name,
        created_by_email=created_by_email,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        start_time_gt=start_time_gt,
        start_time_lt=start_time_lt,
        order_by=order_by,
        order=order,
        tags_all=tags_all,
        tags_any=tags_any,
    ).parsed


async def asyncio_detailed(
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    start_time_gt: str | Unset = UNSET,
    start_time_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
) -> Response[CellMeasurementPage]:
    """Measurements on one cell.

    Args:
        cell_instance_id (str): ID of the cell.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        start_time_gt (str | Unset): Started at or after this ISO 8601 time.
        start_time_lt (str | Unset): Started at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellMeasurementPage]
    """

    kwargs = _get_kwargs(
        cell_instance_id=cell_instance_id,
        limit=limit,
        offset=offset,
        measurement_type=measurement_type,
        name=name,
        created_by_email=created_by_email,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        start_time_gt=start_time_gt,
        start_time_lt=start_time_lt,
        order_by=order_by,
        order=order,
        tags_all=tags_all,
        tags_any=tags_any,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    cell_instance_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    measurement_type: MeasurementType | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    start_time_gt: str | Unset = UNSET,
    start_time_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    tags_all: list[str] | Unset = UNSET,
    tags_any: list[str] | Unset = UNSET,
) -> CellMeasurementPage | None:
    """Measurements on one cell.

    Args:
        cell_instance_id (str): ID of the cell.
        limit (int | Unset): Maximum number of measurements; default 25.
        offset (int | Unset): Number of items to skip.
        measurement_type (MeasurementType | Unset): A time series, attached files, or properties.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        start_time_gt (str | Unset): Started at or after this ISO 8601 time.
        start_time_lt (str | Unset): Started at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        tags_all (list[str] | Unset): Only measurements with all of these tags.
        tags_any (list[str] | Unset): Only measurements with at least one of these tags.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellMeasurementPage
    """

    return (
        await asyncio_detailed(
            cell_instance_id=cell_instance_id,
            client=client,
            limit=limit,
            offset=offset,
            measurement_type=measurement_type,
            name=name,
            created_by_email=created_by_email,
            created_at_gt=created_at_gt,
            created_at_lt=created_at_lt,
            updated_at_gt=updated_at_gt,
            updated_at_lt=updated_at_lt,
            start_time_gt=start_time_gt,
            start_time_lt=start_time_lt,
            order_by=order_by,
            order=order,
            tags_all=tags_all,
            tags_any=tags_any,
        )
    ).parsed
