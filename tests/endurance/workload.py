"""What clients do: simulations, sweeps, fits, uploads, conversions, cancels and deletes."""

from __future__ import annotations

import contextlib
import random
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final, NoReturn

import polars as pl

from ionworks import Ionworks
from ionworks.errors import (
    IonworksError,
    NotFoundError,
    RateLimitError,
    ResponseDecodeError,
    ServerError,
    ServiceConnectionError,
    WaitTimeoutError,
)
from tests.endurance.ledger import CANCELED, GONE, Entry, Ledger, Outcome
from tests.unit.server.uploading import series

#: Errors that a client may see while a fault lasts, except status 500, which is an error of the
#: server itself.
PASSING: Final = (ServerError, ServiceConnectionError, RateLimitError, ResponseDecodeError)
#: Seconds a client waits for its work; longer than any fault and its recovery.
PATIENCE: Final = 300.0
#: Mean pause of a client after an error, in seconds.
_PAUSE: Final = 0.5

THICKNESS: Final = "Positive electrode thickness [m]"
DIFFUSIVITY: Final = "Negative particle diffusivity [m2.s-1]"
RATES: Final = (0.5, 1.0, 2.0)
THICKNESSES: Final = (60e-6, 80e-6)
#: In a discharge of two hours, the one at 2C leaves the range of the voltage and fails.
FIXED_RATES: Final = (0.2, 2.0, 0.4)
#: Rows of a measurement come in steps of twenty.
STEPS, ADDED_STEPS = 10, 5
#: Formats without the time of the conversion, so that equal protocols give equal files.
TARGETS: Final = ("maccor", "biologic", "novonix")

_HEAD = "global: {initial_soc: 1, temperature: 25}\nsteps:\n"
_UNTIL_EMPTY = """  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    resolution: 10
    ends: [Voltage < 2.5]
"""
DISCHARGE: Final = _HEAD + _UNTIL_EMPTY
FIXED: Final = (
    _HEAD
    + """  - Rest: {duration: 60}
  - Discharge: {mode: C-rate, value: "input['C-rate']", duration: 7200}
"""
)
CYCLES: Final = (
    _HEAD
    + """  - name: Cycles
    repeat: 12
    steps:
      - Discharge: {mode: C-rate, value: "input['C-rate']", ends: [Voltage < 2.8]}
      - Charge: {mode: C-rate, value: 1, ends: [Voltage > 4.1]}
      - Rest: {duration: 600}
"""
)
EXPORTED: Final = """global: {initial_soc: 1}
steps:
  - Rest: {duration: 60}
  - Discharge: {mode: Current, value: 5, ends: [Voltage < 2.5]}
"""


#: What a client can do: the name of a method, and what a run without faults must do to know the
#: outcomes that are right.
RECIPES: Final[Mapping[str, tuple[str, ...]]] = {
    "single": ("sweep",),
    "sweep": ("sweep",),
    "cycles": ("cycles",),
    "failing sweep": ("failing sweep",),
    "canceled sweep": ("cycles",),
    "deleted sweep": ("sweep",),
    "fit": ("fit",),
    "pipeline": ("pipeline",),
    "long fit": ("long fit",),
    "canceled fit": ("long fit",),
    "upload": ("upload",),
    "extended upload": ("upload", "extended upload"),
    "deleted upload": ("upload",),
    "conversion": ("conversion",),
}


class Interrupted(Exception):
    """A request failed as it may during a fault; the client goes on with something else."""


