"""PyBaMM's JSON documents, checked as data before PyBaMM reads them.

PyBaMM's reader does what a document says: it imports the module of the base class and calls what
it finds there, opens a text in the place of a geometry as a file, and makes Python source of the
names in a model of the format "python". Of a document only what a model consists of is therefore
handed on, with a base class of two known ones; everything else is left out or refused.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any, Final

import orjson
from attrs import field, frozen

from ionworks.engine.cells.discretisation import RECIPE_PARTS, checked_recipe
from ionworks.engine.cells.symbols import (
    TAG,
    DocumentError,
    check_symbol,
    digest_of,
    load_symbol,
    mapping,
    parts_of,
    sequence,
    shortened,
    text,
)
from ionworks.engine.pybamm_setup import pybamm

LARGEST_DOCUMENT: Final = 128 * 1024 * 1024
"""Bytes of a document once unpacked; PyBaMM's largest built-in models have about 25 MB."""

_SCHEMA_VERSION: Final = "1.1"
_LITHIUM_ION: Final = "pybamm.models.full_battery_models.lithium_ion."
_LITHIUM_ION_BASE: Final = f"{_LITHIUM_ION}base_lithium_ion_model.BaseModel"
_CIRCUIT: Final = "pybamm.models.full_battery_models.equivalent_circuit."
_PAIRS: Final = ("rhs", "algebraic", "initial_conditions")


@frozen
class Document:
    """A model in PyBaMM's JSON, in any of the forms PyBaMM reads.

    Attributes
    ----------
    digest : str
        Tells it from others.
    content : dict
        The JSON.
    """

    digest: str
    content: dict[str, Any] = field(repr=False, eq=False)

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Document":
        """Return the document of a JSON object."""
        return cls(digest_of(content), content)


def compressed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document in PyBaMM's compressed form, some fifty times smaller."""
    packed = zlib.compress(orjson.dumps(document), 6)
    return {"compressed": True, "data": base64.b64encode(packed).decode("ascii")}


def settled(document: Document) -> dict[str, Any]:
    """Return a document in the form it is kept: what was checked of it, compressed.

    The class that wrote it is named still, for whoever reads it with PyBaMM; the engine never
    looks it up.

    Raises
    ------
    DocumentError
        If it is no such document, or holds what is not taken.
    """
    model, outer = _opened(document.content)
    content, recipe = _checked(document.content)
    names = {
        name: model[name]
        for name, kind in (("base_class", str), ("base_class_mro", list))
        if isinstance(model.get(name), kind)
    }
    options = _options(model.get("options") or {})
    kept = {**content["model"], **names, "options": options, "discretisation": recipe}
    version = outer.get("pybamm_version")
    wrapping = {"pybamm_version": version} if isinstance(version, str) else {}
    return compressed({**content, **wrapping, "model": kept})


def load_model(document: Document) -> tuple[Any, dict[str, Any]]:
    """Load a model.

    Parameters
    ----------
    document : Document
        As `pybamm.BaseModel.to_json` or ``to_config`` give it, compressed or not.

    Returns
    -------
    model : pybamm.BaseModel
        The symbolic model.
    recipe : dict
        Geometry, points, submeshes and spatial methods as the document has them; empty if it
        has none.

    Raises
    ------
    DocumentError
        If it is no such document, or holds what is not taken.
    """
    content, recipe = _checked(document.content)
    try:
        return pybamm.BaseModel.from_json(content), checked_recipe(recipe, load_symbol)
    except DocumentError:
        raise
    except RecursionError:
        raise DocumentError("the document is nested too deeply") from None
    except Exception as error:
        # PyBaMM raises whatever it stumbles over; the document is to blame for all of it.
        raise DocumentError(f"PyBaMM cannot read the document: {shortened(error)}") from error


