"""Studies: groups of simulations and measurements."""

from __future__ import annotations

from types import MappingProxyType

import attrs

from ionworks.records.record import Record

__all__ = ["Study", "StudyAssignment"]


@attrs.frozen(kw_only=True, repr=False)
class Study(Record):
    """A group of simulations and measurements.

    Attributes
    ----------
    id : str
        Its id.
    simulation_count, measurement_count, validation_count : int or None
        Numbers of its members.
    """

    identifies = MappingProxyType({"study_id": "id"})

    id: str
    name: str | None = None
    description: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    simulation_count: int | None = None
    measurement_count: int | None = None
    validation_count: int | None = None
    created_by_email: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class StudyAssignment(Record):
    """The assignment of a simulation or measurement to a study."""

    study_id: str | None = None
    simulation_id: str | None = None
    measurement_id: str | None = None
    created_at: str | None = None