class Workload:
    """One client and the work it does.

    Parameters
    ----------
    client
        Of a served engine, or of one in this process.
    ledger
        Where its submissions are recorded.
    prefix
        Start of the names of its submissions, which no other client uses.
    seed
        Of its choices.
    recipes
        What it chooses from.
    """

    def __init__(
        self,
        client: Ionworks,
        ledger: Ledger,
        prefix: str,
        seed: int,
        recipes: Iterable[str] = tuple(RECIPES),
    ) -> None:
        self.client = client
        self.ledger = ledger
        self._prefix = prefix
        self._number = 0
        self._random = random.Random(seed)
        self._recipes = list(recipes)

    def work(self, steps: int, until: float) -> None:
        """Do a number of random things, or as many as there is time for.

        What fails as it may during a fault does not count: a program would do something else, or
        the same again under another name.
        """
        while steps and time.monotonic() < until:
            if self.step():
                steps -= 1
            else:
                time.sleep(self._random.uniform(0, 2 * _PAUSE))

    def step(self, recipe: str | None = None) -> bool:
        """Do one thing, a random one unless it is given; returns whether nothing failed."""
        name = recipe or self._random.choice(self._recipes)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a thin electrode is unusual, and meant so
                getattr(self, name.replace(" ", "_"))()
        except Interrupted:
            return False
        return True

    def single(self) -> None:
        """Discharge once."""
        rate, thickness = self._random.choice(RATES), self._random.choice(THICKNESSES)
        entry = self._new("simulation", [[_discharge(rate, thickness)]])
        self._simulate(entry, DISCHARGE, [_condition(rate, thickness)])
        self._wait(entry)

    def sweep(self) -> None:
        """Discharge at all rates and thicknesses, several times over."""
        points = [(rate, each) for rate in RATES for each in THICKNESSES]
        points *= self._random.randint(1, 8)
        entry = self._new("simulation", [[_discharge(*point)] for point in points])
        self._simulate(entry, DISCHARGE, [_condition(*point) for point in points])
        self._wait(entry)

    def cycles(self) -> None:
        """Cycle a Doyle-Fuller-Newman model, which takes a worker some seconds."""
        entry = self._new("simulation", [[f"cycles/{rate}"] for rate in RATES])
        conditions = [{"experiment_parameters": {"C-rate": rate}} for rate in RATES]
        self._simulate(entry, CYCLES, conditions, model="DFN Chen2020")
        self._wait(entry)

    def failing_sweep(self) -> None:
        """Run a sweep with a point that fails."""
        entry = self._new("simulation", [[f"fixed/{rate}"] for rate in FIXED_RATES])
        conditions = [{"experiment_parameters": {"C-rate": rate}} for rate in FIXED_RATES]
        self._simulate(entry, FIXED, conditions)
        self._wait(entry)

    def canceled_sweep(self) -> None:
        """Submit a sweep and cancel one of its runs, which may have ended by then."""
        entry = self._new("simulation", [[f"cycles/{rate}"] for rate in RATES])
        conditions = [{"experiment_parameters": {"C-rate": rate}} for rate in RATES]
        self._simulate(entry, CYCLES, conditions, model="DFN Chen2020")
        job_id = self._try(lambda: self.client.simulation.get(entry.ids[-1])).job_id
        entry.expected[-1].append(CANCELED)
        self.ledger.put(entry)
        job = self._try(lambda: self.client.job.cancel(str(job_id)))
        self._expect_canceled(entry, str(job.status))
        self._wait(entry)

    def deleted_sweep(self) -> None:
        """Submit a sweep and delete one of its runs while it waits or runs."""
        points = [(rate, each) for rate in RATES for each in THICKNESSES]
        entry = self._new("simulation", [[_discharge(*point)] for point in points])
        self._simulate(entry, DISCHARGE, [_condition(*point) for point in points])
        self._delete(entry, self.client.simulation.delete)
        self._wait(entry)

    def fit(self) -> None:
        """Fit a parameter to a stored curve."""
        entry = self._new("simple_pipeline", [["fit"]])
        config = {"elements": {"entry": self._entry, "fit": _data_fit()}}
        self._create_pipeline(entry, config)
        self._wait(entry)

    def pipeline(self) -> None:
        """Fit a parameter and validate it."""
        entry = self._new("pipeline", [["pipeline"]])
        check = {**_objective(), "element_type": "validation", "summary_stats": ["RMSE"]}
        config = {"elements": {"entry": self._entry, "fit": _data_fit(), "check": check}}
        self._create_pipeline(entry, config)
        self._wait(entry)

    def long_fit(self) -> None:
        """Search for a parameter, which takes a worker some seconds."""
        entry = self._new("simple_pipeline", [["long fit"]])
        self._create_pipeline(entry, {"elements": {"entry": self._entry, "fit": _long_fit()}})
        self._wait(entry)

    def canceled_fit(self) -> None:
        """Start a search and cancel it."""
        entry = self._new("simple_pipeline", [["long fit"]])
        self._create_pipeline(entry, {"elements": {"entry": self._entry, "fit": _long_fit()}})
        entry.expected[-1].append(CANCELED)
        self.ledger.put(entry)
        canceled = self._try(lambda: self.client.simple_pipeline.cancel(entry.ids[0]))
        self._expect_canceled(entry, str(canceled.status))
        self._wait(entry)

    def upload(self) -> None:
        """Upload a measurement."""
        entry = self._new("measurement", [["measurement"]])
        self._measure(entry)
        self._wait(entry)

    def extended_upload(self) -> None:
        """Upload a measurement and add rows to it."""
        entry = self._new("measurement", [["measurement"]])
        self._measure(entry)
        self._wait(entry)
        entry.expected[0].append("extended measurement")
        entry.seen.clear()
        self.ledger.put(entry)
        rows = series(ADDED_STEPS, start=STEPS)
        resource = self.client.cell_measurement
        self._send(
            lambda: resource.extend(entry.ids[0], rows, wait_for_processing=False, verbose=False)
        )
        entry.expected[0] = ["extended measurement"]
        self._wait(entry)

    def deleted_upload(self) -> None:
        """Upload a measurement and delete it."""
        entry = self._new("measurement", [["measurement"]])
        self._measure(entry)
        self._delete(entry, self.client.cell_measurement.delete)

    def conversion(self) -> None:
        """Convert a protocol twice; the files must be the same."""
        target = self._random.choice(TARGETS)
        files = [self._try(lambda: self._converted(target)) for _ in range(2)]
        if files[0] != files[1] or not files[0]:
            self.ledger.finding(f"two conversions to {target} differ")

    def _converted(self, target: str) -> str:
        files = self.client.protocol.convert(EXPORTED, target, nominal_capacity_ah=5.0)
        return str(files["content"])

    def _new(self, kind: str, expected: list[list[str]]) -> Entry:
        self._number += 1
        return Entry(kind, f"{self._prefix}-{self._number}", expected)

    def _simulate(
        self,
        entry: Entry,
        protocol: str,
        conditions: list[dict[str, Any]],
        *,
        model: str = "SPM Chen2020",
    ) -> None:
        config = {
            "parameterized_model": self._try(lambda: self._models)[model],
            "protocol_experiment": {"protocol": protocol, "name": entry.name},
            "conditions": conditions,
        }
        made = self._submit(entry, lambda: self.client.simulation.protocol_batch(config))
        entry.ids = [each.simulation_id for each in made]
        self.ledger.put(entry)

    def _create_pipeline(self, entry: Entry, config: dict[str, Any]) -> None:
        resource = getattr(self.client, entry.kind)
        made = self._submit(entry, lambda: resource.create(config, name=entry.name))
        entry.ids = [made.id]
        self.ledger.put(entry)

    def _measure(self, entry: Entry) -> None:
        cell = self._try(lambda: self._cell)
        data = {"measurement": {"name": entry.name}, "time_series": series(STEPS)}
        resource = self.client.cell_measurement
        self.ledger.put(entry)
        made = self._send(
            lambda: resource.create(cell, data, wait_for_processing=False, verbose=False)
        )
        entry.ids = [made.id]
        self.ledger.put(entry)

    def _send(self, transfer: Callable[[], Any]) -> Any:
        """Transfer data, which an error may interrupt at several stages."""
        try:
            return transfer()
        except IonworksError as error:
            # Also 400, 403, 404 and 409: an upload ends with the server that began it.
            self._interrupt(error, IonworksError)

    def _submit(self, entry: Entry, request: Callable[[], Any]) -> Any:
        """Send a submission; without a reply it stays in the ledger as uncertain."""
        self.ledger.put(entry)
        return self._try(request)

    def _delete(self, entry: Entry, delete: Callable[[str], None]) -> None:
        """Delete the last record of an entry; if the reply is lost, it may be there or not."""
        entry.expected[-1].append(GONE)
        self.ledger.put(entry)
        # An earlier attempt, whose reply was lost, may have deleted it.
        with contextlib.suppress(NotFoundError):
            self._try(lambda: delete(entry.ids[-1]))
        entry.expected[-1] = [GONE]
        self.ledger.put(entry)

    def _expect_canceled(self, entry: Entry, status: str) -> None:
        """A job that is canceled stays so; one that had ended before keeps its outcome."""
        if status == CANCELED:
            entry.expected[-1] = [CANCELED]
        else:
            entry.expected[-1] = [key for key in entry.expected[-1] if key != CANCELED]
        self.ledger.put(entry)

    def _wait(self, entry: Entry) -> None:
        """Wait for the records of an entry; only its own timeout may end a wait without them."""
        ids = [each for each, keys in zip(entry.ids, entry.expected, strict=True) if keys != [GONE]]
        try:
            ended = _waited(self.client, entry.kind, ids)
        except WaitTimeoutError as error:
            self.ledger.error(error)
            return
        except Exception as error:  # noqa: BLE001 whatever ends a wait is what the audit looks for
            self.ledger.finding(f"a wait for {entry.name} ended: {type(error).__name__}: {error}")
            return
        if entry.kind == "simulation":
            # Records of a sweep would be fetched one by one for their times.
            statuses = self._try(lambda: self.client.simulation.get_statuses(ids))
            entry.seen |= {each.simulation_id: str(each.updated_at) for each in statuses}
        else:
            entry.seen |= {each.id: str(each.updated_at) for each in ended}
        self.ledger.put(entry)

    def _try(self, request: Callable[[], Any]) -> Any:
        try:
            return request()
        except NotFoundError:
            raise
        except IonworksError as error:
            self._interrupt(error, PASSING)

    def _interrupt(
        self,
        error: IonworksError,
        passing: type[IonworksError] | tuple[type[IonworksError], ...],
    ) -> NoReturn:
        """Go on after an error that may happen during a fault; another one is a finding."""
        if isinstance(error, passing) and error.status_code != HTTPStatus.INTERNAL_SERVER_ERROR:
            self.ledger.error(error)
        else:
            self.ledger.finding(f"{self._prefix}: {type(error).__name__}: {error.message}")
        raise Interrupted from error

    @cached_property
    def _models(self) -> dict[str, str]:
        listed = self.client.parameterized_model.list_by_project()
        return {str(each.name): each.id for each in listed}

    @cached_property
    def _cell(self) -> str:
        specification = self.client.cell_spec.create_or_get({"name": "endurance"})
        cell = self.client.cell_instance.create_or_get(specification.id, {"name": "endurance"})
        return str(cell.id)

    @cached_property
    def _entry(self) -> dict[str, Any]:
        return {"element_type": "entry", "values": {"model": {"type": "SPM"}, "data": CURVE}}


