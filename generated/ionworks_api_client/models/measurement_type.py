from typing import Literal

MeasurementType = Literal["file", "properties", "time_series"]

MEASUREMENT_TYPE_VALUES: set[MeasurementType] = {
    "file",
    "properties",
    "time_series",
}


def check_measurement_type(value: str) -> MeasurementType:
    if value in MEASUREMENT_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MEASUREMENT_TYPE_VALUES!r}")
