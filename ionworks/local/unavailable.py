"""What the embedded engine does not do yet: operationId -> the sentence of its 501 reply."""

from __future__ import annotations

_PIPELINES = "The embedded engine runs no pipelines yet."
_SERIES = "The embedded engine runs no data fits yet, and only these have such series."

UNAVAILABLE: dict[str, str] = {
    # job
    "list_job_series_channels": _SERIES,
    "get_job_series": _SERIES,
    "get_datafit_plot_data": _SERIES,
    # pipeline
    "cancel_pipeline": _PIPELINES,
    "create_pipeline": _PIPELINES,
    "delete_pipeline": _PIPELINES,
    "get_pipeline": _PIPELINES,
    "get_pipeline_result": _PIPELINES,
    "list_pipeline_elements": _PIPELINES,
    "list_pipelines": _PIPELINES,
    "update_pipeline": _PIPELINES,
    # simple_pipeline
    "cancel_simple_pipeline": _PIPELINES,
    "create_simple_pipeline": _PIPELINES,
    "delete_simple_pipeline": _PIPELINES,
    "get_simple_pipeline": _PIPELINES,
    "list_simple_pipelines": _PIPELINES,
    "update_simple_pipeline": _PIPELINES,
}
