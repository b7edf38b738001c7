"""PyBaMM's JSON documents, checked as data before PyBaMM reads them.

PyBaMM's reader resolves classes by name: a document names a module and PyBaMM imports it, calls
what it finds there as the base class of the model, opens a text in the place of a geometry as a
file, and turns names into Python source for models in the format "python". What is read here
therefore holds nothing but symbols of an expression tree, named by classes PyBaMM has loaded
already; everything else of a document is left out or refused.
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from attrs import field, frozen

from ionworks.local.engine.pybamm_setup import pybamm
from ionworks.local.engine.recipe import checked_recipe

LARGEST_DOCUMENT: Final = 128 * 1024 * 1024
"""Bytes of a document once unpacked; PyBaMM's largest built-in models have about 25 MB."""

_SCHEMA_VERSION: Final = "1.1"
_TAG: Final = "$type"
_LITHIUM_ION: Final = "pybamm.models.full_battery_models.lithium_ion."
_LITHIUM_ION_BASE: Final = f"{_LITHIUM_ION}base_lithium_ion_model.BaseModel"
_CIRCUIT: Final = "pybamm.models.full_battery_models.equivalent_circuit."
_FLOATS: Final = ("Infinity", "-Infinity", "NaN")
_NUMBER_TYPES: Final = ("float64", "float32", "int64", "int32", "bool")
_PAIRS: Final = ("rhs", "algebraic", "initial_conditions")

_REFUSED: Final = {
    "InputParameter": "inputs have no value in a run: use a parameter instead, which "
    "design_parameters can vary",
    **dict.fromkeys(
        (
            *("Array", "Matrix", "StateVector", "StateVectorDot", "StateVectorBase", "SparseStack"),
            *("DomainConcatenation", "NumpyConcatenation", "Index"),
        ),
        "it belongs to a discretised model: give the model as it was before discretisation",
    ),
    **dict.fromkeys(
        ("DiscreteTimeData", "DiscreteTimeSum", "ExplicitTimeIntegral"),
        "it compares with data, which a simulation has none of",
    ),
    "Function": "PyBaMM cannot write a Python function as JSON: build it of PyBaMM's own ones",
}
"""Symbols that are not taken, and why."""


class DocumentError(ValueError):
    """A document that is not what PyBaMM writes, or holds what is not taken."""


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


@frozen
class Expression:
    """A parameter's value, or a variable, that is no number: a symbol in PyBaMM's JSON.

    Attributes
    ----------
    digest : str
        Tells it from others.
    node : dict
        The JSON.
    """

    digest: str
    node: dict[str, Any] = field(repr=False, eq=False)

    @classmethod
    def of(cls, node: dict[str, Any]) -> "Expression":
        """Return the expression of a JSON object."""
        return cls(_digest(node), node)


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
        return cls(_digest(content), content)


def compressed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document in PyBaMM's compressed form, some fifty times smaller."""
    if document.get("compressed") is True:
        return dict(document)
    packed = zlib.compress(orjson.dumps(document), 6)
    return {"compressed": True, "data": base64.b64encode(packed).decode("ascii")}


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
        return pybamm.BaseModel.from_json(content), checked_recipe(recipe, _symbol)
    except DocumentError:
        raise
    except RecursionError:
        raise DocumentError("the document is nested too deeply") from None
    except Exception as error:
        # PyBaMM raises whatever it stumbles over; the document is to blame for all of it.
        raise DocumentError(f"PyBaMM cannot read the document: {_shortened(error)}") from error


def load_expression(expression: Expression, where: str) -> Any:
    """Load a symbol.

    Raises
    ------
    DocumentError
        If it is no symbol, or one that is not taken; the message starts with ``where``.
    """
    return _symbol(expression.node, where)


def _symbol(node: Any, where: str) -> Any:
    _check_symbol(node, where)
    try:
        symbol = pybamm.expression_tree.operations.serialise.convert_symbol_from_json(node)
    except RecursionError:
        raise DocumentError(f"{where} is nested too deeply") from None
    except Exception as error:
        raise DocumentError(f"PyBaMM cannot read {where}: {_shortened(error)}") from error
    if isinstance(symbol, float | int | pybamm.Symbol) and not isinstance(symbol, bool):
        return symbol
    raise DocumentError(f"{where} is neither a number nor a symbol of PyBaMM")


