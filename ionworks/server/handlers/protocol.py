"""Endpoints of protocols: validation, conversion to and from cycler files, templates."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, update

from ionworks import ucp
from ionworks.server.call import Call
from ionworks.server.http.problems import Location, Problem, conflict, entry, invalid
from ionworks.server.http.replies import Reply, nothing, text
from ionworks.server.store import access, records
from ionworks.server.store.database import now
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.run_parameters import Note
from ionworks.server.store.tables import experiment_templates, projects
from ionworks.server.submission import protocols

_NOUN = "protocol"
_NAMESPACE = UUID("6f0f6b5e-0d4f-5c0e-9a5e-3f6c1b7a2d10")
#: Fields of a new protocol that are stored as they are given.
_GIVEN = ("name", "description", "parameters_schema", "source_protocol")
#: Fields that lists omit unless ``include`` names them.
_HEAVY = (
    "protocol_config",
    "parameters_schema",
    "time_series_spec",
    "metrics_spec",
    "plot_options",
    "source_protocol",
)


def validate_protocol(call: Call) -> dict[str, Any]:
    """Return whether a protocol is valid; errors of the protocol are part of a 200 reply."""
    return dict(ucp.validate(call.body["protocol"]))


def find_protocol_input_references(call: Call) -> list[str]:
    """Return the names of a protocol's inputs in the order of the text, valid or not."""
    return list(ucp.find_input_references(call.body["protocol"]))


