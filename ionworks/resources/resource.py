"""Base classes of the resources."""

import functools
import inspect
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, TypeVar

from ionworks.data.json_values import plain
from ionworks.data.paging import Fetch, Page
from ionworks.errors import ConflictError, IonworksError
from ionworks.records.project import Project
from ionworks.records.record import Record, identified
from ionworks.transport.call import call
from ionworks.transport.connection import Connection
from ionworks.waiting.polling import Pace
from ionworks.workflows.record_lists import record_fetcher
from ionworks_api_client import AuthenticatedClient
from ionworks_api_client.api.discovery import get_current_user
from ionworks_api_client.types import Response

C = TypeVar("C", bound=type)
R = TypeVar("R", bound=Record)

_PACKAGE = "ionworks."
_LARGEST_PAGE = 100
_HOW_TO_SET_A_PROJECT = (
    "no project: pass project_id=..., or set one for the whole client with "
    "Ionworks(project_id=...) or the environment variable IONWORKS_PROJECT_ID"
)


def short_tracebacks(cls: C) -> C:
    """Have IPython and pytest show the user's line, and not our frames, for errors of a class.

    They leave out each frame but the last that has a local variable ``__tracebackhide__``, which
    its public methods therefore give to ours. The tracebacks of plain Python, and those of errors
    that are not documented, are whole.
    """
    for name, method in [*vars(cls).items()]:
        if inspect.isfunction(method) and not name.startswith("_"):
            setattr(cls, name, _with_short_traceback(method))
    return cls


