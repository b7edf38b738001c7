"""The view of a transfer; the view of a wait is tested in `test_polling.py`."""

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