#: A discharge at 1C, every five minutes; fits find the diffusivity it belongs to.
CURVE: Final = pl.DataFrame(
    {
        "Time [s]": [300.0 * point for point in range(12)],
        "Current [A]": [5.0] * 12,
        "Voltage [V]": [
            4.08, 3.959, 3.876, 3.814, 3.731, 3.636, 3.575, 3.527, 3.469, 3.383, 3.305, 3.099
        ],
    }
)  # fmt: skip


def observe(client: Ionworks, kind: str, identifier: str) -> Outcome:
    """Return the outcome of a record as a client reads it."""
    if kind == "simulation":
        return _observe_simulation(client, identifier)
    if kind == "measurement":
        found = client.cell_measurement.get(identifier)
        rows = len(client.cell_measurement.time_series(identifier))
        steps = found.steps_created
        value = None if steps is None else float(steps)
        return Outcome(str(found.processing_status), rows, value, None, found.processing_error)
    resource = getattr(client, kind)
    record = resource.get(identifier)
    if record.status != "completed":
        return Outcome(str(record.status), 0, None, None, record.error)
    value = resource.result(identifier).parameter_values[DIFFUSIVITY]
    return Outcome("completed", 0, float(value))


def _observe_simulation(client: Ionworks, identifier: str) -> Outcome:
    record = client.simulation.get(identifier)
    if record.status != "completed":
        return Outcome(str(record.status), 0, None, record.error_code, record.error)
    frame = pl.DataFrame(client.simulation.get_result(identifier).time_series)
    return Outcome("completed", frame.height, float(frame["Voltage [V]"][-1]))


