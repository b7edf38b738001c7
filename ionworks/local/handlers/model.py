"""Models: PyBaMM's built-in ones, by type and options."""

from __future__ import annotations

from typing import Any

from ionworks.local import records, specifications
from ionworks.local.calls import Call, Reply, nothing
from ionworks.local.engine.catalogue import MODELS
from ionworks.local.problems import Problem
from ionworks.local.seeds import DEFAULT_PROJECT, ORGANIZATION
from ionworks.local.tables import models, projects

_NOUN = "model"
_MODULE = "lithium_ion"
#: Set the options of a model are tried on.
_TRIAL_SET = "Chen2020"


def list_models(call: Call) -> dict[str, Any]:
    """List models, newest first."""
    rows, total = records.page(call.services.store, models, call.query)
    return records.envelope([_wire(row) for row in rows], total)


def create_model(call: Call) -> dict[str, Any]:
    """Store a built-in model with options, which are tried at once."""
    body = call.body
    store = call.services.store
    project_id = body.get("project_id", DEFAULT_PROJECT)
    records.require(store, projects, "project", project_id)
    config = body["config"]
    specifications.check_config(config, ["body", "config"])
    _try(call, config["type"], config.get("options") or {})
    values = {
        "project_id": project_id,
        "name": body["name"],
        "config": {"type": config["type"], "options": config.get("options") or {}},
        "description": body.get("description"),
        "simulation_settings": body.get("simulation_settings"),
        "pybamm_version": body.get("pybamm_version"),
    }
    return _wire(records.create(store, models, values, noun=_NOUN))


def get_model(call: Call) -> dict[str, Any]:
    """Return one model."""
    return _wire(records.require(call.services.store, models, _NOUN, call.path["model_id"]))


def update_model(call: Call) -> dict[str, Any]:
    """Change what does not change the physics."""
    values = records.chosen(
        call.body, "name", "description", "pybamm_version", "simulation_settings"
    )
    store = call.services.store
    return _wire(records.change(store, models, _NOUN, call.path["model_id"], values))


def delete_model(call: Call) -> Reply:
    """Delete a model no parameterized model needs."""
    records.remove(call.services.store, models, _NOUN, call.path["model_id"])
    return nothing()


def list_pybamm_models(_call: Call) -> dict[str, Any]:
    """Return the PyBaMM models this engine runs, by module."""
    return {_MODULE: list(MODELS)}


def validate_pybamm_model(call: Call) -> dict[str, Any]:
    """Say whether a PyBaMM model can be built with its options."""
    module = call.body.get("module", _MODULE)
    name = call.body["pybamm_model"]
    if module != _MODULE or name not in MODELS:
        error = f"the embedded engine runs {', '.join(MODELS)} of {_MODULE}, not {module}.{name}"
        return {"valid": False, "error": error, "error_type": "NotImplementedError"}
    try:
        _try(call, name, call.body.get("options", {}))
    except Problem as problem:
        if problem.status != 422:
            raise
        return {"valid": False, "error": problem.message, "error_type": "ValueError"}
    return {"valid": True, "error": None, "error_type": None}


def _try(call: Call, kind: str, options: dict[str, Any]) -> None:
    """Build a model in a worker when it has options; raises a 422 Problem when that fails."""
    if not options:
        return
    spec = {"type": kind, "options": options, "parameter_set": _TRIAL_SET, "parameters": {}}
    specifications.ask(call.services, call.services.jobs.targets.describe, {"model": spec})


def _wire(record: records.Record) -> dict[str, Any]:
    fields = {name: value for name, value in record.items() if name != "number"}
    return {
        "description": None,
        "simulation_settings": None,
        "pybamm_version": None,
        **fields,
        "is_custom_model": False,
        "organization_id": ORGANIZATION,
    }
