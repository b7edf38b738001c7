"""The page docs/vendors.md: its tables are those of the code, and the code keeps to them."""

from __future__ import annotations

from typing import Final

import pytest

from ionworks import ucp
from ionworks.ucp.cyclers.conversion import find_format
from ionworks.ucp.cyclers.export.capability import CONTROLS, DIRECTED, UNDIRECTED
from tests.unit.ucp.cyclers.export.probes import CHARGE, CONDITIONS, REST, STEPS, leads_to
from tests.unit.ucp.cyclers.export.protocols import TARGETS
from tests.unit.ucp.cyclers.export.vendor_page import PAGE, rendered

WITHOUT_PROBE: Final = {
    # Only two steps that are joined by variables end on a total over both of them.
    ("cccv", "Time >"),
    ("cccv", "Capacity >"),
    # An end of the constant voltage only; with it on the constant current too, it is accepted.
    ("cccv", "Voltage >"),
    ("cccv", "Voltage <"),
}


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == rendered(page), "docs/vendors.md differs from the code; run `make vendors`"


def test_a_page_with_other_tables_is_rejected() -> None:
    page = PAGE.read_text(encoding="utf-8")

    for wrong in (page.replace("generated: novonix", "generated: novonics"), page + page):
        with pytest.raises(ValueError, match="each once"):
            rendered(wrong)


@pytest.mark.parametrize("target", TARGETS)
def test_a_condition_of_a_capability_is_accepted_in_a_conversion(target: str) -> None:
    """A capability that lists more than its writer accepts would be documented as such."""
    capability = find_format(target).capability
    accepted = {
        ("cccv" if control == "voltage" and control not in capability.controls else control, each)
        for step in STEPS
        for control in [step.removeprefix("constant ").partition(",")[0]]
        for each in CONDITIONS
        if leads_to(step, each, target)
    }

    listed = {
        (control, condition.replace("Hold time", "Time"))
        for control, conditions in capability.ends.items()
        for condition in conditions
    }
    separate = "voltage" in capability.controls
    known = {pair for pair in listed if not (separate and pair[0] == "cccv")} - WITHOUT_PROBE
    assert known <= accepted


@pytest.mark.parametrize("target", TARGETS)
def test_a_reason_belongs_to_something_that_is_not_supported(target: str) -> None:
    capability = find_format(target).capability
    everywhere = frozenset(CONDITIONS).intersection(*capability.ends.values())
    supported = {
        *(name for name, sides in capability.controls.items() if sides in (DIRECTED, UNDIRECTED)),
        *(f"{control} {side}" for control, sides in capability.controls.items() for side in sides),
        *everywhere,
        *(f"{control} {each}" for control, ends in capability.ends.items() for each in ends),
        *capability.marks,
        *capability.safety,
        *(["jump"] if capability.jumps else []),
    }

    assert [name for name in capability.reasons if name in supported] == []
    quantities = {each.split()[0] for each in CONDITIONS} | {"Hold time"}
    named = {name for name in capability.reasons if name not in ("jump", "loops", "steps")}
    unknown = {
        name
        for name in named
        if name.partition(" ")[0] not in {*CONTROLS, *quantities, "Hold", "ends", "End", "Pause"}
        and "_" not in name
    }
    assert unknown == set()


@pytest.mark.parametrize("target", TARGETS)
def test_the_levels_of_repeats_are_those_of_the_capability(target: str) -> None:
    def nested(levels: int) -> str:
        steps = CHARGE
        for level in range(levels):
            steps = f"{{L{level}: {{repeat: 2, steps: [{steps}, {REST}]}}}}"
        return f"steps: [{steps}]"

    levels = find_format(target).capability.loops

    assert ucp.convert(nested(levels), target, verify=True)
    with pytest.raises(ucp.UCPError, match=f"a repeat {levels + 1} levels deep"):
        ucp.convert(nested(levels + 1), target)
