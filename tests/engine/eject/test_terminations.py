"""Scripts of runs that end after a cycle or a time have terminations of PyBaMM's experiments."""

import numpy as np
import pybamm
import pytest

from ionworks.engine import NoCounterpart, script
from ionworks.records.protocol import protocol_text
from tests.engine.eject.scripts import job_of
from tests.engine.experiments import keyed
from tests.engine.runs import SPM
from tests.engine.test_terminations_against_pybamm import AGEING, CYCLE, PULSE

EXPERIMENTS = {
    'termination=["98% capacity"]': ([CYCLE] * 40, "98% capacity"),
    'termination=["7200 seconds", "4 Ah capacity"]': ([CYCLE] * 9, ["4 Ah capacity", "2 hours"]),
    'termination=["3.7 V"]': ([PULSE * 2, PULSE] * 20, "3.7 V"),
}


@pytest.mark.parametrize("text", EXPERIMENTS)
def test_a_script_ends_with_the_run(plain, text):
    cycles, termination = EXPERIMENTS[text]
    given = protocol_text(pybamm.Experiment(cycles, termination=termination), "protocol")

    job, _ = job_of(AGEING, given)

    assert text in job["script"]
    assert ("calc_esoh=False" in job["script"]) == ("capacity" not in text)
    outcome = plain.run(job)
    assert "error" not in outcome
    ends = np.cumsum([times[-1] for times in job["steps"]])
    assert outcome["ends"][-1] == pytest.approx(ends[-1], rel=1e-4)
    assert all(np.abs(ends / end - 1).min() < 1e-4 for end in outcome["ends"])


REST = "Rest: {duration: 60}"
STEP = "Discharge: {mode: C-rate, value: 1, duration: 60}"
START = "Control: {set_variable: {name: VAR_A, eval: 'ifelse(VAR_A == 0, CELL_CAPACITY, VAR_A)'}}"
SHARE = "Control: {ends: [{Cell capacity < 0.8 * VAR_A: {goto: End}}]}"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            (
                STEP,
                "Control: {ends: [{Cell capacity < 4: {goto: End}}]}",
                STEP,
                "Control: {ends: [{Cell capacity < 3: {goto: End}}]}",
            ),
            "differs from step to step",
        ),
        ((STEP, START, STEP, SHARE), "VAR_A is not the capacity after the first cycle"),
        (
            ("Control: {ends: [{Cell capacity < 4: {goto: End}}]}", STEP),
            "depends on CELL_CAPACITY, a result of the run",
        ),
        (
            (STEP, "Control: {ends: [{Cell capacity < 4: {goto: Next}}]}", STEP),
            "depends on CELL_CAPACITY, a result of the run",
        ),
        (
            (STEP, "Advance cycle", STEP, "Control: {ends: [{Minimum voltage < 3: {goto: End}}]}"),
            "the lowest voltage since it was last compared",
        ),
        (
            (
                STEP,
                "Discharge: {mode: Power, value: 9, ends: [Capacity > 0.1]}",
                "Control: {ends: [{Cell capacity < 4: {goto: End}}]}",
            ),
            "PyBaMM ends only one experiment with '4 Ah capacity'",
        ),
        (
            ("Rest: {duration: 60, ends: [{Time > 90 - Total time: {goto: End}}]}", REST),
            "differs from step to step",
        ),
    ],
)
def test_what_pybamm_cannot_compare_is_named(lines, words):
    with pytest.raises(NoCounterpart, match=words):
        script(SPM, keyed(0.5, *lines), {"id": "a"})
