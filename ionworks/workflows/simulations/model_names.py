"""Parameterized models that are given by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ionworks.data.paging import Page
from ionworks.doe.scalars import nearest
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.workflows.record_lists import record_fetcher
from ionworks_api_client.api.parameterized_model import list_parameterized_models

if TYPE_CHECKING:
    from collections.abc import Callable

    from ionworks.transport.connection import Connection

__all__ = ["ModelNames", "is_certainly_id", "may_be_id"]

_LARGEST_PAGE: Final = 100
_MOST_NAMED: Final = 10
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ID: Final = re.compile(r"[A-Za-z0-9._-]+")
_WHERE: Final = "config['parameterized_model']"


def may_be_id(reference: str) -> bool:
    """Whether a text can be an id: names with spaces, for example, cannot."""
    return _ID.fullmatch(reference) is not None


def is_certainly_id(reference: str) -> bool:
    """Whether a text has a form that nobody gives to a name."""
    return _UUID.fullmatch(reference) is not None


class ModelNames:
    """The parameterized models of a project, which are listed when the first name is looked up.

    Parameters
    ----------
    connection : Connection
        The connection to the service.
    project : callable
        Returns the id of the project, or None if none is set.
    """

    def __init__(self, connection: Connection, project: Callable[[], str | None]) -> None:
        self._connection = connection
        self._project = project
        self._listed: list[ParameterizedModel] | None = None

    def find(self, reference: str) -> str | None:
        """Return the id of the model with an id or name, None if there is none.

        Raises
        ------
        ValueError
            If several models have this name.
        """
        models = self._models()
        if any(each.id == reference for each in models):
            return reference
        ids = [each.id for each in models if each.name == reference]
        if len(ids) > 1:
            raise ValueError(
                f"{_WHERE}: {len(ids)} parameterized models of the project have the name"
                f" {reference!r}; give the id of one of them: {_shown(ids)}"
            )
        return ids[0] if ids else None

    def unknown(self, reference: str) -> str:
        """Return the message for a text that is neither an id nor a name."""
        message = f"{_WHERE}: no parameterized model has the id or name {reference!r}"
        if self._project() is None:
            return (
                f"{message}; names are looked up in the project, and none is set: add project_id"
                " to the config, or give the id"
            )
        models = self._models()
        names = [each.name for each in models if each.name is not None]
        has = f"the project has {_shown(names)}" if names else "the project has no models"
        near = nearest(reference, [*(each.id for each in models), *names])
        return f"{message}{near}; {has}"

    def _models(self) -> list[ParameterizedModel]:
        if self._listed is None:
            project_id = self._project()
            self._listed = [] if project_id is None else self._list(project_id)
        return self._listed

    def _list(self, project_id: str) -> list[ParameterizedModel]:
        fetch = record_fetcher(
            self._connection,
            list_parameterized_models.sync_detailed,
            ParameterizedModel,
            project_id=project_id,
            summary=True,
        )
        return [*Page.first(fetch, limit=_LARGEST_PAGE).walk()]


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if names[_MOST_NAMED:] else ""
    return ", ".join(map(repr, names[:_MOST_NAMED])) + more
