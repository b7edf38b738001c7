"""The one typed door to the generated client."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast, get_args

from ionworks.errors import IonworksError, RequestEncodeError, ResponseDecodeError
from ionworks_api_client.types import UNSET, Response, Unset

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_EXCERPT = 200


def call(operation: Callable[P, Response[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one generated operation and return the model it answers with.

    Parameters
    ----------
    operation : callable
        ``sync_detailed`` of a generated operation module.
    *args, **kwargs
        The operation's own arguments, ``client=`` among them.

    Returns
    -------
    object
        Exactly the type the contract promises.

    Raises
    ------
    IonworksError
        If the service refused, failed or could not be reached.
    ResponseDecodeError
        If it answered with success, but not in the form of the contract.
    ValueError
        If the request cannot be written as JSON; then nothing was sent.
    """
    name = operation.__module__.rpartition(".")[2]
    try:
        reply = operation(*args, **kwargs)
    except (IonworksError, RequestEncodeError):
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ResponseDecodeError(f"{_broken(name)}: {problem!r}") from problem
    if reply.parsed is None and not _promises_nothing(operation):
        raise ResponseDecodeError(
            f"{_broken(name)}: {reply.content[:_LONGEST_EXCERPT]!r}",
            status_code=int(reply.status_code),
            data=reply.content,
        )
    return cast("T", reply.parsed)


def given(value: T | None) -> T | Unset:
    """Return an argument of an operation so that None is left out of the request."""
    return UNSET if value is None else value


def _broken(name: str) -> str:
    return f"the reply to {name} does not have the form of the contract"


def _promises_nothing(operation: Callable[..., Response[Any]]) -> bool:
    """Whether the contract leaves the reply open, as it does where there is no body."""
    return get_args(operation.__annotations__.get("return")) in {(), (Any,)}
