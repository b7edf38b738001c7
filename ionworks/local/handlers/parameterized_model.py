"""Parameterized models: a built-in model, a published parameter set, and numbers on top."""

from __future__ import annotations

from typing import Any

from ionworks.local import records, specifications
from ionworks.local.calls import Call, Reply, nothing
from ionworks.local.problems import not_implemented
from ionworks.local.seeds import DEFAULT_PROJECT, ORGANIZATION
from ionworks.local.tables import models, parameterized_models, projects

_NOUN = "parameterized model"
_SUMMARY = (
    "id",
    "name",
    "description",
    "cell_spec_id",
    "model_id",
    "model_name",
    "created_at",
    "updated_at",
)


def list_parameterized_models(call: Call) -> dict[str, Any]:
    """List parameterized models, newest first."""
    if "cell_spec_id" in call.query:
        raise not_implemented("The embedded engine has no cell specifications yet.")
    rows, total = records.page(call.services.store, parameterized_models, call.query)
    items = [_wire(call, row) for row in rows]
    if call.query.get("summary", False):
        items = [{name: item[name] for name in _SUMMARY} for item in items]
    return records.envelope(items, total)


def create_parameterized_model(call: Call) -> dict[str, Any]:
    """Store a parameterized model; ``parameters`` name the published set they go on top of."""
    body = call.body
    services = call.services
    project_id = body.get("project_id", DEFAULT_PROJECT)
    records.require(services.store, projects, "project", project_id)
    records.require(services.store, models, "model", body["model_id"])
    where: list[str | int] = ["body", "parameters"]
    parameter_set, overrides = specifications.split_parameters(body.get("parameters", {}), where)
    if parameter_set is None:
        raise specifications.missing_parameter_set(where)
    values = {
        "project_id": project_id,
        "model_id": body["model_id"],
        "name": body["name"],
        "description": body.get("description"),
        "parameter_set": parameter_set,
        "parameters": overrides,
        "simulation_settings": body.get("simulation_settings"),
    }
    specifications.check_names(services, specifications.stored_spec(services, values), where)
    record = records.create(services.store, parameterized_models, values, noun=_NOUN)
    return _wire(call, record)


def get_parameterized_model(call: Call) -> dict[str, Any]:
    """Return one parameterized model."""
    return _wire(call, _stored(call))


def update_parameterized_model(call: Call) -> dict[str, Any]:
    """Change what does not change the physics."""
    values = records.chosen(call.body, "name", "description", "simulation_settings")
    identifier = call.path["parameterized_model_id"]
    store = call.services.store
    record = records.change(store, parameterized_models, _NOUN, identifier, values)
    return _wire(call, record)


def delete_parameterized_model(call: Call) -> Reply:
    """Delete a parameterized model; its simulations stay."""
    identifier = call.path["parameterized_model_id"]
    records.remove(call.services.store, parameterized_models, _NOUN, identifier)
    return nothing()


def get_parameter_values(call: Call) -> dict[str, Any]:
    """Return all parameters with their values; null where the value is a function."""
    parameters: dict[str, Any] = _description(call)["parameters"]
    return parameters


def get_variable_names(call: Call) -> list[str]:
    """Return the names of all variables the model can report."""
    return list(_description(call)["variables"])


def _description(call: Call) -> dict[str, Any]:
    spec = specifications.stored_spec(call.services, _stored(call))
    describe = call.services.jobs.targets.describe
    description: dict[str, Any] = specifications.ask(call.services, describe, {"model": spec})
    return description


def _stored(call: Call) -> records.Record:
    identifier = call.path["parameterized_model_id"]
    return records.require(call.services.store, parameterized_models, _NOUN, identifier)


def _wire(call: Call, record: records.Record) -> dict[str, Any]:
    hidden = ("number", "parameter_set", "parameters")
    fields = {name: value for name, value in record.items() if name not in hidden}
    with call.services.store.reading() as connection:
        model = records.find(connection, models, record["model_id"])
    return {
        "simulation_settings": None,
        **fields,
        "model_name": None if model is None else model["name"],
        "cell_spec_id": None,
        "organization_id": ORGANIZATION,
        "parameters": {
            specifications.PARAMETER_SET: record["parameter_set"],
            **record["parameters"],
        },
    }
