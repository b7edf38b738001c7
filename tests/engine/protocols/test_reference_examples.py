"""Every complete protocol of the user reference runs with the inputs it names."""

import pytest

from ionworks import ucp
from ionworks.engine import check, simulate
from ionworks.ucp.traversal import leaves
from ionworks.ucp.vocabulary import KINDS, MODES
from tests.engine.runs import LUMPED, SPM
from tests.unit.ucp.corpus import page_documents

VALUES = {"Charge rate": 1, "Cycles": 2, "Pulses": 2, "way": "Discharge", "least": 0.25}
EXAMPLES = page_documents()


def runs_of(text):
    names = ucp.find_input_references(text)
    return [{"id": "a", "experiment_parameters": {name: VALUES[name] for name in names}}]


def leaves_of(text):
    return list(leaves(ucp.parse(text).protocol.steps))


def test_the_reference_has_examples_of_everything():
    text = "\n".join(EXAMPLES)
    steps = [leaf for example in EXAMPLES for leaf in leaves_of(example)]
    quantities = {end.quantity for leaf in steps for end in leaf.ends}
    assert {leaf.kind for leaf in steps} == set(KINDS)
    assert {leaf.mode for leaf in steps} == {None, *MODES}
    assert {"Voltage", "Current", "Capacity", "SOC", "Temperature", "Energy", "Time"} <= quantities
    for word in ("safety_limits", "set_variable", "repeat", "goto", "d/dt(", "input[", "variable:"):
        assert word in text


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_runs(text):
    if "EIS" in text:
        [*reasons] = check(SPM, text, runs_of(text))
        assert len(reasons) == 2
        assert all("does not support EIS" in reason for reason in reasons)
        return
    model = LUMPED if "Temperature" in text or "temperature" in text else SPM
    assert check(model, text, runs_of(text)) == []
    [outcome] = simulate(model, text, runs_of(text))
    assert outcome.error is None
    assert outcome.steps.height > 0
