"""A name given where an id is needed: the reply names the id."""

import pytest


@pytest.mark.parametrize(
    ("path", "body", "noun"),
    [
        ("/projects/default/studies", {"name": "Ageing"}, "study"),
        ("/projects", {"name": "Pouch cells"}, "project"),
        ("/cell_specifications", {"name": "Cell A"}, "cell specification"),
    ],
)
def test_the_id_of_a_record_with_this_name_is_in_the_message(shared_api, path, body, noun):
    made = shared_api.post(path, json=body).json()

    for method in ("GET", "DELETE"):
        reply = shared_api.request(method, f"{path}/{body['name']}")
        assert reply.status_code == 404
        message = reply.json()["message"]
        assert message == (
            f"There is no {noun} with the id {body['name']!r}. That is the name of the {noun} with"
            f" the id {made['id']!r}: give the id."
        )


def test_the_name_of_a_parameterized_model_in_a_submission(shared_api, shared_template):
    models = shared_api.get("/parameterized_models", params={"project_id": "default"}).json()
    model = models["items"][0]
    body = {
        "parameterized_model": model["name"],
        "experiment_template_id": shared_template,
        "experiment_parameter_sets": [{}],
    }

    reply = shared_api.post("/simulations/with-template/batch", json=body)

    assert reply.status_code == 404
    assert f"the id {model['id']!r}: give the id." in reply.json()["message"]


@pytest.mark.parametrize("parameter", ["parameterized_model_id", "study_id"])
def test_the_name_of_what_simulations_are_listed_of(shared_api, parameter):
    if parameter == "study_id":
        made = shared_api.post("/projects/default/studies", json={"name": "Without runs"}).json()
    else:
        body = {"params": {"project_id": "default"}}
        made = shared_api.get("/parameterized_models", **body).json()["items"][0]

    def listed(value):
        return shared_api.get("/simulations", params={parameter: value})

    by_name, unknown = listed(made["name"]), listed("none")

    assert (by_name.status_code, unknown.status_code) == (404, 404)
    assert f"the id {made['id']!r}: give the id." in by_name.json()["message"]
    assert unknown.json()["message"].endswith("with the id 'none'.")
    assert listed(made["id"]).status_code == 200


def test_simulations_of_an_unknown_protocol(shared_api):
    reply = shared_api.get("/simulations", params={"experiment_template_id": "none"})

    assert reply.json()["message"] == "There is no protocol with the id 'none'."


def test_an_id_that_is_no_name_is_only_unknown(shared_api):
    reply = shared_api.get("/projects/default/studies/none")

    assert reply.json()["message"] == "There is no study with the id 'none'."


def test_a_name_of_several_records_names_their_ids(shared_api):
    ids = []
    for name in ("one", "two"):
        project = shared_api.post("/projects", json={"name": name}).json()["id"]
        path = f"/projects/{project}/studies"
        ids.append(shared_api.post(path, json={"name": "Twin"}).json()["id"])

    message = shared_api.get("/projects/default/studies/Twin").json()["message"]

    assert f"the name of several, with the ids {ids[0]!r}, {ids[1]!r}: give the id." in message


def test_of_several_unknown_ids_the_model_is_named_first(shared_api):
    names = ("experiment_template_id", "study_id", "parameterized_model_id")

    reply = shared_api.get("/simulations", params=dict.fromkeys(names, "none"))

    message = reply.json()["message"]
    assert message == "There is no parameterized model with the id 'none'."
