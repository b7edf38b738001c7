"""Requests that create jobs, each carried out once however often it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ionworks.server.call import Call
from ionworks.server.http.problems import Problem
from ionworks.server.store import access, idempotency
from ionworks.server.store.idempotency import Key, KeyInUse

#: Seconds after which a client may ask again for what another request is still creating.
_SOON = 1

T = TypeVar("T")


def once(
    call: Call, operation: str, create: Callable[[Key | None], T], find: Callable[[str], T]
) -> T:
    """Return what a request creates, or created when it was first sent.

    Parameters
    ----------
    call
        The request. Without an Idempotency-Key it is carried out each time.
    operation
        The operation of the contract.
    create
        Creates it, and stores its id with the key in the same transaction.
    find
        Reads it by its id.

    Raises
    ------
    Problem
        409 while the first request with the key is being answered, 422 if that was another one.
    """
    if call.idempotency_key is None:
        return create(None)
    # Each user of a team has keys of their own.
    text = call.idempotency_key
    if access.current() is not None:
        text = f"{access.user_id()} {text}"
    key = Key.of(text, operation, call.body)
    store = call.services.store
    with _alone(call, key):
        created = idempotency.find(store, key)
        if created is None:
            try:
                return create(key)
            except KeyInUse:
                created = idempotency.find(store, key)
                if created is None:
                    raise
        return find(created)


@contextmanager
def _alone(call: Call, key: Key) -> Iterator[None]:
    """Refuse a request whose key another request in this process is using."""
    in_use, mark = call.services.keys_in_use, object()
    if in_use.setdefault(key.text, mark) is not mark:
        message = (
            "The first request with this Idempotency-Key is still being answered; "
            "send it again for the answer."
        )
        raise Problem(409, "IDEMPOTENCY_KEY_IN_USE", message, headers={"Retry-After": str(_SOON)})
    try:
        yield
    finally:
        del in_use[key.text]
