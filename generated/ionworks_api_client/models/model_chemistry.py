from typing import Literal

ModelChemistry = Literal["ecm", "generic", "lithium_ion", "lithium_sulfur"]

MODEL_CHEMISTRY_VALUES: set[ModelChemistry] = {
    "ecm",
    "generic",
    "lithium_ion",
    "lithium_sulfur",
}


def check_model_chemistry(value: str) -> ModelChemistry:
    if value in MODEL_CHEMISTRY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MODEL_CHEMISTRY_VALUES!r}")
