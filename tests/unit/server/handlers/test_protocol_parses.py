"""How often the server parses a protocol on its way into a submission: once, or not at all."""

import importlib

import pytest
import yaml

from ionworks.ucp.parser import yaml_tree
from tests.counting import count_calls
from tests.unit.server.engines import grid, submit

REST = "steps: [{Rest: {duration: 60}}]"
INPUTS = "global: {initial_soc: 'input[\"soc\"]'}\nsteps: [{Rest: {duration: 'input[\"time\"]'}}]"
STRINGS = "Discharge at 1C until 2.5V\nRest for 1 hour"
CYCLE = "steps: [{Drive: {drive_cycle: US06, mode: Current}}]"
SAMPLES = {"US06": [[0, 1.0], [10, 2.0]]}


@pytest.fixture
def parses(monkeypatch):
    return count_calls(monkeypatch, importlib.import_module("ionworks.ucp.parse"), "read_protocol")


@pytest.fixture
def yaml_reads(monkeypatch):
    # `ucp.load`, too, calls this function before it constructs any value.
    return count_calls(monkeypatch, yaml, "parse")


def store(api, text, **fields):
    """Store a protocol, and return its id."""
    body = {"protocol_experiment": {"protocol": text, "name": "a", **fields}}
    reply = api.post("/protocols/parse-to-template", json=body)
    assert reply.status_code == 201, reply.text
    return reply.json()["template_id"]


@pytest.mark.parametrize(
    ("text", "fields", "runs"),
    [
        pytest.param(REST, {}, {}, id="inline"),
        pytest.param(
            INPUTS,
            {},
            {"experiment_parameter_sets": [{"soc": 1, "time": 60}, {"soc": 0.5, "time": 60}]},
            id="with inputs",
        ),
        pytest.param(STRINGS, {}, {}, id="PyBaMM strings"),
        pytest.param(CYCLE, {"drive_cycles": SAMPLES}, {}, id="with drive cycles"),
        pytest.param(REST, {}, {"design_parameters_doe": grid(thickness=range(5))}, id="a batch"),
        pytest.param(
            REST,
            {},
            {
                "conditions": [
                    {"experiment_parameters": {}, "design_parameters": {"thickness": n}}
                    for n in range(3)
                ]
            },
            id="conditions",
        ),
    ],
)
def test_a_protocol_is_parsed_once_on_submission(
    shared_api, parses, yaml_reads, text, fields, runs
):
    submit(shared_api, store(shared_api, text, **fields), **runs)

    assert len(parses) == len(yaml_reads) == 1


def test_a_mapping_is_parsed_once_without_yaml(shared_api, parses, yaml_reads):
    body = {"name": "a", "protocol_config": {"steps": [{"Rest": {"duration": 60}}]}}

    template = shared_api.post("/experiment_templates", json=body).json()["id"]
    submit(shared_api, template)

    assert len(parses) == 1
    assert yaml_reads == []


def test_a_stored_protocol_is_not_parsed_again(shared_api, parses, yaml_reads):
    template = store(shared_api, INPUTS)
    parses.clear()
    yaml_reads.clear()

    for soc in (1.0, 0.5):
        submit(shared_api, template, experiment_parameter_sets=[{"soc": soc, "time": 60}])
    shared_api.get(f"/experiment_templates/{template}")

    assert parses == yaml_reads == []


@pytest.mark.parametrize(
    ("limit", "most", "words"),
    [("MAX_NODES", 1000, "1000 values"), ("MAX_CHARACTERS", 4000, "4000 characters")],
)
def test_drive_cycles_that_make_a_document_too_large_are_refused_without_another_parse(
    shared_api, parses, monkeypatch, limit, most, words
):
    # The text and the samples are within the limits, the document they are written to is not:
    # a sample is three values.
    monkeypatch.setattr(yaml_tree, limit, most)
    rests = ", ".join(["{Rest: {duration: 60}}"] * 20)
    experiment = {
        "name": "a",
        "protocol": CYCLE.replace("[{", f"[{rests}, {{"),
        "drive_cycles": {"US06": [[n, 1.0] for n in range(320)]},
    }
    before = shared_api.get("/experiment_templates").json()["total"]

    reply = shared_api.post(
        "/protocols/parse-to-template", json={"protocol_experiment": experiment}
    )

    assert reply.status_code == 422
    assert words in reply.json()["message"]
    assert len(parses) == 1
    assert shared_api.get("/experiment_templates").json()["total"] == before
