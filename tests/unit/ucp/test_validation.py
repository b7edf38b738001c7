"""Section by section of the validation table: one bad document a row, and the code it gets."""

from __future__ import annotations

import textwrap

import pytest

from ionworks.ucp import parse, validate

CHARGE = "mode: C-rate, value: 1"

ERRORS = [
    # E-yaml: not YAML, not a mapping, empty
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
    # E-steps: missing, not a list, empty
    ("E-steps", "global: {}", "steps", "'steps' is missing"),
    ("E-steps", "steps:", "steps", "empty"),
    ("E-steps", "steps: []", "steps", "no steps"),
    ("E-steps", "steps: {Rest: {duration: 1}}", "steps", "list"),
    ("E-steps", "steps: [{A: []}]", "steps[0].A", "no steps"),
    ("E-steps", "steps: [{A: {repeat: 2, steps: 3}}]", "steps[0].A.steps", "list"),
    # E-key: unknown keys, with the nearest one
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
    # E-item: neither text nor mapping; several keys; mis-indented bodies
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
    # E-kind: unknown kinds; a Rest that is controlled
    ("E-kind", "steps: [{Chargee: {mode: Current}}]", "steps[0]", "did you mean 'Charge'?"),
    ("E-kind", "steps: [{Sleep: {duration: 1}}]", "steps[0]", "valid kinds: Rest, Charge"),
    ("E-kind", "steps: [{Direction: {duration: 1}}]", "steps[0]", "Direction[...]"),
    ("E-kind", "steps: [{direction: Dischrge, duration: 1}]", "steps[0].direction", "'Discharge'"),
    ("E-kind", "steps: [{Rest: {mode: Current, duration: 1}}]", "steps[0].Rest.mode", "remove it"),
    ("E-kind", "steps: [{Rest: {value: 0, duration: 1}}]", "steps[0].Rest.value", "remove it"),
    # E-mode: missing or unknown modes
    ("E-mode", "steps: [{Charge: {value: 1, duration: 1}}]", "steps[0].Charge", "C-rate, Current"),
    ("E-mode", "steps: [{Discharge: {value: 1, duration: 1}}]", "steps[0].Discharge", "'mode'"),
    (
        "E-mode",
        "steps: [{'Direction[VAR_X]': {value: 1, duration: 1}}]",
        "steps[0].Direction[VAR_X]",
        "'mode'",
    ),
    (
        "E-mode",
        "steps: [{Charge: {mode: Curent, value: 1, duration: 1}}]",
        "steps[0].Charge.mode",
        "did you mean 'Current'?",
    ),
    ("E-mode", "steps: [{Charge: {mode: CC, value: 1, duration: 1}}]", "steps[0].Charge.mode", ""),
    (
        "E-mode",
        "steps: [{Charge: {mode: 'input[\"m\"]', value: 1, duration: 1}}]",
        "steps[0].Charge.mode",
        "can be an input, a mode cannot",
    ),
    (
        "E-mode",
        "steps: [{Charge: {mode: Resistance, value: 1, duration: 1}}]",
        "steps[0].Charge",
        "with Discharge only",
    ),
    (
        "E-mode",
        "steps: [{'Direction[SOC - 0.5]': {mode: Resistance, value: 1, duration: 1}}]",
        "steps[0].Direction[SOC - 0.5]",
        "with Discharge only",
    ),
    ("E-mode", "steps: [{Charge: }]", "steps[0].Charge", "'mode' and 'value'"),
    # E-value: missing, not a number, negative, not finite
    ("E-value", "steps: [{Charge: {mode: Current, duration: 1}}]", "steps[0].Charge", "'value'"),
    ("E-value", "steps: [{Charge: {mode: Current, value: , duration: 1}}]", "steps[0].Charge", ""),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: -1, duration: 1}}]",
        "steps[0].Charge.value",
        "use Discharge",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: C-rate, value: 1-2, duration: 1}}]",
        "steps[0].Charge.value",
        "use Discharge",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Voltage, value: -1, duration: 1}}]",
        "steps[0].Charge.value",
        "must not be negative",
    ),
    (
        "E-value",
        "steps: [{Discharge: {mode: Resistance, value: 0, duration: 1}}]",
        "steps[0].Discharge.value",
        "Ohm",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: .inf, duration: 1}}]",
        "steps[0].Charge.value",
        "finite",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: .nan, duration: 1}}]",
        "steps[0].Charge.value",
        "finite",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: 1e999, duration: 1}}]",
        "steps[0].Charge.value",
        "finite",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: [1], duration: 1}}]",
        "steps[0].Charge.value",
        "a list",
    ),
    (
        "E-value",
        "steps: [{Charge: {mode: Current, value: yes, duration: 1}}]",
        "steps[0].Charge.value",
        "yes or no",
    ),
    ("E-value", "steps: [{Rest: {duration: 0}}]", "steps[0].Rest.duration", "above 0"),
    ("E-value", "steps: [{Rest: {duration: -5}}]", "steps[0].Rest.duration", "above 0"),
    (
        "E-value",
        "steps: [{Rest: {duration: 5, temperature: -300}}]",
        "steps[0].Rest.temperature",
        "-273.15",
    ),
    (
        "E-value",
        "steps: [{Rest: {duration: 5, resolution: 0}}]",
        "steps[0].Rest.resolution",
        "above 0",
    ),
    # E-term: neither duration nor ends
    ("E-term", f"steps: [{{Charge: {{{CHARGE}}}}}]", "steps[0].Charge", "'duration'"),
    ("E-term", f"steps: [{{Charge: {{{CHARGE}, ends: []}}}}]", "steps[0].Charge", "'ends'"),
    ("E-term", "steps: [{direction: Discharge, mode: Current, value: 1}]", "steps[0]", "Discharge"),
    ("E-term", "steps: [{Rest: {}}]", "steps[0].Rest", ""),
    ("E-term", "steps: [{Rest: }]", "steps[0].Rest", ""),
    (
        "E-term",
        "steps: [{Waveform: {shape: sine, amplitude: 1, frequency: 1}}]",
        "steps[0].Waveform",
        "",
    ),
    # E-repeat
    (
        "E-repeat",
        "steps: [{A: {repeat: -1, steps: [{Rest: {duration: 1}}]}}]",
        "steps[0].A.repeat",
        "whole number",
    ),
    (
        "E-repeat",
        "steps: [{A: {repeat: 2.5, steps: [{Rest: {duration: 1}}]}}]",
        "steps[0].A.repeat",
        "2.5",
    ),
    (
        "E-repeat",
        "steps: [{A: {repeat: 1e9, steps: [{Rest: {duration: 1}}]}}]",
        "steps[0].A.repeat",
        "100000",
    ),
    (
        "E-repeat",
        (
            "steps: [{A: {repeat: 1000, steps: [{B: {repeat: 1000, steps: "
            "[{Rest: {duration: 1}}]}}]}}]"
        ),
        "steps",
        "1e+06 steps",
    ),
    # E-safety
    (
        "E-safety",
        "safety_limits: {voltage_min: 4, voltage_max: 3}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_min",
        "must be below",
    ),
    (
        "E-safety",
        "safety_limits: {temperature_min: 5, temperature_max: 5}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.temperature_min",
        "must be below",
    ),
    (
        "E-safety",
        "safety_limits: {charge_current_max: -3}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.charge_current_max",
        "positive",
    ),
    (
        "E-safety",
        "safety_limits: {discharge_current_max: 0}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.discharge_current_max",
        "positive",
    ),
    (
        "E-safety",
        "safety_limits: {voltage_max: {goto: End}}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_max",
        "'value'",
    ),
    (
        "E-safety",
        "safety_limits: {voltage_max: {value: 4, limit: 4}}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_max",
        "'value'",
    ),
    ("E-safety", "safety_limits: [4]\nsteps: [{Rest: {duration: 1}}]", "safety_limits", "mapping"),
    # E-expr: syntax, functions, names
    ("E-expr", "steps: [{Rest: {duration: 1 +}}]", "steps[0].Rest.duration", "missing"),
    ("E-expr", "steps: [{Rest: {duration: sin(1)}}]", "steps[0].Rest.duration", "not a function"),
    ("E-expr", "steps: [{Rest: {duration: 1/0}}]", "steps[0].Rest.duration", "zero"),
    ("E-expr", "steps: [{Rest: {duration: VAR_T}}]", "steps[0].Rest.duration", "never set"),
    ("E-expr", "steps: [{Rest: {duration: V_MX}}]", "steps[0].Rest.duration", "'V_MAX'"),
    (
        "E-expr",
        "steps: [{Rest: {duration: input[x]}}]".replace("input[x]", "'input[x]'"),
        "steps[0].Rest.duration",
        'input["name"]',
    ),
    (
        "E-expr",
        "steps: [{Rest: {duration: 5 parsecs}}]",
        "steps[0].Rest.duration",
        "valid units: s, min, h",
    ),
    ("E-expr", "steps: [{Rest: {duration: \"'abc'\"}}]", "steps[0].Rest.duration", "text 'abc'"),
    (
        "E-expr",
        "steps: [{Control: {set_variable: [{name: Voltage, eval: 1}]}}]",
        "steps[0].Control.set_variable[0].name",
        "reserved",
    ),
    (
        "E-expr",
        "steps: [{Control: {set_variable: [{name: a b, eval: 1}]}}]",
        "steps[0].Control.set_variable[0].name",
        "letters",
    ),
    (
        "E-expr",
        "global: {initial_temperature: Voltage}\nsteps: [{Rest: {duration: 1}}]",
        "global.initial_temperature",
        "before the test starts",
    ),
    (
        "E-expr",
        "safety_limits: {voltage_max: VAR_X}\nsteps: [{Rest: {duration: 1}}]",
        "safety_limits.voltage_max",
        "never set",
    ),
    (
        "E-expr",
        "steps: [{'Direction[\"up\"]': {mode: Current, value: 1, duration: 1}}]",
        'steps[0].Direction["up"]',
        "Charge",
    ),
    # E-marker
    ("E-marker", "steps: [Halfway]", "steps[0]", "valid markers: End, Advance cycle, Pause"),
    ("E-marker", "steps: [Advance cycles]", "steps[0]", "did you mean 'Advance cycle'?"),
    ("E-marker", "steps: [Rest]", "steps[0]", "a step needs parameters"),
]


