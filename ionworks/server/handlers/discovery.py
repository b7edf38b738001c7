"""Discovery: the health, user, contract and schemas of this server."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ionworks import ucp
from ionworks.server.call import Call
from ionworks.server.http.problems import not_found
from ionworks.server.http.replies import Reply
from ionworks.server.store import access

_DISTRIBUTION = "ionworks-api"

#: Published schema names and the component of the contract each one is.
_COMPONENTS = {
    "project": "ProjectRequest",
    "study": "StudyRequest",
    "model": "ModelRequest",
    "parameterized_model": "ParameterizedModelRequest",
    "pipeline": "PipelineRequest",
}


def get_health(_call: Call) -> dict[str, Any]:
    """Report that the server answers, and its version."""
    return {"status": "ok", "version": _version()}


def get_current_user(call: Call) -> dict[str, Any]:
    """Describe the user, and the default project."""
    user = access.current()
    name = "This machine" if user is None else user.organization
    organization = {"id": access.organization_id(), "name": name}
    return {
        "id": access.user_id(),
        "email": None if user is None else user.email,
        "authorized_organization": organization,
        "organizations": [organization],
        "organization_id": access.organization_id(),
        "default_project_id": call.default_project_id,
    }


def get_capabilities(call: Call) -> dict[str, Any]:
    """List the published schemas and how to authenticate."""
    names = ["protocol", *_COMPONENTS]
    return {
        "domain_context": {
            "engine": "embedded",
            "key_concepts": {
                "parameterized_model": "A battery model with all its parameter values.",
                "protocol": "What is done to the cell, in the Universal Cycler Protocol.",
                "simulation": "A run of a protocol on a parameterized model.",
            },
        },
        "schemas": {name: f"{call.root}/discovery/schemas/{name}" for name in names},
        "openapi_spec": f"{call.root}/discovery/openapi.json",
        "authentication": {"header": "X-API-Key", "bearer": "Authorization"},
        "idempotency_keys": True,
        "bulk_results": True,
        "bulk_simulations": True,
        "submission_receipts": True,
        "simulation_filters": True,
        "simulation_plans": True,
    }


def get_openapi(call: Call) -> Reply:
    """Return the OpenAPI document of this server."""
    return Reply(200, call.services.contract.text, "application/json")


def get_schema(call: Call) -> dict[str, Any]:
    """Return a JSON Schema by name."""
    name = call.path["schema_name"]
    if name == "protocol":
        return dict(ucp.schema())
    if name not in _COMPONENTS:
        raise not_found("schema", name)
    contract = call.services.contract
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": f"#/components/schemas/{_COMPONENTS[name]}",
        "components": {"schemas": contract.document["components"]["schemas"]},
    }


def _version() -> str:
    """Return the version of the installed distribution, or ``source`` in a source tree."""
    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return "source"
