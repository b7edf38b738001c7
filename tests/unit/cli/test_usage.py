"""Contradicting and missing options of the commands that submit, convert and read files."""

import shlex

import pytest
from typer.testing import CliRunner

from ionworks.cli.main import app

RUN = "run 'Rest for 1 minute' -m spm"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # Nothing of these lines is sent to a service.
    monkeypatch.setenv("IONWORKS_API_URL", "https://invalid.example")
    (tmp_path / "rest.yaml").write_text("steps: [{Rest: {duration: 60}}]")
    (tmp_path / "cell.csv").write_text("t;U;I\n10;3,6;1\n20;3,5;1\n")
    (tmp_path / "fit.yaml").write_text("elements: {}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{RUN} --no-wait --plot a.png", "--plot needs the end of the runs"),
        (f"{RUN} --no-wait --output a.csv", "--output needs the end of the runs"),
        (f"{RUN} --no-wait --time-series a.csv", "--time-series needs the end of the runs"),
        (f"{RUN} --no-wait --timeout 5", "--timeout needs the end of the runs"),
        ("sweep rest.yaml -m spm -s a=1,2 --no-wait --retry-failed", "--retry-failed needs"),
        (f"{RUN} --column a", "--column is for --time-series"),
        (f"{RUN} -o none/a.csv", "none/a.csv: the folder 'none' does not exist"),
        (f"{RUN} --plot none/a.png", "none/a.png: the folder 'none' does not exist"),
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
        ("convert rest.yaml --name a", "--name is for files that are written for a --cycler"),
        ("convert rest.yaml --verify", "--verify is for files that are written for a --cycler"),
        ("convert rest.yaml -c maccor --partial", "--partial is for files of cyclers"),
        ("convert rest.yaml -c maccor --asset a", "--asset is for files of cyclers"),
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
        ("read cell.csv -o a.txt", "a.txt: the name must end with .csv, .parquet"),
        ("upload cell.csv --cell 7 --create", "--create needs the name of the specification"),
        ("upload cell.csv --cell 7 --no-wait --timeout 5", "--timeout needs the end of"),
        ("upload cell.csv", "Missing option '--cell'"),
        ("upload cell.csv --cell 7 --decimal-comma --one-step", "MISSING_COLUMN"),
        ("fit none.yaml", "none.yaml: No such file or directory"),
        ("fit fit.yaml --no-wait -o a.json", "--output needs the end of the fit"),
        ("fit fit.yaml --no-wait --plot a.png", "--plot needs the end of the fit"),
        ("fit fit.yaml --no-wait --timeout 5", "--timeout needs the end of the fit"),
        ("fit fit.yaml -o a.csv", "the name must end with .json"),
    ],
)
def test_wrong_usage_has_exit_code_2(line, message):
    ran = CliRunner().invoke(app, shlex.split(line), env={"COLUMNS": "300"})
    assert message in ran.stderr, ran.stderr
    assert ran.exit_code == 2
    assert ran.stdout == "" or line.startswith("read")
