"""A file with steps that cannot be read is read in part, but only on request."""

from __future__ import annotations

import pytest

from ionworks import ucp
from tests.unit.ucp.cyclers.read.biologic_files import CP, described, settings, table

STEPS = """
steps:
  - Discharge: {name: First, mode: Current, value: 2, ends: [Voltage < 3]}
  - Rest: {duration: 600, ends: [{Voltage < 2.9: {goto: First}}]}
  - Discharge: {mode: Current, value: 1, ends: [Voltage < 2.5]}
"""


@pytest.fixture(scope="module")
def damaged() -> bytes:
    """Return a procedure whose rest is of an unknown type."""
    content = ucp.convert(STEPS, "maccor").primary_bytes
    assert content.count(b"<StepType>  Rest  </StepType>") == 1
    return content.replace(b"<StepType>  Rest  </StepType>", b"<StepType> Mystery</StepType>")


def test_without_partial_the_file_is_rejected_with_the_way_on(damaged: bytes) -> None:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.parse_file(damaged)

    assert "step 002 (Mystery)" in str(caught.value)
    assert "partial=True" in str(caught.value)


def test_with_partial_a_pause_stands_for_the_unread_step(damaged: bytes) -> None:
    read = ucp.parse_file(damaged, partial=True)

    kinds = [getattr(part, "kind", None) for part in read.protocol.steps]
    assert kinds == ["Discharge", "Control", "Pause", "Discharge"]
    assert "Not read: step 002 (Mystery)" in ucp.human_readable(read.protocol)
    (unread,) = read.unread
    assert unread == "step 002 (Mystery): this type of step is unknown"


def test_the_note_of_an_unread_step_is_no_step_of_another_file(damaged: bytes) -> None:
    read = ucp.parse_file(damaged, partial=True)
    again = ucp.parse_file(ucp.convert(read.protocol, "maccor", verify=True).primary_bytes)

    assert [getattr(part, "kind", None) for part in again.protocol.steps] == [
        "Discharge",
        "Pause",
        "Discharge",
    ]


def test_a_file_that_can_be_read_has_nothing_unread() -> None:
    content = ucp.convert(STEPS, "maccor").primary_bytes

    assert ucp.parse_file(content, partial=True) == ucp.parse_file(content)
    assert ucp.parse_file(content, partial=True).unread == ()


def test_a_file_without_one_readable_step_is_rejected(damaged: bytes) -> None:
    for kind in (b"Dischrge", b"  Rest  "):
        damaged = damaged.replace(b"<StepType>" + kind, b"<StepType> Mystery")

    with pytest.raises(ucp.UCPError, match=r"step 003 \(Mystery\)"):
        ucp.parse_file(damaged, partial=True)


def test_a_loop_that_cannot_be_read_is_listed_and_its_steps_run_once() -> None:
    text = """
steps:
  - Cycles:
      repeat: 3
      steps:
        - Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}
        - Rest: {duration: 60}
  - Rest: {duration: 30}
"""
    content = ucp.convert(text, "maccor").primary_bytes
    assert content.count(b"Loop Cnt") == content.count(b"<Value>3</Value>") == 1
    read = ucp.parse_file(content.replace(b">3<", b">three<"), partial=True)

    assert described(read.protocol) == [
        "Charge Current 1 until Voltage > 4.2",
        "Rest for 60",
        "Pause",
        "Rest for 30",
    ]
    (unread,) = read.unread
    assert unread.endswith("(Loop 1): 'three' is not a whole number")


def test_the_loop_of_an_unread_sequence_is_listed() -> None:
    relative = {**CP, "vs.": "Ictrl", "goto Ns'": "0", "nc cycles": "5"}
    read = ucp.parse_file(settings(("CP", table(CP, relative))), partial=True)

    assert described(read.protocol) == ["Charge Current 0.02 for 120", "Pause"]
    assert read.unread == (
        "sequence 1 (CP): set points relative to Ictrl are not read; write an expression in UCP",
        "sequence 1 (CP): the sequences from 0 on, which it repeats, are read as run once",
    )
    # A sequence that repeats itself alone is unread as a whole.
    alone = ucp.parse_file(settings(("CP", table(CP, {**relative, "goto Ns'": "1"}))), partial=True)
    assert len(alone.unread) == 1


def test_a_loop_stays_where_the_step_that_ends_it_is_ambiguous() -> None:
    charge = {**CP, "EM (V)": "4.300", "goto Ns'": "0", "nc cycles": "5"}
    techniques = ("CP", table({**CP, "Is": "-20.000"}, charge)), ("CP", table(CP))
    head = "\r\nSafety Limits :\r\n\tEwe max = 4.30 V"
    read = ucp.parse_file(settings(*techniques, head=head), partial=True)

    assert described(read.protocol)[0] == "6 x (Discharge Current 0.02 for 120; Pause)"
    (unread,) = read.unread
    assert "leads elsewhere than the safety limit voltage_max of the same value" in unread
