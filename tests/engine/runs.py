"""Running a few lines of a protocol, and reading the results."""

from typing import Any

from ionworks.engine import check, simulate
from ionworks.engine.simulation.results import RunOutcome

SPM: dict[str, Any] = {"type": "SPM", "parameter_set": "Chen2020"}
LUMPED: dict[str, Any] = {**SPM, "options": {"thermal": "lumped"}}


def protocol(*lines: str, soc: float = 0.5, safety: str | None = None) -> str:
    """Return a protocol of some steps, one a line."""
    head = [f"safety_limits: {safety}"] if safety else []
    return "\n".join(
        [*head, f"global: {{initial_soc: {soc}}}", "steps:", *(f"  - {line}" for line in lines)]
    )


def run(
    *lines: str,
    soc: float = 0.5,
    safety: str | None = None,
    model: dict[str, Any] = SPM,
    **options: Any,
) -> RunOutcome:
    """Check and run a protocol of some steps."""
    text = protocol(*lines, soc=soc, safety=safety)
    assert check(model, text, [{"id": "a"}]) == []
    [outcome] = simulate(model, text, [{"id": "a"}], **options)
    return outcome


def steps(outcome: RunOutcome, column: str) -> list[Any]:
    """Return a column of the steps a run executed."""
    assert outcome.steps is not None, outcome.error
    return outcome.steps[column].to_list()


def reasons(outcome: RunOutcome) -> list[str]:
    """Return why each step ended."""
    return steps(outcome, "Termination")


def durations(outcome: RunOutcome) -> list[float]:
    """Return how long each step took [s]."""
    return steps(outcome, "Duration [s]")
