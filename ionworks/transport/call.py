"""Calls of generated operations, typed and with the client's exceptions."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast, get_args

from ionworks.errors import IonworksError, RequestEncodeError, ResponseDecodeError
from ionworks_api_client.types import UNSET, Response, Unset

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_EXCERPT = 200


def call(operation: Callable[P, Response[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a generated operation and return the model in its reply.

    Parameters
    ----------
    operation : callable
        ``sync_detailed`` of a generated operation module.
    *args, **kwargs
        The operation's own arguments, ``client=`` among them.

    Returns
    -------
    object
        Of the type that the contract declares.

    Raises
    ------
    IonworksError
        If the service rejected the request, failed or could not be reached.
    ResponseDecodeError
        If the status is a success but the reply does not conform to the contract.
    ValueError
        If the request cannot be written as JSON; nothing was sent.
    """
    __tracebackhide__ = True  # respected by pytest and IPython
    name = operation.__module__.rpartition(".")[2]
    try:
        reply = operation(*args, **kwargs)
    except (IonworksError, RequestEncodeError) as error:
        # Without the frames of the generated code and of httpx between here and the transport.
        raise error.with_traceback(None) from error.__cause__
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ResponseDecodeError(f"{_nonconforming(name)}: {problem!r}") from problem
    if reply.parsed is None and not _has_no_declared_reply(operation):
        raise ResponseDecodeError(
            f"{_nonconforming(name)}: {reply.content[:_LONGEST_EXCERPT]!r}",
            status_code=int(reply.status_code),
            data=reply.content,
        )
    return cast("T", reply.parsed)


def given(value: T | None) -> T | Unset:
    """Return an argument of an operation so that None is left out of the request."""
    return UNSET if value is None else value


def _nonconforming(name: str) -> str:
    return f"the reply to {name} does not conform to the contract"


def _has_no_declared_reply(operation: Callable[..., Response[Any]]) -> bool:
    """Whether the contract declares no type of the reply, as for replies without a body."""
    return get_args(operation.__annotations__.get("return")) in {(), (Any,)}
