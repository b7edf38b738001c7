from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.pipeline_update import PipelineUpdate
from ...models.simple_pipeline import SimplePipeline
from ...types import Response


def _get_kwargs(
    simple_pipeline_id: str,
    *,
    body: PipelineUpdate,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/simple_pipelines/{simple_pipeline_id}".format(
            simple_pipeline_id=quote(str(simple_pipeline_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SimplePipeline | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SimplePipeline.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SimplePipeline]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    simple_pipeline_id: str,
    *,
    client: AuthenticatedClient,
    body: PipelineUpdate,
) -> Response[SimplePipeline]:
    """Changes the name or the description of a simple pipeline; at least one is required.

    Args:
        simple_pipeline_id (str): ID of the simple pipeline.
        body (PipelineUpdate): Changes to the name or description of a pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimplePipeline]
    """

    kwargs = _get_kwargs(
        simple_pipeline_id=simple_pipeline_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    simple_pipeline_id: str,
    *,
    client: AuthenticatedClient,
    body: PipelineUpdate,
) -> SimplePipeline | None:
    """Changes the name or the description of a simple pipeline; at least one is required.

    Args:
        simple_pipeline_id (str): ID of the simple pipeline.
        body (PipelineUpdate): Changes to the name or description of a pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimplePipeline
    """

    return sync_detailed(
        simple_pipeline_id=simple_pipeline_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    simple_pipeline_id: str,
    *,
    client: AuthenticatedClient,
    body: PipelineUpdate,
) -> Response[SimplePipeline]:
    """Changes the name or the description of a simple pipeline; at least one is required.

    Args:
        simple_pipeline_id (str): ID of the simple pipeline.
        body (PipelineUpdate): Changes to the name or description of a pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SimplePipeline]
    """

    kwargs = _get_kwargs(
        simple_pipeline_id=simple_pipeline_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    simple_pipeline_id: str,
    *,
    client: AuthenticatedClient,
    body: PipelineUpdate,
) -> SimplePipeline | None:
    """Changes the name or the description of a simple pipeline; at least one is required.

    Args:
        simple_pipeline_id (str): ID of the simple pipeline.
        body (PipelineUpdate): Changes to the name or description of a pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SimplePipeline
    """

    return (
        await asyncio_detailed(
            simple_pipeline_id=simple_pipeline_id,
            client=client,
            body=body,
        )
    ).parsed