def _waited(client: Ionworks, kind: str, ids: list[str]) -> list[Any]:
    """Wait for records and return them."""
    options: dict[str, Any] = {"timeout": PATIENCE, "verbose": False, "raise_on_failure": False}
    if kind == "simulation":
        return client.simulation.wait_for_completion(ids, **options)
    if kind == "measurement":
        return client.cell_measurement.wait_for_processing(ids, **options)
    waiting = getattr(client, kind).wait_for_completion
    return [waiting(each, **options) for each in ids]


def _condition(rate: float, thickness: float) -> dict[str, Any]:
    return {
        "experiment_parameters": {"C-rate": rate},
        "design_parameters": {THICKNESS: thickness},
    }


def _discharge(rate: float, thickness: float) -> str:
    return f"discharge/{rate}/{thickness}"


def _objective() -> dict[str, Any]:
    return {"objectives": {"voltage": {"data": "entry.data"}}}


def _data_fit() -> dict[str, Any]:
    parameter = {"bounds": [1e-14, 1e-13], "initial_value": 2e-14}
    return {**_objective(), "element_type": "data_fit", "parameters": {DIFFUSIVITY: parameter}}


def _long_fit() -> dict[str, Any]:
    search = {"type": "DifferentialEvolution", "population_size": 20, "max_iterations": 15}
    return {**_data_fit(), "optimizer": search, "options": {"seed": 1}}
