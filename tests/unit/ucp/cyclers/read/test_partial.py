"""A file with steps that cannot be read is offered in part, on request only."""

from __future__ import annotations

import pytest

from ionworks import ucp

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
    assert unread.startswith("step 002 (Mystery): ")


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
