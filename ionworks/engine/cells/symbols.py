"""Symbols of PyBaMM's expression trees in JSON: checked as data, then read by PyBaMM.

PyBaMM's reader imports the module that a node names. Here a node may only name symbols that PyBaMM
has already loaded.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from inspect import Parameter, Signature
from typing import Any, Final, Self

import orjson
from attrs import field, frozen

from ionworks.engine.pybamm_setup import pybamm

TAG: Final = "$type"
"""Key of a node that names its class."""

_FLOATS: Final = ("Infinity", "-Infinity", "NaN")
_NUMBER_TYPES: Final = ("float64", "float32", "int64", "int32", "bool")

_REFUSED: Final = {
    "InputParameter": "runs give values to parameters only: use a parameter, which "
    "design_parameters can vary",
    **dict.fromkeys(
        (
            *("Array", "Matrix", "StateVector", "StateVectorDot", "StateVectorBase", "SparseStack"),
            *("DomainConcatenation", "NumpyConcatenation", "Index"),
        ),
        "it is part of a discretised model: write the model before it is discretised",
    ),
    **dict.fromkeys(
        ("DiscreteTimeData", "DiscreteTimeSum", "ExplicitTimeIntegral"),
        "it compares a model with data, and a simulation has no data",
    ),
    "Function": "PyBaMM cannot write a Python function as JSON: use functions of PyBaMM instead",
}
"""Symbols that are not accepted -> the reason, and what to use instead."""


class DocumentError(ValueError):
    """JSON that is not in the form PyBaMM writes, or has parts that are not accepted."""


def digest_of(value: Any) -> str:
    """Return a digest of a JSON value; equal values have equal digests."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


@frozen
class JsonObject:
    """A JSON object that may be large, compared and shown by its digest."""

    digest: str
    content: dict[str, Any] = field(repr=False, eq=False)

    @classmethod
    def of(cls, content: dict[str, Any]) -> Self:
        """Return a JSON object with its digest."""
        return cls(digest_of(content), content)


class JsonSymbol(JsonObject):
    """A symbol in PyBaMM's JSON: the value of a parameter that is not a number, or a variable."""


def load_symbol(node: Any, where: str) -> Any:
    """Load a symbol from JSON.

    Raises
    ------
    DocumentError
        If it is not a symbol, or not an accepted one; the message starts with ``where``.
    """
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


class JsonFunction:
    """A function of a parameter, as PyBaMM's JSON has it, called like a Python function.

    PyBaMM regularises the roots of concentrations in an exchange-current density, each with its
    own scale. Of a function from JSON it does not find the scales, because it looks for them by the
    names of the function's arguments: a 3C discharge was 4e-4 off in charge.

    Parameters
    ----------
    symbol : pybamm.ExpressionFunctionParameter
        The function.

    Attributes
    ----------
    expression : pybamm.Symbol
        The body, which tells what parameters it contains.
    """

    def __init__(self, symbol: Any) -> None:
        self.expression = symbol.child
        self.__name__ = symbol.func_name
        self.__signature__ = Signature(
            [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in symbol.func_args]
        )

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Return the body with the arguments in the place of the function's parameters."""
        # PyBaMM may give more arguments than the function takes, such as all three coordinates.
        given = dict(zip(self.__signature__.parameters, arguments, strict=False)) | named

        def substituted(node: Any, leaves: Any) -> Any:
            if isinstance(node, pybamm.Parameter) and node.name in given:
                return given[node.name]
            return pybamm.rebuild(node, leaves)

        return pybamm.tree_map(substituted, self.expression)


def check_symbol(node: Any, where: str) -> None:
    """Raise a DocumentError unless a node and all nodes in it are accepted symbols."""
    if isinstance(node, bool) or not isinstance(node, int | float | Mapping):
        raise DocumentError(f"{where} is {node!r}: use a symbol in PyBaMM's JSON, or a number")
    for place, part in parts_of(node, where):
        if isinstance(part, Mapping):
            _check_node(part, place)


def _check_node(node: Mapping[str, Any], where: str) -> None:
    if "py/object" in node:
        raise DocumentError(
            f"{where} has the key 'py/object' of discretised models: write the model before it is "
            "discretised"
        )
    if "class" in node or "module" in node:
        raise DocumentError(f"{where} names a class: only symbols are accepted here")
    tag = node.get(TAG, node.get("type"))
    if tag is None:
        return
    check = _LEAVES.get(tag) if isinstance(tag, str) else None
    if check is not None:
        check(node, where)
    elif not isinstance(tag, str) or _path(tag) not in _symbol_classes():
        name = str(tag).rpartition(".")[2]
        reason = _REFUSED.get(name) or "it is not a symbol of PyBaMM's expression trees"
        raise DocumentError(f"{where} is of the type {tag!r}, which is not accepted: {reason}")


def _check_float(node: Mapping[str, Any], where: str) -> None:
    if node.get("value") not in _FLOATS:
        raise DocumentError(f"{where} is not a number: {node.get('value')!r}")


def _check_array(node: Mapping[str, Any], where: str) -> None:
    if node.get("dtype") not in _NUMBER_TYPES or not isinstance(node.get("data"), list):
        raise DocumentError(f"{where} is not an array of numbers")


def _check_tuple(node: Mapping[str, Any], where: str) -> None:
    if not isinstance(node.get("items"), list):
        raise DocumentError(f"{where} is not a tuple")


_LEAVES: Final[dict[str, Callable[[Mapping[str, Any], str], None]]] = {
    "builtins.float": _check_float,
    "numpy.ndarray": _check_array,
    "builtins.tuple": _check_tuple,
}


def _path(tag: str) -> str:
    """Return the dotted path of the class that PyBaMM's reader takes a tag for."""
    return tag if "." in tag else f"pybamm.{tag}"


@lru_cache(maxsize=1)
def _symbol_classes() -> frozenset[str]:
    """Return every accepted symbol under both its names: where it is defined, and ``pybamm.X``."""
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
    """Yield a JSON value and all values inside it with their place.

    Without recursion, so that deeply nested JSON cannot exhaust Python's stack.
    """
    waiting = [(where, value)]
    while waiting:
        place, part = waiting.pop()
        yield place, part
        if isinstance(part, Mapping):
            waiting += [(place, item) for item in part.values() if isinstance(item, list | Mapping)]
        elif isinstance(part, list):
            waiting += [(place, item) for item in part if isinstance(item, list | Mapping)]


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Return a JSON object; raise a DocumentError for any other value."""
    if not isinstance(value, Mapping):
        raise DocumentError(f"{where} is {_kind(value)}, not a JSON object")
    return value


def sequence(value: Any, where: str) -> list[Any]:
    """Return a JSON array; raise a DocumentError for any other value."""
    if not isinstance(value, list):
        raise DocumentError(f"{where} is {_kind(value)}, not a JSON array")
    return value


def text(value: Any, where: str) -> str:
    """Return text; raise a DocumentError for any other value."""
    if not isinstance(value, str):
        raise DocumentError(f"{where} is {_kind(value)}, not text")
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "text", bool: "a boolean"}
    return "missing" if value is None else names.get(type(value), "a number")


def shortened(error: Exception) -> str:
    """Return the message of an exception, cut short: PyBaMM's may contain a whole document."""
    message = " ".join(str(error).split()) or type(error).__name__
    return message if len(message) < 300 else f"{message[:150]} ... {message[-150:]}"
