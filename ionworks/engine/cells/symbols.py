"""Symbols of PyBaMM's expression trees in JSON: checked as data, then read by PyBaMM.

PyBaMM's reader imports the module a node names. Here a node may name nothing but symbols PyBaMM has
loaded already.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson
from attrs import field, frozen

from ionworks.engine.pybamm_setup import pybamm

TAG: Final = "$type"
"""Key of a node that names its class."""

_FLOATS: Final = ("Infinity", "-Infinity", "NaN")
_NUMBER_TYPES: Final = ("float64", "float32", "int64", "int32", "bool")

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


def digest_of(value: Any) -> str:
    """Return a text that two JSON values share only if they are the same."""
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
        return cls(digest_of(node), node)


def load_expression(expression: Expression, where: str) -> Any:
    """Load a symbol.

    Raises
    ------
    DocumentError
        If it is no symbol, or one that is not taken; the message starts with ``where``.
    """
    return load_symbol(expression.node, where)


def load_symbol(node: Any, where: str) -> Any:
    """Load a symbol of a JSON value; raises a DocumentError as `load_expression` does."""
    check_symbol(node, where)
    try:
        symbol = pybamm.expression_tree.operations.serialise.convert_symbol_from_json(node)
    except RecursionError:
        raise DocumentError(f"{where} is nested too deeply") from None
    except Exception as error:
        raise DocumentError(f"PyBaMM cannot read {where}: {shortened(error)}") from error
    if isinstance(symbol, float | int | pybamm.Symbol) and not isinstance(symbol, bool):
        return symbol
    raise DocumentError(f"{where} is neither a number nor a symbol of PyBaMM")


def check_symbol(node: Any, where: str) -> None:
    """Refuse what is no symbol, and symbols that are not taken, however deep inside."""
    if isinstance(node, bool) or not isinstance(node, int | float | Mapping):
        raise DocumentError(f"{where} is {node!r}: give a symbol in PyBaMM's JSON, or a number")
    for place, part in parts_of(node, where):
        if isinstance(part, Mapping):
            _check_node(part, place)


def _check_node(node: Mapping[str, Any], where: str) -> None:
    if "py/object" in node:
        raise DocumentError(f"{where} has the key 'py/object' of discretised models: leave it out")
    if "class" in node or "module" in node:
        raise DocumentError(f"{where} names a class: only symbols are taken here")
    tag = node.get(TAG, node.get("type"))
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
    waiting: list[Any] = [pybamm.Symbol]
    while waiting:
        subclasses: list[Any] = waiting.pop().__subclasses__()
        waiting += subclasses
        for symbol in subclasses:
            if symbol.__module__.startswith("pybamm.") and symbol.__name__ not in _REFUSED:
                name = symbol.__name__
                found.add(f"{symbol.__module__}.{symbol.__qualname__}")
                if getattr(pybamm, name, None) is symbol:
                    found.add(f"pybamm.{name}")
    return frozenset(found)


def parts_of(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield a JSON value and all values inside it, without recursion."""
    waiting = [(where, value)]
    while waiting:
        place, part = waiting.pop()
        yield place, part
        if isinstance(part, Mapping):
            waiting += [(place, item) for item in part.values() if isinstance(item, list | Mapping)]
        elif isinstance(part, list):
            waiting += [(place, item) for item in part if isinstance(item, list | Mapping)]


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Return a JSON object; raises a DocumentError for anything else."""
    if not isinstance(value, Mapping):
        raise DocumentError(f"{where} is {_kind(value)}, not a JSON object")
    return value


def sequence(value: Any, where: str) -> list[Any]:
    """Return a JSON array; raises a DocumentError for anything else."""
    if not isinstance(value, list):
        raise DocumentError(f"{where} is {_kind(value)}, not a JSON array")
    return value


def text(value: Any, where: str) -> str:
    """Return text; raises a DocumentError for anything else."""
    if not isinstance(value, str):
        raise DocumentError(f"{where} is {_kind(value)}, not text")
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "text", bool: "a truth value"}
    return "missing" if value is None else names.get(type(value), "a number")


def shortened(error: Exception) -> str:
    """Return what an exception says, without the documents PyBaMM puts into its messages."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) < 300 else f"{said[:150]} ... {said[-150:]}"
