"""Protocols and configurations as files, on standard input, and as sentences."""

import io
import json

import pytest

from ionworks import ucp
from ionworks.cli.documents import read_configuration, read_protocol

STEPS = "steps: [{Rest: {duration: 60}}]"


def test_the_name_of_a_protocol_is_that_of_its_file(tmp_path):
    path = tmp_path / "night rest.yaml"
    path.write_text(STEPS)
    source = read_protocol([str(path)])
    assert (source.protocol, source.name, source.label) == (STEPS, "night rest", str(path))
    assert source.parsed().protocol is not None


def test_a_protocol_comes_from_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(STEPS))
    source = read_protocol(["-"])
    assert (source.protocol, source.label) == (STEPS, "<stdin>")


@pytest.mark.parametrize(
    "document",
    [
        {"steps": [{"Rest": {"duration": 60}}]},
        {"steps": ["Rest for 1 minute"]},
        [["Rest for 1 minute"], ["Rest for 1 minute"]],
        {"cycles": [["Rest for 1 minute"]], "temperature": 298.15},
    ],
)
def test_json_has_documents_and_experiments(tmp_path, document):
    path = tmp_path / "rest.json"
    path.write_text(json.dumps(document))
    source = read_protocol([str(path)])
    assert source.protocol == (path.read_text() if "steps" in document else document)
    assert source.parsed().protocol is not None


def test_problems_of_json_have_lines(tmp_path):
    path = tmp_path / "rest.json"
    path.write_text('{"steps": [\n  {"Rest": {"duration": -1e-05}}\n]}')
    [problem] = read_protocol([str(path)]).parsed().errors
    assert (problem.code, problem.line, problem.column) == ("E-value", 2, 25)


def test_the_file_of_a_cycler_is_read_as_ucp(tmp_path):
    path = ucp.convert(STEPS, "maccor").save(tmp_path)
    source = read_protocol([str(path)])
    assert source.parsed().protocol.steps[0].kind == "Rest"


def test_sentences_are_the_steps():
    sentences = ["Discharge at 1C until 2.5 V", "Rest for 1 hour"]
    source = read_protocol(sentences)
    assert source.protocol == sentences
    assert len(source.parsed().protocol.steps) == 2


@pytest.mark.parametrize("arguments", [["missing.yaml"], ["Rest for 1 hour", "missing.yaml"]])
def test_a_missing_file_is_named(arguments):
    with pytest.raises(ValueError, match=r"there is no file 'missing\.yaml'"):
        read_protocol(arguments)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "protocol.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not text in UTF-8"):
        read_protocol([str(path)])


def test_small_numbers_of_a_configuration_are_numbers(tmp_path):
    path = tmp_path / "fit.yaml"
    path.write_text("bounds: [1e-16, 1e-12]\non_start: off\nname: '1e5'\n")
    expected = {"bounds": [1e-16, 1e-12], "on_start": False, "name": "1e5"}
    assert read_configuration(str(path)) == expected


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yaml", "- 1", "is not a configuration in YAML"),
        ("a.yaml", "a: [", "is not a configuration in YAML"),
        ("a.json", "[1]", "must be a JSON object, not list"),
        ("a.json", '{"a": 1,\n "b"}', "a.json:2:5: not JSON"),
    ],
)
def test_a_configuration_is_a_mapping(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_configuration(str(path))
