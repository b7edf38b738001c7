"""The requests of a team's users: who asks, whether it is allowed, and what the log says of it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final

import flask
import orjson
from attrs import define, field
from flask import Response

from ionworks.server.http.problems import Problem
from ionworks.server.store import access
from ionworks.server.store.access import Access
from ionworks.server.store.database import Store
from ionworks.server.store.faults import fault_of
from ionworks.server.team import audit, keys, permissions
from ionworks.server.team.limits import Limits, Rate

log = logging.getLogger(__name__)

#: Seconds for which a body is received on the word of a key that was valid.
_TRUSTED_FOR: Final = 10.0
_MOST_TRUSTED: Final = 1000
#: Status of a request that ended with an exception that has none of its own.
_FAILED: Final = 500
#: Fields of a reply with the id of what a request has made, the first of them that it has.
_IDS: Final = (
    "id", "submission_id", "simulation_id", "measurement_id", "template_id", "user_id",
)  # fmt: skip
#: Bytes of a reply in which the id is looked for.
_LARGEST_REPLY: Final = 1 << 20


@define
class Team:
    """The users of a server.

    Parameters
    ----------
    store
        Users, keys and the log.
    limits
        Limits of each user.
    clock
        Returns the time in seconds.
    """

    _store: Store
    limits: Limits
    _clock: Callable[[], float] = monotonic
    _rate: Rate = field(init=False)
    #: Key -> until when bodies of its requests are received.
    _trusted: dict[str, float] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._rate = Rate(self.limits.requests_per_minute, self._clock)

    def admit(self, key: str) -> Access:
        """Return what the key of a request gives access to.

        Raises
        ------
        Problem
            401 for a key that is unknown, revoked or expired, or whose user is disabled; 429 for
            too many requests.
        """
        user, is_to_be_noted = self._known(key)
        self._rate.count(user.user_id)
        if is_to_be_noted:
            try:
                keys.note_use(self._store, user.key_id)
            except Exception as error:
                # The request may only read, and the store may be busy with a large submission.
                if fault_of(error) is None:
                    raise
                log.warning("the last use of the key %s was not stored: %s", user.key_id, error)
        return user

    def check_key(self, key: str) -> None:
        """Refuse the body of a request whose key is not valid, before the body is received.

        The request itself is admitted later, so this is not counted, and asks the store rarely.
        """
        if self._trusted.get(key, -math.inf) < self._clock():
            self._known(key)
            if len(self._trusted) >= _MOST_TRUSTED:
                self._trusted.clear()
            self._trusted[key] = self._clock() + _TRUSTED_FOR

    def answer(
        self,
        user: Access,
        operation_id: str,
        request_id: str,
        path: Mapping[str, str],
        answer: Callable[[], Response],
    ) -> Response:
        """Answer a request, and append it to the log with its outcome if it may change something.

        Parameters
        ----------
        user, operation_id, request_id, path
            The request.
        answer
            Answers it.
        """
        if not permissions.needed(operation_id).is_write:
            return answer()
        status, made = _FAILED, None
        try:
            response = answer()
            status, made = response.status_code, _id_in(response)
        except Problem as problem:
            status = problem.status
            raise
        finally:
            # The id of what was made, or else of what was changed, which a path has last.
            entry = audit.Entry(
                operation=operation_id,
                project_id=flask.g.get("written_project"),
                object_id=made or next(reversed([*path.values()]), None),
                request_id=request_id,
                status=status,
            )
            self._append(user, entry)
        return response

    def check(self, operation_id: str, path: Mapping[str, str], body: Any) -> None:
        """Refuse what the user may not do, see `permissions.check`."""
        user = access.current()
        if user is not None:
            project_id = permissions.check(self._store, user, operation_id, path, body)
            flask.g.written_project = project_id

    def _append(self, user: Access, entry: audit.Entry) -> None:
        try:
            audit.append(self._store, user, entry)
        except Exception as error:
            # What was asked for is done: an error would have the client ask for it again.
            if fault_of(error) is None:
                raise
            log.exception("not in the log of writes: %s of user %s", entry, user.user_id)

    def _known(self, key: str) -> tuple[Access, bool]:
        found = keys.access_of(self._store, key) if key else None
        if found is None:
            raise Problem(
                401,
                "UNAUTHORIZED",
                "The API key is unknown, expired or revoked."
                if key
                else "Send an API key in the header X-API-Key.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return found


def _id_in(response: Response) -> str | None:
    """Return the id of what a request has made; None if its reply has none."""
    if response.is_streamed or not response.is_json:
        return None
    data = response.get_data()
    content = orjson.loads(data) if 0 < len(data) <= _LARGEST_REPLY else None
    if isinstance(content, list):  # the runs of a submission
        content = next(iter(content), None)
    if not isinstance(content, dict):
        return None
    return next((str(content[name]) for name in _IDS if content.get(name)), None)
