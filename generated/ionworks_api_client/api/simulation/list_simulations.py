from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.simulation_list import SimulationList
from ...models.simulation_state import SimulationState
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    parameterized_model_id: str | Unset = UNSET,
    study_id: str | Unset = UNSET,
    project_id: str | Unset = UNSET,
    experiment_template_id: str | Unset = UNSET,
    state: SimulationState | Unset = UNSET,
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
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[SimulationList]:
    """Simulations of one parameterized model or of one study, newest first. The remote service requires
    exactly one of the two; the embedded engine can also list all simulations or those of a project.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
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
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> SimulationList | None:
    """Simulations of one parameterized model or of one study, newest first. The remote service requires
    exactly one of the two; the embedded engine can also list all simulations or those of a project.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
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
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> Response[SimulationList]:
    """Simulations of one parameterized model or of one study, newest first. The remote service requires
    exactly one of the two; the embedded engine can also list all simulations or those of a project.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
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
    summary: bool | Unset = UNSET,
    limit: int | Unset = UNSET,
    offset: int | Unset = UNSET,
) -> SimulationList | None:
    """Simulations of one parameterized model or of one study, newest first. The remote service requires
    exactly one of the two; the embedded engine can also list all simulations or those of a project.

    Args:
        parameterized_model_id (str | Unset): Only items of this parameterized model.
        study_id (str | Unset): Only items of this study.
        project_id (str | Unset): Only items of this project.
        experiment_template_id (str | Unset): Only simulations of this saved protocol.
        state (SimulationState | Unset): A coarse state to filter by.
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
            summary=summary,
            limit=limit,
            offset=offset,
        )
    ).parsed
