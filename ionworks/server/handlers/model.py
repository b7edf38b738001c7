"""Models: built-in models of PyBaMM by type and options, and custom models."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, exists, select

from ionworks.engine.catalogue import BUILT_IN
from ionworks.server.call import Call
from ionworks.server.http.excerpts import cut
from ionworks.server.http.json_text import read_json
from ionworks.server.http.problems import Problem, conflict, entry, invalid, not_implemented
from ionworks.server.http.replies import Reply, nothing
from ionworks.server.store import access, records
from ionworks.server.store.model_configs import (
    CHEMISTRIES,
    CUSTOM,
    FORMULAS,
    VARIABLES,
    model_spec,
    modules,
    read_config,
)
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.scope import everybodys
from ionworks.server.store.tables import models, parameterized_models, projects, submissions
from ionworks.server.submission.models import ask

_NOUN = "model"


def list_models(call: Call) -> dict[str, Any]:
    """List models, newest first; their configurations are left out."""
    rows, total = records.page(call.services.store, models, call.query)
    items = [{**_wire(row), "config": None} for row in rows]
    return records.envelope(items, total)


def create_model(call: Call) -> dict[str, Any]:
    """Store a model with its options, which are checked."""
    body = records.fields(
        call.body,
        *("name", "config", "project_id", "description", "pybamm_version", "simulation_settings"),
    )
    config = read_config(body["config"], ["body", "config"])
    return _store(call, body, config)


def upload_custom_model(call: Call) -> dict[str, Any]:
    """Store a custom PyBaMM model that the engine can run."""
    body = call.body
    chemistry = body.get("chemistry", CHEMISTRIES[0])
    if chemistry not in CHEMISTRIES:
        raise not_implemented(
            f"The embedded engine runs models of {', '.join(CHEMISTRIES)}, not of {chemistry}."
        )
    try:
        document = read_json(body["file"])
    except ValueError as error:
        raise _wrong_file(str(error)) from error
    if not isinstance(document, dict):
        raise _wrong_file("holds no JSON object; give what PyBaMM's model.to_json() returns")
    config = {"type": CUSTOM, "model": document, "chemistry": chemistry}
    return _store(call, body, config)


def get_model(call: Call) -> dict[str, Any]:
    """Return one model."""
    return _wire(_stored(call))


@repeatable
def update_model(call: Call) -> dict[str, Any]:
    """Change name and description of a model; its settings only before it is simulated."""
    values = records.fields(
        call.body, "name", "description", "pybamm_version", "simulation_settings"
    )
    stored = _stored(call)
    settings = values.get("simulation_settings", stored["simulation_settings"])
    changes_physics = settings != stored["simulation_settings"]
    if changes_physics:
        _inspect(call, {**stored, "simulation_settings": settings})
    with call.services.store.writing() as connection:
        if changes_physics:
            _refuse_simulated(connection, stored["id"])
        record = records.alter(connection, models, _NOUN, stored["id"], values, within="project_id")
    return _wire(record)


def delete_model(call: Call) -> Reply:
    """Delete a model that no parameterized model uses."""
    records.remove(call.services.store, models, _NOUN, call.path["model_id"])
    return nothing()


def add_custom_variable(call: Call) -> dict[str, Any]:
    """Add a formula of a model's variables, which its runs can then record."""
    stored = _stored(call)
    body = records.fields(call.body, "name", "expression")
    name, formula = body["name"], body["expression"]
    config = stored["config"]
    if name in config.get(FORMULAS, {}) or name in config.get(VARIABLES, {}):
        raise conflict(f"The model already has a variable {name!r}; choose another name.")
    config = {**config, FORMULAS: {**config.get(FORMULAS, {}), name: formula}}
    _inspect(call, {**stored, "config": config})
    store = call.services.store
    return _wire(records.change(store, models, _NOUN, stored["id"], {"config": config}))


