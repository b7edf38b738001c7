"""`ionworks read` and `ionworks upload`."""

import polars as pl
import pytest

from tests.end_to_end.command.schemas import check

ROWS = [(10 + 60 * row, 1 + row // 10, -1000 * (row > 9), 4 - row / 100) for row in range(30)]
CYCLER = "Test Time(s);Step;I(mA);Voltage(V)\n" + "".join(
    ";".join(map(str, row)).replace(".", ",") + "\n" for row in ROWS
)
LAYOUT = "--separator ';' --decimal-comma --skip-rows 1"
RIGHT = f"{LAYOUT} --column '-I(mA)=Current [A]'"


@pytest.fixture(autouse=True)
def file(tmp_path):
    (tmp_path / "cell.csv").write_text("# exported\n" + CYCLER)


def test_what_is_recognised_is_shown_and_written(invoke_bare):
    ran = invoke_bare(f"ionworks read cell.csv {RIGHT} --strict --capacity 1 -o cell.parquet")
    table = [line.split(maxsplit=5) for line in ran.out.splitlines()]
    assert ran.out.startswith("cell.csv: 30 rows\n")
    assert ["Time", "[s]", "0", "1740", "0"] in [line[:5] for line in table]
    assert "counted from the changes of 'Step from cycler'" in ran.out
    assert ran.err == ""
    rows = pl.read_parquet(invoke_bare.home / "cell.parquet")
    assert rows["Step count"].to_list() == [row // 10 for row in range(30)]
    assert rows["Current [A]"].max() == 1.0


def test_problems_say_by_which_options_they_are_corrected(shell):
    ran = shell(
        f"ionworks read cell.csv {LAYOUT} --no-from-zero -o cell.csv.parquet --json", code=2
    )
    check("read", ran.json)
    codes = {each["code"] for each in ran.json["issues"]}
    assert codes == {"CURRENT_REVERSED", "TIME_NOT_FROM_ZERO"}
    assert ran.json["output"] is None
    assert not (shell.home / "cell.csv.parquet").exists()
    assert "without --no-from-zero the first time is subtracted" in ran.err
    assert "--column '-NAME=Current [A]'" in ran.err


def test_a_measurement_is_uploaded_to_a_cell(served_shell):
    line = f"ionworks upload cell.csv {RIGHT} --spec 'A cell' --cell '7'"
    ran = served_shell(line, code=5)
    assert "no specification has the name or id 'A cell'" in ran.err
    assert "--create" in ran.err
    ran = served_shell(
        f"{line} --create --capacity 1 --voltage-window 3:4.2 --name First --tag ageing --notes x"
        " --timeout 60 --json"
    )
    check("upload", ran.json)
    assert (ran.json["name"], ran.json["processing_status"]) == ("First", "ready")
    assert ran.json["steps_created"] == 3
    # The cell is found by its name, and has a measurement of this one already.
    skipped = "--skip-check CURRENT_REVERSED --one-step --no-wait"
    line = f"ionworks upload cell.csv {LAYOUT} {skipped} --spec 'A cell' --cell 7 --name First"
    assert "First" in served_shell(line, code=1).err
