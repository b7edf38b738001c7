from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.schema_document import SchemaDocument
from ...types import Response


def _get_kwargs(
    schema_name: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/discovery/schemas/{schema_name}".format(
            schema_name=quote(str(schema_name), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> SchemaDocument | None:
    if 200 <= response.status_code <= 299:
        response_2xx = SchemaDocument.from_dict(response.json())

        return response_2xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[SchemaDocument]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    schema_name: str,
    *,
    client: AuthenticatedClient,
) -> Response[SchemaDocument]:
    """The JSON Schema of a type of document, for example of protocols.

    Args:
        schema_name (str): One of the names under `schemas` of the capabilities: data, protocol,
            project, study, model, parameterized_model, optimization, pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SchemaDocument]
    """

    kwargs = _get_kwargs(
        schema_name=schema_name,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    schema_name: str,
    *,
    client: AuthenticatedClient,
) -> SchemaDocument | None:
    """The JSON Schema of a type of document, for example of protocols.

    Args:
        schema_name (str): One of the names under `schemas` of the capabilities: data, protocol,
            project, study, model, parameterized_model, optimization, pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SchemaDocument
    """

    return sync_detailed(
        schema_name=schema_name,
        client=client,
    ).parsed


async def asyncio_detailed(
    schema_name: str,
    *,
    client: AuthenticatedClient,
) -> Response[SchemaDocument]:
    """The JSON Schema of a type of document, for example of protocols.

    Args:
        schema_name (str): One of the names under `schemas` of the capabilities: data, protocol,
            project, study, model, parameterized_model, optimization, pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[SchemaDocument]
    """

    kwargs = _get_kwargs(
        schema_name=schema_name,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    schema_name: str,
    *,
    client: AuthenticatedClient,
) -> SchemaDocument | None:
    """The JSON Schema of a type of document, for example of protocols.

    Args:
        schema_name (str): One of the names under `schemas` of the capabilities: data, protocol,
            project, study, model, parameterized_model, optimization, pipeline.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        SchemaDocument
    """

    return (
        await asyncio_detailed(
            schema_name=schema_name,
            client=client,
        )
    ).parsed
