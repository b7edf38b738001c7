"""Simulations: submissions, statuses, records and results."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ionworks.data import frames
from ionworks.records.record import Record
from ionworks.records.tables_html import size_of, tables_html
from ionworks.records.time_series_plots import TimeSeriesPlots, cycles_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ionworks.data.frames import Frame

__all__ = [
    "SettledSimulation",
    "Simulation",
    "SimulationReference",
    "SimulationResponse",
    "SimulationResult",
    "SimulationStatus",
    "messages",
]


def messages(notes: Sequence[Any] | None) -> list[str] | None:
    """Return the messages of notes of the contract; text stays as it is."""
    if notes is None:
        return None
    listed = [notes] if isinstance(notes, str) else notes
    return [note if isinstance(note, str) else str(note["message"]) for note in listed]


@attrs.frozen(kw_only=True, repr=False)
class SimulationResponse(Record):
    """A submitted simulation.

    Attributes
    ----------
    simulation_id : str
        Id of the simulation; methods accept this record in place of the id.
    job_id : str or None
        Id of the job that computes it.
    protocol_id : str or None
        Id of the saved protocol it runs.
    already_existed : bool
        Whether the service had the same simulation already.
    seed : int or None
        Seed of the random values of the design, also if none was given; None from services that do
        not return it. The same design with this seed has the same runs.
    notes : list of str or None
        What is doubtful or has no effect in the request for this run.
    """

    identifies = MappingProxyType({"simulation_id": "simulation_id", "job_id": "job_id"})

    simulation_id: str
    job_id: str | None = None
    protocol_id: str | None = None
    already_existed: bool = attrs.field(default=False, converter=bool)
    seed: int | None = None
    notes: list[str] | None = attrs.field(default=None, converter=messages)


@attrs.frozen(kw_only=True, repr=False)
class SimulationStatus(Record):
    """The status of a simulation.

    Attributes
    ----------
    simulation_id : str
        Id of the simulation.
    status : str or None
        ``pending``, ``waiting``, ``processing``, ``completed``, ``failed``, ``canceled``, or a
        status that this version does not know.
    error, error_code : str or None
        Why it failed.
    delay_reason : str or None
        Why it makes no progress although it has not ended, such as a full disk of the service.
    updated_at : str or None
        Time of the last change.
    phase : str or None
        What is being done for it, such as ``building model`` or ``cycle 3 of 100, step 12``, if the
        service tells. The embedded engine does, while it runs it; not for each run of a batch.
    progress : float or None
        Share of its steps that is done, between 0 and 1, if `phase` tells its step.
    """

    identifies = MappingProxyType({"simulation_id": "simulation_id"})

    simulation_id: str
    status: str | None = None
    error: str | None = None
    error_code: str | None = None
    delay_reason: str | None = None
    updated_at: str | None = None
    phase: str | None = None
    progress: float | None = None


@attrs.frozen(kw_only=True, repr=False)
class Simulation(Record):
    """One simulation.

    Attributes
    ----------
    id : str
        Its id.
    status : str or None
        As in `SimulationStatus`.
    error, error_code : str or None
        Why it failed.
    delay_reason : str or None
        Why it makes no progress although it has not ended, such as a full disk of the service.
    storage_folder : str or None
        Empty if and only if no results are stored.
    copied_from : str or None
        Id of the equal simulation whose results these are, which can have been deleted since; None
        if this one was computed itself.
    metrics : dict or None
        Scalars computed over the run.
    design_parameters, experiment_parameters : dict or None
        Parameters of this run.
    notes : list of str or None
        What is doubtful or has no effect in its request, and remarks of the run itself.
    provenance : dict or None
        How its results were made: ``versions`` of packages, ``solver``, ``tolerances``, ``mesh``,
        ``model_digest``, ``protocol_digest`` and ``seed``. None without results, for those of
        earlier versions, in lists, and from services that do not return it.
    """

    identifies = MappingProxyType({"simulation_id": "id", "job_id": "job_id"})

    id: str
    name: str | None = None
    status: str | None = None
    error: str | None = None
    error_code: str | None = None
    delay_reason: str | None = None
    job_id: str | None = None
    project_id: str | None = None
    parameterized_model_id: str | None = None
    experiment_template_id: str | None = None
    experiment_id: str | None = None
    study_ids: list[str] | None = None
    storage_folder: str | None = None
    copied_from: str | None = None
    simulation_data: Any = None
    metrics: dict[str, Any] | None = None
    design_parameters: dict[str, Any] | None = None
    experiment_parameters: dict[str, Any] | None = None
    experiment: dict[str, Any] | None = None
    parameterized_model: dict[str, Any] | None = None
    design: dict[str, Any] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    notes: list[str] | None = attrs.field(default=None, converter=messages)
    provenance: dict[str, Any] | None = None

    @property
    def has_results(self) -> bool:
        """Whether time series and steps are stored."""
        return bool(self.storage_folder or self.simulation_data)


class SettledSimulation(Simulation):
    """A simulation that has ended and whose full record is fetched on first access.

    Waiting for a thousand simulations should not fetch a thousand records that are not used.
    This record contains id, status and error. The first access to any other field, or to all
    fields (``dict(record)``, ``record.to_dict()``), fetches the rest with one request. The repr
    shows the known fields and sends no request.

    Parameters
    ----------
    known : Mapping
        The known fields, including ``id`` and ``status``.
    load : callable
        Fetches the full record.
    """

    __slots__ = ("_load",)

    @classmethod
    def of_status(
        cls, status: SimulationStatus, job_id: str | None, load: Callable[[], Simulation]
    ) -> SettledSimulation:
        """Make a record from a status and the job's id, if it is known."""
        known = {
            "id": status.simulation_id,
            "status": status.status,
            "delay_reason": status.delay_reason,
        }
        if job_id is not None:
            known["job_id"] = job_id
        # If a failure has no reason in the status, the full record can have one.
        if status.status == "completed" or status.error is not None:
            known |= {"error": status.error, "error_code": status.error_code}
        return cls(known, load)

    def __init__(self, known: Mapping[str, Any], load: Callable[[], Simulation]) -> None:
        # The slots of unknown fields stay unset; reading an unset slot calls __getattr__.
        for name, value in known.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_load", load)

    def __getattr__(self, name: str) -> Any:
        if self._is_incomplete() and (name == "_extra" or not name.startswith("_")):
            self._complete()
            return getattr(self, name)
        return super().__getattr__(name)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name) if name in self._known() else super().__getitem__(name)

    @classmethod
    def _kind(cls) -> str:
        return Simulation.__name__

    def __repr__(self) -> str:
        known = super().__repr__()
        return f"{known[:-1]}, ...)" if self._is_incomplete() else known

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Simulation):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # compares by content, which holds dicts

    def __reduce__(self) -> tuple[Any, ...]:
        # The loader holds an open connection, so copies and pickles contain the full record.
        return Simulation.from_dict, (self.to_dict(),)

    def has_known(self, name: str) -> bool:
        """Whether a field can be read without a request."""
        return not self._is_incomplete() or name in self._known()

    def _known(self) -> dict[str, Any]:
        """Return the fields that are set."""
        known = {}
        for name in self._names():
            try:
                known[name] = object.__getattribute__(self, name)
            except AttributeError:
                # The slot is unset: the field is not known yet.
                continue
        return known

    def _is_incomplete(self) -> bool:
        try:
            object.__getattribute__(self, "_extra")
        except AttributeError:
            return True
        return False

    def _full(self) -> Simulation:
        load: Callable[[], Simulation] = self._load
        return load()

    def _complete(self) -> None:
        """Fetch the full record; fields that are known keep the values seen during the wait."""
        known = self._known()
        full = self._full()
        for name in self._names():
            if name not in known:
                object.__setattr__(self, name, getattr(full, name))
        extra = {name: full[name] for name in full if name not in self._names()}
        object.__setattr__(self, "_extra", extra)