def convert_protocol(call: Call) -> dict[str, Any]:
    """Convert a protocol to the format of a cycler; one 422 lists all that does not fit it."""
    body = call.body
    try:
        converted = ucp.convert(
            body["protocol"],
            body["target"],
            drive_cycles=body.get("drive_cycles") or None,
            filename_stem=body.get("filename_stem", "protocol"),
            nominal_capacity_ah=body.get("nominal_capacity_ah"),
            verify=body.get("verify", False),
            experiment_parameters=body.get("experiment_parameters"),
            options=_options(body.get("options", {})),
        )
    except (ValueError, TypeError) as error:
        raise invalid([entry(["body"], str(error), "conversion")]) from error
    primary = _file(converted.primary_filename, converted.primary_bytes)
    return {
        "target": converted.target,
        "primary": {
            **primary,
            "media_type": converted.media_type,
            "encoding": converted.encoding,
        },
        "assets": [_file(name, content) for name, content in converted.assets],
        "notes": list(converted.notes),
    }


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a format, with the template decoded from base64."""
    values = dict(options)
    if "template_base64" in values:
        try:
            values["template"] = base64.b64decode(values.pop("template_base64"), validate=True)
        except (ValueError, TypeError) as error:
            raise ValueError(f"options.template_base64 is not valid base64: {error}") from error
    return values


def _file(name: str, content: bytes) -> dict[str, Any]:
    return {"filename": name, "content_base64": base64.b64encode(content).decode("ascii")}


def parse_protocol_file(call: Call) -> dict[str, Any]:
    """Convert the protocol file of a cycler to UCP; one 422 lists all that UCP cannot express.

    With ``partial`` the reply lists the steps that cannot be read, and a pause stands for each.
    """
    # Bytes, as the contract has it: `parse_file` would take a text as a path on the server.
    content: bytes = call.body["file"]
    try:
        read = ucp.parse_file(content, partial=call.body.get("partial", False))
    except ucp.UCPError as error:
        raise invalid([entry(["body"], str(error), "protocol_file")]) from error
    return {
        "parsed_protocol_ucp": ucp.to_yaml(read.protocol),
        "parsed_protocol_human": ucp.human_readable(read.protocol),
        "raw_protocol": read.text,
        "cycler_type": read.target,
        "nominal_capacity_ah": read.nominal_capacity_ah,
        "required_drive_cycles": list(read.required_drive_cycles),
        "available_drive_cycles": [],
        "required_subroutines": [],
        "available_subroutines": [],
        "notes": list(read.notes),
        "unread": list(read.unread),
        "error": None,
    }


def parse_protocol_to_template(call: Call) -> dict[str, Any]:
    """Store a protocol unless it is stored already, and return the id of the template.

    So a repeated request gives the same template, whatever its Idempotency-Key.
    """
    # A simulation usually follows: start the workers now, while the client prepares its request.
    call.services.jobs.prepare()
    body = records.fields(call.body, "protocol_experiment", "experiment_parameters", "project_id")
    experiment = body["protocol_experiment"]
    template, _, about_values = _keep(
        call,
        experiment["protocol"],
        ["body", "protocol_experiment", "protocol"],
        {"name": experiment["name"], "source_protocol": experiment["protocol"]},
        experiment.get("drive_cycles"),
        body.get("experiment_parameters"),
    )
    notes = [
        Note(category="protocol", message=each) for each in (*template["notes"], *about_values)
    ]
    return {"template_id": template["id"], "notes": notes}


def list_protocols(call: Call) -> dict[str, Any]:
    """List stored protocols, newest first, without their large fields."""
    included = [name for name in call.query.get("include", "").split(",") if name]
    unknown = [name for name in included if name not in _HEAVY]
    if unknown:
        message = f"unknown field {', '.join(unknown)}; known: {', '.join(_HEAVY)}"
        raise invalid([entry(["query", "include"], message, "enum")])
    rows, total = records.page(call.services.store, experiment_templates, call.query)
    left_out = set(_HEAVY) - set(included)
    items = [
        {name: value for name, value in _wire(row).items() if name not in left_out} for row in rows
    ]
    return records.envelope(items, total)


def create_protocol(call: Call) -> dict[str, Any]:
    """Store a protocol given as a mapping; equal content returns the existing template."""
    body = records.fields(call.body, *_GIVEN, "protocol_config", "project_id", "force_create")
    values = records.chosen(body, *_GIVEN)
    if not values.get("parameters_schema"):
        # Clients without a schema send an empty one: derive it from the protocol's inputs.
        values.pop("parameters_schema", None)
    template, is_new, _ = _keep(call, body["protocol_config"], ["body", "protocol_config"], values)
    if not is_new and body.get("force_create", False):
        raise conflict(f"This protocol is already stored as {template['id']}.", template["id"])
    return _wire(template)


def get_protocol(call: Call) -> dict[str, Any]:
    """Return one stored protocol."""
    return _wire(_stored(call))


def update_protocol(call: Call) -> dict[str, Any]:
    """Change the name or description of a stored protocol; its content never changes."""
    values = records.fields(call.body, "name", "description")
    store = call.services.store
    identifier = call.path["template_id"]
    return _wire(records.change(store, experiment_templates, _NOUN, identifier, values))


def delete_protocol(call: Call) -> Reply:
    """Delete a stored protocol; its simulations keep their own copy."""
    identifier = call.path["template_id"]
    records.remove(call.services.store, experiment_templates, _NOUN, identifier)
    return nothing()


def get_protocol_source(call: Call) -> Reply:
    """Return the source text of a stored protocol."""
    template = _stored(call)
    if template["source_protocol"] is None:
        message = f"The protocol {template['id']!r} was stored without its source text."
        raise Problem(404, "NOT_FOUND", message)
    return text(template["source_protocol"])


def get_protocol_human_readable(call: Call) -> Reply:
    """Return a description of a stored protocol in sentences."""
    template = _stored(call)
    protocol, _ = protocols.parsed(template["protocol"], ["path", "template_id"])
    return text(ucp.human_readable(protocol))


def _stored(call: Call) -> records.Record:
    identifier = call.path["template_id"]
    return records.require(call.services.store, experiment_templates, _NOUN, identifier)


@repeatable
def _keep(
    call: Call,
    source: str | Mapping[str, Any],
    where: Location,
    values: Mapping[str, Any],
    drive_cycles: Mapping[str, Any] | None = None,
    experiment_parameters: Mapping[str, float | str] | None = None,
) -> tuple[records.Record, bool, list[str]]:
    """Store a protocol unless its project has the same content under the same name.

    Samples of drive cycles are stored in its steps, so that a template runs without them.

    Returns
    -------
    tuple
        The stored template, whether it was created by this call, and what is doubtful about the
        experiment parameters.
    """
    project_id = call.project_id
    records.require(call.services.store, projects, "project", project_id)
    read = protocols.read(
        source,
        where,
        drive_cycles,
        experiment_parameters,
        about=["body", "experiment_parameters"],
    )
    identity = "\n".join([project_id, values["name"], read.text])
    if "parameters_schema" in values:
        # It has the defaults of the inputs, so protocols with other ones are not the same.
        identity += f"\n{json.dumps(values['parameters_schema'], sort_keys=True)}"
    moment = now()
    record = {
        "description": None,
        "source_protocol": None,
        "parameters_schema": read.schema,
        **values,
        "id": str(uuid5(_NAMESPACE, identity)),
        "project_id": project_id,
        "protocol": read.text,
        "protocol_config": read.document,
        "notes": read.notes,
        "created_at": moment,
        "updated_at": moment,
    }
    with call.services.store.writing() as connection:
        stored = records.find(connection, experiment_templates, record["id"])
        if stored is None:
            connection.execute(insert(experiment_templates), record)
        elif stored["notes"] != read.notes:
            # Texts that differ in form only have the same content; the notes are of the last one.
            of_template = experiment_templates.c.id == record["id"]
            changed = update(experiment_templates).where(of_template).values(notes=read.notes)
            connection.execute(changed)
    if stored is None:
        return record, True, read.about_values
    return {**stored, "notes": read.notes}, False, read.about_values


def _wire(record: records.Record) -> dict[str, Any]:
    fields = {
        name: value for name, value in record.items() if name not in ("number", "protocol", "notes")
    }
    return {**fields, "organization_id": access.organization_id()}