@pytest.mark.parametrize(("code", "text", "path", "words"), ERRORS)
def test_error(code: str, text: str, path: str, words: str) -> None:
    result = parse(text)

    assert result.protocol is None
    assert any(
        found.code == code and found.path == path and words in found.message
        for found in result.errors
    ), [str(found) for found in result.errors]


REST = "steps: [{Rest: {duration: 1}}]"
WARNINGS = [
    (
        "W-tie",
        (
            "safety_limits: {voltage_max: 4.2}\nsteps: [{Charge: {mode: C-rate, value: 1, "
            "ends: [Voltage > 4.2]}}]"
        ),
        "steps[0].Charge.ends[0]",
    ),
    (
        "W-tie",
        (
            "safety_limits: {voltage_min: 2.5}\nsteps: [{Discharge: {mode: C-rate, value: 1, "
            "ends: [Voltage < 2.5]}}]"
        ),
        "steps[0].Discharge.ends[0]",
    ),
    (
        "W-tie",
        "safety_limits: {temperature_max: 50}\nsteps: [{Rest: {ends: [Temperature > 50]}}]",
        "steps[0].Rest.ends[0]",
    ),
    (
        "W-tie",
        (
            "safety_limits: {charge_current_max: 5}\nsteps: [{Charge: {mode: Power, value: 9, "
            "ends: [Current > 5]}}]"
        ),
        "steps[0].Charge.ends[0]",
    ),
    ("W-unreach", "steps: [End, {Rest: {duration: 1}}]", "steps[1].Rest"),
    (
        "W-unreach",
        "steps: [{A: [{Rest: {ends: [{'Voltage < 3': {goto: A}}]}}]}, {Rest: {duration: 1}}]",
        "steps[1].Rest",
    ),
    (
        "W-unreach",
        (
            "steps: [{A: [{Rest: {duration: 1}}]}, {Control: {ends: [{'Step count > -1': "
            "{goto: A}}]}}, {Rest: {duration: 1}}]"
        ),
        "steps[2].Rest",
    ),
    ("W-unreach", "steps: [{A: [End]}, {Rest: {duration: 1}}]", "steps[1].Rest"),
    ("W-cv", "steps: [{Charge: {mode: Voltage, value: 4.2, duration: 60}}]", "steps[0].Charge"),
    (
        "W-cv",
        "steps: [{Charge: {mode: Voltage, value: 4.2, ends: [Voltage > 4.1]}}]",
        "steps[0].Charge.ends[0]",
    ),
    (
        "W-direction",
        "steps: [{Charge: {mode: C-rate, value: 1, ends: [Voltage < 3]}}]",
        "steps[0].Charge.ends[0]",
    ),
    (
        "W-direction",
        "steps: [{Discharge: {mode: C-rate, value: 1, ends: [Voltage > 3]}}]",
        "steps[0].Discharge.ends[0]",
    ),
    ("W-soc1", f"global: {{initial_soc: 1}}\n{REST}", "global.initial_soc"),
    (
        "W-soc1",
        f"global: {{initial_state_type: soc_percentage, initial_state_value: 1}}\n{REST}",
        "global.initial_state_value",
    ),
    (
        "W-soc1",
        f"global: {{initial_state_type: soc_percentage, initial_state_value: 0.5}}\n{REST}",
        "global.initial_state_value",
    ),
    ("W-init", f"global: {{initial_state_value: 50}}\n{REST}", "global.initial_state_value"),
    (
        "W-unset",
        (
            "steps: [{Rest: {duration: VAR_T + 1}}, {Control: {set_variable: "
            "[{name: VAR_T, eval: 1}]}}]"
        ),
        "steps[0].Rest.duration",
    ),
]


