from typing import Literal

ConversionTarget = Literal[
    "arbin", "arbin_sdx", "biologic", "biologic_bttest", "maccor", "neware", "novonix"
]

CONVERSION_TARGET_VALUES: set[ConversionTarget] = {
    "arbin",
    "arbin_sdx",
    "biologic",
    "biologic_bttest",
    "maccor",
    "neware",
    "novonix",
}


def check_conversion_target(value: str) -> ConversionTarget:
    if value in CONVERSION_TARGET_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CONVERSION_TARGET_VALUES!r}")
