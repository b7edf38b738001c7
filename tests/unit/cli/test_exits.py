"""Interruptions, time limits and reports."""

from pathlib import Path

import pytest
import typer

from ionworks.cli.commands import doctor
from ionworks.cli.exits import reported
from ionworks.cli.output import Output
from ionworks.cli.waits import countdown


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, typer.Abort])
def test_ctrl_c_has_its_exit_code_also_at_a_question(interruption):
    with pytest.raises(typer.Exit) as ended, reported(Output()):
        raise interruption
    assert ended.value.exit_code == 130


def test_a_time_limit_is_for_all_waits_together(monkeypatch):
    times = iter([100.0, 103.0, 111.0])
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    remaining = countdown(10.0)
    assert [remaining(), remaining()] == [7.0, 0.0]
    assert countdown(None)() is None


@pytest.mark.parametrize(
    ("home", "told"),
    [("/home/ada", "~/cells at http://host"), ("/", "/home/ada/cells at http://host")],
)
def test_a_report_has_no_home_folder(monkeypatch, home, told):
    monkeypatch.setattr(Path, "home", lambda: Path(home))
    assert doctor._redacted("/home/ada/cells at http://host") == told
