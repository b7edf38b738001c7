"""How a model is discretised: geometry, points, submeshes and spatial methods.

A model has its own, a document brings those of the class that wrote it, and simulation settings
replace parts of either. Classes are taken from a table, never looked up by the name in a document.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve, frozen

from ionworks.engine.pybamm_setup import pybamm

MOST_POINTS: Final = 1000
"""Points of one direction: above, a solve takes hours or all the memory."""

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
    name: getattr(pybamm, name)
    for name in ("FiniteVolume", "SpectralVolume", "ZeroDimensionalSpatialMethod")
}
RECIPE_PARTS: Final = ("geometry", "var_pts", "submesh_types", "spatial_methods")

_OWN: Final = {
    "solver": "the engine chooses its own solver and tolerances",
    "geometry": "the geometry is part of the model",
}
"""Settings that are not taken, and why."""

LoadSymbol = Callable[[Any, str], Any]


@frozen
class Recipe:
    """What a discretisation is made with.

    Attributes
    ----------
    geometry : dict
        Domain -> spatial variable -> its limits.
    var_pts : dict of str to int
        Spatial variable -> number of points.
    submesh_types, spatial_methods : dict
        Domain -> generator of its mesh, and its spatial method.
    """

    geometry: dict[str, Any]
    var_pts: dict[str, int]
    submesh_types: dict[str, Any]
    spatial_methods: dict[str, Any]

    @classmethod
    def of(cls, model: Any) -> "Recipe":
        """Return a model's own."""
        return cls(
            dict(model.default_geometry),
            {getattr(key, "name", key): count for key, count in model.default_var_pts.items()},
            dict(model.default_submesh_types),
            dict(model.default_spatial_methods),
        )

    def replaced(self, parts: Mapping[str, Any]) -> "Recipe":
        """Return a recipe some parts of which are others.

        Raises
        ------
        ValueError
            If a spatial variable or a domain is not one of the model.
        """
        changes: dict[str, Any] = {}
        for name in ("var_pts", "submesh_types", "spatial_methods"):
            own = getattr(self, name)
            changes[name] = own | _known(parts.get(name, {}), own, f"simulation_settings.{name}")
        return evolve(self, **changes)

    def points(self) -> dict[Any, int]:
        """Return the number of points of each spatial variable, as PyBaMM's mesh takes them.

        It knows a name only of its own spatial variables, and of a symbol reads just the name.
        """
        return {pybamm.Variable(name): count for name, count in self.var_pts.items()}

    def limits(self) -> dict[str, Any]:
        """Return the geometry as a copy, which PyBaMM then writes numbers into."""
        return {
            domain: {
                variable: dict(bounds) if isinstance(bounds, Mapping) else bounds
                for variable, bounds in variables.items()
            }
            for domain, variables in self.geometry.items()
        }


def checked_recipe(parts: Mapping[str, Any], load_symbol: LoadSymbol) -> dict[str, Any]:
    """Return the parts of a recipe as PyBaMM takes them.

    Parameters
    ----------
    parts : mapping
        Any of ``geometry``, ``var_pts``, ``submesh_types`` and ``spatial_methods`` in PyBaMM's
        JSON, each with or without its envelope that tells versions.
    load_symbol : callable
        Makes a symbol of a JSON node.

    Raises
    ------
    ValueError
        If there is another part, or one is not what PyBaMM writes.
    """
    readers: dict[str, Callable[[str, Mapping[str, Any]], Any]] = {
        "geometry": lambda where, part: _geometry(where, part, load_symbol),
        "var_pts": _points,
        "submesh_types": _submeshes,
        "spatial_methods": _methods,
    }
    if unknown := [name for name in parts if name not in readers]:
        raise ValueError(
            f"unknown {', '.join(map(repr, unknown))}: use any of {', '.join(RECIPE_PARTS)}"
        )
    found = {}
    for name, part in parts.items():
        inner = part.get(name, part) if isinstance(part, Mapping) else part
        if not isinstance(inner, Mapping):
            raise ValueError(f"{name} is {inner!r}: give a JSON object")
        found[name] = readers[name](name, inner)
    return found


def settings_recipe(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a recipe simulation settings replace.

    Raises
    ------
    ValueError
        If a setting is unknown, not taken or not usable.
    """
    for name, reason in _OWN.items():
        if name in settings:
            raise ValueError(f"simulation_settings.{name}: {reason}; leave it out")
    try:
        return checked_recipe(settings, _no_symbol)
    except ValueError as error:
        raise ValueError(f"simulation_settings: {error}") from None


def _no_symbol(_node: Any, where: str) -> Any:
    raise ValueError(f"{where} has a symbol, where there is none")


def _points(where: str, counts: Mapping[str, Any]) -> dict[str, int]:
    for name, count in counts.items():
        whole = isinstance(count, int | float) and not isinstance(count, bool) and count % 1 == 0
        if not whole or not 1 <= count <= MOST_POINTS:
            raise ValueError(
                f"{where}: {name!r} has {count!r} points: give a whole number from 1 to "
                f"{MOST_POINTS}"
            )
    return {name: int(count) for name, count in counts.items()}


def _submeshes(where: str, types: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for domain, node in types.items():
        place = f"{where}: {domain!r}"
        parameters = node.get("submesh_params") or {} if isinstance(node, Mapping) else {}
        if not isinstance(parameters, Mapping) or not all(map(_is_plain, parameters.values())):
            raise ValueError(f"{place} has submesh_params that are no numbers")
        submesh = _class(node, _SUBMESHES, place)
        found[domain] = pybamm.MeshGenerator(submesh, dict(parameters)) if parameters else submesh
    return found


def _methods(where: str, methods: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for domain, node in methods.items():
        place = f"{where}: {domain!r}"
        options = node.get("options") or {} if isinstance(node, Mapping) else {}
        if not isinstance(options, Mapping):
            raise ValueError(f"{place} has options that are no object")
        found[domain] = _class(node, _METHODS, place)(options=dict(options))
    return found


def _class(node: Any, table: Mapping[str, Any], where: str) -> Any:
    """Return a class of a table; a document gives its path, people just its name."""
    path = node.get("class") if isinstance(node, Mapping) else node
    name = path.rpartition(".")[2] if isinstance(path, str) else ""
    if name not in table:
        raise ValueError(f"{where} is {path!r}: the embedded engine has {', '.join(table)}")
    return table[name]


def _is_plain(value: Any) -> bool:
    """Return whether a value is a number, text, or a list of these."""
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, int | float | str)


def _geometry(where: str, domains: Mapping[str, Any], load_symbol: LoadSymbol) -> dict[str, Any]:
    """Return a geometry; PyBaMM writes a variable that is a symbol beside its name."""
    found: dict[str, Any] = {}
    for domain, variables in domains.items():
        if not isinstance(variables, Mapping):
            raise ValueError(f"{where}: {domain!r} is {variables!r}: give its variables")
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
        raise ValueError(f"{where}: the model has no {', '.join(map(repr, unknown))}: use {known}")
    return dict(given)
