"""The kinds of records that the command lists, shows and waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from ionworks.client import Ionworks

__all__ = ["JOBS", "Found", "Kind", "find"]


class Kind(StrEnum):
    """What an id can be of; the resource of the client, and the singular of what is listed."""

    SIMULATION = "simulation"
    PIPELINE = "pipeline"
    SIMPLE_PIPELINE = "simple-pipeline"
    STUDY = "study"
    MEASUREMENT = "measurement"
    CELL = "cell"
    SPEC = "spec"
    MODEL = "model"
    PROTOCOL = "protocol"
    PROJECT = "project"

    @property
    def noun(self) -> str:
        """The kind in a sentence."""
        return self.value.replace("-", " ")


_GET: Final[dict[Kind, Callable[[Ionworks, str], Any]]] = {
    Kind.SIMULATION: lambda client, given: client.simulation.get(given),
    Kind.PIPELINE: lambda client, given: client.pipeline.get(given),
    Kind.SIMPLE_PIPELINE: lambda client, given: client.simple_pipeline.get(given),
    Kind.STUDY: lambda client, given: client.study.get(given),
    Kind.MEASUREMENT: lambda client, given: client.measurement.get(given),
    Kind.CELL: lambda client, given: client.cell_instance.get(given),
    Kind.SPEC: lambda client, given: client.cell_spec.get(given),
    Kind.MODEL: lambda client, given: client.parameterized_model.get(given),
    Kind.PROTOCOL: lambda client, given: client.protocol.get(given),
    Kind.PROJECT: lambda client, given: client.project.get(given),
}
JOBS: Final = (Kind.SIMULATION, Kind.PIPELINE, Kind.SIMPLE_PIPELINE)
"""Those that run."""


@attrs.frozen
class Found:
    """A record and its kind."""

    kind: Kind
    record: Any


def find(
    client: Ionworks, given: str, kind: Kind | None = None, *, among: Iterable[Kind] = tuple(Kind)
) -> Found:
    """Return the record with an id.

    Parameters
    ----------
    client : Ionworks
        Asked for the record.
    given : str
        The id.
    kind : Kind, optional
        Its kind; else it is looked for among all kinds, with a request for each.
    among : iterable of Kind, optional
        The kinds that are possible, the likely ones first.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    from ionworks.errors import NotFoundError

    if kind is not None:
        return Found(kind, _GET[kind](client, given))
    # Studies belong to a project, and a client of a service may have none.
    has_project = client.settings.is_local or client.project_id is not None
    kinds = [each for each in among if has_project or each is not Kind.STUDY]
    for each in kinds:
        try:
            return Found(each, _GET[each](client, given))
        except NotFoundError:
            continue
    nouns = [each.noun for each in kinds]
    raise NotFoundError(
        f"no {', '.join(nouns[:-1])} or {nouns[-1]} has the id {given!r}", status_code=404
    )
