"""`ionworks result` and `plot`."""

import polars as pl
import pytest

from tests.end_to_end.command.schemas import check


@pytest.fixture(scope="module")
def fit(engine_client):
    """The id of a fit that has completed."""
    elements = {"fit": {"element_type": "data_fit", "orders": {"steps": 3}}}
    pipeline = engine_client.pipeline.create({"elements": elements}, name="A fit")
    engine_client.pipeline.wait_for_completion(pipeline.id, verbose=False)
    return pipeline.id


def test_metrics_have_a_row_for_each_simulation(served_shell, completed, failed):
    ran = served_shell(f"ionworks result {' '.join(completed)} {failed} --json")

    found = check("result", ran.json)
    assert [each["thickness"] for each in found] == [1.5, 2.5, None]
    assert [each["status"] for each in found] == ["completed", "completed", "failed"]
    assert found[0]["bad"] is None  # a metric that is NaN


def test_time_series_of_several_have_their_ids(invoke, completed):
    line = f"result {' '.join(completed)} --table time-series"
    columns = "--column 'Time [s]' --column 'Voltage [V]'"

    found = check("result --table time-series", invoke(f"{line} {columns} --json").json)

    assert len(found) == 4
    last = {"simulation_id": completed[1], "Time [s]": 1.0, "Voltage [V]": 2.5}
    assert found[-1] == last


@pytest.mark.parametrize("ending", ["csv", "parquet", "json"])
def test_a_table_is_written_to_a_file(invoke, completed, ending):
    file = invoke.home / f"rows.{ending}"

    ran = invoke(f"result {completed[0]} --table time-series --output {file.name}")

    read = {"csv": pl.read_csv, "parquet": pl.read_parquet, "json": pl.read_json}[ending]
    assert read(file)["Voltage [V]"].to_list() == [4.0, 1.5]
    assert ran.out == ""
    assert [each.name for each in invoke.home.glob("*rows*")] == [file.name]


def test_the_values_of_a_fit_are_rows(served_shell, fit):
    found = check("result of a fit", served_shell(f"ionworks result {fit} --json").json)

    assert {"id": fit, "element": "fit", "name": "D", "value": 0.125} in found
    assert {"id": fit, "element": "fit", "name": "cost", "value": 0.5} in found


def test_fits_have_no_other_table(invoke, fit):
    assert "--table does not apply to fits" in invoke(f"result {fit} --table steps", code=2).err


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("result {id} -o run.xlsx", 2, "run.xlsx"),
        ("result {id} --column Colour", 2, "there is no column 'Colour'"),
        ("result default", 2, "these ids are of project"),
        ("result {failed} --table time-series", 5, "{failed}"),
        ("plot {id} -o run.bmp", 2, "run.bmp"),
        ("plot {id}", 2, "pass --output FILE"),
        ("plot default -o run.png", 2, "is a project, which has no plot"),
        ("plot {id} --figure ocv --by step -o run.png", 2, "--by does not apply"),
        ("plot {id} --figure trace -o run.png", 2, "no figure 'trace'"),
        ("result {id} -o /dev/null/run.csv", 2, "/dev/null/"),
    ],
)
def test_what_cannot_be_done_is_told(invoke, completed, failed, line, code, said):
    names = {"id": completed[0], "failed": failed}

    ran = invoke(line.format(**names), code=code, MPLBACKEND="agg")

    assert said.format(**names) in ran.err
    assert ran.out == ""
    assert [*invoke.home.glob("*run*")] == []


def test_a_figure_of_a_batch_is_written_to_a_file(invoke, completed):
    line = f"ionworks plot {' '.join(completed)} --color thickness --output both.svg"

    assert invoke(line).err == "figure written to both.svg\n"
    assert (invoke.home / "both.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("line", "start"),
    [
        ("plot {id} --y 'Voltage [V]' --x 'Time [s]' -o figure", b"\x89PNG"),
        ("plot {fit} --figure residuals --quiet -o figure", b"%PDF"),
        ("plot {fit} -o figure", b"<?xml"),
    ],
)
def test_figures_are_written_to_files(invoke, completed, fit, line, start):
    ending = {b"\x89PNG": ".png", b"%PDF": ".pdf", b"<?xml": ".svg"}[start]

    ran = invoke(line.format(id=completed[0], fit=fit) + ending)

    assert (invoke.home / f"figure{ending}").read_bytes().startswith(start)
    assert ran.err == ("" if "--quiet" in line else f"figure written to figure{ending}\n")


def test_cycles_of_a_run_are_plotted_in_percent(invoke, completed):
    # The quick worker has no cycles.
    line = f"plot {completed[0]} --figure cycles --relative -o fade.png"

    assert "no 'Cycles'" in invoke(line, code=2).err


def test_a_simulation_is_written_as_a_script_or_cited(served_shell, completed):
    assert served_shell(f"ionworks script {completed[0]} --json").json.endswith(
        "{'thickness': 1.5}"
    )
    served_shell(f"ionworks script {completed[0]} --citations --output references.bib")
    assert (served_shell.home / "references.bib").read_text() == "@article{Chen2020}"
