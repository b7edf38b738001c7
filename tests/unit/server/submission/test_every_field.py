"""No field of a request about pipelines is accepted and not read."""

import pytest
import yaml

from tests.paths import ROOT
from tests.unit.server.pipelines import ENTRY, FIT, opened

SCHEMAS = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))["components"][
    "schemas"
]
ELEMENTS = {"entry": ENTRY}
OTHERS = {"entry": {**ENTRY, "values": {"D": 4.0}}, "fit": FIT}

# Schema -> for each of its properties a value that has to change the reply.
CASES = {
    "PipelineRequest": {
        "elements": OTHERS,
        "project_id": "nowhere",
        "options": {"live_progress_updates": False},
        "name": "mine",
        "description": "new",
        "output_file": "x.json",
    },
    "SimplePipelineRequest": {
        "config": {"elements": {}},
        "project_id": "nowhere",
        "options": {"live_progress_updates": False},
        "name": "mine",
        "description": "new",
    },
    "SimplePipelineConfig": {
        "elements": {},
        "name": "mine",
        "description": "new",
        "options": {"live_progress_updates": False},
    },
    "PipelineOptions": {"live_progress_updates": True},
    "PipelineUpdate": {"name": "mine", "description": "new"},
}
PASSING = ("id", "job_id", "created_at", "updated_at", "status", "request_id", "correlation_id")


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("engine")) as client:
        yield client


def send(api, schema, fields):
    """Send a request with some fields of a schema; return the reply."""
    base = {"project_id": "default", "name": "one"}
    if schema == "PipelineUpdate":
        made = api.post("/pipelines", json={**base, "elements": ELEMENTS}).json()
        return api.patch(f"/pipelines/{made['id']}", json={"name": "one", **fields})
    if schema == "PipelineRequest":
        return api.post("/pipelines", json={**base, "elements": ELEMENTS, **fields})
    if schema == "PipelineOptions":
        return api.post("/pipelines", json={**base, "elements": ELEMENTS, "options": fields})
    config = {"elements": ELEMENTS}
    if schema == "SimplePipelineConfig":
        # Fields beside the configuration take precedence.
        beside = {"project_id": "default"}
        given = {**config, "name": "one", **fields}
        return api.post("/simple_pipelines", json={**beside, "config": given})
    return api.post("/simple_pipelines", json={**base, "config": config, **fields})


def content(value):
    """Return a reply without what differs between any two of them."""
    if isinstance(value, dict):
        return {key: content(part) for key, part in value.items() if not key.endswith(PASSING)}
    return [content(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("schema", CASES)
def test_every_property_changes_the_reply(api, schema):
    properties = set(SCHEMAS[schema]["properties"])
    if schema == "SimplePipelineConfig":
        # It is required beside the configuration, where it takes precedence.
        properties.remove("project_id")
    assert set(CASES[schema]) == properties
    before = content(send(api, schema, {}).json())
    for name, value in CASES[schema].items():
        assert content(send(api, schema, {name: value}).json()) != before, name


# The contract itself refuses unknown fields of a PipelineRequest.
@pytest.mark.parametrize("schema", [schema for schema in CASES if schema != "PipelineRequest"])
def test_unknown_properties_are_refused(api, schema):
    reply = send(api, schema, {"unheard_of": 1})
    assert reply.status_code == 422
    assert "unheard_of" in reply.json()["message"]
