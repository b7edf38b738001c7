"""The JSON Schema of the language: the structure of a document in all dialects.

Checks that need the whole document (jump targets, variables, ranges of expressions) are done by
:func:`ionworks.ucp.validate` only.
"""

from __future__ import annotations

from typing import Any, Final

from ionworks.ucp.nodes import Kind
from ionworks.ucp.vocabulary import FIELDS, GLOBAL_FIELDS, KINDS, LIMITS, MODES, SHAPES, STATE_TYPES

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_IDENTIFIER: Final = "urn:ionworks:schema:protocol"
_COMPARISON: Final = "[<>\u2264\u2265]|[=!]="
_CONTROLLED: Final = ("mode", "value")
_REQUIRED: Final[dict[Kind, tuple[str, ...]]] = {
    "Charge": _CONTROLLED,
    "Discharge": _CONTROLLED,
    "Direction": _CONTROLLED,
    "EIS": ("amplitude",),
}
_TERM: Final = ("duration", "ends")
_ONE_OF: Final[dict[Kind, tuple[str, ...]]] = {
    "Rest": _TERM,
    "Charge": _TERM,
    "Discharge": _TERM,
    "Direction": _TERM,
    "Drive": ("drive_cycle", "file", "value", "name", "data"),
    "Waveform": ("shape", "data"),
    "EIS": ("min_frequency", "frequencies"),
}
"""Fields of which a kind needs at least one."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a protocol document.

    Returns
    -------
    dict
        A new one at each call. It accepts the canonical spelling of words only; the parser accepts
        others too.
    """
    return {
        "$schema": _DIALECT,
        "$id": _IDENTIFIER,
        "title": "Universal Cycler Protocol",
        "type": "object",
        "required": ["steps"],
        "additionalProperties": False,
        "properties": {
            "global": {"anyOf": [_reference("global"), {"type": "null"}]},
            "safety_limits": {"anyOf": [_reference("safety"), {"type": "null"}]},
            "steps": _reference("items"),
        },
        "$defs": _definitions(),
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return {**shape, "required": list(required)} if required else shape


def _definitions() -> dict[str, Any]:
    value = _reference("value")
    return {
        "value": {
            "description": "A number, a number with a unit, or an expression.",
            "type": ["number", "string"],
            "minLength": 1,
        },
        "goto": {
            "description": "The name of a block or step, 'End', 'Next', or the number of an item.",
            "type": ["string", "integer"],
        },
        "resolution": {
            "anyOf": [value, _object({"time": value, "voltage": value, "current": value})]
        },
        "global": _global(),
        "safety": _object(
            {**dict.fromkeys(LIMITS, _reference("limit")), "goto": _reference("goto")}
        ),
        "limit": {
            "anyOf": [
                value,
                _object({"value": value, "goto": _reference("goto")}, "value"),
                _object({"limit": value, "goto": _reference("goto")}, "limit"),
            ]
        },
        "ends": {
            "anyOf": [{"type": "array", "items": _reference("end")}, _reference("end")],
        },
        "end": _end(),
        "assignment": _object({"name": {"type": "string"}, "eval": value}, "name", "eval"),
        "data": _data(),
        "items": {"type": "array", "minItems": 1, "items": _reference("item")},
        "item": _item(),
        "block": _block(),
        **{_definition_name(kind): _step(kind) for kind in KINDS},
    }


def _global() -> dict[str, Any]:
    properties: dict[str, Any] = dict.fromkeys(GLOBAL_FIELDS, _reference("value"))
    properties["initial_state_type"] = {"type": "string", "examples": list(STATE_TYPES)}
    properties["resolution"] = _reference("resolution")
    alone = [["initial_soc"], ["initial_voltage"], ["initial_state_value"]]
    return {
        **_object(properties),
        "dependentRequired": {"initial_state_type": ["initial_state_value"]},
        "not": {
            "anyOf": [
                {"required": [*first, *second]}
                for index, first in enumerate(alone)
                for second in alone[index + 1 :]
            ]
        },
    }


def _end() -> dict[str, Any]:
    goto = _reference("goto")
    variable = {
        "variable": {"type": "string"},
        "value": _reference("value"),
        "operator": {"enum": ["<", ">", "<=", ">=", "==", "!="]},
        "goto": goto,
    }
    action = {"anyOf": [_object({"goto": goto}), {"type": "null"}]}
    return {
        "anyOf": [
            {"type": "string", "pattern": _COMPARISON},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "patternProperties": {_COMPARISON: action},
                "additionalProperties": False,
            },
            _object({"expression": {"type": "string"}, "goto": goto}, "expression"),
            _object(variable, "variable", "value"),
        ]
    }


