"""Additions to the contract that a service may have; the service says which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ionworks.errors import (
    IonworksError,
    NotAvailableError,
    NotFoundError,
    PermissionDeniedError,
    ResponseDecodeError,
)
from ionworks.transport.call import call
from ionworks_api_client.api.discovery import get_capabilities

if TYPE_CHECKING:
    from ionworks.transport.connection import Connection

__all__ = ["offers"]

_NONE: Final = (NotFoundError, PermissionDeniedError, NotAvailableError, ResponseDecodeError)
"""Errors that the same question would meet again."""


def offers(connection: Connection, name: str) -> bool:
    """Return whether a service says in its capabilities that it has an addition.

    It is asked once. One that does not answer this question to this user has no additions. One
    that cannot be asked now is used without the addition, so that a failure is that of the request
    the user made.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    name : str
        Field of the capabilities.
    """
    if connection.capabilities is None:
        try:
            reply = call(get_capabilities.sync_detailed, client=connection.api)
        except _NONE:
            connection.capabilities = {}
        except IonworksError:
            return False
        else:
            connection.capabilities = reply.to_dict()
    return connection.capabilities.get(name) is True
