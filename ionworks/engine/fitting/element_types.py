"""The types of elements, and the labels older configurations use for them."""

from typing import Any, Final

ELEMENT_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "entry": ("Direct Entry",),
    "data_fit": ("Data Fit", "datafit"),
    "array_data_fit": ("Array Data Fit", "arraydatafit"),
    "calculation": ("Calculation",),
    "validation": ("Validation",),
    "linear_confidence_interval": ("Linear Confidence Interval",),
    "sobol_sensitivity": ("Sobol Sensitivity",),
}
"""Value on the wire -> its older labels."""

ACCEPTED_TYPES: Final = {
    label: element_type
    for element_type, labels in ELEMENT_TYPES.items()
    for label in (element_type, *labels)
}
"""Value or older label -> value on the wire."""


def canonical_type(label: Any) -> str:
    """Return the wire value of an element type.

    Parameters
    ----------
    label : str
        A wire value or an older label.

    Raises
    ------
    ValueError
        If it is neither; the message lists the accepted values.
    """
    if not isinstance(label, str) or label not in ACCEPTED_TYPES:
        accepted = ", ".join(
            f"{element_type} ({', '.join(repr(label) for label in labels)})"
            for element_type, labels in ELEMENT_TYPES.items()
        )
        raise ValueError(f"unknown element_type {label!r}; accepted values are {accepted}")
    return ACCEPTED_TYPES[label]
