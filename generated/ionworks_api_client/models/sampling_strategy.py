from typing import Literal

SamplingStrategy = Literal["grid", "latin_hypercube", "random"]

SAMPLING_STRATEGY_VALUES: set[SamplingStrategy] = {
    "grid",
    "latin_hypercube",
    "random",
}


def check_sampling_strategy(value: str) -> SamplingStrategy:
    if value in SAMPLING_STRATEGY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SAMPLING_STRATEGY_VALUES!r}")
