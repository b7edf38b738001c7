"""PyBaMM's JSON documents, checked as data before PyBaMM reads them.

PyBaMM's reader trusts a document: it imports the module of the base class and calls what it finds
there, opens a file if the geometry is text, and makes Python source from the names in a model of
the format "python". A document may come from anyone, so only the parts of a model are passed on,
with one of two base classes; everything else is left out or refused.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any, Final

import orjson

from ionworks.engine.cells.discretisation import (
    DISCRETISATION_PARTS,
    Discretisation,
    read_discretisation,
)
from ionworks.engine.cells.symbols import (
    TAG,
    DocumentError,
    JsonObject,
    check_symbol,
    load_symbol,
    mapping,
    parts_of,
    sequence,
    shortened,
    text,
)
from ionworks.engine.pybamm_setup import json_values, pybamm

LARGEST_DOCUMENT: Final = 128 * 1024 * 1024
"""Largest document after decompression [bytes]; PyBaMM's largest built-in models have 25 MB."""

_SCHEMA_VERSION: Final = "1.1"
_LITHIUM_ION: Final = "pybamm.models.full_battery_models.lithium_ion."
_LITHIUM_ION_BASE: Final = f"{_LITHIUM_ION}base_lithium_ion_model.BaseModel"
_CIRCUIT: Final = "pybamm.models.full_battery_models.equivalent_circuit."
_PAIRS: Final = ("rhs", "algebraic", "initial_conditions")


class Document(JsonObject):
    """A model in PyBaMM's JSON, in any of the forms PyBaMM reads."""


def compressed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document in PyBaMM's compressed form, about fifty times smaller."""
    packed = zlib.compress(orjson.dumps(document), 6)
    return {"compressed": True, "data": base64.b64encode(packed).decode("ascii")}


def storable(document: Document) -> dict[str, Any]:
    """Return a document in the form in which it is stored: its checked parts, compressed.

    It still names the class that wrote it, so that PyBaMM can load it as that class. The engine
    never looks the class up.

    Raises
    ------
    DocumentError
        If it is not a document of a model, or has parts that are not accepted.
    """
    model, outer = _unwrapped(document.content)
    content, discretisation = _checked(document.content)
    names = {
        name: model[name]
        for name, kind in (("base_class", str), ("base_class_mro", list))
        if isinstance(model.get(name), kind)
    }
    options = _options(model.get("options") or {})
    kept = {**content["model"], **names, "options": options, "discretisation": discretisation}
    version = outer.get("pybamm_version")
    wrapping = {"pybamm_version": version} if isinstance(version, str) else {}
    return compressed({**content, **wrapping, "model": kept})


def model_document(model: Any, discretisation: Discretisation) -> dict[str, Any]:
    """Return a model with its discretisation as a document in PyBaMM's compressed form."""
    content = model.to_json()
    content["model"]["discretisation"] = discretisation.to_json()
    return compressed(json_values(content))


def load_model(document: Document) -> tuple[Any, dict[str, Any]]:
    """Load a model.

    Parameters
    ----------
    document : Document
        As `pybamm.BaseModel.to_json` or ``to_config`` returns it, compressed or not.

    Returns
    -------
    model : pybamm.BaseModel
        The symbolic model.
    discretisation : dict
        Geometry, points, submeshes and spatial methods of the document; empty if it has none.

    Raises
    ------
    DocumentError
        If it is not a document of a model, or has parts that are not accepted.
    """
    content, discretisation = _checked(document.content)
    try:
        model = pybamm.BaseModel.from_json(content)
        return model, read_discretisation(discretisation, load_symbol)
    except DocumentError:
        raise
    except RecursionError:
        raise DocumentError("the document is nested too deeply") from None
    except Exception as error:
        # PyBaMM does not check documents: a bad one may raise any error anywhere in its code.
        raise DocumentError(f"PyBaMM cannot read the document: {shortened(error)}") from error


