"""The pages of the cookbook: each is short, runs, and produces what it says."""

from __future__ import annotations

import asyncio
import csv
import importlib.util
import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import matplotlib as mpl
import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure

from ionworks import Ionworks
from tests.counting import count_calls
from tests.end_to_end.command.shell import Shell
from tests.pages import blocks, closed, execute
from tests.paths import ROOT

FOLDER = ROOT / "docs" / "cookbook"
PAGES = sorted(set(FOLDER.glob("*.md")) - {FOLDER / "index.md"})
DATA = ROOT / "examples" / "data" / "cookbook"
MOST_LINES = 15
CAPACITY = "Discharge capacity [A.h]"
DIFFUSIVITY = "Negative particle diffusivity [m2.s-1]"

mpl.use("Agg")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which all pages find the default folder of the engine, which stays open."""
    home = tmp_path_factory.mktemp("home")
    with Ionworks.local(home / "ionworks"):
        yield home


@pytest.fixture
def names(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The names of a page, which runs in a folder with the data files."""
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("IONWORKS_HISTORY", "1")
    monkeypatch.chdir(tmp_path)
    for each in DATA.glob("*.csv"):
        shutil.copy(each, tmp_path)
    with closed() as found:
        yield found


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Figure]:
    """Return the only figure that was saved."""
    calls = count_calls(monkeypatch, Figure, "savefig")

    def figure() -> Figure:
        [[found, path]] = calls
        assert Path(path).read_bytes().startswith(b"\x89PNG")
        return found

    return figure


def run(page: str, names: dict[str, Any], *between: Callable[[], None]) -> None:
    """Run the blocks of a page, with steps between them."""
    path = FOLDER / page
    for number, (line, source) in enumerate(blocks(path)):
        execute(path, line, source, names)
        if number < len(between):
            between[number]()


def commands(page: Path) -> list[str]:
    """Return the lines that a user types into a shell."""
    return [line for _, text in blocks(page, "sh") for line in text.splitlines() if line.strip()]


def test_the_index_lists_all_pages() -> None:
    index = (FOLDER / "index.md").read_text(encoding="utf-8")

    assert len(PAGES) == 12
    assert [each.name for each in PAGES if f"({each.name})" not in index] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_short(page: Path) -> None:
    sources = [source for _, source in blocks(page)]
    lines = [line for source in sources for line in source.splitlines() if line.strip()]
    lines += commands(page)
    lines += [line for _, text in blocks(page, "yaml") for line in text.splitlines()]

    assert 0 < len(lines) <= MOST_LINES
    for source in sources:  # lines are not counted together
        ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"]
        formatted = subprocess.run(ruff, input=source, capture_output=True, text=True, check=True)
        assert source == formatted.stdout


def test_cells_rates_and_temperatures(names: dict[str, Any], saved: Callable[[], Figure]) -> None:
    run("compare-cells.md", names)

    table = names["batch"].to_frame()
    assert table.height == 27
    assert set(table["status"]) == {"completed"}
    inputs = ["parameterized_model", "C-rate", "Temperature"]
    assert table.select(inputs).is_unique().all()
    assert Counter(table["parameterized_model"]) == dict.fromkeys(
        ["SPM Chen2020", "SPM Marquis2019", "SPM Prada2013"], 9
    )
    chen = table.filter(parameterized_model="SPM Chen2020", Temperature=25).sort("C-rate")
    assert chen[CAPACITY].is_sorted(descending=True)
    assert chen[CAPACITY][0] == pytest.approx(5.07, abs=0.02)
    [axes] = saved().axes
    looks = {(each.get_color(), each.get_linestyle(), each.get_linewidth()) for each in axes.lines}
    assert len(looks) == 27


def test_a_latin_hypercube(names: dict[str, Any]) -> None:
    def interrupt() -> None:
        names["batch"][190:].cancel()

    run("latin-hypercube.md", names, interrupt)

    batch, again, table = names["batch"], names["again"], names["table"]
    assert len(batch) == 200
    assert batch.to_frame()["status"][190:].to_list() == ["canceled"] * 10
    counts = Counter(table["status"])
    assert table.height == counts.total() == 200
    assert set(counts) == {"completed", "failed"}
    assert 0 < counts["failed"] < 100
    assert len(again) == counts["failed"] + again.to_frame()["status"].to_list().count("completed")
    failed = table.filter(status="failed")
    assert failed["error"].str.contains("add an end, such as a voltage limit").all()
    for row in names["design"]["rows"]:
        edges = np.linspace(row["min"], row["max"], 201)
        counted, _ = np.histogram(table[row["name"]].to_numpy(), edges)
        assert counted.tolist() == [1] * 200
    # What the page says about the reason is true.
    limited = {
        **names["config"],
        "protocol_experiment": [names["config"]["protocol_experiment"][0] + " or until 2.5 V"],
    }
    thinnest = failed.sort("Positive electrode thickness [m]").row(0, named=True)
    del limited["design_parameters_doe"]
    limited["design_parameters"] = {
        row["name"]: thinnest[row["name"]] for row in names["design"]["rows"]
    }
    client = names["client"]
    assert (
        client.simulation.wait_for_completion(client.simulation.protocol(limited)).status
        == "completed"
    )