@pytest.mark.parametrize(("code", "text", "path"), WARNINGS)
def test_warning(code: str, text: str, path: str) -> None:
    result = parse(text)

    assert result.errors == ()
    assert [(found.code, found.path) for found in result.warnings] == [(code, path)]


QUIET = [
    (
        "safety_limits: {voltage_max: 4.25}\nsteps: [{Charge: {mode: C-rate, value: 1, "
        "ends: [Voltage > 4.2]}}]"
    ),
    "steps: [{Charge: {mode: C-rate, value: 1, ends: [{'Voltage < 3': {goto: End}}]}}]",
    "steps: [{Rest: {ends: [{variable: Voltage, value: 3}]}}]",
    "steps: [{Rest: {ends: [{'Voltage < 3': {goto: B}}]}}, {B: [{Rest: {duration: 1}}]}]",
    "steps: [{Rest: {ends: [{'Voltage < 3': {goto: Next}}]}}, {Rest: {duration: 1}}]",
    "global: {initial_state_type: soc_percentage, initial_state_value: 0}\n" + REST,
    "global: {initial_soc: 0.5}\n" + REST,
    (
        "steps: [{A: [{Rest: {duration: 1, ends: [{'Voltage < 3': {goto: B}}]}}, End]}, "
        "{B: [{Rest: {duration: 1}}]}]"
    ),
]


