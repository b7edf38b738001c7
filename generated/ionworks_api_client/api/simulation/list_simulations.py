from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simulation_list import SimulationList
from ...models.simulation_state import SimulationState
from ...models.sort_order import SortOrder
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    parameterized_model_id: str | Unset = UNSET,
    study_id: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    experiment_template_id: str | Unset = UNSET,
    state: SimulationState | Unset = UNSET,
    name: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["parameterized_model_id"] = parameterized_model_id

    params["study_id"] = study_id

    params["project_id"] = project_id

    params["experiment_template_id"] = experiment_template_id

    json_state: str | Unset = UNSET
    if not isinstance(state, Unset):
        json_state = state

    params["state"] = json_state

    params["name"] = name

    params["status"] = status

    params["created_at_gt"] = created_at_gt

    params["created_at_lt"] = created_at_lt

    params["updated_at_gt"] = updated_at_gt

    params["updated_at_lt"] = updated_at_lt

    params["order_by"] = order_by

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params["summary"] = summary

    params["limit"] = limit

    params["offset"] = offset

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/simulations",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SimulationList | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SimulationList.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SimulationList]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    parameterized_model_id: str | Unset = UNSET,
    study_id: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    experiment_template_id: str | Unset = UNSET,
    state: SimulationState | Unset = UNSET,
    name: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[SimulationList]:
    """Simulations of one parameterized model or of one study, newest first by default. The remote service
    requires exactly one of the two; the embedded engine can also list all simulations or those of a
    project. Name, status, times and order are honoured by services whose capabilities have
    `simulation_filters`.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: created_at, updated_at, status, or name,
            which sorts by the name of the submission and then by number.
        order (SortOrder | Unset): Ascending or descending.
        summary (bool | Unset): Leave out the large fields of each item.
        limit (int | Unset): Maximum number of simulations; default 100.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationList]
    """

    kwargs = _get_kwargs(
        parameterized_model_id=parameterized_model_id,
        study_id=study_id,
        project_id=project_id,
        experiment_template_id=experiment_template_id,
        state=state,
        name=name,
        status=status,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
        summary=summary,
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
    parameterized_model_id: str | Unset = UNSET,
    study_id: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    experiment_template_id: str | Unset = UNSET,
    state: SimulationState | Unset = UNSET,
    name: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> SimulationList | None:
    """Simulations of one parameterized model or of one study, newest first by default. The remote service
    requires exactly one of the two; the embedded engine can also list all simulations or those of a
    project. Name, status, times and order are honoured by services whose capabilities have
    `simulation_filters`.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: created_at, updated_at, status, or name,
            which sorts by the name of the submission and then by number.
        order (SortOrder | Unset): Ascending or descending.
        summary (bool | Unset): Leave out the large fields of each item.
        limit (int | Unset): Maximum number of simulations; default 100.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationList
    """

    return sync_detailed(
        client=client,
        parameterized_model_id=parameterized_model_id,
        study_id=study_id,
        project_id=project_id,
        experiment_template_id=experiment_template_id,
        state=state,
        name=name,
        status=status,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
        summary=summary,
        limit=limit,
        offset=offset,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    parameterized_model_id: str | Unset = UNSET,
    study_id: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    experiment_template_id: str | Unset = UNSET,
    state: SimulationState | Unset = UNSET,
    name: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[SimulationList]:
    """Simulations of one parameterized model or of one study, newest first by default. The remote service
    requires exactly one of the two; the embedded engine can also list all simulations or those of a
    project. Name, status, times and order are honoured by services whose capabilities have
    `simulation_filters`.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: created_at, updated_at, status, or name,
            which sorts by the name of the submission and then by number.
        order (SortOrder | Unset): Ascending or descending.
        summary (bool | Unset): Leave out the large fields of each item.
        limit (int | Unset): Maximum number of simulations; default 100.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimulationList]
    """

    kwargs = _get_kwargs(
        parameterized_model_id=parameterized_model_id,
        study_id=study_id,
        project_id=project_id,
        experiment_template_id=experiment_template_id,
        state=state,
        name=name,
        status=status,
        created_at_gt=created_at_gt,
        created_at_lt=created_at_lt,
        updated_at_gt=updated_at_gt,
        updated_at_lt=updated_at_lt,
        order_by=order_by,
        order=order,
        summary=summary,
        limit=limit,
        offset=offset,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    parameterized_model_id: str | Unset = UNSET,
    study_id: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    experiment_template_id: str | Unset = UNSET,
    state: SimulationState | Unset = UNSET,
    name: str | Unset = UNSET,
    status: str | Unset = UNSET,
    created_at_gt: str | Unset = UNSET,
    created_at_lt: str | Unset = UNSET,
    updated_at_gt: str | Unset = UNSET,
    updated_at_lt: str | Unset = UNSET,
    order_by: str | Unset = UNSET,
    order: SortOrder | Unset = UNSET,
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> SimulationList | None:
    """Simulations of one parameterized model or of one study, newest first by default. The remote service
    requires exactly one of the two; the embedded engine can also list all simulations or those of a
    project. Name, status, times and order are honoured by services whose capabilities have
    `simulation_filters`.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
        name (str | Unset): A filter on the name, `eq.<name>` or `ilike.%<part>%`; a bare value
            means equality.
        status (str | Unset): A filter on the status, for example `eq.completed` or
            `in.(pending,running)`.
        created_at_gt (str | Unset): Created at or after this ISO 8601 time.
        created_at_lt (str | Unset): Created at or before this ISO 8601 time.
        updated_at_gt (str | Unset): Changed at or after this ISO 8601 time.
        updated_at_lt (str | Unset): Changed at or before this ISO 8601 time.
        order_by (str | Unset): The field to sort by: created_at, updated_at, status, or name,
            which sorts by the name of the submission and then by number.
        order (SortOrder | Unset): Ascending or descending.
        summary (bool | Unset): Leave out the large fields of each item.
        limit (int | Unset): Maximum number of simulations; default 100.
        offset (int | Unset): Number of items to skip.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimulationList
    """

    return (
        await asyncio_detailed(
            client=client,
            parameterized_model_id=parameterized_model_id,
            study_id=study_id,
            project_id=project_id,
            experiment_template_id=experiment_template_id,
            state=state,
            name=name,
            status=status,
            created_at_gt=created_at_gt,
            created_at_lt=created_at_lt,
            updated_at_gt=updated_at_gt,
            updated_at_lt=updated_at_lt,
            order_by=order_by,
            order=order,
            summary=summary,
            limit=limit,
            offset=offset,
        )
    ).parsed
