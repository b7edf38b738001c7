"""Fitting of parameters to data: the elements of a pipeline, run with PyBaMM.

This room knows no HTTP, store or generated code. Its door is four names, and nothing heavy is
loaded before one of the last two is used:

* `canonical_type` and `ELEMENT_TYPES`: the kinds of elements and their older labels;
* `references`: which stored data (``db:...``) some elements need;
* `check_elements(elements, data)`: everything that can be said against elements before they run;
* `run_pipeline(elements, data, ...)`: runs them, see there for what it takes and returns.

What needs a store is replaced by the caller: an entry's ``pipeline_id`` or ``cell_spec_id`` by
``values``, an objective's ``parameterized_model_id`` by ``model`` with ``type``, ``options``,
``parameter_set`` and ``parameters``.
"""

from typing import TYPE_CHECKING, Any

from ionworks.engine.fitting.kinds import ELEMENT_TYPES, canonical_type

if TYPE_CHECKING:
    from ionworks.engine.fitting.elements.checks import check_elements
    from ionworks.engine.fitting.elements.pipeline import PipelineError, run_pipeline
    from ionworks.engine.fitting.measurement import DataInfo, references

__all__ = [
    "ELEMENT_TYPES",
    "DataInfo",
    "PipelineError",
    "canonical_type",
    "check_elements",
    "references",
    "run_pipeline",
]

_WHERE = {
    "DataInfo": "measurement",
    "PipelineError": "elements.pipeline",
    "check_elements": "elements.checks",
    "references": "measurement",
    "run_pipeline": "elements.pipeline",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
