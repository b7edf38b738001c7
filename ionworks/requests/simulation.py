"""The config of simulations, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ionworks import doe
from ionworks.data.pybamm_objects import is_experiment
from ionworks.doe.scalars import finite, integer, known_fields
from ionworks.records.protocol import drive_cycle_rows, protocol_text
from ionworks.records.record import identified
from ionworks.requests.fields import boolean, named, number, text
from ionworks.requests.model_reference import MODEL_FORMS, model_reference

__all__ = ["SimulationConfig"]

_KEYS = (
    "parameterized_model",
    "protocol_experiment",
    "protocol_id",
    "experiment_parameters",
    "design_parameters",
    "design_parameters_doe",
    "conditions",
    "max_backward_jumps",
    "study_id",
    "project_id",
    "extra_variables",
    "reuse",
)
_NAMES_SHOWN = 20
_PROTOCOL_KEYS = ("protocol", "name")
_DRIVE_CYCLES = "drive_cycles"
_UNNAMED = "Experiment"
"""Name of a protocol that is given without one."""
_CONDITION_KEYS = ("experiment_parameters", "design_parameters")


@attrs.frozen(kw_only=True)
class SimulationConfig:
    """A checked config in JSON types.

    Attributes
    ----------
    parameterized_model : str or dict
        An id, or a quick or inline model as JSON.
    protocol_experiment : dict or None
        ``{"protocol": text, "name": text}``, with ``drive_cycles`` as rows if there are any.
        Either this or `protocol_id` is set.
    protocol_id : str or None
        Id of a saved protocol.
    experiment_parameters : dict
        Values for the protocol's inputs, shared by all runs.
    design : dict or None
        The design of experiments.
    conditions : list of dict or None
        The runs as a list, each with the value of every experiment parameter; cannot be combined
        with a design.
    options : dict
        Those of ``max_backward_jumps``, ``study_id``, ``extra_variables`` and ``reuse`` that were
        given.
    project_id : str or None
        As given in the config.
    """

    parameterized_model: str | dict[str, Any]
    protocol_experiment: dict[str, Any] | None
    protocol_id: str | None
    experiment_parameters: dict[str, float | int | str]
    design: dict[str, Any] | None
    conditions: list[dict[str, Any]] | None
    options: dict[str, Any]
    project_id: str | None

    @classmethod
    def for_one_run(cls, config: Mapping[str, Any]) -> SimulationConfig:
        """Check the config of a single simulation.

        Raises
        ------
        ValueError, TypeError
            If a field is unknown, missing or invalid, fields exclude each other, or the design has
            more than one run.
        """
        fields = known_fields(config, "config", _KEYS)
        if "conditions" in fields:
            raise ValueError(
                "config['conditions'] lists several runs: submit them with protocol_batch(), or"
                " use design_parameters and experiment_parameters here"
            )
        if "design_parameters" in fields and "design_parameters_doe" in fields:
            raise ValueError(
                "config has both design_parameters and design_parameters_doe: give one of them"
            )
        design = None
        if "design_parameters_doe" in fields:
            design = doe.normalise(fields["design_parameters_doe"])
            runs = doe.count(design)
            if runs != 1:
                raise ValueError(
                    f"config['design_parameters_doe'] has {runs} runs, but protocol() submits"
                    " one: use protocol_batch()"
                )
        elif "design_parameters" in fields:
            parameters = _design_parameters(
                fields["design_parameters"], "config['design_parameters']"
            )
            design = doe.from_design_parameters(parameters) if parameters else None
        return cls._of(fields, design)

    @classmethod
    def for_batch(cls, config: Mapping[str, Any]) -> SimulationConfig:
        """Check the config of a batch.

        Raises
        ------
        ValueError, TypeError
            If a field is unknown, missing or invalid, or fields exclude each other.
        """
        fields = known_fields(config, "config", _KEYS)
        if "design_parameters" in fields:
            raise ValueError(
                "config['design_parameters'] is for protocol(): in protocol_batch() give"
                " design_parameters_doe with a discrete row for each parameter, or conditions"
            )
        if "conditions" in fields and "design_parameters_doe" in fields:
            raise ValueError(
                "config has both conditions and design_parameters_doe: give one of them"
            )
        design = None
        if "design_parameters_doe" in fields:
            design = doe.normalise(fields["design_parameters_doe"])
        return cls._of(fields, design)

    @classmethod
    def _of(cls, fields: Mapping[str, Any], design: dict[str, Any] | None) -> SimulationConfig:
        if "parameterized_model" not in fields:
            raise ValueError(f"config['parameterized_model'] is missing: {MODEL_FORMS}")
        experiment, protocol_id = _protocol(fields)
        shared = _experiment_parameters(
            fields.get("experiment_parameters", {}), "config['experiment_parameters']"
        )
        return cls(
            parameterized_model=model_reference(fields["parameterized_model"]),
            protocol_experiment=experiment,
            protocol_id=protocol_id,
            experiment_parameters=shared,
            design=design,
            conditions=_conditions(fields["conditions"], shared)
            if "conditions" in fields
            else None,
            options=_options(fields),
            project_id=_identifier(fields, "project_id") if "project_id" in fields else None,
        )

    @property
    def run_count(self) -> int:
        """Number of runs."""
        if self.conditions is not None:
            return len(self.conditions)
        return 1 if self.design is None else doe.count(self.design)

    def template_body(self, project_id: str | None) -> dict[str, Any]:
        """Return the body of the request that creates a template from the protocol text.

        With conditions, the experiment parameters of the template are those of the first run, and
        shared values take precedence. So the service receives a value for every input.
        """
        first = self.conditions[0]["experiment_parameters"] if self.conditions else {}
        body: dict[str, Any] = {
            "protocol_experiment": self.protocol_experiment,
            "experiment_parameters": {**first, **self.experiment_parameters},
        }
        return body if project_id is None else {**body, "project_id": project_id}

    def batch_body(self, template_id: str, project_id: str | None) -> dict[str, Any]:
        """Return the body of the request that submits the runs."""
        optional = {
            "design_parameters_doe": self.design,
            "conditions": self.conditions,
            **self.options,
            "project_id": project_id,
        }
        return {
            "parameterized_model": self.parameterized_model,
            "experiment_template_id": template_id,
            "experiment_parameter_sets": [self.experiment_parameters],
            **{key: value for key, value in optional.items() if value is not None},
        }


def _protocol(fields: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    has_text, has_id = "protocol_experiment" in fields, "protocol_id" in fields
    if has_text == has_id:
        raise ValueError(
            f"config has {'both' if has_text else 'neither'} protocol_experiment"
            f" {'and' if has_text else 'nor'} protocol_id: give exactly one of them"
        )
    if has_id:
        return None, _identifier(fields, "protocol_id")
    where = "config['protocol_experiment']"
    known = (*_PROTOCOL_KEYS, _DRIVE_CYCLES)
    given = fields["protocol_experiment"]
    if is_experiment(given) or isinstance(given, (list, tuple)):
        given = {"protocol": given, "name": _UNNAMED}
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{where} must be {{'protocol': text, 'name': text}}, a pybamm.Experiment, or a list of"
            f" steps or cycles such as ['Rest for 1 hour'], not {type(given).__name__} {given!r}"
        )
    experiment = known_fields(given, where, known)
    for key in _PROTOCOL_KEYS:
        if key not in experiment:
            raise ValueError(
                f"{where}[{key!r}] is missing: expected the protocol's text as 'protocol' and"
                " its 'name'"
            )
    protocol = protocol_text(experiment["protocol"], f"{where}['protocol']")
    checked: dict[str, Any] = {
        "protocol": text(protocol, f"{where}['protocol']"),
        "name": text(experiment["name"], f"{where}['name']"),
    }
    if experiment.get(_DRIVE_CYCLES) is not None:
        cycles = drive_cycle_rows(protocol, experiment[_DRIVE_CYCLES], f"{where}['drive_cycles']")
        checked |= {_DRIVE_CYCLES: cycles} if cycles else {}
    return checked, None


def _conditions(conditions: Any, shared: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Check the runs of a list and add the shared experiment parameters to each."""
    where = "config['conditions']"
    if isinstance(conditions, (str, bytes, Mapping)) or not isinstance(conditions, Iterable):
        raise TypeError(
            f"{where} must be a list of {{'experiment_parameters': ..., 'design_parameters':"
            f" ...}}, not {type(conditions).__name__} {conditions!r}"
        )
    checked: list[dict[str, dict[str, Any]]] = []
    for index, condition in enumerate(conditions):
        place = f"{where}[{index}]"
        fields = known_fields(condition, place, _CONDITION_KEYS)
        checked.append(
            {
                "experiment_parameters": _experiment_parameters(
                    fields.get("experiment_parameters", {}), f"{place}['experiment_parameters']"
                ),
                "design_parameters": _design_parameters(
                    fields.get("design_parameters", {}), f"{place}['design_parameters']"
                ),
            }
        )
    if not checked:
        raise ValueError(f"{where} is empty: give at least one run, or omit it")
    # A service takes a value that a run lacks from the protocol's template, which has the values
    # of other runs.
    names = {name for each in checked for name in each["experiment_parameters"]}
    for index, condition in enumerate(checked):
        parameters = {**shared, **condition["experiment_parameters"]}
        missing = sorted(names - parameters.keys())
        if missing:
            more = f" and {len(missing) - _NAMES_SHOWN} more" if missing[_NAMES_SHOWN:] else ""
            raise ValueError(
                f"{where}[{index}]['experiment_parameters'] has no value for"
                f" {', '.join(map(repr, missing[:_NAMES_SHOWN]))}{more}, which other runs set: give"
                " it in every run, or for all runs in config['experiment_parameters']"
            )
        condition["experiment_parameters"] = parameters
    return checked


