"""Progress in a notebook: one output, updated in place, that ends as plain HTML."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import attrs
import pytest

from ionworks.waiting import polling
from ionworks.waiting.jobs import Jobs
from ionworks.waiting.views import TransferView, WaitView
from tests.clock import Clock
from tests.unit.html.page import Page

JOBS = Jobs(noun="simulation", resume="client.simulation.wait_for_completion")
MEBIBYTE = 1 << 20
wait = polling.waits(polling.wait)
EVIL = "<script>alert(1)</script>"


@attrs.frozen
class State:
    status: str
    delay_reason: str | None = None


class Outputs:
    """Plays IPython: keeps the successive states of each output."""

    def __init__(self) -> None:
        self.shown: list[list[dict[str, str]]] = []

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert (raw, display_id) == (True, True)
        states = [data]
        self.shown.append(states)

        def update(data: dict[str, str], *, raw: bool) -> None:
            assert raw
            states.append(data)

        return SimpleNamespace(update=update)

    def only(self) -> list[Page]:
        [states] = self.shown
        return [Page(each["text/html"]) for each in states]


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Outputs:
    outputs = Outputs()
    package, module = ModuleType("IPython"), ModuleType("IPython.display")
    package.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]  # a double
    module.display = outputs.display  # type: ignore[attr-defined]  # a double
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return outputs


def ending(clock: Clock, ends: dict[str, float]) -> Any:
    def fetch(ids: Sequence[str], _: float) -> dict[str, State]:
        return {each: State("completed" if clock() >= ends[each] else "processing") for each in ids}

    return fetch


def test_a_wait_has_one_output_that_ends_without_a_bar(
    notebook: Outputs, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    ends = {f"s{number}": number / 4 for number in range(1, 101)}

    wait(
        list(ends),
        ending(clock, ends),
        jobs=JOBS,
        pace=clock.pace(),
        view=WaitView.of("simulation", list(ends)),
    )

    pages = notebook.only()
    assert 20 < len(pages) < 140, "at most five a second"
    middle = pages[len(pages) // 2]
    assert "iw-bar" in middle.classes
    assert "100 simulations, " in middle.text
    assert middle.text.count(" left") == 1
    assert "iw-bar" not in pages[-1].classes
    assert pages[-1].text.startswith("100 simulations: 100 completed , 25.")
    assert "iw-good" in pages[-1].classes
    assert notebook.shown[0][-1]["text/plain"].startswith("100 simulations: 100/100 done")
    assert capsys.readouterr() == ("", "")


def test_the_last_state_is_shown_however_soon_it_comes(notebook: Outputs) -> None:
    view = WaitView("simulation a", 1)
    view.show({"processing": 1}, done=0, elapsed=0.0, detail=EVIL)
    view.show({"completed": 1}, done=1, elapsed=0.01)
    view.close()

    first, last = notebook.only()
    assert first.text.startswith("simulation a: processing")
    assert EVIL in first.text
    assert last.text == "simulation a: completed , 0.0 s"


def test_reasons_of_delays_are_shown(notebook: Outputs) -> None:
    view = WaitView("4 simulations", 4)
    view.show({"pending": 4}, done=0, elapsed=1.0, delay_reason=EVIL)
    view.show({"pending": 4}, done=0, elapsed=2.0, problem="refused", failing=1.0)
    view.close()

    pages = notebook.only()
    assert pages[0].text.endswith(f"waiting: {EVIL}")
    assert "reconnecting for 1.0 s: refused" in pages[1].text


def test_what_is_being_done_is_shown(notebook: Outputs) -> None:
    for total, noun in ((1, "simulation a"), (3, "3 simulations")):
        view = WaitView(noun, total)
        view.show({"processing": total}, done=0, elapsed=1.0, detail="building model")
        assert "building model" in notebook.shown[-1][-1]["text/html"]
        assert "building model" in notebook.shown[-1][-1]["text/plain"]
        view.show({"completed": total}, done=total, elapsed=2.0)
        view.close()
        assert "building model" not in notebook.shown[-1][-1]["text/html"]


def test_a_long_job_has_a_bar(notebook: Outputs) -> None:
    view = WaitView("simulation a", 1)
    view.show({"processing": 1}, done=0, elapsed=1.0, detail="step 1", share=0.25)
    assert "iw-bar" in notebook.only()[-1].classes
    view.show({"completed": 1}, done=1, elapsed=2.0)
    view.close()
    assert "iw-bar" not in notebook.only()[-1].classes


def test_an_interrupt_is_told_in_the_same_output(notebook: Outputs) -> None:
    clock = Clock()

    def fetch(ids: Sequence[str], _: float) -> dict[str, State]:
        if clock():
            raise KeyboardInterrupt
        return {each: State("processing") for each in ids}

    with pytest.raises(KeyboardInterrupt):
        wait(["b"], fetch, jobs=JOBS, pace=clock.pace(), view=WaitView.of("simulation", ["b"]))

    assert notebook.only()[-1].text.endswith(
        "wait again with client.simulation.wait_for_completion('b')"
    )


def test_a_short_wait_has_no_output(notebook: Outputs) -> None:
    view = WaitView("measurement m", 1, delay=2.0)
    view.show({"running": 1}, done=0, elapsed=1.0)
    view.close()
    assert notebook.shown == []


def test_a_transfer_has_one_output(notebook: Outputs) -> None:
    clock = Clock()
    view = TransferView("uploading m", 100 * MEBIBYTE, clock=clock)
    for piece in range(1, 101):
        clock.now = piece / 10
        view.advance(piece * MEBIBYTE)
    view.close()

    pages = notebook.only()
    assert len(pages) < 60
    assert "iw-bar" in pages[10].classes
    assert pages[-1].text == "uploading m: 100 of 100 MiB, 10.0 MiB/s"
    assert "iw-bar" not in pages[-1].classes

    small = TransferView("uploading n", MEBIBYTE, clock=clock)
    small.advance(MEBIBYTE)
    small.close()
    assert len(notebook.shown) == 1


def test_the_ipython_of_a_terminal_is_a_terminal(
    notebook: Outputs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", object)
    view = WaitView("simulation a", 1)
    view.show({"completed": 1}, done=1, elapsed=0.5)
    view.close()
    assert notebook.shown == []
    assert capsys.readouterr().err == "simulation a: completed, 0.5 s\n"
