"""Contradicting and missing options of the commands that submit, convert and read files."""

import errno
import shlex
import sys

import polars as pl
import pytest
from typer.testing import CliRunner

from ionworks.cli.figures import drawing
from ionworks.cli.main import app
from ionworks.cli.output import Output

CELL = "t;U;I\n10;3,6;1\n20;3,5;1\n"
READ = "read cell.csv --decimal-comma --one-step --skip-check all --column 't=Time [s]@s'"
READ += " --column 'U=Voltage [V]@V' --column 'I=Current [A]@A'"
RUN = "run 'Rest for 1 minute' -m spm"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # Nothing of these lines is sent to a service.
    monkeypatch.setenv("IONWORKS_API_URL", "https://invalid.example")
    (tmp_path / "rest.yaml").write_text("steps: [{Rest: {duration: 60}}]")
    (tmp_path / "cell.csv").write_text(CELL)
    (tmp_path / "link.csv").symlink_to("cell.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "fit.yaml").write_text("elements: {}")
    (tmp_path / "fit.json").write_text('{"elements": {}}')


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{RUN} --no-wait --plot a.png", "--plot requires waiting for the runs"),
        (f"{RUN} --no-wait --output a.csv", "--output requires waiting for the runs"),
        (f"{RUN} --no-wait --time-series a.csv", "--time-series requires waiting for the runs"),
        (f"{RUN} --no-wait --timeout 5", "--timeout requires waiting for the runs"),
        ("sweep rest.yaml -m spm -s a=1,2 --no-wait --retry-failed", "--retry-failed requires"),
        (f"{RUN} --column a", "--column is for --time-series"),
        (f"{RUN} -o none/a.csv", "none/a.csv: the folder 'none' does not exist"),
        (f"{RUN} --plot none/a.png", "none/a.png: the folder 'none' does not exist"),
        (f"{RUN} -o folder.csv", "folder.csv is a folder"),
        (f"{RUN} -o a.csv --time-series a.csv", "are the same file: a.csv"),
        (f"{RUN} --plot a.txt", "the name must end with .png"),
        (f"{RUN} -o a.txt", "the name must end with .csv"),
        (f"{RUN} --set a=1,2", "`ionworks sweep` takes several"),
        (f"{RUN} --input a", "--input 'a' must be NAME=VALUE"),
        (f"{RUN} --drive-cycle US06", "--drive-cycle 'US06' must be NAME=VALUE"),
        ("run 'Rest for 1 minute'", "--model is missing"),
        ("run rest -m spm", "there is no file 'rest'"),
        ("run", "Missing argument 'PROTOCOL"),
        ("sweep -m spm", "no protocol: give its file, or sentences"),
        ("sweep rest.yaml -m spm --seed 1", "--seed has no effect"),
        ("sweep rest.yaml -m spm -s a=1:2 --count 0", "Invalid value for '--count'"),
        ("sweep rest.yaml -m spm -s a=1:2", "count is missing"),
        ("sweep rest.yaml -m spm -s a=1,2 --sampling sobol", "'sobol' is unknown"),
        ("sweep --config none.yaml", "none.yaml: No such file or directory"),
        ("convert rest.yaml", "not a protocol file of a known format"),
        ("convert rest.yaml --name a", "--name applies only to files written for a cycler"),
        ("convert rest.yaml --verify", "--verify applies only to files written for a cycler"),
        ("convert rest.yaml -c maccor --partial", "--partial applies only to files of cyclers"),
        ("convert rest.yaml -c maccor --asset a", "--asset applies only to files of cyclers"),
        ("convert rest.yaml -c maccor --option a=b", "unknown option 'a' of maccor"),
        ("convert rest.yaml -c arbin --option template=none", "none: No such file or directory"),
        ("convert rest.yaml -c biologic --option voltage_range=low", "voltage_range"),
        ("convert rest.yaml -c mackor", "did you mean 'maccor'"),
        ("validate none.yaml", "none.yaml: No such file or directory"),
        ("read none.csv", "there is no file 'none.csv'"),
        ("read cell.csv", "cell.csv cannot be read"),
        ("read cell.csv --decimal-comma", "--column 'U=Voltage [V]@V' if it is in V"),
        ("read cell.csv --decimal-comma --column U=Voltage", "unknown column 'Voltage'"),
        ("read cell.csv --decimal-comma --column 'U=Voltage [V]'", "[A]@mA' is what messages"),
        ("read cell.csv --voltage-window 3", "--voltage-window must be LOW:HIGH"),
        ("read cell.csv --decimal-comma --skip-check NONE", "'NONE'"),
        ("read cell.csv --decimal-comma -o cell.csv", "--output cell.csv is the file to read"),
        ("read cell.csv --decimal-comma -o link.csv", "--output link.csv is the file to read"),
        ("read cell.csv -o a.txt", "a.txt: the name must end with .csv, .parquet"),
        ("upload cell.csv --cell 7 --create", "--create needs the name of the specification"),
        ("upload cell.csv --cell 7 --no-wait --timeout 5", "--timeout requires waiting for"),
        ("upload cell.csv", "Missing option '--cell'"),
        ("upload cell.csv --cell 7 --decimal-comma --one-step", "MISSING_COLUMN"),
        ("fit none.yaml", "none.yaml: No such file or directory"),
        ("fit fit.yaml --no-wait -o a.json", "--output requires waiting for the fit"),
        ("fit fit.yaml --no-wait --plot a.png", "--plot requires waiting for the fit"),
        ("fit fit.yaml --no-wait --timeout 5", "--timeout requires waiting for the fit"),
        ("fit fit.json -o fit.json", "--output fit.json is the file to read"),
        ("fit fit.yaml -o a.csv", "the name must end with .json"),
    ],
)
def test_wrong_usage_has_exit_code_2(line, message):
    ran = CliRunner().invoke(app, shlex.split(line), env={"COLUMNS": "300"})
    assert message in ran.stderr, ran.stderr
    assert ran.exit_code == 2
    assert ran.stdout == "" or line.startswith("read")


