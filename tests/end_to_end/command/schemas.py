"""The JSON that commands write, as schemas; docs/command.md describes it."""

import jsonschema_rs

TEXT = {"type": "string"}
OPTIONAL = {"type": ["string", "null"]}
NUMBER = {"type": "number"}


def objects(required, **properties):
    return {
        "type": "array",
        "items": {"type": "object", "required": required, "properties": properties},
    }


def rows(*required):
    return objects([*required])


JOBS = objects(
    ["id", "kind", "status", "error"],
    id=TEXT,
    kind={"enum": ["simulation", "pipeline", "simple-pipeline"]},
    status=TEXT,
    error=OPTIONAL,
)
SCHEMAS = {
    "list": objects(["id", "name"], id=TEXT, name=OPTIONAL, created_at=OPTIONAL),
    "show": objects(["kind", "id"], kind=TEXT, id=TEXT),
    "history": objects(
        ["submitted_at", "address", "kind", "count", "ids"],
        count={"type": "integer"},
        ids={"type": "array", "items": TEXT},
    ),
    "wait": JOBS,
    "cancel": JOBS,
    "retry": JOBS,
    "models": objects(["id", "name"], id=TEXT, name=TEXT),
    "models --parameters": {"type": "object"},
    "models --variables": {"type": "array", "items": TEXT},
    "result": rows("simulation_id", "status"),
    "result --table time-series": rows("Time [s]", "Voltage [V]"),
    "result of a fit": objects(["id", "element", "name", "value"], value=NUMBER),
    "config show": {
        "type": "object",
        "required": ["file", "default", "profiles", "used"],
        "properties": {
            "file": TEXT,
            "default": OPTIONAL,
            "profiles": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["has_key"],
                    "properties": {
                        "has_key": {"type": "boolean"},
                        "url": TEXT,
                        "project": TEXT,
                        "organization": TEXT,
                    },
                    "additionalProperties": False,
                },
            },
            "used": {"type": "object", "required": ["url", "source", "key_source", "project"]},
        },
    },
    "doctor": {
        "type": "object",
        "required": ["versions", "checks"],
        "properties": {
            "versions": {"type": "object", "additionalProperties": OPTIONAL},
            "checks": objects(
                ["name", "status", "detail"], status={"enum": ["ok", "warning", "error"]}
            ),
        },
    },
}


def check(name, document):
    """Check a document against the schema of a command, and return it."""
    jsonschema_rs.validate(SCHEMAS[name], document)
    return document
