from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.cell_specification_page import CellSpecificationPage
from ...models.sort_order import SortOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    full: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    form_factor: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    material_id: str | Unset = UNSET,
    material_ids: list[str] | Unset = UNSET,
    anode_material_id: str | Unset = UNSET,
    cathode_material_id: str | Unset = UNSET,
    electrolyte_material_id: str | Unset = UNSET,
    separator_material_id: str | Unset = UNSET,
    case_material_id: str | Unset = UNSET,
    exclude_cell_spec_id: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["full"] = full

    params["limit"] = limit

    params["offset"] = offset

    params["name"] = name

    params["created_by_email"] = created_by_email

    params["created_at_gt"] = created_at_gt

    params["created_at_lt"] = created_at_lt

    params["updated_at_gt"] = updated_at_gt

    params["updated_at_lt"] = updated_at_lt

    params["order_by"] = order_by

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params["form_factor"] = form_factor

    params["project_id"] = project_id

    params["material_id"] = material_id

    json_material_ids: list[str] | Unset = UNSET
    if not isinstance(material_ids, Unset):
        json_material_ids = material_ids

    params["material_ids"] = json_material_ids

    params["anode_material_id"] = anode_material_id

    params["cathode_material_id"] = cathode_material_id

    params["electrolyte_material_id"] = electrolyte_material_id

    params["separator_material_id"] = separator_material_id

    params["case_material_id"] = case_material_id

    params["exclude_cell_spec_id"] = exclude_cell_spec_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/cell_specifications",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> CellSpecificationPage | None:
    if 200 <= response.status_code <= 299:
        response_2xx = CellSpecificationPage.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[CellSpecificationPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    full: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    form_factor: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    material_id: str | Unset = UNSET,
    material_ids: list[str] | Unset = UNSET,
    anode_material_id: str | Unset = UNSET,
    cathode_material_id: str | Unset = UNSET,
    electrolyte_material_id: str | Unset = UNSET,
    separator_material_id: str | Unset = UNSET,
    case_material_id: str | Unset = UNSET,
    exclude_cell_spec_id: str | Unset = UNSET,
) -> Response[CellSpecificationPage]:
    """Cell specifications.

    Args:
        full (bool | Unset): Include the components and their materials in each item.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        form_factor (str | Unset): A filter on the form factor, `eq.<form factor>`.
        project_id (str | Unset): Only items of this project.
        material_id (str | Unset): Only specifications with this material in any component.
        material_ids (list[str] | Unset): Only specifications with one of these materials in any
            component.
        anode_material_id (str | Unset): Only specifications with this material in the anode.
        cathode_material_id (str | Unset): Only specifications with this material in the cathode.
        electrolyte_material_id (str | Unset): Only specifications with this electrolyte.
        separator_material_id (str | Unset): Only specifications with this separator.
        case_material_id (str | Unset): Only specifications with this material in the case.
        exclude_cell_spec_id (str | Unset): Leave out this cell specification.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellSpecificationPage]
    """

    kwargs = _get_kwargs(
        full=full,
        limit=limit,
        offset=offset,
        name=name,
        created_by_email=created_by_email,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
        form_factor=form_factor,
        project_id=project_id,
        material_id=material_id,
        material_ids=material_ids,
        anode_material_id=anode_material_id,
        cathode_material_id=cathode_material_id,
        electrolyte_material_id=electrolyte_material_id,
        separator_material_id=separator_material_id,
        case_material_id=case_material_id,
        exclude_cell_spec_id=exclude_cell_spec_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    full: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    form_factor: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    material_id: str | Unset = UNSET,
    material_ids: list[str] | Unset = UNSET,
    anode_material_id: str | Unset = UNSET,
    cathode_material_id: str | Unset = UNSET,
    electrolyte_material_id: str | Unset = UNSET,
    separator_material_id: str | Unset = UNSET,
    case_material_id: str | Unset = UNSET,
    exclude_cell_spec_id: str | Unset = UNSET,
) -> CellSpecificationPage | None:
    """Cell specifications.

    Args:
        full (bool | Unset): Include the components and their materials in each item.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        form_factor (str | Unset): A filter on the form factor, `eq.<form factor>`.
        project_id (str | Unset): Only items of this project.
        material_id (str | Unset): Only specifications with this material in any component.
        material_ids (list[str] | Unset): Only specifications with one of these materials in any
            component.
        anode_material_id (str | Unset): Only specifications with this material in the anode.
        cathode_material_id (str | Unset): Only specifications with this material in the cathode.
        electrolyte_material_id (str | Unset): Only specifications with this electrolyte.
        separator_material_id (str | Unset): Only specifications with this separator.
        case_material_id (str | Unset): Only specifications with this material in the case.
        exclude_cell_spec_id (str | Unset): Leave out this cell specification.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellSpecificationPage
    """

    return sync_detailed(
        client=client,
        full=full,
        limit=limit,
        offset=offset,
        name=name,
        created_by_email=created_by_email,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
        form_factor=form_factor,
        project_id=project_id,
        material_id=material_id,
        material_ids=material_ids,
        anode_material_id=anode_material_id,
        cathode_material_id=cathode_material_id,
        electrolyte_material_id=electrolyte_material_id,
        separator_material_id=separator_material_id,
        case_material_id=case_material_id,
        exclude_cell_spec_id=exclude_cell_spec_id,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    full: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    form_factor: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    material_id: str | Unset = UNSET,
    material_ids: list[str] | Unset = UNSET,
    anode_material_id: str | Unset = UNSET,
    cathode_material_id: str | Unset = UNSET,
    electrolyte_material_id: str | Unset = UNSET,
    separator_material_id: str | Unset = UNSET,
    case_material_id: str | Unset = UNSET,
    exclude_cell_spec_id: str | Unset = UNSET,
) -> Response[CellSpecificationPage]:
    """Cell specifications.

    Args:
        full (bool | Unset): Include the components and their materials in each item.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        form_factor (str | Unset): A filter on the form factor, `eq.<form factor>`.
        project_id (str | Unset): Only items of this project.
        material_id (str | Unset): Only specifications with this material in any component.
        material_ids (list[str] | Unset): Only specifications with one of these materials in any
            component.
        anode_material_id (str | Unset): Only specifications with this material in the anode.
        cathode_material_id (str | Unset): Only specifications with this material in the cathode.
        electrolyte_material_id (str | Unset): Only specifications with this electrolyte.
        separator_material_id (str | Unset): Only specifications with this separator.
        case_material_id (str | Unset): Only specifications with this material in the case.
        exclude_cell_spec_id (str | Unset): Leave out this cell specification.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[CellSpecificationPage]
    """

    kwargs = _get_kwargs(
        full=full,
        limit=limit,
        offset=offset,
        name=name,
        created_by_email=created_by_email,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
        form_factor=form_factor,
        project_id=project_id,
        material_id=material_id,
        material_ids=material_ids,
        anode_material_id=anode_material_id,
        cathode_material_id=cathode_material_id,
        electrolyte_material_id=electrolyte_material_id,
        separator_material_id=separator_material_id,
        case_material_id=case_material_id,
        exclude_cell_spec_id=exclude_cell_spec_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    full: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
    name: str | Unset = UNSET,
    created_by_email: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    form_factor: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    material_id: str | Unset = UNSET,
    material_ids: list[str] | Unset = UNSET,
    anode_material_id: str | Unset = UNSET,
    cathode_material_id: str | Unset = UNSET,
    electrolyte_material_id: str | Unset = UNSET,
    separator_material_id: str | Unset = UNSET,
    case_material_id: str | Unset = UNSET,
    exclude_cell_spec_id: str | Unset = UNSET,
) -> CellSpecificationPage | None:
    """Cell specifications.

    Args:
        full (bool | Unset): Include the components and their materials in each item.
        limit (int | Unset): Maximum number of items.
        offset (int | Unset): Number of items to skip.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        created_by_email (str | Unset): A filter on the email of the creator, in the same form as
            `name`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: name, created_at or updated_at.
        order (SortOrder | Unset): Ascending or descending.
        form_factor (str | Unset): A filter on the form factor, `eq.<form factor>`.
        project_id (str | Unset): Only items of this project.
        material_id (str | Unset): Only specifications with this material in any component.
        material_ids (list[str] | Unset): Only specifications with one of these materials in any
            component.
        anode_material_id (str | Unset): Only specifications with this material in the anode.
        cathode_material_id (str | Unset): Only specifications with this material in the cathode.
        electrolyte_material_id (str | Unset): Only specifications with this electrolyte.
        separator_material_id (str | Unset): Only specifications with this separator.
        case_material_id (str | Unset): Only specifications with this material in the case.
        exclude_cell_spec_id (str | Unset): Leave out this cell specification.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        CellSpecificationPage
    """

    return (
        await asyncio_detailed(
            client=client,
            full=full,
            limit=limit,
            offset=offset,
            name=name,
            created_by_email=created_by_email,
            created_at_gt=created_at_gt,
            created_at_lt=created_at_lt,
            updated_at_gt=updated_at_gt,
            updated_at_lt=updated_at_lt,
            order_by=order_by,
            order=order,
            form_factor=form_factor,
            project_id=project_id,
            material_id=material_id,
            material_ids=material_ids,
            anode_material_id=anode_material_id,
            cathode_material_id=cathode_material_id,
            electrolyte_material_id=electrolyte_material_id,
            separator_material_id=separator_material_id,
            case_material_id=case_material_id,
            exclude_cell_spec_id=exclude_cell_spec_id,
        )
    ).parsed
