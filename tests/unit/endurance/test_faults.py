"""Which faults are chosen, what clients' records say, and what counts as growth."""

import json
import random

import attrs
import pytest

from tests.endurance.__main__ import main
from tests.endurance.faults import KILLS_WORKERS, MODERATE, WEIGHTS, choose
from tests.endurance.ledger import Entry, Ledger, Outcome
from tests.endurance.report import Sample, growth, peaks, table, write

STEADY = [Sample(float(second), 100.0, 400.0, 200.0, 40.0, 30.0) for second in range(60)]


def test_a_seed_chooses_the_same_faults_again():
    chosen = [choose(random.Random(5), list(WEIGHTS), 3) for _ in range(2)]
    assert chosen[0] == chosen[1]
    assert len(set(chosen[0])) == 3


def test_at_most_one_fault_of_a_round_kills_workers():
    dice = random.Random(1)
    for _ in range(200):
        assert len(KILLS_WORKERS & set(choose(dice, list(WEIGHTS), 3))) <= 1


def test_moderate_faults_are_known():
    assert set(MODERATE) < set(WEIGHTS)
    assert not [name for name in MODERATE if name.startswith("server")]


def test_a_ledger_is_copied_line_by_line():
    lines = []
    ledger, copy = Ledger(on_change=lines.append), Ledger()
    entry = Entry("simulation", "a", [["x"]])
    ledger.put(entry)
    entry.ids = ["1"]
    ledger.put(entry)
    ledger.finding("a wait ended")
    ledger.finding("a wait ended")
    ledger.error(TimeoutError())
    for line in lines:
        copy.copy_line(f"{line}\n")
    copy.copy_line(json.dumps({"finding": "cut off"})[:5])

    assert copy.entries() == ledger.entries() == [entry]
    assert copy.take_findings() == ["a wait ended (2 times)"]
    assert copy.take_findings() == []
    assert copy.errors == {"TimeoutError": 1}
    assert copy.runs() == 1


@pytest.mark.parametrize(
    ("change", "agrees"),
    [
        ({"value": 3.0 + 1e-9}, True),
        ({"value": 3.001}, False),
        ({"value": None}, False),
        ({"rows": 4}, False),
        ({"status": "failed"}, False),
        ({"error": "the worker died"}, False),
    ],
)
def test_outcomes_agree_within_the_tolerance_of_the_solver(change, agrees):
    outcome = Outcome("completed", 5, 3.0)
    assert outcome.agrees_with(attrs.evolve(outcome, **change)) is agrees


def test_a_server_that_stays_the_same_does_not_grow():
    assert growth(STEADY) == []
    # It may grow while it warms up.
    assert growth([attrs.evolve(each, server_mb=50.0) for each in STEADY[:12]] + STEADY[12:]) == []


@pytest.mark.parametrize("name", ["server_mb", "descriptors", "threads"])
def test_growth_is_found(name):
    growing = [attrs.evolve(each, **{name: 50.0 + each.seconds}) for each in STEADY]
    [finding] = growth(growing)
    assert finding.startswith(f"{name} grew from ")


def test_the_report_has_a_table_and_a_file(tmp_path):
    figures = {"runs": 3, "faults: disk full": 1} | peaks(STEADY)
    assert table(figures).startswith("runs                    3\nfaults: disk full       1\n")
    write(tmp_path / "report.json", figures, ["lost"], STEADY[:1])
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["figures"]["peak server mb"] == 100.0
    assert content["findings"] == ["lost"]
    assert content["samples"][0]["descriptors"] == 40.0


def test_an_unknown_fault_is_rejected(capsys):
    with pytest.raises(SystemExit):
        main(["chaos", "--faults", "rain"])
    assert "invalid choice: 'rain'" in capsys.readouterr().err
