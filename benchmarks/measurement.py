"""A long measurement in the embedded engine, compared with polars alone.

The work: store a time series as parquet, derive its steps and cycles, read one step, read few
points of all steps, and read all rows. The engine does it behind HTTP, with a record, checks of the
data and a signed link; polars does it in a few lines on the frame, as a user would write them. Both
must give the same steps, and exactly the same rows.

Each runs in a separate process. Memory is the peak of that process in units of the frame, above
that before the frame was loaded, so the frame itself counts as 1.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl
import psutil

from measure import machine, table

POINTS = 2000
ROWS_PER_STEP = 2500
PHASES = ("store", "derive steps", "read one step", "read thinned", "read all", "whole")
PARQUET = {"Accept": "application/vnd.apache.parquet"}
COMPRESSION: dict[str, Any] = {"compression": "zstd", "compression_level": 1}
SIGNALS = {"voltage [V]": "Voltage [V]", "current [A]": "Current [A]", "power [W]": "Power [W]"}


class Meter:
    """Seconds and peak memory of each phase of a process.

    Parameters
    ----------
    before
        Resident memory before the frame was loaded, in bytes.
    frame
        Size of the frame, in bytes.
    """

    def __init__(self, before: int, frame: int) -> None:
        self._before = before
        self._frame = frame
        self.taken: dict[str, tuple[float, float]] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure the time and the peak memory of the body."""
        done = threading.Event()
        peaks = [resident()]

        def watch() -> None:
            while not done.wait(0.002):
                peaks[0] = max(peaks[0], resident())

        watcher = threading.Thread(target=watch)
        began = perf_counter()
        watcher.start()
        try:
            yield
        finally:
            seconds = perf_counter() - began
            done.set()
            watcher.join()
        self.taken[name] = (seconds, (peaks[0] - self._before) / self._frame)

    def report(self) -> dict[str, tuple[float, float]]:
        """Return the figures of each phase and of all together."""
        seconds, peaks = zip(*self.taken.values(), strict=True)
        return {**self.taken, "whole": (sum(seconds), max(peaks))}


def resident() -> int:
    """Return the resident memory of this process and its children, in bytes."""
    own = psutil.Process()
    return sum(process.memory_info().rss for process in [own, *own.children(recursive=True)])


def generate(rows: int, path: Path) -> None:
    """Write the data of a cycler: charge, rest, discharge and rest, with the noise of a sensor."""
    random = np.random.default_rng(2026)
    row = np.arange(rows)
    step = row // ROWS_PER_STEP
    within = (row % ROWS_PER_STEP) / ROWS_PER_STEP
    current = np.choose(step % 4, [-2.5, 0.0, 5.0, 0.0]) + random.normal(0, 1e-3, rows)
    voltage = np.choose(step % 4, [3 + within, 4 - 0.1 * within, 4 - within, 3 + 0.1 * within])
    pl.DataFrame(
        {
            "Time [s]": row * 1.0,
            "Voltage [V]": voltage + random.normal(0, 1e-4, rows),
            "Current [A]": current,
            "Temperature [degC]": np.round(25 + 3 * within + random.normal(0, 0.1, rows), 1),
            "Step count": step,
            "Cycle count": step // 4,
        }
    ).write_parquet(path, **COMPRESSION)


# ---------------------------------------------------------------- the engine
def through_the_engine(
    frame: pl.DataFrame, folder: Path, meter: Meter, middle: int
) -> pl.DataFrame:
    """Do the work with the embedded engine; return the steps."""
    from ionworks import Ionworks

    with Ionworks.local(folder / "engine") as client:
        http = client.api.get_httpx_client()

        def get(path: str, **query: Any) -> pl.DataFrame:
            reply = http.get(path, params=query, headers=PARQUET)
            return pl.read_parquet(io.BytesIO(reply.content))

        spec = http.post("/cell_specifications", json={"name": "cell"}).json()["id"]
        cells = f"/cell_specifications/{spec}/cell_instances"
        cell = http.post(cells, json={"name": "1"}).json()["id"]
        with meter.phase("store"):
            measurement = {"measurement": {"name": "long"}}
            upload = http.post(
                f"/cell_instances/{cell}/cell_measurements/initiate-upload", json=measurement
            ).json()
            scratch = folder / "upload.parquet"
            frame.write_parquet(scratch, **COMPRESSION)
            with scratch.open("rb") as stream:
                http.put(upload["uploads"][0]["signed_url"], content=stream)
            scratch.unlink()
        path = f"/cell_measurements/{upload['measurement_id']}"
        with meter.phase("derive steps"):
            http.post(f"{path}/confirm-upload", json={"cell_instance_id": cell, **measurement})
            _wait(lambda: http.get(path).json())
            steps = get(f"{path}/steps/download")
        series = f"{path}/time_series/download"
        with meter.phase("read one step"):
            one = get(series, step_from=middle, step_to=middle)
        with meter.phase("read thinned"):
            few = get(series, max_points=POINTS)
        with meter.phase("read all"):
            whole = get(series)
        _agree(frame, whole, one, few, middle)
    return steps


