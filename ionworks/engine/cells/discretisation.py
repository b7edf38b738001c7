"""How a model is discretised: geometry, points, submeshes and spatial methods.

A built-in model has defaults, a document has those of the class that wrote it, and simulation
settings replace parts of either. Classes are taken from a table: importing the class a document
names would run code of its author.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve, frozen

from ionworks.engine.pybamm_setup import pybamm

MOST_POINTS: Final = 1000
"""Largest number of points in one direction; with more, a solve takes hours or all the memory."""


class FiniteVolume(pybamm.FiniteVolume):
    r"""PyBaMM's finite volumes, for which inputs are as constant as numbers.

    PyBaMM moves the minus of a flux :math:`-k\nabla\phi` into :math:`k` if that is a number, and
    then takes the harmonic mean of :math:`k` at the edges. Of an input, such as the temperature, it
    takes the arithmetic mean, which is 0.5 mV off at 1C in the Newman-Tobias model of Marquis2019.
    """

    def process_binary_operators(
        self, bin_op: Any, left: Any, right: Any, disc_left: Any, disc_right: Any
    ) -> Any:
        """Discretise a binary operator; ``right`` decides which mean is taken."""
        if (
            isinstance(bin_op, pybamm.Multiplication)
            and isinstance(right, pybamm.Negate)
            and isinstance(right.child, pybamm.Gradient)
            and _is_constant(left)
        ):
            right = right.child
        return super().process_binary_operators(bin_op, left, right, disc_left, disc_right)


def _is_constant(symbol: Any) -> bool:
    """Return whether a symbol would be a number if its inputs were numbers."""
    return all(
        isinstance(node, pybamm.Scalar | pybamm.InputParameter)
        for node in symbol.pre_order()
        if not node.children
    )


_SUBMESHES: Final = {
    name: getattr(pybamm, name)
    for name in (
        "SubMesh0D",
        "Uniform1DSubMesh",
        "SymbolicUniform1DSubMesh",
        "Exponential1DSubMesh",
        "Chebyshev1DSubMesh",
        "UserSupplied1DSubMesh",
        "SpectralVolume1DSubMesh",
    )
}
_METHODS: Final = {
    "FiniteVolume": FiniteVolume,
    "SpectralVolume": pybamm.SpectralVolume,
    "ZeroDimensionalSpatialMethod": pybamm.ZeroDimensionalSpatialMethod,
}
DISCRETISATION_PARTS: Final = ("geometry", "var_pts", "submesh_types", "spatial_methods")

_NOT_SETTABLE: Final = {
    "solver": "the engine chooses the solver and its tolerances",
    "geometry": "the geometry is part of the model",
}
"""Settings of a simulation in PyBaMM that the engine does not accept -> the reason."""

LoadSymbol = Callable[[Any, str], Any]


@frozen
class Discretisation:
    """The settings from which PyBaMM makes a mesh and a `pybamm.Discretisation`.

    Attributes
    ----------
    geometry : dict
        Domain -> spatial variable -> its limits.
    var_pts : dict of str to int
        Spatial variable -> number of points.
    submesh_types, spatial_methods : dict
        Domain -> generator of its submesh, and its spatial method.
    """

    geometry: dict[str, Any]
    var_pts: dict[str, int]
    submesh_types: dict[str, Any]
    spatial_methods: dict[str, Any]

    @classmethod
    def of(cls, model: Any) -> "Discretisation":
        """Return a model's defaults."""
        return cls(
            dict(model.default_geometry),
            {getattr(key, "name", key): count for key, count in model.default_var_pts.items()},
            dict(model.default_submesh_types),
            {
                domain: FiniteVolume(method.options)
                if type(method) is pybamm.FiniteVolume
                else method
                for domain, method in model.default_spatial_methods.items()
            },
        )

    def replaced(self, parts: Mapping[str, Any]) -> "Discretisation":
        """Return a copy with some parts replaced.

        Raises
        ------
        ValueError
            If the model does not have a spatial variable or a domain.
        """
        changes: dict[str, Any] = {}
        for name in ("var_pts", "submesh_types", "spatial_methods"):
            own = getattr(self, name)
            changes[name] = own | _known(parts.get(name, {}), own, f"simulation_settings.{name}")
        return evolve(self, **changes)

    def mesh_points(self) -> dict[Any, int]:
        """Return the number of points of each spatial variable, as `pybamm.Mesh` takes them."""
        # The mesh looks a str up among PyBaMM's own spatial variables only; of a symbol it reads
        # the name. So a symbol of any kind works for the variables of custom models too.
        return {pybamm.Variable(name): count for name, count in self.var_pts.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the settings in PyBaMM's JSON, which `read_discretisation` reads too."""
        serialise = pybamm.expression_tree.operations.serialise.Serialise
        methods = {
            domain: pybamm.FiniteVolume(method.options)
            if isinstance(method, FiniteVolume)
            else method
            for domain, method in self.spatial_methods.items()
        }
        return {
            "geometry": serialise.serialise_custom_geometry(pybamm.Geometry(self.geometry_copy())),
            "var_pts": serialise.serialise_var_pts(self.var_pts),
            "submesh_types": serialise.serialise_submesh_types(self.submesh_types),
            "spatial_methods": serialise.serialise_spatial_methods(methods),
        }

    def geometry_copy(self) -> dict[str, Any]:
        """Return a copy of the geometry; PyBaMM replaces its parameters by numbers in place."""
        return {
            domain: {
                variable: dict(bounds) if isinstance(bounds, Mapping) else bounds
                for variable, bounds in variables.items()
            }
            for domain, variables in self.geometry.items()
        }


def read_discretisation(parts: Mapping[str, Any], load_symbol: LoadSymbol) -> dict[str, Any]:
    """Read parts of a discretisation from PyBaMM's JSON.

    Parameters
    ----------
    parts : mapping
        Any of ``geometry``, ``var_pts``, ``submesh_types`` and ``spatial_methods``, each with or
        without the envelope that PyBaMM adds with its version.
    load_symbol : callable
        Makes a symbol of a JSON node and its place.

    Raises
    ------
    ValueError
        If there is another part, or a part is not in the form PyBaMM writes.
    """
    readers: dict[str, Callable[[str, Mapping[str, Any]], Any]] = {
        "geometry": lambda where, part: _geometry(where, part, load_symbol),
        "var_pts": _points,
        "submesh_types": _submeshes,
        "spatial_methods": _methods,
    }
    if unknown := [name for name in parts if name not in readers]:
        raise ValueError(
            f"unknown {', '.join(map(repr, unknown))}; valid: {', '.join(DISCRETISATION_PARTS)}"
        )
    found = {}
    for name, part in parts.items():
        inner = part.get(name, part) if isinstance(part, Mapping) else part
        if not isinstance(inner, Mapping):
            raise ValueError(f"{name} is {inner!r}: give a JSON object")
        found[name] = readers[name](name, inner)
    return found


def read_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a discretisation that simulation settings replace.

    Raises
    ------
    ValueError
        If a setting is unknown, not accepted or not valid.
    """
    for name, reason in _NOT_SETTABLE.items():
        if name in settings:
            raise ValueError(f"simulation_settings.{name}: {reason}; leave it out")
    try:
        return read_discretisation(settings, _no_symbol)
    except ValueError as error:
        raise ValueError(f"simulation_settings: {error}") from None


def _no_symbol(_node: Any, where: str) -> Any:
    raise ValueError(f"{where} has a symbol where only numbers and names are allowed")


def _points(where: str, counts: Mapping[str, Any]) -> dict[str, int]:
    for name, count in counts.items():
        whole = isinstance(count, int | float) and not isinstance(count, bool) and count % 1 == 0
        if not whole or not 1 <= count <= MOST_POINTS:
            raise ValueError(
                f"{where}: {name!r} has {count!r} points: use a whole number from 1 to "
                f"{MOST_POINTS}"
            )
    return {name: int(count) for name, count in counts.items()}


def _submeshes(where: str, types: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for domain, node in types.items():
        place = f"{where}: {domain!r}"
        _refuse_other_keys(node, "submesh_params", place)
        parameters = node.get("submesh_params") or {} if isinstance(node, Mapping) else {}
        if not isinstance(parameters, Mapping) or not all(map(_is_plain, parameters.values())):
            raise ValueError(f"{place} has submesh_params that are not numbers, text or lists")
        submesh = _class(node, _SUBMESHES, place)
        found[domain] = pybamm.MeshGenerator(submesh, dict(parameters)) if parameters else submesh
    return found


def _methods(where: str, methods: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for domain, node in methods.items():
        place = f"{where}: {domain!r}"
        _refuse_other_keys(node, "options", place)
        options = node.get("options") or {} if isinstance(node, Mapping) else {}
        method = _class(node, _METHODS, place)
        found[domain] = method(options=_filled(options, method().options, f"{place} options"))
    return found


def _filled(given: Any, own: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return options with PyBaMM's own for those not given.

    PyBaMM itself ignores options it does not know, and needs all of a group if one is given.
    """
    if not isinstance(given, Mapping):
        raise ValueError(f"{where} is {given!r}: give a JSON object")
    unknown = [name for name in given if name not in own]
    if unknown:
        raise ValueError(f"{where} has the unknown key {unknown[0]!r}; valid: {', '.join(own)}")
    return {
        name: _filled(given.get(name, {}), default, f"{where}, {name!r}")
        if isinstance(default, Mapping)
        else given.get(name, default)
        for name, default in own.items()
    }


def _refuse_other_keys(node: Any, parts: str, where: str) -> None:
    # PyBaMM writes ``$type``; its older versions wrote ``module``.
    known = ("class", parts, "$type", "module")
    unknown = [] if not isinstance(node, Mapping) else [name for name in node if name not in known]
    if unknown:
        raise ValueError(f"{where} has the unknown key {unknown[0]!r}; valid: {', '.join(known)}")


def _class(node: Any, table: Mapping[str, Any], where: str) -> Any:
    """Return a class of a table; documents give its path, users may give only its name."""
    path = node.get("class") if isinstance(node, Mapping) else node
    name = path.rpartition(".")[2] if isinstance(path, str) else ""
    if name not in table:
        raise ValueError(f"{where} is {path!r}; valid in the embedded engine: {', '.join(table)}")
    return table[name]


def _is_plain(value: Any) -> bool:
    """Return whether a value is a number, text, or a list of these."""
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, int | float | str)