@dataclasses.dataclass(frozen=True)
class SimulationResult(TimeSeriesPlots):
    """The result of a simulation.

    Attributes
    ----------
    time_series : polars.DataFrame or pandas.DataFrame
        One row per time point. Columns are signals such as ``"Time [s]"``, ``"Voltage [V]"`` and
        ``"Current [A]"`` (positive on discharge). ``Discharge capacity [A.h]`` and ``Charge
        capacity [A.h]`` restart at 0 with each step; ``Step capacity [A.h]`` is their difference,
        ``Capacity [A.h]`` its continuous sum over the steps.
    steps : polars.DataFrame or pandas.DataFrame
        One row per protocol step; ``"Step count"`` joins it to the time series.
    metrics : dict
        Scalars computed over the run.
    notes : list of str
        Those of the simulation.
    """

    time_series: Frame
    steps: Frame
    metrics: dict[str, Any]
    notes: list[str] = dataclasses.field(default_factory=list)

    @property
    def cycles(self) -> Frame:
        """One row per cycle: the metrics of each, as a frame of the same library as ``steps``.

        Raises
        ------
        ValueError
            If the metrics have no cycles, as those of some services.
        """
        return frames.like(self.steps, cycles_of(self.metrics))

    def __repr__(self) -> str:
        sizes = f"time_series={size_of(self.time_series)}, steps={size_of(self.steps)}"
        metrics = f"{len(self.metrics)} metrics"
        return f"SimulationResult({sizes}, {metrics}, notes={self.notes!r})"

    def _repr_html_(self) -> str:
        from ionworks.html.fragments import details, fields, paragraph, view

        metrics = fields({each: value for each, value in self.metrics.items() if each != "Cycles"})
        return view(
            "SimulationResult",
            *tables_html(self.time_series, self.steps),
            details(f"{len(self.metrics)} metrics", metrics),
            *(paragraph(f"Note: {note}") for note in self.notes),
        )

    def _tables(self) -> tuple[Frame, Frame | None]:
        return self.time_series, self.steps

    def _cycles(self) -> Frame:
        return self.cycles


SimulationReference: TypeAlias = str | SimulationResponse | Simulation | SimulationStatus
"""What identifies a simulation in a call."""
