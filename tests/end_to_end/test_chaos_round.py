"""A short round of `make chaos`: the server is killed while clients work, and nothing is lost."""

import json

import pytest

from tests.endurance.__main__ import main


@pytest.mark.slow
def test_a_round_with_a_killed_server_ends_with_a_clean_audit(tmp_path, capsys):
    report = tmp_path / "report.json"
    options = ["--rounds", "1", "--seed", "1", "--clients", "2", "--report", str(report)]

    code = main(
        ["chaos", *options, "--faults", "server killed", "--recipes", "sweep", "extended upload"]
    )

    assert code == 0, capsys.readouterr().out
    figures = json.loads(report.read_text())["figures"]
    assert figures["faults: server killed"] == 1
    assert figures["records: simulation"] > 0