def _geometry(where: str, domains: Mapping[str, Any], load_symbol: LoadSymbol) -> dict[str, Any]:
    """Return a geometry.

    PyBaMM writes a spatial variable that is a symbol as two keys: its name with the limits, and
    ``symbol_`` with its name for the symbol.
    """
    found: dict[str, Any] = {}
    for domain, variables in domains.items():
        if not isinstance(variables, Mapping):
            raise ValueError(
                f"{where}: {domain!r} is {variables!r}: give a JSON object of its variables"
            )
        keys = {
            name.removeprefix("symbol_"): load_symbol(node, f"{where}: {domain!r}")
            for name, node in variables.items()
            if name.startswith("symbol_")
        }
        found[domain] = {
            keys.get(name, name): _limits(part, f"{where}: {domain!r}", load_symbol)
            for name, part in variables.items()
            if not name.startswith("symbol_")
        }
    return found


def _limits(part: Any, where: str, load_symbol: LoadSymbol) -> Any:
    if isinstance(part, Mapping) and not {"$type", "type"} & part.keys():
        return {name: _limits(inner, where, load_symbol) for name, inner in part.items()}
    return part if isinstance(part, str) else load_symbol(part, where)


def _known(given: Mapping[str, Any], own: Mapping[str, Any], where: str) -> dict[str, Any]:
    unknown = [name for name in given if name not in own]
    if unknown:
        known = ", ".join(map(str, own)) or "none"
        raise ValueError(
            f"{where}: the model has no {', '.join(map(repr, unknown))}; it has {known}"
        )
    return dict(given)