def _checked(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parts of a document PyBaMM is to read, and its discretisation."""
    document = _unpacked(document)
    outer: Mapping[str, Any] = {}
    if document.get("type") == "custom":
        outer, document = document, _unpacked(_mapping(document.get("model"), "model"))
    version = document.get("schema_version", _SCHEMA_VERSION)
    if version != _SCHEMA_VERSION:
        raise DocumentError(
            f"the document has the schema version {version!r}, PyBaMM {pybamm.__version__} reads "
            f"{_SCHEMA_VERSION}"
        )
    if "model" not in document:
        raise DocumentError(
            "the document has no 'model': give what model.to_json() of a PyBaMM model returns"
        )
    model = _mapping(document["model"], "model")
    required = ("name", *_PAIRS, "boundary_conditions", "events", "variables")
    if missing := [name for name in required if name not in model]:
        raise DocumentError(f"the document's model has no {' and no '.join(map(repr, missing))}")
    base_class = _base_class(model)
    content = {
        "name": _text(model["name"], "model.name"),
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
        names = ("geometry", "var_pts", "submesh_types", "spatial_methods")
        recipe = {name: outer[name] for name in names if name in outer}
    return {"schema_version": version, "model": content}, _mapping(recipe, "model.discretisation")


def _unpacked(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document that is not compressed; refuse one that would grow without bounds."""
    if not document.get("compressed", False):
        return document
    try:
        packed = base64.b64decode(_text(document.get("data"), "data"), validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, LARGEST_DOCUMENT)
        if unpacker.unconsumed_tail:
            size = LARGEST_DOCUMENT // 1024**2
            raise DocumentError(f"the document is larger than {size} MiB once unpacked")
        return _mapping(orjson.loads(content), "the document")
    except DocumentError:
        raise
    except (ValueError, zlib.error) as error:
        raise DocumentError(f"the compressed document cannot be unpacked: {error}") from error


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
    model = _unpacked(document.content).get("model")
    if isinstance(model, Mapping) and "model" in _unpacked(model):
        model = _unpacked(model)["model"]
    named = model.get("base_class") if isinstance(model, Mapping) else None
    return isinstance(named, str) and named.startswith(_CIRCUIT)


def _pairs(pairs: Any, where: str) -> list[Any]:
    for number, pair in enumerate(_sequence(pairs, where)):
        place = f"{where}[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise DocumentError(f"{place} is no pair of a variable and its expression")
        for side in pair:
            _check_symbol(side, place)
    return list(pairs)


def _boundary_conditions(conditions: Any) -> list[Any]:
    where = "model.boundary_conditions"
    checked = []
    for number, pair in enumerate(_sequence(conditions, where)):
        place = f"{where}[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise DocumentError(f"{place} is no pair of a variable and its conditions")
        variable, sides = pair
        _check_symbol(variable, place)
        for name, condition in _mapping(sides, place).items():
            if not isinstance(condition, list) or len(condition) != 2:
                raise DocumentError(f"{place}.{name} is no pair of an expression and a type")
            _check_symbol(condition[0], f"{place}.{name}")
            _text(condition[1], f"{place}.{name}[1]")
        checked.append([variable, dict(sides)])
    return checked


def _events(events: Any) -> list[dict[str, Any]]:
    checked = []
    for number, event in enumerate(_sequence(events, "model.events")):
        where = f"model.events[{number}]"
        fields = _mapping(event, where)
        kind = fields.get("event_type")
        if kind not in pybamm.EventType.__members__:
            known = ", ".join(pybamm.EventType.__members__)
            raise DocumentError(f"{where}.event_type is {kind!r}: use one of {known}")
        _check_symbol(fields.get("expression"), where)
        name = _text(fields.get("name"), f"{where}.name")
        checked.append({"name": name, "expression": fields["expression"], "event_type": kind})
    return checked


def _variables(variables: Any) -> dict[str, Any]:
    for name, node in _mapping(variables, "model.variables").items():
        _check_symbol(node, f"variable {name!r}")
    return dict(variables)


def _options(options: Any) -> dict[str, Any]:
    """Return options, sure that they are texts, numbers, and lists and maps of these."""
    for name, part in _parts(_mapping(options, "model.options"), "model.options"):
        if isinstance(part, Mapping) and _TAG in part:
            raise DocumentError(f"{name} is no option of a model")
    return dict(options)


def _check_symbol(node: Any, where: str) -> None:
    """Refuse what is no symbol, and symbols that are not taken, however deep inside."""
    if isinstance(node, bool) or not isinstance(node, int | float | Mapping):
        raise DocumentError(f"{where} is {node!r}: give a symbol in PyBaMM's JSON, or a number")
    for place, part in _parts(node, where):
        if isinstance(part, Mapping):
            _check_node(part, place)


def _check_node(node: Mapping[str, Any], where: str) -> None:
    if "py/object" in node:
        raise DocumentError(f"{where} has the key 'py/object' of discretised models: leave it out")
    if "class" in node or "module" in node:
        raise DocumentError(f"{where} names a class: only symbols are taken here")
    tag = node.get(_TAG, node.get("type"))
    if tag is None:
        return
    check = _LEAVES.get(tag) if isinstance(tag, str) else None
    if check is not None:
        check(node, where)
    elif not isinstance(tag, str) or _path(tag) not in _symbol_classes():
        name = str(tag).rpartition(".")[2]
        reason = _REFUSED.get(name) or "it is no symbol of PyBaMM's expression trees"
        raise DocumentError(f"{where} is of the type {tag!r}, which is not taken: {reason}")


def _check_float(node: Mapping[str, Any], where: str) -> None:
    if node.get("value") not in _FLOATS:
        raise DocumentError(f"{where} is no number: {node.get('value')!r}")


def _check_array(node: Mapping[str, Any], where: str) -> None:
    if node.get("dtype") not in _NUMBER_TYPES or not isinstance(node.get("data"), list):
        raise DocumentError(f"{where} is no array of numbers")


def _check_tuple(node: Mapping[str, Any], where: str) -> None:
    if not isinstance(node.get("items"), list):
        raise DocumentError(f"{where} is no tuple")


_LEAVES: Final[dict[str, Callable[[Mapping[str, Any], str], None]]] = {
    "builtins.float": _check_float,
    "numpy.ndarray": _check_array,
    "builtins.tuple": _check_tuple,
}


def _path(tag: str) -> str:
    """Return the dotted path of a class as PyBaMM's reader understands a tag."""
    return tag if "." in tag else f"pybamm.{tag}"


@lru_cache(maxsize=1)
def _symbol_classes() -> frozenset[str]:
    """Return every spelling of every symbol that is taken: where it is defined, and pybamm.X."""
    found: set[str] = set()
    waiting = [pybamm.Symbol]
    while waiting:
        for symbol in waiting.pop().__subclasses__():
            waiting.append(symbol)
            if symbol.__module__.startswith("pybamm.") and symbol.__name__ not in _REFUSED:
                found.add(f"{symbol.__module__}.{symbol.__qualname__}")
                if getattr(pybamm, symbol.__name__, None) is symbol:
                    found.add(f"pybamm.{symbol.__name__}")
    return frozenset(found)


def _parts(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield a JSON value and all values inside it, without recursion."""
    waiting = [(where, value)]
    while waiting:
        place, part = waiting.pop()
        yield place, part
        if isinstance(part, Mapping):
            waiting += [(place, item) for item in part.values() if isinstance(item, list | Mapping)]
        elif isinstance(part, list):
            waiting += [(place, item) for item in part if isinstance(item, list | Mapping)]


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DocumentError(f"{where} is {_kind(value)}, not a JSON object")
    return value


def _sequence(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise DocumentError(f"{where} is {_kind(value)}, not a JSON array")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise DocumentError(f"{where} is {_kind(value)}, not text")
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "text", bool: "a truth value"}
    return "missing" if value is None else names.get(type(value), "a number")


def _shortened(error: Exception) -> str:
    """Return what an exception says, without the documents PyBaMM puts into its messages."""
    said = str(error) or type(error).__name__
    return said if len(said) < 300 else f"{said[:150]} ... {said[-150:]}"
