"""The configuration of a pipeline, checked before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from ionworks.doe.scalars import known_fields
from ionworks.records.project import Project
from ionworks.requests.fields import named, number, text
from ionworks.requests.pipeline_parameters import check_parameters
from ionworks.requests.pipeline_references import check_references

__all__ = ["ELEMENT_TYPES", "PipelineConfig", "canonical_type"]

ELEMENT_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "entry": ("Direct Entry",),
    "data_fit": ("Data Fit", "datafit"),
    "array_data_fit": ("Array Data Fit", "arraydatafit"),
    "calculation": ("Calculation",),
    "validation": ("Validation",),
    "linear_confidence_interval": ("Linear Confidence Interval",),
    "sobol_sensitivity": ("Sobol Sensitivity",),
}
"""Element types, each with its labels in earlier versions."""

_CANONICAL: Final = {
    label: name for name, labels in ELEMENT_TYPES.items() for label in (name, *labels)
}
_FITS: Final = ("data_fit", "array_data_fit", "linear_confidence_interval", "sobol_sensitivity")
_MAIN_TYPES: Final = ("data_fit", "array_data_fit", "validation")
_KEYS: Final = ("elements", "project_id", "options", "name", "description")
_LIVE: Final = "live_progress_updates"
_LONGEST_NAME: Final = 255


def canonical_type(label: str) -> str:
    """Return the canonical name of an element type; an unknown type is returned unchanged.

    The server can support more types than this client, and its error lists the valid ones.
    """
    return _CANONICAL.get(label, label)


@attrs.frozen(kw_only=True)
class PipelineConfig:
    """A checked configuration of a pipeline.

    Attributes
    ----------
    elements : dict
        Maps element name to configuration with canonical ``element_type``; data and PyBaMM objects
        are not converted yet.
    project_id : str or Project or None
        As given.
    name, description, output_file : str or None
        As given.
    options : dict or None
        As given, ``{"live_progress_updates": bool or None}``.
    """

    elements: dict[str, dict[str, Any]]
    project_id: str | Project | None = None
    name: str | None = None
    description: str | None = None
    options: dict[str, Any] | None = None
    output_file: str | None = None

    @classmethod
    def of(cls, config: Any, **given: Any) -> Self:
        """Check the configuration of a pipeline.

        Parameters
        ----------
        config : mapping
            The user's configuration.
        **given
            ``project_id``, ``name``, ``description`` and ``options`` given as arguments, which
            take precedence over those in `config`; None counts as not given.

        Raises
        ------
        TypeError, ValueError
            If a value is invalid; the message gives its place and what is expected.
        """
        return cls._of(config, (*_KEYS, "output_file"), given)

    @classmethod
    def of_simple(cls, config: Any, **given: Any) -> Self:
        """Check the configuration of a simple pipeline, as in `of`.

        Raises
        ------
        TypeError, ValueError
            As for `of`; also if there is more than one fit or validation.
        """
        checked = cls._of(config, _KEYS, given)
        main = [
            name for name, each in checked.elements.items() if each["element_type"] in _MAIN_TYPES
        ]
        if len(main) > 1:
            names = ", ".join(map(repr, main))
            raise ValueError(
                "a simple pipeline can have at most one fit or validation, but config has"
                f" {len(main)}: {names}; submit them with client.pipeline.create"
            )
        return checked

    @classmethod
    def _of(cls, config: Any, keys: tuple[str, ...], given: Mapping[str, Any]) -> Self:
        fields = known_fields(config, "config", keys)
        fields |= {name: value for name, value in given.items() if value is not None}
        if "elements" not in fields:
            raise ValueError(
                "config['elements'] is missing: expected"
                " {'elements': {name: {'element_type': ...}}}"
            )
        elements = _elements(fields.pop("elements"))
        for name in ("name", "description", "output_file"):
            if name in fields:
                text(fields[name], name)
        if len(fields.get("name", "")) > _LONGEST_NAME:
            raise ValueError(f"name has more than {_LONGEST_NAME} characters: {fields['name']!r}")
        if "options" in fields:
            fields["options"] = _options(fields["options"])
        return cls(elements=elements, **fields)


def _elements(elements: Any) -> dict[str, dict[str, Any]]:
    """Check the elements and return them with canonical types, in the same order."""
    where = "config['elements']"
    if not isinstance(elements, Mapping):
        raise TypeError(
            f"{where} must be a dictionary {{name: configuration}}, not {type(elements).__name__}:"
            " each element needs a name"
        )
    if not named(elements, where):
        raise ValueError(f"{where} is empty: give at least one element")
    checked = {name: _element(each, f"{where}[{name!r}]") for name, each in elements.items()}
    check_references(checked, where)
    return checked


def _element(element: Any, where: str) -> dict[str, Any]:
    known = ", ".join(ELEMENT_TYPES)
    if not isinstance(element, Mapping):
        raise TypeError(
            f"{where} must be a mapping such as {{'element_type': 'entry', 'values': {{...}}}},"
            f" not {type(element).__name__} {element!r}"
        )
    if element.get("element_type") is None:
        raise ValueError(f"{where} has no 'element_type': give one of {known}")
    kind = canonical_type(text(element["element_type"], f"{where}['element_type']"))
    if kind in _FITS and element.get("parameters") is not None:
        check_parameters(element["parameters"], f"{where}['parameters']")
    checked = {**element, "element_type": kind}
    if isinstance(element.get("objectives"), Mapping):
        place = f"{where}['objectives']"
        objectives = element["objectives"]
        if kind == "array_data_fit":
            objectives = _by_value(objectives, place)
        checked["objectives"] = _objectives(objectives, place)
    return checked


def _objectives(objectives: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return objectives by name, or a single one, in the canonical form."""
    if isinstance(objectives.get("objective"), str):
        return _objective(objectives, where)
    return {
        name: _objective(each, f"{where}[{name!r}]") if isinstance(each, Mapping) else each
        for name, each in objectives.items()
    }


def _objective(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return an objective with ``type`` and ``options.model``.

    In the form of earlier versions these are the fields ``objective`` and ``model``.
    """
    fields = {**given}
    if isinstance(fields.get("objective"), str):
        kind = fields.pop("objective")
        if fields.setdefault("type", kind) != kind:
            raise ValueError(
                f"{where} has the type {fields['type']!r} and the objective {kind!r}: give 'type'"
            )
    if fields.get("model") is not None:
        options = fields.get("options")
        if options is not None and not isinstance(options, Mapping):
            raise TypeError(f"{where}['options'] must be a mapping, not {options!r}")
        if options is not None and options.get("model") is not None:
            raise ValueError(
                f"{where} has a model beside its options and another in them: give the one in"
                " 'options'"
            )
        fields["options"] = {**(options or {}), "model": fields.pop("model")}
    return fields


def _by_value(objectives: Mapping[Any, Any], where: str) -> dict[str, Any]:
    """Return objectives whose keys are values of a variable with the keys as text, as in JSON."""
    checked: dict[str, Any] = {}
    for key, objective in objectives.items():
        name = key if isinstance(key, str) else str(number(key, f"{where}: the key"))
        if name in checked:
            raise ValueError(f"{where} has the key {name} twice, as a number and as text")
        checked[name] = objective
    return checked


def _options(options: Any) -> dict[str, Any]:
    live = named(options, "options").get(_LIVE)
    if live is not None and not isinstance(live, bool):
        raise TypeError(f"options[{_LIVE!r}] must be True, False or None, not {live!r}")
    return {**options}