def _experiment_parameters(values: Any, where: str) -> dict[str, float | int | str]:
    return {
        name: value if isinstance(value, str) else number(value, f"{where}[{name!r}]", "or text")
        for name, value in named(values, where).items()
    }


def _design_parameters(values: Any, where: str) -> dict[str, float]:
    return {
        name: finite(value, f"{where}[{name!r}]") for name, value in named(values, where).items()
    }


def _options(fields: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if "max_backward_jumps" in fields:
        options["max_backward_jumps"] = integer(
            fields["max_backward_jumps"],
            "config['max_backward_jumps']",
            least=0,
            accept_floats=True,
        )
    if "study_id" in fields:
        options["study_id"] = _identifier(fields, "study_id")
    if "extra_variables" in fields:
        options["extra_variables"] = _names(fields["extra_variables"])
    if "reuse" in fields:
        options["reuse"] = boolean(fields["reuse"], "config['reuse']")
    return options


def _names(names: Any) -> list[str]:
    where = "config['extra_variables']"
    if isinstance(names, (str, bytes, Mapping)) or not isinstance(names, Iterable):
        raise TypeError(
            f"{where} must be a list of variable names such as ['X-averaged cell temperature"
            f" [K]'], not {type(names).__name__} {names!r}"
        )
    return [text(name, f"{where}[{index}]") for index, name in enumerate(names)]


def _identifier(fields: Mapping[str, Any], key: str) -> str:
    """Return an id of the config, which can be given as a record."""
    return text(identified(fields[key], key), f"config[{key!r}]")
