"""Lines of transfers and waits; `test_polling.py` and `test_notebook.py` test other views."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from ionworks.waiting.views import TransferView, WaitView

MEBIBYTE = 1 << 20


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> Iterator[list[float]]:
    return [0.0]


def shown(view: TransferView, clock: list[float], *, total: int, pieces: int) -> None:
    for piece in range(1, pieces + 1):
        clock[0] = piece / 2
        view.advance(total * piece // pieces)
    view.close()


def test_a_terminal_has_one_line_that_ends_full(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stream, total = Terminal(), 100 * MEBIBYTE
    view = TransferView("uploading a\x1b[2J", total, clock=lambda: clock[0], stream=stream)
    shown(view, clock, total=total, pieces=20)
    text = stream.getvalue()
    assert "\x1b" not in text
    lines = text.split("\r")[1:]
    assert all(len(line.rstrip("\n")) < 80 for line in lines)
    assert lines[-1].startswith(f"[{'#' * 20}] uploading a?[2J: 100 of 100 MiB, 10.0 MiB/s")
    assert lines[9].startswith(f"[{'#' * 10}{'-' * 10}] uploading a?[2J: 50 of 100 MiB")
    assert text.endswith("\n")


def test_a_terminal_is_not_redrawn_too_often(clock: list[float]) -> None:
    stream, total = Terminal(), 1000 * MEBIBYTE
    view = TransferView("x", total, clock=lambda: clock[0], stream=stream)
    for piece in range(1000):
        clock[0] = piece / 1000
        view.advance((piece + 1) * MEBIBYTE)
    assert stream.getvalue().count("\r") <= 12
    assert "1000 of 1000 MiB" in stream.getvalue()


def test_a_log_has_a_line_for_each_tenth(clock: list[float]) -> None:
    stream, total = io.StringIO(), 200 * MEBIBYTE
    view = TransferView("fetching m", total, clock=lambda: clock[0], stream=stream)
    shown(view, clock, total=total, pieces=100)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[-1] == "fetching m: 200 of 200 MiB, 4.0 MiB/s"


def test_an_unknown_size_is_counted_up(clock: list[float]) -> None:
    stream = io.StringIO()
    view = TransferView("fetching m", None, clock=lambda: clock[0], stream=stream)
    for size in (1, 9, 128, 300):
        clock[0] += 1
        view.advance(size * MEBIBYTE)
    assert stream.getvalue().splitlines() == [
        "fetching m: 9 MiB, 4.5 MiB/s",
        "fetching m: 128 MiB, 42.7 MiB/s",
        "fetching m: 300 MiB, 75.0 MiB/s",
    ]


def test_the_time_that_is_left_is_estimated(clock: list[float]) -> None:
    stream, total = io.StringIO(), 200 * MEBIBYTE
    view = TransferView("fetching m", total, clock=lambda: clock[0], stream=stream)
    shown(view, clock, total=total, pieces=20)
    lines = stream.getvalue().splitlines()
    assert "fetching m: 100 of 200 MiB, 20.0 MiB/s, ~5 s left" in lines
    assert lines[-1] == "fetching m: 200 of 200 MiB, 20.0 MiB/s"


def test_a_short_transfer_is_not_shown(clock: list[float]) -> None:
    stream = Terminal()
    view = TransferView("x", 7 * MEBIBYTE, clock=lambda: clock[0], stream=stream)
    shown(view, clock, total=7 * MEBIBYTE, pieces=7)
    assert stream.getvalue() == ""


def test_a_closed_stream_stops_only_the_output(clock: list[float]) -> None:
    stream = io.StringIO()
    view = TransferView("x", 100 * MEBIBYTE, clock=lambda: clock[0], stream=stream)
    stream.close()
    shown(view, clock, total=100 * MEBIBYTE, pieces=5)


def test_a_short_wait_is_not_shown() -> None:
    stream = io.StringIO()
    view = WaitView("measurement m", 1, delay=2.0, stream=stream)
    view.show({"running": 1}, done=0, elapsed=1.9)
    assert stream.getvalue() == ""
    view.show({"running": 1}, done=0, elapsed=2.1)
    assert stream.getvalue() == "measurement m: running, 2.1 s\n"


def last_line(stream: Terminal) -> str:
    return stream.getvalue().rpartition("\r")[2].rstrip()


@pytest.fixture
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("eighty_columns")
def test_eighty_columns_show_what_matters_of_a_batch() -> None:
    stream = Terminal()
    view = WaitView("1000 simulations", 1000, stream=stream)
    view.show({"completed": 100, "pending": 900}, done=100, elapsed=1.0)
    view.show(
        {"completed": 298, "failed": 2, "processing": 4, "pending": 696}, done=300, elapsed=13.0
    )
    assert last_line(stream).startswith(
        "[##------] 300/1000 simulations, 13.0 s, ~42 s left, 2 failed, 4 proc"
    )
    view.show({"completed": 300, "processing": 4, "pending": 696}, done=300, elapsed=13.0)
    assert last_line(stream).endswith("~42 s left, 4 processing, 696 pending")
    view.show({"completed": 998, "failed": 2}, done=1000, elapsed=3725.0)
    assert last_line(stream) == (
        "[########] 1000/1000 simulations, 1 h 02 min, 2 failed, 998 completed"
    )


def test_a_wide_terminal_has_a_longer_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    stream = Terminal()
    view = WaitView("4 simulations", 4, stream=stream)
    view.show({"completed": 1, "processing": 3}, done=1, elapsed=1.0)
    assert "[#####---------------] 1/4" in stream.getvalue()


@pytest.mark.usefixtures("eighty_columns")
def test_eighty_columns_show_what_is_being_done_for_a_batch() -> None:
    stream = Terminal()
    view = WaitView("100 simulations", 100, stream=stream)
    view.show({"pending": 100}, done=0, elapsed=1.0, detail="starting workers")
    assert last_line(stream) == (
        "[--------] 0/100 simulations, 1.0 s, starting workers, 100 pending"
    )
    view.show(
        {"completed": 4, "failed": 2, "processing": 44, "pending": 50},
        done=6,
        elapsed=125.0,
        detail="cycle 30 of 100, step 120",
    )
    assert last_line(stream).startswith(
        "[--------] 6/100 simulations, 2 min 05 s, ~32 min 23 s left, 2 failed, cycle"
    )


@pytest.mark.usefixtures("eighty_columns")
def test_eighty_columns_show_what_matters_of_one_job() -> None:
    stream = Terminal()
    view = WaitView(f"pipeline {'5c6f0a1b-0000-4000-8000-000000000000'}", 1, stream=stream)
    view.show({"running": 1}, done=0, elapsed=12.3)
    assert last_line(stream) == "pipeline 5c6f0a1b-0000-4000-8000-000000000000: running, 12.3 s"
    detail = "fit: best cost 0.00123 after 40 evaluations"
    view.show({"running": 1}, done=0, elapsed=12.3, detail=detail)
    assert last_line(stream).startswith(f"pipeline 5c6f0a1b...: running, 12.3 s, {detail[:36]}")
    view.show({"running": 1}, done=0, elapsed=3725.0, detail="cycle 1200 (200 of 1000), step 4800")
    assert last_line(stream) == (
        "pipeline 5c6f0a1b...: running, 1 h 02 min, cycle 1200 (200 of 1000), step 4800"
    )


@pytest.mark.usefixtures("eighty_columns")
def test_a_long_job_has_a_bar_and_an_estimate() -> None:
    stream = Terminal()
    view = WaitView("simulation 5c6f0a1b-0000-4000-8000-000000000000", 1, stream=stream)
    view.show({"processing": 1}, done=0, elapsed=5.0, detail="building model")
    assert last_line(stream).endswith("processing, 5.0 s, building model")
    view.show({"processing": 1}, done=0, elapsed=7.0, detail="step 1", share=0.0)
    assert last_line(stream).startswith("[--------] simulation 5c6f0a1b-0000-")
    assert last_line(stream).endswith(": 7.0 s, step 1")
    view.show(
        {"processing": 1}, done=0, elapsed=17.0, detail="cycle 26 of 100, step 101", share=0.25
    )
    # A quarter has taken ten seconds.
    assert last_line(stream).startswith(
        "[##------] simulation 5c6f0a1b...: 17.0 s, ~30 s left, cycle 26 of 100, step"
    )
    view.show({"completed": 1}, done=1, elapsed=47.0)
    assert last_line(stream).startswith("simulation 5c6f0a1b-0000-4000")
    assert last_line(stream).endswith(": completed, 47.0 s")


def test_there_is_no_estimate_before_there_is_a_rate() -> None:
    stream = io.StringIO()
    view = WaitView("4 simulations", 4, stream=stream)
    view.show({"completed": 1, "pending": 3}, done=1, elapsed=0.0)
    view.show({"completed": 2, "pending": 2}, done=2, elapsed=1.0)
    view.show({"completed": 2, "processing": 2}, done=2, elapsed=4.0)
    view.show({"completed": 3, "processing": 1}, done=3, elapsed=80.0)
    view.show({"completed": 4}, done=4, elapsed=125.0)
    assert stream.getvalue().splitlines() == [
        "4 simulations: 1/4 done, 1 completed, 3 pending, 0.0 s",
        "4 simulations: 2/4 done, 2 completed, 2 pending, 1.0 s",
        "4 simulations: 2/4 done, 2 completed, 2 processing, 4.0 s, ~8 s left",
        "4 simulations: 3/4 done, 3 completed, 1 processing, 1 min 20 s, ~40 s left",
        "4 simulations: 4/4 done, 4 completed, 2 min 05 s",
    ]
