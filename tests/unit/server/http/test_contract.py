"""Checks of requests against the schemas of the contract."""

import pytest

from ionworks.server.http.contract import Contract
from ionworks.server.http.problems import Problem


@pytest.fixture(scope="module")
def contract():
    return Contract()


def test_query_texts_get_the_types_of_the_contract(contract):
    check = contract.check("list_simulations")

    typed = check.query({"limit": ["7"], "summary": ["true"], "project_id": ["7"]})

    assert typed == {"limit": 7, "summary": True, "project_id": "7"}


def test_errors_are_those_of_the_nearest_alternative(contract):
    check = contract.check("create_simulations")
    body = {
        "parameterized_model": {"quick_model": {"capacity": "big"}},
        "experiment_template_id": "t",
        "experiment_parameter_sets": [{"rate": None}],
    }

    with pytest.raises(Problem) as caught:
        check.body(body)

    found = {tuple(item["loc"]): item["msg"] for item in caught.value.detail}
    assert '"number"' in found["body", "parameterized_model", "quick_model", "capacity"]
    assert found["body", "experiment_parameter_sets", 0, "rate"].count("is not of type") == 2


def test_the_number_of_reported_errors_is_limited(contract):
    with pytest.raises(Problem) as caught:
        contract.check("get_simulation_statuses").body({"simulation_ids": [1] * 900})

    assert len(caught.value.detail) == 20
    assert caught.value.message.startswith("body.simulation_ids[0]:")


def test_success_codes_are_the_contracts(contract):
    assert contract.success("create_simulations") == 201
    assert contract.success("get_simulation") == 200
    assert contract.success("delete_simulation") == 204


def test_every_operation_compiles(contract):
    from ionworks_api_client.api import OPERATIONS

    for operation_id in OPERATIONS:
        contract.check(operation_id)