def _with_short_traceback(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return method(*args, **kwargs)
        except (IonworksError, OSError, TypeError, ValueError) as error:
            _hide_frames_below(error.__traceback__)
            raise

    # Of a method that waits it is what yields, see `ionworks.waiting.polling.waiting`.
    run.__dict__["__wrapped__"] = getattr(method, "__wrapped__", method)
    return run


def _hide_frames_below(step: TracebackType | None) -> None:
    while step is not None and (step := step.tb_next) is not None:
        frame = step.tb_frame
        # Those of a user's function that we called stay. Generated constructors have no module.
        if frame.f_globals.get("__name__", _PACKAGE).startswith(_PACKAGE):
            frame.f_locals["__tracebackhide__"] = True


class Resource:
    """A group of operations on one connection.

    Parameters
    ----------
    connection : Connection
        The connection to the service, shared by all resources of a client.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        short_tracebacks(cls)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._connection.settings.api_url}>"

    @property
    def _api(self) -> AuthenticatedClient:
        return self._connection.api

    def _project(self, project_id: str | Project | None) -> str | None:
        """Return the project of a call: the argument, else the client's default, else None.

        Raises
        ------
        TypeError, ValueError
            If the argument is not an id.
        """
        given = self._optional_identifier(project_id, "project_id")
        return self._connection.settings.project_id if given is None else given

    def _required_project(self, project_id: str | Project | None) -> str:
        """Return the project of a call that needs one.

        On the embedded engine its default project is used if no project is given or set.

        Raises
        ------
        ValueError
            If no project is known; the message says how to set one.
        """
        chosen = self._project(project_id) or self._engine_project()
        if chosen is None:
            raise ValueError(_HOW_TO_SET_A_PROJECT)
        return chosen

    def _engine_project(self) -> str | None:
        """Return the default project of the embedded engine, requested once per connection."""
        connection = self._connection
        if connection.settings.is_local and connection.default_project_id is None:
            user = call(get_current_user.sync_detailed, client=connection.api).to_dict()
            connection.default_project_id = user.get("default_project_id")
        return connection.default_project_id

    @staticmethod
    def _identifier(value: Any, name: str) -> str:
        """Return an id that can be used in a path.

        Parameters
        ----------
        value : str or uuid.UUID or Record
            The id, or a record that has it.
        name : str
            Name of the argument, which says which records are accepted.

        Raises
        ------
        TypeError
            If it is neither text nor a record that is identified by such an id.
        ValueError
            If it is empty or a dot segment: percent-encoding leaves dots as they are, and servers
            resolve ``..`` to another route.
        """
        given, value = value, identified(value, name)
        if value is None and given is not None:
            raise ValueError(f"this {type(given).__name__} has no {name}: {given!r}")
        if not isinstance(value, str):
            raise TypeError(
                f"{name} must be the id as text or its record, not {type(value).__name__} {value!r}"
            )
        if not value.strip() or value in {".", ".."}:
            raise ValueError(f"{name} must be the id of a record, not {value!r}")
        if not value.isprintable():
            raise ValueError(f"{name} contains characters that ids do not have: {value!r}")
        return value

    @classmethod
    def _optional_identifier(cls, value: Any, name: str) -> str | None:
        """Return an id as `_identifier` does, and None for None."""
        return None if value is None else cls._identifier(value, name)

    def _fetcher(
        self, operation: Callable[..., Response[Any]], record: type[R], *path: str, **query: Any
    ) -> Fetch[R]:
        """Return a function that fetches one page of a list operation, see `record_fetcher`."""
        return record_fetcher(self._connection, operation, record, *path, **query)

    def _page(
        self,
        operation: Callable[..., Response[Any]],
        record: type[R],
        limit: int | None,
        offset: int | None,
        *path: str,
        maximum: int = _LARGEST_PAGE,
        **query: Any,
    ) -> Page[R]:
        """Fetch one page of a list operation; limit and offset are checked before the request."""
        fetch = self._fetcher(operation, record, *path, **query)
        return Page.first(fetch, limit=limit, offset=offset, maximum=maximum)

    @staticmethod
    def _existing(
        conflict: ConflictError, get: Callable[[str], R], find_by_name: Callable[[], Iterable[R]]
    ) -> R:
        """Return the record that a new one conflicts with.

        Parameters
        ----------
        conflict : ConflictError
            The reply to the creation; older services do not name the existing id in it.
        get : callable
            Fetches the record with an id.
        find_by_name : callable
            Lists the records with exactly the requested name.

        Raises
        ------
        ConflictError
            `conflict`, if no such record is found.
        """
        if conflict.existing_id is not None:
            return get(conflict.existing_id)
        for record in find_by_name():
            return record
        raise conflict

    @staticmethod
    def _body(data: Any, name: str, *required: str) -> dict[str, Any]:
        """Check a request body and convert it to JSON types.

        Parameters
        ----------
        data : mapping
            What the caller passed.
        name : str
            Name of the argument in messages.
        *required : str
            Keys that must be present with a value that is not empty.

        Raises
        ------
        TypeError
            If it is not a mapping, or has a value that cannot be converted to JSON.
        ValueError
            If it is empty or a required key is missing or empty.
        """
        if not isinstance(data, Mapping):
            raise TypeError(
                f"{name} must be a mapping of fields, not {type(data).__name__} {data!r}"
            )
        body: dict[str, Any] = plain(with_ids(data), name)
        missing = [key for key in required if _is_blank(body.get(key))]
        if missing:
            raise ValueError(f"{name} needs {' and '.join(map(repr, missing))}; it has {body!r}")
        if not body:
            raise ValueError(f"{name} is empty: give at least one field")
        return body


class WaitingResource(Resource):
    """A group of operations that includes waiting for jobs.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    clock, sleep : callable, optional
        Replace the real clock in tests.
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
        """Return the timeout and polling interval of a wait, checked."""
        return Pace(
            timeout=timeout, poll_interval=poll_interval, clock=self._clock, sleep=self._sleep
        )


def with_ids(data: Any) -> Any:
    """Return fields in which records that are given for ids are replaced by these."""
    if not isinstance(data, Mapping):
        return data
    return {key: identified(value, key) for key, value in data.items()}


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