def _data() -> dict[str, Any]:
    number = {"type": ["number", "string"]}
    pair = {"type": "array", "prefixItems": [number, number], "items": False, "minItems": 2}
    column = {"type": "array", "items": number, "minItems": 2}
    return {
        "anyOf": [
            {"type": "array", "items": pair, "minItems": 2},
            {
                "type": "object",
                "minProperties": 2,
                "maxProperties": 2,
                "additionalProperties": column,
            },
        ]
    }


def _definition_name(kind: str) -> str:
    return kind.lower().replace(" ", "_")


def _fields(kind: Kind) -> dict[str, Any]:
    value = _reference("value")
    assignments = {"type": "array", "items": _reference("assignment")}
    special: dict[str, Any] = {
        "mode": {"type": "string", "examples": list(MODES)},
        "ends": _reference("ends"),
        "resolution": _reference("resolution"),
        "set_variable": {"anyOf": [assignments, _reference("assignment")]},
        "note": {"type": ["string", "number", "boolean", "null"]},
        "name": {"type": ["string", "number"]},
        "drive_cycle": {"type": "string"},
        "file": {"type": "string"},
        "data": _reference("data"),
        "shape": {"type": "string", "examples": list(SHAPES)},
        "frequencies": {"type": "array", "items": value, "minItems": 1},
    }
    return {field: special.get(field, value) for field in FIELDS[kind]}


def _step(kind: Kind) -> dict[str, Any]:
    value = _reference("value")
    shape = _object(_fields(kind), *_REQUIRED.get(kind, ()))
    if kind in _ONE_OF:
        shape["anyOf"] = [{"required": [field]} for field in _ONE_OF[kind]]
    if kind == "Ambient temperature":
        return {"anyOf": [value, shape]}
    return {"anyOf": [shape, {"type": "null"}]} if kind == "Control" else shape


def _block() -> dict[str, Any]:
    note = {"type": ["string", "number", "boolean", "null"]}
    body = {"repeat": _reference("value"), "note": note, "steps": _reference("items")}
    return {"anyOf": [_reference("items"), _object(body, "steps")]}


def _item() -> dict[str, Any]:
    """Return the forms of an item: marker, flat step, flat block, and one key with a body."""
    block = _block()["anyOf"][1]["properties"]
    named = [kind for kind in KINDS if kind != "Direction"]
    one_key = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "not": {"required": ["direction"]},
        "properties": {
            kind: {"anyOf": [_reference("block"), _reference(_definition_name(kind))]}
            for kind in named
        },
        "patternProperties": {
            r"^\s*[Dd]irection\s*\[": {"anyOf": [_reference("block"), _reference("direction")]}
        },
        # Any other key is a block, or a kind in another spelling with its fields.
        "additionalProperties": {
            "anyOf": [_reference("block"), *(_reference(_definition_name(kind)) for kind in KINDS)]
        },
    }
    fields: dict[str, Any] = {"direction": {"type": "string"}}
    for kind in KINDS:
        fields |= _fields(kind)
    flat_step = _object(fields, "direction")
    flat_block = _object({"name": {"type": "string"}, **block}, "name", "steps")
    return {"anyOf": [{"type": "string"}, flat_step, flat_block, one_key]}