def serialize_model(call: Call) -> dict[str, Any]:
    """Return a built-in model of PyBaMM as a document."""
    body = records.fields(call.body, "name", "options")
    name, options = body["name"], body.get("options", {})
    if name not in BUILT_IN:
        message = f"unknown model {name!r}; valid models: {', '.join(BUILT_IN)}"
        raise invalid([entry(["body", "name"], message, "enum")])
    payload = {"name": name, "options": options}
    document: dict[str, Any] = ask(call.services, call.services.jobs.targets.serialise, payload)
    return document


def list_pybamm_models(_call: Call) -> dict[str, Any]:
    """Return the PyBaMM models this engine runs, by module."""
    return {**modules()}


def validate_pybamm_model(call: Call) -> dict[str, Any]:
    """Report whether a PyBaMM model can be built with its options."""
    body = records.fields(call.body, "pybamm_model", "module", "options")
    module = body.get("module", "lithium_ion")
    name = body["pybamm_model"]
    known = modules()
    if name not in known.get(module, []):
        names = "; ".join(f"{', '.join(models)} of {module}" for module, models in known.items())
        error = f"the embedded engine runs {names}, not {cut(module)}.{cut(name)}"
        return {"valid": False, "error": error, "error_type": "NotImplementedError"}
    config = {"type": name, "options": body.get("options") or {}}
    try:
        _inspect(call, {"config": config})
    except Problem as problem:
        if problem.status != 422:
            raise
        return {"valid": False, "error": problem.message, "error_type": "ValueError"}
    return {"valid": True, "error": None, "error_type": None}


def _store(call: Call, body: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """Store a new model after the engine has checked it."""
    store = call.services.store
    project_id = call.project_id
    records.require(store, projects, "project", project_id)
    with store.reading() as connection:
        # First, because building the model takes longer.
        named = {"name": body["name"], "project_id": project_id}
        records.refuse_taken(connection, models, named, noun=_NOUN)
    settings = body.get("simulation_settings")
    found = _inspect(call, {"config": config, "simulation_settings": settings})
    if config["type"] == CUSTOM:
        config = {**config, "model": found["document"]}
    values = {
        "project_id": project_id,
        "name": body["name"],
        "config": config,
        "description": body.get("description"),
        "simulation_settings": settings,
        "pybamm_version": body.get("pybamm_version"),
    }
    return _wire(records.create(store, models, values, noun=_NOUN))


def _inspect(call: Call, model: dict[str, Any]) -> dict[str, Any]:
    """Have the engine build a model; raises a 422 Problem when that fails.

    A built-in model without changes is known to build.
    """
    spec = model_spec(model, None)
    if spec == {"type": spec["type"], "options": {}}:
        return {}
    payload = {"model": spec}
    target = call.services.jobs.targets.inspect
    found: dict[str, Any] = ask(call.services, target, payload)
    return found


def _refuse_simulated(connection: Connection, model_id: str) -> None:
    """Refuse a change after which stored results would not be those of the model."""
    # Members of other projects may have simulated it, too.
    runs_of, made_of = everybodys(submissions), everybodys(parameterized_models)
    used = (
        select(runs_of.c.id)
        .join(made_of, made_of.c.id == runs_of.c.parameterized_model_id)
        .where(made_of.c.model_id == model_id)
    )
    if connection.scalar(select(exists(used))):
        raise conflict(
            "The settings of a model that has been simulated cannot change; make a new model "
            "with the new settings."
        )


def _stored(call: Call) -> records.Record:
    return records.require(call.services.store, models, _NOUN, call.path["model_id"])


def _wrong_file(message: str) -> Problem:
    return invalid([entry(["body", "file"], message, "json_invalid")])


def _wire(record: records.Record) -> dict[str, Any]:
    fields = {name: value for name, value in record.items() if name != "number"}
    return {
        "description": None,
        "simulation_settings": None,
        "pybamm_version": None,
        **fields,
        "is_custom_model": record["config"]["type"] == CUSTOM,
        "organization_id": access.organization_id(),
        "user_id": access.creator(None),
    }
