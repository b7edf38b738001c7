from typing import Literal

ResultPart = Literal["metrics", "steps", "time_series"]

RESULT_PART_VALUES: set[ResultPart] = {
    "metrics",
    "steps",
    "time_series",
}


def check_result_part(value: str) -> ResultPart:
    if value in RESULT_PART_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RESULT_PART_VALUES!r}")
