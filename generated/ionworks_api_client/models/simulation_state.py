from typing import Literal

SimulationState = Literal["completed", "failed", "queued", "running"]

SIMULATION_STATE_VALUES: set[SimulationState] = {
    "completed",
    "failed",
    "queued",
    "running",
}


def check_simulation_state(value: str) -> SimulationState:
    if value in SIMULATION_STATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SIMULATION_STATE_VALUES!r}")
