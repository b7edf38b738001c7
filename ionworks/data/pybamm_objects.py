"""PyBaMM objects as JSON values for a request.

PyBaMM is imported only when a user passes one of its objects, a function, or the name of one of its
models or parameter sets. Whether a value is an object of PyBaMM is decided without importing it.
"""

from __future__ import annotations

import functools
import json
import os
import types
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = [
    "configuration",
    "is_experiment",
    "is_model",
    "is_parameter_values",
    "load_pybamm",
    "model_document",
    "wire_parameters",
    "with_plain_objects",
    "zoo_model",
]

_MODULES: Final = ("lithium_ion", "equivalent_circuit")
_PARTS: Final = ("Base", "Elec")
"""First letters of the names of classes that are only parts of models."""


def is_model(value: Any) -> bool:
    """Return whether a value is a PyBaMM model."""
    return _descends(value, "pybamm.models.base_model", "BaseModel")


def is_parameter_values(value: Any) -> bool:
    """Return whether a value is a `pybamm.ParameterValues`."""
    return _descends(value, "pybamm.parameters.parameter_values", "ParameterValues")


def is_experiment(value: Any) -> bool:
    """Return whether a value is a `pybamm.Experiment`."""
    return _descends(value, "pybamm.experiment.experiment", "Experiment")


def configuration(value: Any, where: str) -> dict[str, Any]:
    """Return a model or an experiment of PyBaMM as its configuration in JSON values.

    Raises
    ------
    ValueError
        If PyBaMM cannot write it, because a step or a termination is a Python function.
    """
    try:
        config = value.to_config()
    except NotImplementedError as error:
        raise ValueError(f"PyBaMM cannot write {where}: {error}") from None
    found: dict[str, Any] = _plain(config, where)
    return found


def with_plain_objects(value: Any, where: str) -> Any:
    """Return a value with every PyBaMM object in it as JSON values.

    Parameters
    ----------
    value : object
        A model, an experiment, parameter values, a symbol, a function of symbols, or mappings and
        lists of these; any other value is returned unchanged.
    where : str
        How messages name the value.

    Returns
    -------
    object
        A model or an experiment as its configuration, parameter values as a map of numbers and
        functions, a symbol or a function as PyBaMM's JSON.

    Raises
    ------
    TypeError
        If a function does not return a symbol, or PyBaMM cannot write an object as JSON.
    ValueError
        If it contains itself.
    """
    try:
        return _without_objects(value, where)
    except RecursionError:
        raise ValueError(f"{where} is nested too deeply, or contains itself") from None


def _without_objects(value: Any, where: str) -> Any:
    if is_model(value) or is_experiment(value):
        return configuration(value, where)
    if is_parameter_values(value):
        return {
            name: _parameter(name, each, f"{where}[{name!r}]")
            for name, each in value.items()
            if not isinstance(each, str) and name != "citations"
        }
    if _is_function(value) or _is_symbol(value):
        return _parameter(where, value, where)
    if isinstance(value, Mapping):
        return {
            name: _parameter(str(name), each, f"{where}[{name!r}]")
            if _is_function(each)
            else _without_objects(each, f"{where}[{name!r}]")
            for name, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_without_objects(each, f"{where}[{number}]") for number, each in enumerate(value)]
    return value


def model_document(model: Any) -> dict[str, Any]:
    """Return a PyBaMM model with its equations as JSON values.

    Parameters
    ----------
    model : pybamm.BaseModel
        A model that has not been discretised.

    Raises
    ------
    TypeError
        If PyBaMM cannot write it, for example because it contains a Python function.
    """
    return _written(model.to_json, "model")


def wire_parameters(parameters: Any, where: str, *, sets_by_name: bool) -> Any:
    """Return the parameters of a model as JSON values.

    Parameters
    ----------
    parameters : str, pybamm.ParameterValues or mapping
        Name of a published set, or values.
    where : str
        How messages name the parameters.
    sets_by_name : bool
        Whether the service knows the published sets by name, as the embedded engine does.

    Raises
    ------
    ValueError
        If the set is unknown.
    ImportError
        If the values of a set are needed and PyBaMM is not installed; the message says what to do.
    """
    if not isinstance(parameters, str):
        return with_plain_objects(parameters, where)
    return {"parameter_set": parameters} if sets_by_name else _parameter_set(parameters)


