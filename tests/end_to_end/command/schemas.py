"""The JSON that commands write, as schemas; docs/command.md describes it."""

import jsonschema_rs

TEXT = {"type": "string"}
OPTIONAL = {"type": ["string", "null"]}
NUMBER = {"type": "number"}
TEXTS = {"type": "array", "items": TEXT}


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
ISSUE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["severity", "code", "path", "message", "line", "column"],
    "properties": {
        "severity": {"enum": ["error", "warning"]},
        "code": {"type": "string", "pattern": "^[EW]-"},
        "path": TEXT,
        "message": TEXT,
        "line": {"type": ["integer", "null"]},
        "column": {"type": ["integer", "null"]},
    },
}
SCHEMAS = {
    "validate": {
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["file", "valid", "issues", "inputs", "drive_cycles"],
            "properties": {
                "file": TEXT,
                "valid": {"type": "boolean"},
                "issues": {"type": "array", "items": ISSUE},
                "inputs": TEXTS,
                "drive_cycles": TEXTS,
                "text": OPTIONAL,
            },
        },
    },
    "convert": {
        "type": "object",
        "additionalProperties": False,
        "required": ["target", "files", "notes"],
        "properties": {"target": TEXT, "files": TEXTS, "notes": TEXTS},
    },
    "convert to UCP": {
        "type": "object",
        "additionalProperties": False,
        "required": [
            "target",
            "protocol",
            "nominal_capacity_ah",
            "drive_cycles",
            "notes",
            "unread",
        ],
        "properties": {
            "target": TEXT,
            "protocol": {"type": "object", "required": ["steps"]},
            "nominal_capacity_ah": {"type": ["number", "null"]},
            "drive_cycles": TEXTS,
            "notes": TEXTS,
            "unread": TEXTS,
        },
    },
    "run": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["simulation_id", "status", "error"],
            "properties": {
                "simulation_id": TEXT,
                "status": {"enum": ["completed", "failed", "canceled", "pending"]},
                "error": OPTIONAL,
            },
            "additionalProperties": {"type": ["number", "string", "null"]},
        },
    },
    "sweep --plan": {
        "type": "object",
        "additionalProperties": False,
        "required": [
            *("count", "reused", "seconds", "basis", "seed", "is_checked", "warnings", "design")
        ],
        "properties": {
            "count": {"type": "integer"},
            "reused": {"type": ["integer", "null"]},
            "seconds": {"type": ["number", "null"]},
            "basis": OPTIONAL,
            "seed": {"type": ["integer", "null"]},
            "is_checked": {"type": "boolean"},
            "warnings": TEXTS,
            "design": {"type": "array", "items": {"type": "object", "required": ["run"]}},
        },
    },
    "read": {
        "type": "object",
        "additionalProperties": False,
        "required": ["file", "rows", "columns", "issues", "output"],
        "properties": {
            "file": TEXT,
            "rows": {"type": "integer"},
            "columns": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["column", "from", "min", "max", "missing"],
                    "properties": {
                        "column": TEXT,
                        "from": TEXT,
                        "min": {"type": ["number", "string", "null"]},
                        "max": {"type": ["number", "string", "null"]},
                        "missing": {"type": "integer"},
                    },
                },
            },
            "issues": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["code", "severity", "message", "row", "step", "column"],
                    "properties": {
                        "code": TEXT,
                        "severity": {"enum": ["error", "warning"]},
                        "message": TEXT,
                        "row": {"type": ["integer", "null"]},
                        "step": {"type": ["integer", "null"]},
                        "column": OPTIONAL,
                    },
                },
            },
            "output": OPTIONAL,
        },
    },
    "upload": {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "name", "cell_instance_id", "processing_status", "steps_created"],
        "properties": {
            "id": TEXT,
            "name": TEXT,
            "cell_instance_id": TEXT,
            "processing_status": OPTIONAL,
            "steps_created": {"type": ["integer", "null"]},
        },
    },
    "fit": {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "kind", "name", "status", "error", "parameter_values", "elements"],
        "properties": {
            "id": TEXT,
            "name": OPTIONAL,
            "kind": {"enum": ["pipeline", "simple-pipeline"]},
            "status": TEXT,
            "error": OPTIONAL,
            "parameter_values": {"type": ["object", "null"]},
            "elements": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["type", "parameter_values", "notes"],
                },
            },
        },
    },
    "list": objects(["id", "name"], id=TEXT, name=OPTIONAL, created_at=OPTIONAL),
    "show": objects(["kind", "id"], kind=TEXT, id=TEXT),
    "history": objects(
        ["submitted_at", "address", "kind", "count", "ids"],
        count={"type": "integer"},
        ids=TEXTS,
    ),
    "wait": JOBS,
    "cancel": JOBS,
    "retry": JOBS,
    "models": objects(["id", "name"], id=TEXT, name=TEXT),
    "models --parameters": {"type": "object"},
    "models --variables": TEXTS,
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
