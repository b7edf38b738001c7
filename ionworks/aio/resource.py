"""Base class of the generated asynchronous resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ionworks.aio.calls import Calls
    from ionworks.resources.resource import Resource

__all__ = ["AsyncResource"]


class AsyncResource:
    """A group of operations on one connection.

    Parameters
    ----------
    resource : Resource
        The synchronous resource, whose methods are called.
    calls : Calls
        Calls them in threads.
    """

    _resource: Resource

    def __init__(self, resource: Resource, calls: Calls) -> None:
        self._resource = resource
        self._calls = calls

    def __repr__(self) -> str:
        return f"<Async{repr(self._resource).removeprefix('<')}"