def _unwrapped(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the model of a document, and the fields of the document around it."""
    document = _unpacked(document)
    outer: dict[str, Any] = {}
    if document.get("type") == "custom":
        outer = {name: document[name] for name in DISCRETISATION_PARTS if name in document}
        document = _unpacked(mapping(document.get("model"), "model"))
    if "model" not in document:
        raise DocumentError(
            "the document has no 'model': give what model.to_json() of a PyBaMM model returns"
        )
    return mapping(document["model"], "model"), {**outer, **document}


def _checked(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parts of a document that PyBaMM may read, and its discretisation."""
    model, outer = _unwrapped(document)
    version = outer.get("schema_version", _SCHEMA_VERSION)
    if version != _SCHEMA_VERSION:
        raise DocumentError(
            f"the document has the schema version {version!r}; PyBaMM {pybamm.__version__} reads "
            f"{_SCHEMA_VERSION}"
        )
    required = ("name", *_PAIRS, "boundary_conditions", "events", "variables")
    if missing := [name for name in required if name not in model]:
        raise DocumentError(f"the document's model has no {' and no '.join(map(repr, missing))}")
    base_class = _base_class(model)
    content = {
        "name": text(model["name"], "model.name"),
        "base_class": base_class,
        "base_class_mro": [],
        # `pybamm.BaseModel` has no options, so those of other families are left out.
        "options": _options(model.get("options") or {}) if base_class == _LITHIUM_ION_BASE else {},
        # The formats "python" and "jax" make source code from the names in a model.
        "convert_to_format": "casadi",
        **{name: _pairs(model[name], f"model.{name}") for name in _PAIRS},
        "boundary_conditions": _boundary_conditions(model["boundary_conditions"]),
        "events": _events(model["events"]),
        "variables": _variables(model["variables"]),
    }
    discretisation = model.get("discretisation")
    if discretisation is None:
        discretisation = {name: outer[name] for name in DISCRETISATION_PARTS if name in outer}
    checked = dict(mapping(discretisation, "model.discretisation"))
    return {"schema_version": version, "model": content}, checked


def _unpacked(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document uncompressed, or refuse one larger than `LARGEST_DOCUMENT`."""
    if not document.get("compressed", False):
        return document
    # Decompresses up to the limit only: a small text can expand to more than the memory.
    unpacker = zlib.decompressobj()
    try:
        packed = base64.b64decode(text(document.get("data"), "data"), validate=True)
        content = unpacker.decompress(packed, LARGEST_DOCUMENT)
        found = None if unpacker.unconsumed_tail else orjson.loads(content)
    except (ValueError, zlib.error) as error:
        raise DocumentError(f"the document cannot be decompressed: {error}") from error
    if unpacker.unconsumed_tail:
        size = LARGEST_DOCUMENT // 1024**2
        raise DocumentError(f"the document is larger than {size} MiB after decompression")
    return mapping(found, "the document")


def _base_class(model: Mapping[str, Any]) -> str:
    """Return the base class into which the equations are loaded, one of two.

    Equations, options and mesh come from the document, so only the family of the class that wrote
    it matters.
    """
    ancestors = model.get("base_class_mro") or []
    named = [model.get("base_class"), *(ancestors if isinstance(ancestors, list) else [])]
    for name in named:
        if isinstance(name, str) and name.startswith(_LITHIUM_ION):
            return _LITHIUM_ION_BASE
    return "pybamm.BaseModel"


def is_circuit(document: Document) -> bool:
    """Return whether a document was written from an equivalent circuit of PyBaMM."""
    named = _unwrapped(document.content)[0].get("base_class")
    return isinstance(named, str) and named.startswith(_CIRCUIT)


def _pairs(pairs: Any, where: str) -> list[Any]:
    for number, pair in enumerate(sequence(pairs, where)):
        place = f"{where}[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise DocumentError(f"{place} is not a pair of a variable and its expression")
        for side in pair:
            check_symbol(side, place)
    return list(pairs)


def _boundary_conditions(conditions: Any) -> list[Any]:
    where = "model.boundary_conditions"
    checked = []
    for number, pair in enumerate(sequence(conditions, where)):
        place = f"{where}[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise DocumentError(f"{place} is not a pair of a variable and its conditions")
        variable, sides = pair
        check_symbol(variable, place)
        for name, condition in mapping(sides, place).items():
            if not isinstance(condition, list) or len(condition) != 2:
                raise DocumentError(f"{place}.{name} is not a pair of an expression and a type")
            check_symbol(condition[0], f"{place}.{name}")
            text(condition[1], f"{place}.{name}[1]")
        checked.append([variable, dict(sides)])
    return checked


def _events(events: Any) -> list[dict[str, Any]]:
    checked = []
    for number, event in enumerate(sequence(events, "model.events")):
        where = f"model.events[{number}]"
        fields = mapping(event, where)
        kind = fields.get("event_type")
        if kind not in pybamm.EventType.__members__:
            known = ", ".join(pybamm.EventType.__members__)
            raise DocumentError(f"{where}.event_type is {kind!r}; valid types: {known}")
        check_symbol(fields.get("expression"), where)
        name = text(fields.get("name"), f"{where}.name")
        checked.append({"name": name, "expression": fields["expression"], "event_type": kind})
    return checked


def _variables(variables: Any) -> dict[str, Any]:
    for name, node in mapping(variables, "model.variables").items():
        check_symbol(node, f"variable {name!r}")
    return dict(variables)


def _options(options: Any) -> dict[str, Any]:
    """Return options after checking that they are text, numbers, and lists and maps of these."""
    for name, part in parts_of(mapping(options, "model.options"), "model.options"):
        if isinstance(part, Mapping) and TAG in part:
            raise DocumentError(f"{name} is a symbol, not an option of a model")
    return dict(options)
