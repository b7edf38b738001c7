"""Parameterized models that are given by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from ionworks.data.paging import Page
from ionworks.doe import with_seed
from ionworks.doe.scalars import nearest
from ionworks.errors import (
    BadRequestError,
    IonworksError,
    NotFoundError,
    UnprocessableError,
    reworded,
)
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.workflows.record_lists import record_fetcher
from ionworks_api_client.api.parameterized_model import list_parameterized_models

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ionworks.requests.simulation import SimulationConfig
    from ionworks.transport.connection import Connection

__all__ = ["ModelNames", "for_each_model", "send_with_model", "with_model_id"]

T = TypeVar("T")

_LARGEST_PAGE: Final = 100
_MOST_NAMED: Final = 10
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ID: Final = re.compile(r"[A-Za-z0-9._-]+")
_WHERE: Final = "config['parameterized_model']"


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


def with_model_id(config: SimulationConfig, names: ModelNames | None) -> SimulationConfig:
    """Return a config with the id of its model, if this is given by a text that cannot be an id.

    Raises
    ------
    NotFoundError
        If no model has this name.
    ValueError
        If several models have it.
    """
    model = config.parameterized_model
    if names is None or not isinstance(model, str) or _may_be_id(model):
        return config
    return _with_model(config, _known(names, model))


def send_with_model(
    config: SimulationConfig, names: ModelNames | None, send: Callable[[SimulationConfig], T]
) -> T:
    """Send a config; if its model is refused, and is a name, send it with the id of this model.

    So the models are listed for a name only: mostly an id is given.

    Parameters
    ----------
    config : SimulationConfig
        What is sent.
    names : ModelNames or None
        Finds the model; if None, an id is given.
    send : callable
        Sends a config, and returns what this function returns.

    Raises
    ------
    IonworksError
        That of `send`. If there is no model with this id or name, the message says so.
    """
    try:
        return send(config)
    except (BadRequestError, NotFoundError, UnprocessableError) as error:
        model_id = _model_instead(config.parameterized_model, names, error)
        if model_id is None:
            raise
    return send(_with_model(config, model_id))


def for_each_model(
    config: SimulationConfig, models: Sequence[str | dict[str, Any]], names: ModelNames
) -> list[SimulationConfig]:
    """Return a config for each of several models, with the same runs, also if these are random.

    Parameters
    ----------
    config : SimulationConfig
        The config of all.
    models : sequence of str or dict
        The models as `model_reference` returns them.
    names : ModelNames
        Finds those that are given by their names; all names are looked up first.

    Raises
    ------
    NotFoundError, ValueError
        If there is no model with a name, or several.
    """
    ids = [
        model
        if not isinstance(model, str) or _is_certainly_id(model)
        else names.find(model) or (model if _may_be_id(model) else _known(names, model))
        for model in models
    ]
    if config.design is not None:
        config = attrs.evolve(config, design=with_seed(config.design))
    return [_with_model(config, each) for each in ids]


def _with_model(config: SimulationConfig, model: str | dict[str, Any]) -> SimulationConfig:
    return attrs.evolve(config, parameterized_model=model)


def _may_be_id(reference: str) -> bool:
    """Whether a text can be an id: names with spaces, for example, cannot."""
    return _ID.fullmatch(reference) is not None


def _is_certainly_id(reference: str) -> bool:
    """Whether a text has the form of a UUID, which names do not have."""
    return _UUID.fullmatch(reference) is not None


def _known(names: ModelNames, reference: str) -> str:
    """Return the id of the model with a name."""
    found = names.find(reference)
    if found is None:
        raise NotFoundError(names.unknown(reference))
    return found


def _model_instead(model: Any, names: ModelNames | None, error: IonworksError) -> str | None:
    """Return the id of the model that a refused text is the name of; None if that is not why.

    Raises
    ------
    IonworksError
        `error` with another message, if there is no such model.
    """
    if names is None or not isinstance(model, str) or _is_certainly_id(model):
        return None
    if not isinstance(error, NotFoundError) and model not in error.message:
        return None
    try:
        found = names.find(model)
    except IonworksError:
        return None
    if found is None:
        raise reworded(error, names.unknown(model)) from None
    return None if found == model else found


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if names[_MOST_NAMED:] else ""
    return ", ".join(map(repr, names[:_MOST_NAMED])) + more
