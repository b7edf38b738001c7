"""Every operation of the contract has a handler or a 501 message."""

import pytest

from ionworks.server.http.problems import Problem
from ionworks.server.routing import UNAVAILABLE, handlers, refusal, routes
from ionworks_api_client.api import OPERATIONS


def test_every_operation_has_either_a_handler_or_a_501_message():
    answered = set(handlers())
    refused = set(UNAVAILABLE)

    assert answered | refused == set(OPERATIONS)
    assert not answered & refused


def test_routes_follow_the_contract():
    for route in routes():
        operation = OPERATIONS[route.operation_id]
        assert route.method == operation.method
        assert route.rule.replace("<", "{").replace(">", "}") == operation.path


def test_an_operation_without_a_handler_is_501_with_its_message():
    refuse = refusal("fly", {"fly": "The embedded engine does not fly."})
    with pytest.raises(Problem) as caught:
        refuse(None)

    assert (caught.value.status, caught.value.error_code) == (501, "NOT_IMPLEMENTED")
    assert caught.value.message == "The embedded engine does not fly."


def test_an_operation_with_neither_handler_nor_message_is_an_error():
    with pytest.raises(LookupError, match="swim has no handler"):
        refusal("swim", {})
