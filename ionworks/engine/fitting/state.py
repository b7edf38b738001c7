"""What one element of a pipeline passes on to the next."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from ionworks.engine.cells.cell import AMBIENT_TEMPERATURE, INITIAL_TEMPERATURE
from ionworks.engine.fitting.forward_model.cell import (
    DEFAULT_MODEL,
    DEFAULT_SET,
    FittingCell,
    read_model,
)
from ionworks.engine.fitting.measurement import CAPACITY, Measurement, read_measurement
from ionworks.engine.fitting.parameters.names import (
    INITIAL_SOC,
    INITIAL_STATE_NAMES,
    INITIAL_VOLTAGE,
)
from ionworks.engine.pybamm_setup import pybamm


@frozen(eq=False)
class ElementResult:
    """The outcome of running an element.

    Attributes
    ----------
    result : dict
        In the form of the wire.
    series : dict
        Model and data of each objective.
    values : dict
        Parameter values for the elements after it.
    canceled : bool
        Whether the user ended it.
    """

    result: dict[str, Any]
    series: dict[str, Any] = field(factory=dict)
    values: dict[str, Any] = field(factory=dict)
    canceled: bool = False


@frozen(eq=False)
class Given:
    """A parameter value that an element gives.

    Attributes
    ----------
    place : str
        Where it was given, in messages.
    name : str
    value : object
        As it was read.
    entry : str
        The entry that gives it; empty for an objective and for a model.
    reader : str
        Place of the objective that alone can read it; empty for a value anything may read.
    is_strict : bool
        Whether a name that nothing knows is an error.
    since : int
        How many elements could have read values before it was given.
    """

    place: str
    name: str
    value: Any
    entry: str = ""
    reader: str = ""
    is_strict: bool = True
    since: int = 0


@frozen(eq=False)
class Reader:
    """An objective, which reads parameter values.

    Attributes
    ----------
    place : str
        Where it is, in messages.
    request : Request
    state : State
        What was known when it was read.
    """

    place: str
    request: Any
    state: "State"


@define
class State:
    """Parameter values, model and data known so far.

    Attributes
    ----------
    sources : mapping
        Reference (``db:...``, ``entry.data``) -> data; a `DataInfo` while elements are only
        checked and data are not loaded.
    threads : int
        Number of threads of the solvers.
    values : dict
        Parameters given, calculated and fitted so far: numbers, text or PyBaMM expressions.
    model : mapping or None
        The model of the last entry that has one.
    parameter_set : str or None
        The published set an entry named.
    notes : list of str
        Sentences for the user about defaults and interpretations that were used.
    should_stop : callable
        Returns whether the user canceled the pipeline; polled by predictions that take long.
    has_calculations : bool
        Whether a calculation came before: the names of the parameters it gives are known only
        after it has run.
    element : str
        Name of the element that is being read or run.
    given : dict
        Parameter values that elements gave, by where they hold and by name.
    readers : list of Reader
        The objectives so far.
    read : set of str
        Parameters that were read by others than the models of objectives.
    """

    sources: dict[str, Any]
    threads: int = 1
    values: dict[str, Any] = field(factory=dict)
    model: Any = None
    parameter_set: str | None = None
    notes: list[str] = field(factory=list)
    should_stop: Callable[[], bool] = lambda: False
    has_calculations: bool = False
    element: str = ""
    given: dict[tuple[str, str], Given] = field(factory=dict)
    readers: list[Reader] = field(factory=list)
    read: set[str] = field(factory=set)

    def note(self, sentence: str) -> None:
        """Add a sentence for the user, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    @property
    def place(self) -> str:
        """The element that is being read or run, in messages."""
        return f"element {self.element!r}"

    def give(self, values: Mapping[str, Any]) -> None:
        """Keep the values an entry gives, with a note for each that replaces another."""
        place = f"{self.place}: values"
        for name, value in values.items():
            # Data have the name of their entry before them, and do not replace each other.
            scope = self.element if name == "data" or isinstance(value, str | list) else ""
            before = self.given.get((scope, name))
            if before is not None and before.entry != self.element and self._is_unread(before):
                self.note(f"{place}: {name!r} replaces that of the entry {before.entry!r}")
            self.given[scope, name] = Given(place, name, value, self.element, since=self._readers)

    @property
    def _readers(self) -> int:
        return len(self.readers) + self.has_calculations

    def _is_unread(self, given: Given) -> bool:
        return given.since == self._readers and not isinstance(given.value, str)

    def add_reader(self, request: Any) -> None:
        """Keep an objective, with the values it has to itself and those of its model."""
        place = f"{self.place}: {request.label}"
        known = evolve(self, values=dict(self.values))
        self.readers.append(Reader(place, request, known))
        for name, value in request.parameters.items():
            own = Given(f"{place}: parameters", name, value, reader=place)
            self.given[place, name] = own
        model = request.options.get("model") or self.model
        for name, value in (read_model(model)[3] if model else {}).items():
            own = Given(f"{place}: model: parameters", name, value, reader=place, is_strict=False)
            self.given.setdefault((place, name), own)

    def measurement(self, given: Any, label: str) -> Measurement:
        """Return the measurement an element names."""
        return read_measurement(given, self.sources, label)

    def columns(self, given: Any) -> tuple[str, ...] | None:
        """Return the columns of the data an element names; None if they are not known."""
        followed = 0
        # A reference that leads back to itself must not be followed for ever.
        while isinstance(given, str) and given in self.sources and followed < len(self.sources):
            given, followed = self.sources[given], followed + 1
        if not isinstance(given, Mapping):
            columns = getattr(given, "columns", None)
            return None if columns is None else tuple(columns)
        inner = given.get("time_series", given.get("data"))
        if inner is None:
            return tuple(map(str, given))
        found = self.columns(inner)
        options = given.get("options")
        if found and isinstance(options, Mapping) and options.get("capacity_column"):
            return (*found, CAPACITY)
        return found

    def parameter_values(self, overrides: Mapping[str, Any] | None = None) -> Any:
        """Return all parameter values as ``pybamm.ParameterValues``."""
        _, _, own_set, own_values = read_model(self.model or DEFAULT_MODEL)
        return self._values(own_set, {**own_values, **self.values, **(overrides or {})})

    def cell(self, model: Any, overrides: Mapping[str, Any]) -> FittingCell:
        """Return the cell of an objective.

        Parameters
        ----------
        model : mapping or None
            The objective's own model; without one it is the entry's, else SPM.
        overrides : mapping
            Parameter values that take precedence over those of earlier elements.
        """
        given = model or self.model
        if given is None:
            self.note(f"no model was given: {DEFAULT_MODEL} was used")
        kind, options, own_set, own_values = read_model(given or DEFAULT_MODEL)
        values = self._values(own_set, {**own_values, **self.values, **overrides})
        return FittingCell(kind, options, values)

    def initial_conditions(self, overrides: Mapping[str, Any]) -> dict[str, float]:
        """Return the initial conditions given by earlier elements."""
        known = {**self.values, **overrides}
        return {
            name: float(known[name])
            for name in (*INITIAL_STATE_NAMES, AMBIENT_TEMPERATURE)
            if isinstance(known.get(name), int | float)
        }

    def base_scalar(self, name: str) -> float | None:
        """Return a number out of the values known so far or of the base set; None without it."""
        value = self.parameter_values().get(name)
        return float(value) if isinstance(value, int | float) else None

    def _values(self, own_set: str | None, values: Mapping[str, Any]) -> Any:
        base = own_set or self.parameter_set
        if base is None:
            base = DEFAULT_SET
            self.note(
                f"no parameter set was given: {base} supplies the values the pipeline does not"
            )
        found = pybamm.ParameterValues(base)
        own = {}
        for name, value in values.items():
            if isinstance(value, str | list | bool):
                if name in found:
                    raise ValueError(f"parameter {name!r} is {value!r}: give a number")
            elif name not in {INITIAL_SOC, INITIAL_VOLTAGE}:
                own[name] = value
        temperature = own.get(INITIAL_TEMPERATURE)
        if temperature is not None:
            own.setdefault(AMBIENT_TEMPERATURE, temperature)
        found.update(own)
        return found
