"""The kinds of elements, and the labels older configurations use for them."""

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

_BY_LABEL: Final = {
    label: kind for kind, labels in ELEMENT_TYPES.items() for label in (kind, *labels)
}


def canonical_type(label: Any) -> str:
    """Return the wire value of an element type.

    Parameters
    ----------
    label : str
        A wire value or an older label.

    Raises
    ------
    ValueError
        If it is neither; the message lists what is accepted.
    """
    if not isinstance(label, str) or label not in _BY_LABEL:
        accepted = ", ".join(
            f"{kind} ({', '.join(repr(label) for label in labels)})"
            for kind, labels in ELEMENT_TYPES.items()
        )
        raise ValueError(f"unknown element_type {label!r}; accepted values are {accepted}")
    return _BY_LABEL[label]
