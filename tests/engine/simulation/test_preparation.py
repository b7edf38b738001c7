"""How often a worker parses a protocol and prepares a run: once each, the check included."""

import importlib

import pytest

from ionworks.engine.simulation import preparation
from ionworks.worker import simulations as worker
from tests.counting import count_calls

SPM = {"type": "SPM", "parameter_set": "Chen2020"}
THICKNESS = "Positive electrode thickness [m]"
RUNS = [
    {
        "id": f"{duration} {thickness}",
        "experiment_parameters": {"duration": duration},
        "design_parameters": {THICKNESS: thickness},
    }
    for duration in (1, 2, 3)
    for thickness in (7e-5, 8e-5)
]


@pytest.fixture
def payload(tmp_path, request):
    """A submission whose text no other test has, because a worker remembers what it parsed."""
    step = "steps: [{Rest: {duration: 'input[\"duration\"]'}}]"
    return {
        "model": SPM,
        "protocol": f"# {request.node.name}\n{step}",
        "extra_variables": ["X-averaged cell temperature [K]"],
        "overrides": [],
        "smoke_test": False,
        "max_backward_jumps": None,
        "runs": RUNS,
        "blobs": str(tmp_path / "blobs"),
        "outcomes": str(tmp_path / "outcomes"),
        "owner": "owner",
    }


@pytest.fixture
def parses(monkeypatch):
    return count_calls(monkeypatch, importlib.import_module("ionworks.ucp.parse"), "read_protocol")


@pytest.fixture
def prepared(monkeypatch):
    return count_calls(monkeypatch, preparation.Preparation, "_prepared")


@pytest.fixture
def compiled(monkeypatch):
    return count_calls(monkeypatch, preparation, "compile_program")


@pytest.fixture
def variable_checks(monkeypatch):
    return count_calls(monkeypatch, preparation, "extra_variable_problems")


def test_a_check_and_all_chunks_share_one_parse_and_one_preparation_of_each_run(
    payload, parses, prepared, compiled, variable_checks
):
    assert worker.check(payload)["problems"] == []
    for first in (0, 4):
        chunk = {**payload, "runs": RUNS[first : first + 4]}
        assert worker.simulate(chunk) == len(chunk["runs"])

    assert len(parses) == 1
    assert len(prepared) == len(RUNS)
    assert len(compiled) == 3, "the programs of one duration are the same for any thickness"
    assert len(variable_checks) == 1


def test_a_worker_without_the_check_does_the_same_once(payload, parses, prepared):
    for _ in range(2):
        assert worker.simulate(payload) == len(RUNS)

    assert len(parses) == 1
    assert len(prepared) == len(RUNS)


def test_runs_with_the_same_parameters_are_one_run_to_prepare(payload, prepared):
    twins = [{**RUNS[0], "id": name} for name in ("a", "b")]

    assert worker.check({**payload, "runs": twins})["problems"] == []

    assert len(prepared) == 1


def test_values_that_are_equal_but_not_equally_valid_are_told_apart(payload):
    def problems(duration):
        runs = [{"experiment_parameters": {"duration": duration}, "design_parameters": {}}]
        return worker.check({**payload, "runs": runs})["problems"]

    assert problems(1) == []
    [problem] = problems(True)
    assert "'duration' is a bool" in problem
