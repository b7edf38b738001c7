"""Fitting of parameters to data: the elements of a pipeline, run with PyBaMM.

The package knows no HTTP, no store and no generated code. PyBaMM is loaded on first use of one of
the last two names of its interface:

* `canonical_type` and `ELEMENT_TYPES`: the element types and their older labels;
* `check_elements(elements, data)`: reads all elements and returns every error in them;
* `run_pipeline(elements, data, ...)`: runs the elements in order.

The caller resolves references to the store: an entry's ``pipeline_id`` or ``cell_spec_id`` becomes
``values``, an objective's ``parameterized_model_id`` becomes ``model`` with ``type``, ``options``,
``parameter_set`` and ``parameters``.
"""

from typing import TYPE_CHECKING, Any

from ionworks.engine.fitting.element_types import ELEMENT_TYPES, canonical_type

if TYPE_CHECKING:
    from ionworks.engine.fitting.elements.pipeline import (
        PipelineError,
        check_elements,
        run_pipeline,
    )
    from ionworks.engine.fitting.measurement import DataInfo

__all__ = [
    "ELEMENT_TYPES",
    "DataInfo",
    "PipelineError",
    "canonical_type",
    "check_elements",
    "run_pipeline",
]

_WHERE = {
    "DataInfo": "measurement",
    "PipelineError": "elements.pipeline",
    "check_elements": "elements.pipeline",
    "run_pipeline": "elements.pipeline",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
