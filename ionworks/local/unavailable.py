"""What the embedded engine does not do yet: operationId -> the sentence of its 501 reply."""

from __future__ import annotations

_STUDIES = "The embedded engine has no studies yet."
_CELLS = "The embedded engine has no cell specifications yet."
_INSTANCES = "The embedded engine has no cell instances yet."
_MEASUREMENTS = "The embedded engine has no measurements yet."
_PIPELINES = "The embedded engine runs no pipelines yet."
_SERIES = "The embedded engine runs no data fits yet, and only these have such series."

UNAVAILABLE: dict[str, str] = {
    # job
    "list_job_series_channels": _SERIES,
    "get_job_series": _SERIES,
    "get_datafit_plot_data": _SERIES,
    # protocol
    "convert_protocol": "The embedded engine writes no cycler files yet.",
    "parse_protocol_file": "The embedded engine reads no cycler files yet.",
    # study
    "assign_study_measurement": _STUDIES,
    "assign_study_simulation": _STUDIES,
    "create_study": _STUDIES,
    "delete_study": _STUDIES,
    "get_study": _STUDIES,
    "list_studies": _STUDIES,
    "list_study_measurements": _STUDIES,
    "remove_study_measurement": _STUDIES,
    "remove_study_simulation": _STUDIES,
    "update_study": _STUDIES,
    # cell_spec
    "create_cell_spec": _CELLS,
    "delete_cell_spec": _CELLS,
    "get_cell_spec": _CELLS,
    "get_resolved_cell_spec": _CELLS,
    "list_cell_specs": _CELLS,
    "update_cell_spec": _CELLS,
    # cell_instance
    "create_cell_instance": _INSTANCES,
    "delete_cell_instance": _INSTANCES,
    "get_cell_instance": _INSTANCES,
    "list_cell_instances": _INSTANCES,
    "update_cell_instance": _INSTANCES,
    # cell_measurement
    "attach_measurement_raw_data": _MEASUREMENTS,
    "confirm_measurement_extension": _MEASUREMENTS,
    "confirm_measurement_upload": _MEASUREMENTS,
    "create_properties_measurement": _MEASUREMENTS,
    "delete_measurement": _MEASUREMENTS,
    "detach_measurement_raw_data": _MEASUREMENTS,
    "download_measurement_file": _MEASUREMENTS,
    "download_measurement_steps": _MEASUREMENTS,
    "download_measurement_time_series": _MEASUREMENTS,
    "get_measurement": _MEASUREMENTS,
    "get_measurement_cycles": _MEASUREMENTS,
    "get_measurement_steps_and_cycles": _MEASUREMENTS,
    "initiate_measurement_extension": _MEASUREMENTS,
    "initiate_measurement_upload": _MEASUREMENTS,
    "list_measurement_files": _MEASUREMENTS,
    "list_measurement_raw_data": _MEASUREMENTS,
    "list_measurement_tags": _MEASUREMENTS,
    "list_measurements": _MEASUREMENTS,
    "list_project_measurements": _MEASUREMENTS,
    "unwatch_measurement": _MEASUREMENTS,
    "update_measurement": _MEASUREMENTS,
    "update_measurement_tags": _MEASUREMENTS,
    "watch_measurement": _MEASUREMENTS,
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
