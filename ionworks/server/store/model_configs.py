"""Configurations of models: as requests give them, as they are stored, as the engine gets them.

A stored configuration is ``{"type": "SPMe", "options": {...}}`` of a model PyBaMM has by name, or
``{"type": "custom", "model": <document>, "chemistry": ...}`` with the equations in PyBaMM's
compressed JSON. Both may have variables beside those of the model: ``custom_variables`` in
PyBaMM's JSON, and ``formulas`` as text. ``pybamm.BaseModel.from_config`` reads all but the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ionworks.engine.catalogue import BUILT_IN, CIRCUIT
from ionworks.server.http.problems import Location, entry, invalid

CUSTOM = "custom"
CHEMISTRIES = ("lithium_ion", "ecm", "generic")
VARIABLES = "custom_variables"
FORMULAS = "formulas"

_MODULES = dict.fromkeys(BUILT_IN, "lithium_ion") | {CIRCUIT: "equivalent_circuit"}
_ADDED: tuple[tuple[str, type, str], ...] = (
    (VARIABLES, dict, "an object of names and symbols in PyBaMM's JSON"),
    (FORMULAS, str, "an object of names and formulas as text"),
)
_BUILT_IN_KEYS = ("type", "module", "options", VARIABLES, FORMULAS)
_RECIPE = ("geometry", "var_pts", "submesh_types", "spatial_methods")
_CUSTOM_KEYS = ("type", "model", "chemistry", VARIABLES, FORMULAS, *_RECIPE)
_CHANGES = {
    "events": "its events were changed",
    "removed_variables": "variables were removed from it",
}


def modules() -> dict[str, list[str]]:
    """Return the names of PyBaMM's models that the engine runs, by PyBaMM's module."""
    found: dict[str, list[str]] = {}
    for name, module in _MODULES.items():
        found.setdefault(module, []).append(name)
    return found


def read_config(config: Mapping[str, Any], where: Location) -> dict[str, Any]:
    """Return a configuration as it is stored, except for the document of a custom model.

    Parameters
    ----------
    config
        As in a request: ``{"type": ..., "options": {...}}``, what ``to_config()`` of a PyBaMM
        model returns, or either of these under the key ``pybamm_model``.
    where
        Its place in the request.

    Raises
    ------
    Problem
        422 when it has other keys, or a type the engine does not build.
    """
    inner = config.get("pybamm_model")
    if isinstance(inner, str):
        others = {name: value for name, value in config.items() if name != "pybamm_model"}
        return read_config({"type": inner, **others}, where)
    if isinstance(inner, Mapping):
        _refuse_other_keys(config, ("pybamm_model",), where)
        return read_config(inner, [*where, "pybamm_model"])
    kind = config.get("type")
    if kind == CUSTOM:
        return _custom(config, where)
    if not isinstance(kind, str) or kind not in BUILT_IN:
        message = (
            f"unknown model {kind!r}; the embedded engine builds {', '.join(BUILT_IN)}: give "
            'the config as {"type": "SPMe", "options": {}}, or upload a custom model'
        )
        raise invalid([entry([*where, "type"], message, "enum")])
    for name, change in _CHANGES.items():
        if name in config:
            message = f"{change}, so it is a custom model: upload it with upload_custom"
            raise invalid([entry([*where, name], message, "value_error")])
    _refuse_other_keys(config, _BUILT_IN_KEYS, where)
    if config.get("module", _MODULES[kind]) != _MODULES[kind]:
        message = f"{kind} is in {_MODULES[kind]!r}, not in {config['module']!r}"
        raise invalid([entry([*where, "module"], message, "enum")])
    options = config.get("options") or {}
    if not isinstance(options, Mapping):
        raise invalid([entry([*where, "options"], "must be an object of option names", "type")])
    return {"type": kind, "options": dict(options), **_variables(config, where)}


def model_spec(model: Mapping[str, Any], settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the spec of a stored model for the engine, without parameters.

    Parameters
    ----------
    model
        The record.
    settings
        Simulation settings that override the model's own.
    """
    config = model["config"]
    if config["type"] == CUSTOM:
        spec = {"type": CUSTOM, "document": config["model"], "chemistry": config["chemistry"]}
    else:
        spec = {"type": config["type"], "options": config.get("options") or {}}
    if variables := {**config.get(VARIABLES, {}), **config.get(FORMULAS, {})}:
        spec["variables"] = variables
    merged = {**(model.get("simulation_settings") or {}), **(settings or {})}
    if merged:
        spec["settings"] = merged
    return spec


def _custom(config: Mapping[str, Any], where: Location) -> dict[str, Any]:
    _refuse_other_keys(config, _CUSTOM_KEYS, where)
    if not isinstance(config.get("model"), Mapping):
        message = "must be the model in PyBaMM's JSON, as model.to_config() has it"
        raise invalid([entry([*where, "model"], message, "type")])
    chemistry = config.get("chemistry", CHEMISTRIES[0])
    if chemistry not in CHEMISTRIES:
        message = f"must be one of {', '.join(CHEMISTRIES)}"
        raise invalid([entry([*where, "chemistry"], message, "enum")])
    document = {name: config[name] for name in ("type", "model", *_RECIPE) if name in config}
    return {
        "type": CUSTOM,
        "model": document,
        "chemistry": chemistry,
        **_variables(config, where),
    }


def _variables(config: Mapping[str, Any], where: Location) -> dict[str, Any]:
    """Return the variables that a configuration adds."""
    found = {}
    for key, kind, words in _ADDED:
        variables = config.get(key) or {}
        if not isinstance(variables, Mapping) or not all(
            isinstance(each, kind) for each in variables.values()
        ):
            raise invalid([entry([*where, key], f"must be {words}", "type")])
        if variables:
            found[key] = dict(variables)
    return found


def _refuse_other_keys(config: Mapping[str, Any], known: tuple[str, ...], where: Location) -> None:
    unknown = [name for name in config if name not in known]
    if unknown:
        message = f"unknown key; valid keys of this type: {', '.join(known)}"
        raise invalid([entry([*where, name], message, "unknown") for name in unknown])
