"""The parameterized model in a simulation config."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from ionworks.doe.scalars import finite, known_fields, nearest
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.record import Record, identified
from ionworks.requests.fields import named, number, text

__all__ = ["MODEL_FORMS", "model_description", "model_reference", "several_models"]

_WHERE = "config['parameterized_model']"
_QUICK_MODEL_KEYS = ("capacity", "chemistry", "resistance_pct", "cell_spec_id")
_INLINE_MODEL_KEYS = ("model_id", "parameters")

MODEL_FORMS = (
    "give the id, the name or the record of a parameterized model, a quick model such as"
    " {'capacity': 2.0, 'chemistry': 'LFP/Graphite'}, or {'model_id': ..., 'parameters': ...} with"
    " a mapping of values, the name of a set or a pybamm.ParameterValues; protocol_batch() also"
    " takes a list of these"
)
"""What `model_reference` accepts, for messages."""


def several_models(config: Any) -> list[Any] | None:
    """Return the models of a config that has a list of them, else None.

    Raises
    ------
    ValueError
        If the list is empty.
    """
    models = config.get("parameterized_model") if isinstance(config, Mapping) else None
    if isinstance(models, (str, bytes, Mapping)) or not isinstance(models, Iterable):
        return None
    found = [*models]
    if not found:
        raise ValueError(f"{_WHERE} is an empty list: {MODEL_FORMS}")
    return found


def model_reference(model: Any, where: str = _WHERE) -> str | dict[str, Any]:
    """Check the parameterized model of a config and convert it to JSON types.

    Parameters
    ----------
    model : str, uuid.UUID, ParameterizedModel or Mapping
        An id or a name; a record; ``{"quick_model": {...}}`` or the quick model's fields alone; or
        ``{"model_id": ..., "parameters": {...}}``.
    where : str, optional
        How messages name it.

    Returns
    -------
    str or dict
        The model in JSON types; a quick model is nested under ``quick_model``.

    Raises
    ------
    TypeError, ValueError
        If it has another form, or a field is unknown, missing or invalid.
    """
    if isinstance(model, (ParameterizedModel, uuid.UUID)):
        return str(identified(model, "parameterized_model_id"))
    if isinstance(model, str):
        return text(model, where)
    # Other records are mappings, too.
    if isinstance(model, Record) or not isinstance(model, Mapping):
        raise TypeError(f"{where} cannot be {type(model).__name__} {model!r}: {MODEL_FORMS}")
    if "quick_model" in model:
        known_fields(model, where, ("quick_model",))
        quick_where = f"{where}['quick_model']"
        return {"quick_model": _quick_model(model["quick_model"], quick_where)}
    if not model:
        raise ValueError(f"{where} is empty: {MODEL_FORMS}")
    if "model_id" in model:
        return _inline_model(model, where)
    known = ("quick_model", *_QUICK_MODEL_KEYS, *_INLINE_MODEL_KEYS)
    if not any(key in _QUICK_MODEL_KEYS for key in model):
        key = next(iter(model))
        raise ValueError(f"{where} has the unknown key {key!r}{nearest(key, known)}: {MODEL_FORMS}")
    return {"quick_model": _quick_model(model, where)}


def model_description(model: str | Mapping[str, Any]) -> str:
    """Return the id of a model, or a short description of one that the request describes.

    Parameters
    ----------
    model : str or Mapping
        As `model_reference` returns it.
    """
    if isinstance(model, str):
        return model
    if "model_id" in model:
        return f"{model['model_id']} with {len(model['parameters'])} parameters"
    return json.dumps(model["quick_model"])


def _quick_model(model: Any, where: str) -> dict[str, Any]:
    fields = known_fields(model, where, _QUICK_MODEL_KEYS)
    quick: dict[str, Any] = {}
    if "capacity" in fields:
        quick["capacity"] = finite(fields["capacity"], f"{where}['capacity']")
        if quick["capacity"] <= 0:
            raise ValueError(f"{where}['capacity'] must be above 0 A.h, not {fields['capacity']!r}")
    if "resistance_pct" in fields:
        quick["resistance_pct"] = finite(fields["resistance_pct"], f"{where}['resistance_pct']")
    for key in ("chemistry", "cell_spec_id"):
        if key in fields:
            quick[key] = text(fields[key], f"{where}[{key!r}]")
    return quick


def _inline_model(model: Mapping[str, Any], where: str) -> dict[str, Any]:
    fields = known_fields(model, where, _INLINE_MODEL_KEYS)
    inline = {"model_id": text(fields.get("model_id"), f"{where}['model_id']")}
    if "parameters" not in fields:
        raise ValueError(
            f"{where}['parameters'] is missing: give {{name: value}}, which can be empty"
        )
    parameters = named(fields["parameters"], f"{where}['parameters']")
    return {
        **inline,
        "parameters": {
            key: _json_value(value, f"{where}['parameters'][{key!r}]")
            for key, value in parameters.items()
        },
    }


def _json_value(value: Any, where: str) -> Any:
    """Convert the value of a parameter to JSON types."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Mapping):
        return {
            key: _json_value(item, f"{where}[{key!r}]") for key, item in named(value, where).items()
        }
    if isinstance(value, Iterable):
        return [_json_value(item, f"{where}[{index}]") for index, item in enumerate(value)]
    return number(value, where)