def test_yesterdays_runs(
    home: Path, tmp_path: Path, names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    config = {
        "parameterized_model": "SPM Chen2020",
        "protocol_experiment": {
            "name": "Rate capability of yesterday",
            "protocol": "Rest for 1 minute",
        },
        "conditions": [
            {"design_parameters": {"Negative particle radius [m]": each}} for each in (5e-6, 6e-6)
        ],
    }
    with Ionworks.local() as client:
        submitted = [
            each.simulation_id
            for each in client.simulation.protocol_batch(config).wait(verbose=False)
        ]
    noon = f"{datetime.now(UTC).date() - timedelta(days=1)}T12:00:00.000000Z"
    moved = [
        (
            home / "ionworks" / "ionworks.sqlite",
            "UPDATE runs SET created_at = ? WHERE submission_id = ?",
        ),
        (
            tmp_path / "state" / "ionworks" / "history.db",
            "UPDATE submissions SET submitted_at = ? WHERE submission_id = ?",
        ),
    ]
    for file, statement in moved:
        with closing(sqlite3.connect(file)) as store, store:
            assert (
                store.execute(statement, [noon, client.history(1)[0].submission_id]).rowcount == 1
            )

    run("find-runs.md", names)

    assert [each.simulation_id for each in names["batch"]] == submitted
    printed = capsys.readouterr().out
    assert "Rate capability of yesterday 1/2 completed" in printed
    assert "Rate capability of yesterday 2/2 completed" in printed


def test_capacity_fade(names: dict[str, Any], saved: Callable[[], Figure]) -> None:
    run("capacity-fade.md", names)

    cycles = names["result"].cycles
    assert cycles["Cycle count"].to_list() == list(range(100))
    assert cycles[CAPACITY].is_sorted(descending=True)
    [line] = saved().axes[0].lines
    percent = cycles[CAPACITY] / cycles[CAPACITY][0] * 100
    assert line.get_ydata() == pytest.approx(percent.to_numpy())
    assert 60 < percent[-1] < 75
    run("capacity-fade.md", names)  # also a second time, when the model exists


def test_a_drive_cycle(names: dict[str, Any], saved: Callable[[], Figure]) -> None:
    run("drive-cycle.md", names)

    result = names["result"].time_series
    samples = pl.read_csv("commute.csv")
    follows = np.interp(samples["Time [s]"], result["Time [s]"], result["Power [W]"])
    assert follows == pytest.approx(samples["Power [W]"].to_numpy(), abs=0.02)
    assert [each.get_ylabel() for each in saved().axes] == ["Power [W]", "Voltage [V]"]


def test_a_fit_of_a_messy_file(names: dict[str, Any], generator: ModuleType) -> None:
    run("fit-a-csv.md", names)

    table, client = names["table"], names["client"]
    assert table["Time [s]"][0] == 0
    assert table["Time [s]"].is_sorted()
    assert set(table["Step count"]) == {0, 1, 2}
    assert set(table["Current [A]"]) == {0.0, 5.0}
    assert table["Voltage [V]"][0] == pytest.approx(4.2, abs=0.005)
    assert client.cell_measurement.steps(names["measurement"].id).height == 3
    fit = client.simple_pipeline.result(names["run"])
    difference = fit.parameter_values[DIFFUSIVITY] - generator.DIFFUSIVITY
    assert abs(difference) < 3 * fit.standard_errors[DIFFUSIVITY]
    assert fit.standard_errors[DIFFUSIVITY] < 0.02 * generator.DIFFUSIVITY


def test_files_for_five_cyclers(names: dict[str, Any]) -> None:
    run("five-cyclers.md", names)

    files = sorted(each.suffix for each in Path("files").iterdir())
    assert files == [".000", ".mps", ".sdu", ".txt", ".xml"]
    read = names["client"].protocol.parse_file("files/protocol.000")
    assert "Voltage > 4.2" in read.parsed_protocol_ucp


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an engine that is served as the page says, but on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    [command] = commands(FOLDER / "serve.md")
    command = command.replace("8000", port).replace("python ", f"exec {sys.executable} ")
    folder = tmp_path_factory.mktemp("served")
    with subprocess.Popen(
        ["/bin/sh", "-c", command], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def test_a_served_engine(url: str) -> None:
    [(_, source)] = blocks(FOLDER / "serve.md")
    source = source.replace("http://127.0.0.1:8000", url)
    other = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert float(other.stdout) == pytest.approx(5.0, abs=0.05)


def test_the_command_line(url: str, names: dict[str, Any], tmp_path: Path) -> None:
    page = FOLDER / "command-line.md"
    [(_, protocol)] = blocks(page, "yaml")
    Path("rates.yaml").write_text(protocol, encoding="utf-8")
    [(_, script)] = blocks(page, "sh")
    shell = Shell(tmp_path, url, IONWORKS_API_KEY="some-long-secret")

    # A line goes on after a backslash and after a pipe.
    lines = re.split(r"(?<![\\|])\n", script.strip())
    written = "".join(shell(line).out for line in lines)

    rates, again, cube = map(pl.read_csv, ("rates.csv", "again.csv", "hypercube.csv"))
    assert rates.height == 27
    assert set(rates["status"]) == {"completed"}
    assert rates.sort("simulation_id").equals(again.sort("simulation_id"))
    assert cube.height == 200
    assert set(cube["status"]) == {"completed"}
    assert [Path(each).read_bytes()[:4] for each in ("rates.png", "commute.png")] == [
        b"\x89PNG"
    ] * 2
    assert Path("files/protocol.000").stat().st_size > 0
    with Ionworks("some-long-secret", url, "default") as client:
        [measurement] = client.cell_measurement.list_by_project().walk()
        assert client.cell_measurement.steps(measurement.id).height == 3
    assert measurement.id in written.splitlines()


def test_a_script_runs(names: dict[str, Any]) -> None:
    run("script.md", names)

    source = Path("discharge.py").read_text(encoding="utf-8")
    assert "import pybamm" in source
    assert "ionworks" not in source
    with Path("simulation.csv").open(encoding="utf-8") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    ours = names["client"].simulation.get_result(names["run"]).time_series
    times = [row["Time [s]"] for row in rows]
    assert rows[-1]["Time [s]"] == pytest.approx(ours["Time [s]"][-1], abs=1)
    ours = ours.filter(pl.col("Step count") == 0)
    voltages = np.interp(times, ours["Time [s]"], ours["Voltage [V]"])
    difference = np.abs(voltages - [row["Voltage [V]"] for row in rows])
    # Lines join the points, which are not the same.
    assert np.median(difference[np.array(times) < ours["Time [s]"][-1]]) < 2e-3


def test_a_replay(names: dict[str, Any]) -> None:
    experiment = {"name": "1C discharge", "protocol": "Discharge at 1C until 2.5 V"}
    with Ionworks.local() as client:
        config = {"parameterized_model": "SPM Chen2020", "protocol_experiment": experiment}
        first = client.simulation.protocol(config)
        client.simulation.wait_for_completion(first, verbose=False)

    run("replay.md", names)

    replay = names["replay"]
    assert names["run"].id == first.simulation_id
    assert replay.simulation.id != first.simulation_id
    assert replay.differences["Voltage [V]"] < 1e-6
    assert replay.changed == {}


def test_a_web_handler(names: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_calls(monkeypatch, httpx.WSGITransport, "handle_request")
    rates = [0.5 + number % 10 / 10 for number in range(60)]

    async def ask(rate: float) -> tuple[int, float]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "query_string": f"rate={rate}".encode()}
        await names["app"](scope, None, send)
        return sent[0]["status"], json.loads(sent[1]["body"])["capacity"]

    async def serve() -> list[tuple[int, float]]:
        try:
            return await asyncio.gather(*map(ask, rates))
        finally:
            await names["client"].aclose()

    run("web-handler.md", names)
    answers = asyncio.run(serve())

    assert {status for status, _ in answers} == {200}
    by_rate = dict(zip(rates, (capacity for _, capacity in answers), strict=True))
    assert [by_rate[rate] for rate in rates] == [capacity for _, capacity in answers]
    assert [*by_rate.values()] == sorted(by_rate.values(), reverse=True)
    paths = Counter(request.url.path for _, request in calls)
    # On a busy machine some are sent again, because the database was locked for long.
    assert paths["/simulations/with-template/batch"] >= len(rates)
    # Each wait asks at least once, so without sharing there would be more.
    assert paths["/simulations/statuses"] < len(rates)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    """The program that writes the data files."""
    spec = importlib.util.spec_from_file_location("generate", DATA / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_data_files_are_those_of_their_generator(home: Path, generator: ModuleType) -> None:
    assert (DATA / "commute.csv").read_bytes().decode() == generator.commute()
    with Ionworks.local(home / "ionworks") as client:
        again = generator.export(client)
    stored = (DATA / "export.csv").read_bytes().decode("latin-1")
    assert numbers(again) == pytest.approx(numbers(stored), abs=0.2)
    assert again.splitlines()[:5] == stored.splitlines()[:5]


def numbers(export: str) -> list[float]:
    rows = export.splitlines()[5:]
    return [float(each.replace(",", ".")) for row in rows for each in row.split(";")]
