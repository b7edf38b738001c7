from typing import Literal

DesignRowType = Literal["discrete", "normal", "range"]

DESIGN_ROW_TYPE_VALUES: set[DesignRowType] = {
    "discrete",
    "normal",
    "range",
}


def check_design_row_type(value: str) -> DesignRowType:
    if value in DESIGN_ROW_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DESIGN_ROW_TYPE_VALUES!r}")