@pytest.mark.parametrize("text", QUIET)
def test_no_warning(text: str) -> None:
    result = parse(text)

    assert result.errors == ()
    assert result.warnings == ()


def test_all_problems_come_at_once_with_line_and_column() -> None:
    text = textwrap.dedent(
        """\
        global:
          initial_soc: 150
        steps:
          - Charge:
              mode: C-rate
              value: fast
              ends:
                - Volts > 4.2
          - Nap: {duration: 3}
        """
    )

    problems = parse(text).errors

    assert [(found.code, found.line, found.column) for found in problems] == [
        ("E-init", 2, 16),
        ("E-expr", 6, 14),
        ("E-end", 8, 11),
        ("E-kind", 9, 5),
    ]


def test_validate_says_yes() -> None:
    assert validate(REST) == {"valid": True, "error": None, "warnings": []}


def test_validate_puts_one_problem_on_each_line_with_its_path() -> None:
    answer = validate("steps: [{Rest: {mode: Current}}, Stop]")

    assert answer["valid"] is False
    lines = answer["error"].splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "steps[0].Rest",
        "steps[0].Rest.mode",
        "steps[1]",
    ]


def test_an_open_input_is_no_error() -> None:
    assert validate("steps: [{Rest: {duration: 'input[\"t\"]'}}]")["valid"] is True


@pytest.mark.parametrize("source", [None, 3, b"steps: []", ["steps"], object()])
def test_what_is_neither_text_nor_mapping_is_a_type_error(source: object) -> None:
    for function in (parse, validate):
        with pytest.raises(TypeError, match="text or a mapping"):
            function(source)  # type: ignore[arg-type]  # the wrong type is the point


def test_reading_stops_at_a_hundred_errors() -> None:
    text = "steps:\n" + "- Nap: {}\n" * 5000

    assert len(parse(text).errors) == 100
