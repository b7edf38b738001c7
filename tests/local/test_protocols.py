"""Protocols: validated, kept once per content, listed, read back."""

from tests.local.engines import finish, submit

TEXT = """
global:
  initial_soc: input["Initial SOC"]
steps:
  - direction: Discharge
    mode: C-rate
    value: input["C-rate"]
    ends:
      - variable: Voltage [V]
        value: 2.5
"""


def parse(api, text=TEXT, name="Discharge", **fields):
    body = {"protocol_experiment": {"protocol": text, "name": name}, **fields}
    return api.post("/protocols/parse-to-template", json=body)


def test_a_protocol_is_valid_or_not(api):
    good = api.post("/protocols/validate", json={"protocol": TEXT}).json()
    bad = api.post("/protocols/validate", json={"protocol": "steps: 3"}).json()

    assert (good["valid"], good["error"]) == (True, None)
    assert not bad["valid"]
    assert "steps" in bad["error"]


def test_input_references_come_in_order(api):
    reply = api.post("/protocols/input_references", json={"protocol": TEXT})

    assert reply.json() == ["Initial SOC", "C-rate"]


def test_input_references_of_an_unfinished_protocol_are_found(api):
    reply = api.post(
        "/protocols/input_references",
        json={"protocol": "steps:\n  - Charge: {value: \"input['I']\"}"},
    )

    assert reply.json() == ["I"]


def test_an_unreadable_protocol_is_refused_with_its_errors(api):
    reply = parse(api, "steps: 3")

    assert reply.status_code == 422
    assert "steps" in reply.json()["message"]
    assert api.get("/experiment_templates").json()["items"] == []


def test_the_same_protocol_is_kept_once(api):
    first = parse(api)
    assert first.status_code == 201

    again = parse(api, TEXT + "\n# a remark\n").json()["template_id"]

    assert again == first.json()["template_id"]
    assert parse(api, name="other").json()["template_id"] != again
    assert api.get("/experiment_templates").json()["total"] == 2


def test_a_kept_protocol_can_be_read_back(api):
    identifier = parse(api).json()["template_id"]

    stored = api.get(f"/experiment_templates/{identifier}").json()

    assert stored["name"] == "Discharge"
    assert stored["parameters_schema"]["required"] == ["Initial SOC", "C-rate"]
    assert stored["protocol_config"]["steps"]
    source = api.get(f"/experiment_templates/{identifier}/source_protocol")
    assert source.headers["content-type"].startswith("text/plain")
    assert source.text == TEXT


def test_a_protocol_given_as_a_mapping_is_the_same_protocol(api):
    stored = api.get(f"/experiment_templates/{parse(api).json()['template_id']}").json()
    body = {"name": "Discharge", "protocol_config": stored["protocol_config"]}

    same = api.post("/experiment_templates", json=body)
    forced = api.post("/experiment_templates", json={**body, "force_create": True})

    assert same.json()["id"] == stored["id"]
    assert forced.status_code == 409
    assert forced.json()["detail"] == {"existing_id": stored["id"]}


def test_a_protocol_without_source_text_says_so(api):
    body = {"name": "rest", "protocol_config": {"steps": [{"Rest": {"duration": 60}}]}}
    made = api.post("/experiment_templates", json=body)
    assert made.status_code == 201, made.text

    reply = api.get(f"/experiment_templates/{made.json()['id']}/source_protocol")

    assert reply.status_code == 404
    assert "source text" in reply.json()["message"]


def test_lists_leave_heavy_fields_out_unless_asked(api):
    parse(api)

    [short] = api.get("/experiment_templates").json()["items"]
    query = {"include": "protocol_config,source_protocol"}
    [long] = api.get("/experiment_templates", params=query).json()["items"]

    assert set(long) - set(short) == {"protocol_config", "source_protocol"}
    wrong = api.get("/experiment_templates", params={"include": "colour"})
    assert wrong.status_code == 422
    assert "protocol_config" in wrong.json()["message"]


def test_a_protocol_is_renamed_and_deleted(api):
    identifier = parse(api).json()["template_id"]

    changed = api.patch(f"/experiment_templates/{identifier}", json={"description": "mine"})

    assert changed.json()["description"] == "mine"
    assert api.delete(f"/experiment_templates/{identifier}").status_code == 204
    assert api.get(f"/experiment_templates/{identifier}").status_code == 404


def test_a_parsed_protocol_runs(api):
    identifier = parse(api).json()["template_id"]
    parameters = [{"Initial SOC": 1.0, "C-rate": 0.5}]

    [simulation] = finish(api, submit(api, identifier, experiment_parameter_sets=parameters))

    assert simulation["experiment"] == {"id": identifier, "name": "Discharge"}
    assert simulation["experiment_parameters"] == parameters[0]


def test_an_unknown_project_is_404(api):
    assert parse(api, project_id="none").status_code == 404