def _opened(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the model of a document, and what stands around it."""
    document = _unpacked(document)
    outer: dict[str, Any] = {}
    if document.get("type") == "custom":
        outer = {name: document[name] for name in RECIPE_PARTS if name in document}
        document = _unpacked(mapping(document.get("model"), "model"))
    if "model" not in document:
        raise DocumentError(
            "the document has no 'model': give what model.to_json() of a PyBaMM model returns"
        )
    return mapping(document["model"], "model"), {**outer, **document}


def _checked(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parts of a document PyBaMM is to read, and its discretisation."""
    model, outer = _opened(document)
    version = outer.get("schema_version", _SCHEMA_VERSION)
    if version != _SCHEMA_VERSION:
        raise DocumentError(
            f"the document has the schema version {version!r}, PyBaMM {pybamm.__version__} reads "
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
        # Options of other families mean nothing to the classes that read them here.
        "options": _options(model.get("options") or {}) if base_class == _LITHIUM_ION_BASE else {},
        # The formats "python" and "jax" make source code of the names in a model.
        "convert_to_format": "casadi",
        **{name: _pairs(model[name], f"model.{name}") for name in _PAIRS},
        "boundary_conditions": _boundary_conditions(model["boundary_conditions"]),
        "events": _events(model["events"]),
        "variables": _variables(model["variables"]),
    }
    recipe = model.get("discretisation")
    if recipe is None:
        recipe = {name: outer[name] for name in RECIPE_PARTS if name in outer}
    checked = dict(mapping(recipe, "model.discretisation"))
    return {"schema_version": version, "model": content}, checked


def _unpacked(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document that is not compressed; refuse one that would grow without bounds."""
    if not document.get("compressed", False):
        return document
    unpacker = zlib.decompressobj()
    try:
        packed = base64.b64decode(text(document.get("data"), "data"), validate=True)
        content = unpacker.decompress(packed, LARGEST_DOCUMENT)
        found = None if unpacker.unconsumed_tail else orjson.loads(content)
    except (ValueError, zlib.error) as error:
        raise DocumentError(f"the compressed document cannot be unpacked: {error}") from error
    if unpacker.unconsumed_tail:
        size = LARGEST_DOCUMENT // 1024**2
        raise DocumentError(f"the document is larger than {size} MiB once unpacked")
    return mapping(found, "the document")


def _base_class(model: Mapping[str, Any]) -> str:
    """Return the base class the equations are loaded into, one of two.

    Equations, options and mesh come from the document, so that of the class that wrote it only
    the family matters.
    """
    ancestors = model.get("base_class_mro") or []
    named = [model.get("base_class"), *(ancestors if isinstance(ancestors, list) else [])]
    for name in named:
        if isinstance(name, str) and name.startswith(_LITHIUM_ION):
            return _LITHIUM_ION_BASE
    return "pybamm.BaseModel"


def is_circuit(document: Document) -> bool:
    """Return whether an equivalent circuit of PyBaMM wrote a document."""
    named = _opened(document.content)[0].get("base_class")
    return isinstance(named, str) and named.startswith(_CIRCUIT)


def _pairs(pairs: Any, where: str) -> list[Any]:
    for number, pair in enumerate(sequence(pairs, where)):
        place = f"{where}[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise DocumentError(f"{place} is no pair of a variable and its expression")
        for side in pair:
            check_symbol(side, place)
    return list(pairs)


def _boundary_conditions(conditions: Any) -> list[Any]:
    where = "model.boundary_conditions"
    checked = []
    for number, pair in enumerate(sequence(conditions, where)):
        place = f"{where}[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise DocumentError(f"{place} is no pair of a variable and its conditions")
        variable, sides = pair
        check_symbol(variable, place)
        for name, condition in mapping(sides, place).items():
            if not isinstance(condition, list) or len(condition) != 2:
                raise DocumentError(f"{place}.{name} is no pair of an expression and a type")
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
            raise DocumentError(f"{where}.event_type is {kind!r}: use one of {known}")
        check_symbol(fields.get("expression"), where)
        name = text(fields.get("name"), f"{where}.name")
        checked.append({"name": name, "expression": fields["expression"], "event_type": kind})
    return checked


def _variables(variables: Any) -> dict[str, Any]:
    for name, node in mapping(variables, "model.variables").items():
        check_symbol(node, f"variable {name!r}")
    return dict(variables)


def _options(options: Any) -> dict[str, Any]:
    """Return options, sure that they are texts, numbers, and lists and maps of these."""
    for name, part in parts_of(mapping(options, "model.options"), "model.options"):
        if isinstance(part, Mapping) and TAG in part:
            raise DocumentError(f"{name} is no option of a model")
    return dict(options)
