"""The tables of the page about fitting agree with the engine."""

import re

from ionworks.engine.fitting.calculations.registry import CALCULATIONS
from ionworks.engine.fitting.costs import KINDS
from ionworks.engine.fitting.element_types import ELEMENT_TYPES
from ionworks.engine.fitting.objectives.registry import NOT_SUPPORTED, OBJECTIVES
from ionworks.engine.fitting.optimizers import registry as optimizers
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "fitting.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(title):
    """Return the names in backticks in the first column of a section's table."""
    rows = [line.split(" | ")[0] for line in section(title).splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def not_supported(title):
    [line] = [line for line in section(title).splitlines() if line.startswith("Not supported: ")]
    return set(re.findall(r"`([^`]+)`", line))


def test_tables_of_the_page_agree_with_the_engine():
    labels = [label for labels in ELEMENT_TYPES.values() for label in labels]
    assert set(first_cells("Elements")[1:]) == set(ELEMENT_TYPES)
    assert all(f"`{label}`" in section("Elements") for label in labels)
    assert set(first_cells("Objectives")) == set(OBJECTIVES)
    assert set(first_cells("Costs")) == set(KINDS)
    assert sorted(first_cells("Calculations")) == sorted(CALCULATIONS)
    assert set(first_cells("Optimizers")) <= {*optimizers.OPTIMIZERS, *optimizers.ALIASES}


def test_the_page_names_what_is_not_supported():
    assert set(NOT_SUPPORTED) <= not_supported("Objectives")
    named = not_supported("Optimizers")
    assert {"BayesianOptimization", "SOBER", "TuRBO", "Nested", "ScipyLsqLinear"} == named
    assert named <= set(optimizers.NOT_SUPPORTED)