def test_a_file_is_not_overwritten_by_what_is_read_from_it(tmp_path):
    line = f"{READ} -o cell.csv"
    assert CliRunner().invoke(app, shlex.split(line)).exit_code == 2
    assert (tmp_path / "cell.csv").read_text() == CELL
    # Another name is written.
    line = line.replace("-o cell", "-o rows")
    assert CliRunner().invoke(app, shlex.split(line)).exit_code == 0
    assert (tmp_path / "rows.csv").read_text().startswith("Time [s],Voltage [V],Current [A]")


def test_a_file_stays_as_it_was_if_it_cannot_be_replaced(tmp_path, monkeypatch):
    def fill_the_disk(_, path):
        path.write_text("Time [s],Vol")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pl.LazyFrame, "sink_csv", fill_the_disk)
    before = {*tmp_path.iterdir(), tmp_path / "rows.csv"}
    (tmp_path / "rows.csv").write_text("before")

    ran = CliRunner().invoke(app, shlex.split(f"{READ} -o rows.csv"))

    assert "No space left on device" in ran.stderr
    assert (tmp_path / "rows.csv").read_text() == "before"
    assert {*tmp_path.iterdir()} == before


@pytest.mark.parametrize("line", [f"{RUN} --plot a.png", "fit fit.yaml --plot a.png"])
def test_a_plot_needs_matplotlib_before_anything_is_sent(monkeypatch, line):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "ionworks.plots", raising=False)
    ran = CliRunner().invoke(app, shlex.split(line), env={"IONWORKS_API_KEY": "secret"})
    assert "pip install 'ionworks-api[plot]'" in ran.stderr
    assert ran.exit_code == 2


def test_a_window_needs_matplotlib_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "ionworks.plots", raising=False)
    with pytest.raises(ImportError, match="ionworks-api\\[plot\\]"), drawing(Output(), None):
        pass