def _parameter_set(name: str) -> dict[str, Any]:
    pybamm = load_pybamm(f"look up the parameter set {name!r}")
    if name not in pybamm.parameter_sets:
        known = ", ".join(sorted(pybamm.parameter_sets))
        raise ValueError(f"PyBaMM has no parameter set {name!r}: use one of {known}")
    values: dict[str, Any] = with_plain_objects(pybamm.ParameterValues(name), f"set {name!r}")
    return values


def zoo_model(
    name: str, options: Mapping[str, Any] | None
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Build one of PyBaMM's models.

    Parameters
    ----------
    name : str
        A class of ``pybamm.lithium_ion`` or ``pybamm.equivalent_circuit``.
    options : mapping, optional
        Its options.

    Returns
    -------
    chemistry : str
        ``"lithium_ion"`` or ``"ecm"``.
    document : dict
        The model as JSON values.
    parameters : dict
        PyBaMM's default parameter values of the model.

    Raises
    ------
    ValueError
        If the model is unknown, or does not have these options.
    ImportError
        If PyBaMM is not installed; the message says what to do.
    """
    pybamm = load_pybamm(f"build the model {name!r}")
    for module in _MODULES:
        model_class = getattr(getattr(pybamm, module), name, None)
        if isinstance(model_class, type) and issubclass(model_class, pybamm.BaseModel):
            break
    else:
        raise ValueError(f"PyBaMM has no model {name!r}: use one of {', '.join(_zoo(pybamm))}")
    try:
        model = model_class() if options is None else model_class(options=dict(options))
    except (pybamm.OptionError, TypeError) as error:
        raise ValueError(f"options of {name}: {str(error).strip()}") from None
    values = with_plain_objects(model.default_parameter_values, "parameters")
    chemistry = "ecm" if module == _MODULES[1] else "lithium_ion"
    return chemistry, model_document(model), values


def _zoo(pybamm: Any) -> list[str]:
    return sorted(
        name
        for module in _MODULES
        for name, each in vars(getattr(pybamm, module)).items()
        if isinstance(each, type) and issubclass(each, pybamm.BaseModel) and name[:4] not in _PARTS
    )


def _parameter(name: str, value: Any, where: str) -> Any:
    """Return a parameter's value as a JSON value."""
    if not (callable(value) or _is_symbol(value)):
        return value
    pybamm = load_pybamm(f"write {where}")
    serialise = pybamm.parameters.parameter_values.serialize_parameter_value
    return _written(lambda: serialise(name, value), where)


def _written(write: Callable[[], Any], where: str) -> dict[str, Any]:
    """Return the document that a function of PyBaMM writes, as JSON values."""
    try:
        document: dict[str, Any] = _plain(write(), where)
    except Exception as error:
        # PyBaMM calls the user's functions with symbols, and they may raise any exception.
        raise TypeError(f"PyBaMM cannot write {where} as JSON: {error}") from error
    return document


def _plain(document: Any, where: str) -> Any:
    """Return a document of PyBaMM as JSON values; it may contain NumPy's types and PyBaMM's."""
    pybamm = load_pybamm(f"write {where}")
    encode = pybamm.expression_tree.operations.serialise.Serialise._json_encoder  # noqa: SLF001
    return json.loads(json.dumps(document, default=encode))


def _is_function(value: Any) -> bool:
    return isinstance(value, (types.FunctionType, types.MethodType, functools.partial))


def _is_symbol(value: Any) -> bool:
    return _descends(value, "pybamm.expression_tree.symbol", "Symbol")


def _descends(value: Any, module: str, name: str) -> bool:
    """Return whether a value's class is derived from a class of PyBaMM, without importing it."""
    return any(base.__name__ == name and base.__module__ == module for base in type(value).__mro__)


def load_pybamm(purpose: str) -> Any:
    """Import PyBaMM without telemetry.

    Raises
    ------
    ImportError
        If it is not installed; the message says what needs it.
    """
    # PyBaMM reads this when it is imported, and asks for consent in a terminal otherwise.
    os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
    try:
        import pybamm
    except ImportError:
        raise ImportError(
            f"PyBaMM is needed to {purpose}: pip install 'ionworks-api[local]', or pass the values "
            "instead"
        ) from None
    return pybamm
