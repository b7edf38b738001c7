"""What the embedded engine does not do yet: operationId -> the sentence of its 501 reply."""

from __future__ import annotations

_CELL_MODELS = (
    "The embedded engine has no cell specifications yet; its parameterized models belong to a "
    "project: list them by project, and give None as cell_spec_id elsewhere."
)
_PIPELINES = "The embedded engine runs no pipelines yet."
_ONE_USER = "An embedded engine has a single user, who may do everything: it has no members."
_CUSTOM = "The embedded engine runs built-in models only: SPM, SPMe and DFN."
_SERIES = "The embedded engine runs no data fits yet, and only these have such series."

UNAVAILABLE: dict[str, str] = {
    # project
    "list_project_roles": _ONE_USER,
    "add_project_member": _ONE_USER,
    "update_project_member": _ONE_USER,
    "remove_project_member": _ONE_USER,
    "invite_project_member": _ONE_USER,
    # job
    "list_job_series_channels": _SERIES,
    "get_job_series": _SERIES,
    "get_datafit_plot_data": _SERIES,
    # model
    "add_custom_variable": _CUSTOM,
    "upload_custom_model": _CUSTOM,
    "serialize_model": _CUSTOM,
    # parameterized_model
    "list_cell_parameterized_models": _CELL_MODELS,
    "create_cell_parameterized_model": _CELL_MODELS,
    "update_cell_parameterized_model": _CELL_MODELS,
    "delete_cell_parameterized_model": _CELL_MODELS,
    # protocol
    "convert_protocol": "The embedded engine writes no cycler files yet.",
    "parse_protocol_file": "The embedded engine reads no cycler files yet.",
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
