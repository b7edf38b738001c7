"""The base of every resource."""

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ionworks.data.json_values import plain
from ionworks.data.paging import Slice
from ionworks.errors import ConflictError
from ionworks.records.record import Record
from ionworks.transport.call import call
from ionworks.transport.connection import Connection
from ionworks.waiting.polling import Pace
from ionworks_api_client import AuthenticatedClient
from ionworks_api_client.api.discovery import get_current_user
from ionworks_api_client.types import UNSET, Unset

T = TypeVar("T")
R = TypeVar("R", bound=Record)

_HOW_TO_SET_A_PROJECT = (
    "no project: pass project_id=..., or set one for the whole client with "
    "Ionworks(project_id=...) or the environment variable IONWORKS_PROJECT_ID"
)


class Resource:
    """A group of operations over one connection.

    Parameters
    ----------
    connection : Connection
        The way to the service, shared by all resources of a client.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._connection.settings.api_url}>"

    @property
    def _api(self) -> AuthenticatedClient:
        return self._connection.api

    def _project(self, project_id: str | None) -> str | None:
        """Choose the project a call is about: the argument, else the client's default, else None.

        Raises
        ------
        TypeError, ValueError
            If the argument is no id.
        """
        if project_id is not None:
            return self._identifier(project_id, "project_id")
        return self._connection.settings.project_id

    def _required_project(self, project_id: str | None) -> str:
        """Choose the project of a call that cannot do without one.

        The embedded engine has a project of its own, used when no other is named.

        Raises
        ------
        ValueError
            If there is none, saying how to set one.
        """
        chosen = self._project(project_id) or self._engine_project()
        if chosen is None:
            raise ValueError(_HOW_TO_SET_A_PROJECT)
        return chosen

    def _engine_project(self) -> str | None:
        """Ask the embedded engine for its default project, once a connection."""
        connection = self._connection
        if connection.settings.is_local and connection.default_project_id is None:
            user = call(get_current_user.sync_detailed, client=connection.api).to_dict()
            connection.default_project_id = user.get("default_project_id")
        return connection.default_project_id

    @staticmethod
    def _identifier(value: Any, name: str) -> str:
        """Check that an id is fit for a path.

        Raises
        ------
        TypeError
            If it is no text.
        ValueError
            If it is empty, or a dot segment, which no encoding keeps from leading elsewhere.
        """
        if isinstance(value, uuid.UUID):
            return str(value)
        if not isinstance(value, str):
            raise TypeError(f"{name} must be the id as text, not {type(value).__name__} {value!r}")
        if not value.strip() or value in {".", ".."}:
            raise ValueError(f"{name} must be the id of a record, not {value!r}")
        if not value.isprintable():
            raise ValueError(f"{name} has characters no id has: {value!r}")
        return value

    @staticmethod
    def _slice(reply: Any, record: type[R], *, limit: int | None) -> Slice[R]:
        """Make records of a list reply, be it an envelope or, as older services, a bare array."""
        if isinstance(reply, list):
            # Without a limit an array is the whole list; with one, nobody says how much is left.
            total = len(reply) if limit is None else None
            return Slice([record.from_model(model) for model in reply], total)
        total = reply.total if isinstance(reply.total, int) else None
        return Slice([record.from_model(model) for model in reply.items], total)

    @staticmethod
    def _in_the_way(
        conflict: ConflictError, get: Callable[[str], R], named: Callable[[], Iterable[R]]
    ) -> R:
        """Find what a new record collided with.

        Parameters
        ----------
        conflict : ConflictError
            The refusal; it names the id, unless the service is an old one.
        get : callable
            Fetches the record of an id.
        named : callable
            Lists the records of exactly the name that was wanted.

        Raises
        ------
        ConflictError
            The refusal itself, if nothing is to be found.
        """
        if conflict.existing_id is not None:
            return get(conflict.existing_id)
        for record in named():
            return record
        raise conflict

    @staticmethod
    def _given(value: T | None) -> T | Unset:
        """Leave an argument out of the request if it was not given."""
        return UNSET if value is None else value

    @staticmethod
    def _body(data: Any, name: str, *required: str) -> dict[str, Any]:
        """Check a request body and write it in JSON's own types.

        Parameters
        ----------
        data : mapping
            What the caller gave.
        name : str
            What to call it in the message.
        *required : str
            Keys that must be there and hold something.

        Raises
        ------
        TypeError
            If it is no mapping, or holds what JSON cannot say.
        ValueError
            If it is empty or a required key is missing or empty.
        """
        if not isinstance(data, Mapping):
            raise TypeError(
                f"{name} must be a mapping of fields, not {type(data).__name__} {data!r}"
            )
        body: dict[str, Any] = plain(data, name)
        missing = [key for key in required if _is_blank(body.get(key))]
        if missing:
            raise ValueError(f"{name} needs {' and '.join(map(repr, missing))}; it has {body!r}")
        if not body:
            raise ValueError(f"{name} is empty: give at least one field")
        return body


class WaitingResource(Resource):
    """A group of operations some of which wait until work has ended.

    Parameters
    ----------
    connection : Connection
        The way to the service.
    clock, sleep : callable, optional
        Time, for tests of waiting.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(connection)
        self._clock = clock
        self._sleep = sleep

    def _pace(self, timeout: float | None, poll_interval: float = 2) -> Pace:
        """Return how long to wait, and how often to ask."""
        return Pace(
            timeout=timeout, poll_interval=poll_interval, clock=self._clock, sleep=self._sleep
        )


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
