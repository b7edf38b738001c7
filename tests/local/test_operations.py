"""Every operation of the contract is either answered or refused with a sentence."""

import pytest

from ionworks.local.problems import Problem
from ionworks.local.routing import _refusal, handlers, routes
from ionworks.local.unavailable import UNAVAILABLE
from ionworks_api_client.api import OPERATIONS


def test_every_operation_has_a_handler_or_a_sentence_and_none_has_both():
    answered = set(handlers())
    refused = set(UNAVAILABLE)

    assert answered | refused == set(OPERATIONS)
    assert not answered & refused


def test_every_sentence_ends_with_a_full_stop():
    assert all(sentence.endswith(".") for sentence in UNAVAILABLE.values())


def test_routes_follow_the_contract():
    for route in routes():
        operation = OPERATIONS[route.operation_id]
        assert route.method == operation.method
        assert route.rule.replace("<", "{").replace(">", "}") == operation.path


def test_what_is_unavailable_answers_501_with_its_sentence():
    refuse = _refusal("new_operation", {"new_operation": "The engine does not do this yet."})

    with pytest.raises(Problem) as caught:
        refuse(None)

    assert (caught.value.status, caught.value.error_code) == (501, "NOT_IMPLEMENTED")
    assert caught.value.message == "The engine does not do this yet."
    with pytest.raises(LookupError, match="other_operation has no handler"):
        _refusal("other_operation", {})
