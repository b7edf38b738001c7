"""Errors in the structure of a document: YAML, keys, items, kinds and markers."""

from __future__ import annotations

import pytest

from tests.unit.ucp.errors import assert_error

ERRORS = [
    # E-yaml
    ("E-yaml", "", "", "empty"),
    ("E-yaml", "   \n", "", "empty"),
    ("E-yaml", "# only a comment", "", "empty"),
    ("E-yaml", "steps: [", "", "not YAML"),
    ("E-yaml", "just words", "", "neither a UCP document"),
    ("E-yaml", "42", "", "neither a UCP document"),
    ("E-yaml", "- Rest: {duration: 1}", "", "put it under 'steps:'"),
    ("E-yaml", '["Rest for 1 hour", "Rest for 2 hours"]', "", "one step per line"),
    ("E-yaml", '("Rest for 1 hour", "Rest for 2 hours")', "", "Python tuple"),
    ("E-yaml", "steps: [{Rest: {duration: 1}}]\n---\nsteps: []", "", "more than one YAML document"),
    ("E-yaml", "steps: [{Rest: {duration: !!python/name:os.system 1}}]", "", "tag"),
    ("E-yaml", "steps: [&a {Rest: {duration: 1}}, *a]", "", "alias *a"),
    ("E-yaml", 'steps: [{Charge: {value: input["x"]}}]', "", "quote text that contains"),
    ("E-yaml", 'steps:\n- Charge: "V < input["x"]"', "", "use single quotes inside double"),
    ("E-yaml", "steps:\n\t- Rest", "", "not tabs"),
    ("E-yaml", "{[a]: 1}", "", "a key must be text"),
    # E-steps
    ("E-steps", "global: {}", "steps", "'steps' is missing"),
    ("E-steps", "steps:", "steps", "empty"),
    ("E-steps", "steps: []", "steps", "no steps"),
    ("E-steps", "steps: {Rest: {duration: 1}}", "steps", "list"),
    ("E-steps", "steps: [{A: []}]", "steps[0].A", "no steps"),
    ("E-steps", "steps: [{A: {repeat: 2, steps: 3}}]", "steps[0].A.steps", "list"),
    # E-key
    ("E-key", "step: 1\nsteps: [{Rest: {duration: 1}}]", "step", "did you mean 'steps'?"),
    (
        "E-key",
        "global: {initial_sox: 1}\nsteps: [{Rest: {duration: 1}}]",
        "global.initial_sox",
        "'initial_soc'",
    ),
    ("E-key", "global: 3\nsteps: [{Rest: {duration: 1}}]", "global", "mapping"),
    (
        "E-key",
        "safety_limits: {voltage_mx: 4}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_mx",
        "'voltage_max'",
    ),
    (
        "E-key",
        "safety_limits: {voltage_max: {value: 4, gotoo: End}}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_max.gotoo",
        "'goto'",
    ),
    (
        "E-key",
        "steps: [{Rest: {durations: 1, duration: 2}}]",
        "steps[0].Rest.durations",
        "'duration'",
    ),
    (
        "E-key",
        "steps: [{Rest: {Duration: 1, duration: 2}}]",
        "steps[0].Rest.Duration",
        "'duration'",
    ),
    (
        "E-key",
        "steps: [{A: {steps: [{Rest: {duration: 1}}], max_cycles: 3}}]",
        "steps[0].A.max_cycles",
        "a block",
    ),
    (
        "E-key",
        "steps: [{A: {steps: [{Rest: {duration: 1}}], temperature: 3}}]",
        "steps[0].A.temperature",
        "a block",
    ),
    ("E-key", "steps: [{Rest: {duration: 1, duration: 2}}]", "steps[0].Rest", "given twice"),
    ("E-key", "steps: [{No: [{Rest: {duration: 1}}]}]", "steps[0]", "quote it"),
    ("E-key", "steps: [{Control: {mode: Current}}]", "steps[0].Control.mode", "Control"),
    (
        "E-key",
        "steps: [{Rest: {duration: 1, resolution: {tim: 1}}}]",
        "steps[0].Rest.resolution.tim",
        "'time'",
    ),
    (
        "E-key",
        "steps: [{Control: {set_variable: [{name: VAR_A}]}}]",
        "steps[0].Control.set_variable[0]",
        "'eval'",
    ),
    ("E-key", "steps: [{Control: {set_variable: 3}}]", "steps[0].Control.set_variable", "VAR_X"),
    ("E-key", "steps: [{Rest: {duration: 1, note: [a]}}]", "steps[0].Rest.note", "a list"),
    ("E-key", "steps: [{Rest: {duration: 1, name: yes}}]", "steps[0].Rest.name", "quote"),
    # E-item
    ("E-item", "steps: [3]", "steps[0]", ""),
    ("E-item", "steps: [[{Rest: {duration: 1}}]]", "steps[0]", "a list"),
    ("E-item", "steps: [null]", "steps[0]", "empty"),
    ("E-item", "steps: [{}]", "steps[0]", "empty"),
    ("E-item", "steps: [yes]", "steps[0]", "yes or no"),
    ("E-item", "steps: [{Rest: {duration: 1}, Charge: {}}]", "steps[0]", "several keys"),
    (
        "E-item",
        "steps:\n- Charge:\n  mode: C-rate\n  value: 1",
        "steps[0]",
        "parameters of 'Charge' must be indented",
    ),
    ("E-item", "steps:\n- My block:\n  repeat: 2\n  steps: 1", "steps[0]", "indented"),
    ("E-item", "steps: [{mode: Current, value: 1, duration: 3}]", "steps[0]", "'direction'"),
    ("E-item", "steps: [{Rest: 60}]", "steps[0].Rest", "mapping"),
    ("E-item", "steps: [{repeat: 2, steps: [{Rest: {duration: 1}}]}]", "steps[0]", "'name'"),
    ("E-item", "steps: [{'': [{Rest: {duration: 1}}]}]", "steps[0].", "name"),
    # E-kind
    ("E-kind", "steps: [{Chargee: {mode: Current}}]", "steps[0]", "did you mean 'Charge'?"),
    ("E-kind", "steps: [{Sleep: {duration: 1}}]", "steps[0]", "valid kinds: Rest, Charge"),
    ("E-kind", "steps: [{Direction: {duration: 1}}]", "steps[0]", "Direction[...]"),
    ("E-kind", "steps: [{direction: Dischrge, duration: 1}]", "steps[0].direction", "'Discharge'"),
    ("E-kind", "steps: [{Rest: {mode: Current, duration: 1}}]", "steps[0].Rest.mode", "remove it"),
    ("E-kind", "steps: [{Rest: {value: 0, duration: 1}}]", "steps[0].Rest.value", "remove it"),
    # E-marker
    ("E-marker", "steps: [Halfway]", "steps[0]", "valid markers: End, Advance cycle, Pause"),
    ("E-marker", "steps: [Advance cycles]", "steps[0]", "did you mean 'Advance cycle'?"),
    ("E-marker", "steps: [Rest]", "steps[0]", "a step needs parameters"),
]


@pytest.mark.parametrize(("code", "text", "path", "words"), ERRORS)
def test_error(code: str, text: str, path: str, words: str) -> None:
    assert_error(code, text, path, words)