def _wait(read: Callable[[], dict[str, Any]]) -> None:
    pause = threading.Event()
    while (record := read())["processing_status"] in ("pending", "running"):
        pause.wait(0.02)
    if record["processing_status"] != "ready":
        raise RuntimeError(record["processing_error"])


# ---------------------------------------------------------------- plain polars
def through_polars(frame: pl.DataFrame, folder: Path, meter: Meter, middle: int) -> pl.DataFrame:
    """Do the work with polars alone; return the steps."""
    path = folder / "plain.parquet"
    with meter.phase("store"):
        frame.write_parquet(path, **COMPRESSION)
    with meter.phase("derive steps"):
        steps = plain_steps(frame)
    with meter.phase("read one step"):
        one = pl.scan_parquet(path).filter(pl.col("Step count") == middle).collect()
    with meter.phase("read thinned"):
        few = plain_thinning(pl.read_parquet(path))
    with meter.phase("read all"):
        whole = pl.read_parquet(path)
    _agree(frame, whole, one, few, middle)
    return steps


def plain_steps(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the statistics of each step, as a user would write it for one frame."""
    time, current = pl.col("Time [s]"), pl.col("Current [A]")
    power = pl.col("Power [W]")
    same = pl.col("Step count") == pl.col("Step count").shift()
    span = pl.when(same).then(time.diff()).otherwise(0.0)
    rows = frame.with_columns((pl.col("Voltage [V]") * current).alias("Power [W]"))
    rows = rows.with_row_index("row").with_columns(
        span.alias("span"),
        *(
            ((pl.col(n) + pl.col(n).shift()) / 2 * span).alias(f"area {n}")
            for n in SIGNALS.values()
        ),
        *(
            ((way * signal).clip(0) + (way * signal).clip(0).shift()).mul(span / 7200).alias(name)
            for name, way, signal in (
                ("Discharge capacity [A.h]", 1, current),
                ("Charge capacity [A.h]", -1, current),
                ("Discharge energy [W.h]", 1, power),
                ("Charge energy [W.h]", -1, power),
            )
        ),
    )
    grouped = rows.group_by("Step count", maintain_order=True).agg(
        pl.col("Cycle count").first(),
        pl.col("row").first().cast(pl.Int64).alias("Start index"),
        pl.col("row").last().cast(pl.Int64).alias("End index"),
        time.first().alias("Start time [s]"),
        time.last().alias("End time [s]"),
        pl.col("span").sum(),
        *(
            getattr(pl.col(name), how)().alias(f"{word} {words}")
            for words, name in SIGNALS.items()
            for word, how in (("Start", "first"), ("End", "last"), ("Min", "min"), ("Max", "max"))
        ),
        *(pl.col(name).std().alias(f"Std {words}") for words, name in SIGNALS.items()),
        *(pl.col(f"area {name}").sum() for name in SIGNALS.values()),
        pl.col("^(Dis)?[Cc]harge (capacity|energy).*$").sum(),
    )
    return grouped.with_columns(
        (pl.col(f"area {name}") / pl.col("span")).alias(f"Mean {words}")
        for words, name in SIGNALS.items()
    ).drop("span", *(f"area {name}" for name in SIGNALS.values()))


def plain_thinning(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the extremes of voltage and current in each of many intervals."""
    intervals = (POINTS - 2) // 4
    row = pl.int_range(pl.len())
    rows = frame.select("Voltage [V]", "Current [A]", row.alias("row")).with_columns(
        (row * intervals // pl.len()).alias("interval")
    )
    extremes = rows.group_by("interval").agg(
        pl.col("row").get(getattr(pl.col(name), how)()).alias(f"{name} {how}")
        for name in ("Voltage [V]", "Current [A]")
        for how in ("arg_min", "arg_max")
    )
    chosen = extremes.drop("interval").unpivot()["value"].append(pl.Series([0, frame.height - 1]))
    return frame[chosen.unique().sort()]


def _agree(
    frame: pl.DataFrame, whole: pl.DataFrame, one: pl.DataFrame, few: pl.DataFrame, middle: int
) -> None:
    """Check that the rows that were read are those that were stored."""
    held = {
        "all rows": whole.equals(frame),
        "the rows of one step": one.equals(frame.filter(pl.col("Step count") == middle)),
        "few points": few.height <= POINTS
        and few["Voltage [V]"].max() == frame["Voltage [V]"].max(),
    }
    wrong = [name for name, holds in held.items() if not holds]
    if wrong:
        message = f"read differently from how they were stored: {', '.join(wrong)}"
        raise RuntimeError(message)


# ---------------------------------------------------------------- processes
WAYS = {"engine": through_the_engine, "polars": through_polars}


def run_here(way: str, data: Path, steps: Path) -> None:
    """Do the work one way in this process, and print the figures."""
    pl.DataFrame({"warm": [1]}).lazy().collect(engine="streaming")
    before = resident()
    frame = pl.read_parquet(data)
    meter = Meter(before, int(frame.estimated_size()))
    middle = int(frame["Step count"].max() or 0) // 2  # type: ignore[call-overload]  # a number
    with TemporaryDirectory(prefix="ionworks-benchmark-") as folder:
        WAYS[way](frame, Path(folder), meter, middle).write_parquet(steps)
    print(json.dumps([frame.estimated_size(), meter.report()]))


def run_in_process(way: str, data: Path, steps: Path) -> tuple[int, dict[str, list[float]]]:
    """Do the work one way in a new process; return the size of the frame and the figures."""
    command = [sys.executable, __file__, "--way", way, "--data", str(data), "--steps", str(steps)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    size, figures = json.loads(done.stdout)
    return size, figures


def compare_steps(engine: Path, plain: Path) -> float:
    """Return the largest difference of the steps, relative to the largest value of the column."""
    ours, theirs = pl.read_parquet(engine), pl.read_parquet(plain)
    worst = 0.0
    for name in theirs.columns:
        difference = (ours[name].cast(pl.Float64) - theirs[name].cast(pl.Float64)).abs().max()
        scale = theirs[name].cast(pl.Float64).abs().max()
        worst = max(worst, float(difference) / max(float(scale), 1e-12))  # type: ignore[arg-type]
    return worst


def main() -> None:
    """Measure both ways and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=float, default=1e7)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        run_here(arguments.way, arguments.data, arguments.steps)
        return
    rows = int(arguments.rows)
    with TemporaryDirectory(prefix="ionworks-benchmark-") as name:
        folder = Path(name)
        data = folder / "data.parquet"
        subprocess.run(
            [sys.executable, "-c", _GENERATE, str(rows), str(data)],
            check=True,
            cwd=Path(__file__).parent,
        )
        found = {way: run_in_process(way, data, folder / f"{way}.parquet") for way in WAYS}
        difference = compare_steps(folder / "engine.parquet", folder / "polars.parquet")
    size = found["engine"][0]
    lines = [
        [
            phase,
            *(f"{figure:.2f}" for way in ("polars", "engine") for figure in found[way][1][phase]),
        ]
        for phase in PHASES
    ]
    count = rows // ROWS_PER_STEP
    print(f"{rows:,} rows, a frame of {size / 1e6:.0f} MB, {count:,} steps; {machine()}")
    print(f"The rows are identical; the steps differ by at most {difference:.0e} (relative).\n")
    header = ["", "polars [s]", "polars [frames]", "engine [s]", "engine [frames]"]
    print(table(header, lines))


_GENERATE = """
import sys
from pathlib import Path
from measurement import generate
generate(int(sys.argv[1]), Path(sys.argv[2]))
"""

if __name__ == "__main__":
    main()
