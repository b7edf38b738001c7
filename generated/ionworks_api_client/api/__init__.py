"""Functions that call the service, and the table of its operations. Generated; do not edit."""

from typing import NamedTuple


class Operation(NamedTuple):
    """Method, path and tag of an operation."""

    method: str
    path: str
    tag: str


# Keyed by operationId.
OPERATIONS: dict[str, Operation] = {
    "create_cell_instance": Operation(
        "POST",
        "/cell_specifications/{cell_spec_id}/cell_instances",
        "cell_instance",
    ),
    "delete_cell_instance": Operation(
        "DELETE",
        "/cell_instances/{cell_instance_id}",
        "cell_instance",
    ),
    "get_cell_instance": Operation(
        "GET",
        "/cell_instances/{cell_instance_id}",
        "cell_instance",
    ),
    "list_cell_instances": Operation(
        "GET",
        "/cell_specifications/{cell_spec_id}/cell_instances",
        "cell_instance",
    ),
    "update_cell_instance": Operation(
        "PATCH",
        "/cell_instances/{cell_instance_id}",
        "cell_instance",
    ),
    "attach_measurement_raw_data": Operation(
        "POST",
        "/cell_measurements/{measurement_id}/raw_data",
        "cell_measurement",
    ),
    "confirm_measurement_extension": Operation(
        "POST",
        "/cell_measurements/{measurement_id}/confirm-extend",
        "cell_measurement",
    ),
    "confirm_measurement_upload": Operation(
        "POST",
        "/cell_measurements/{measurement_id}/confirm-upload",
        "cell_measurement",
    ),
    "create_properties_measurement": Operation(
        "POST",
        "/cell_instances/{cell_instance_id}/cell_measurements/create",
        "cell_measurement",
    ),
    "delete_measurement": Operation(
        "DELETE",
        "/cell_measurements/{measurement_id}",
        "cell_measurement",
    ),
    "detach_measurement_raw_data": Operation(
        "DELETE",
        "/cell_measurements/{measurement_id}/raw_data/{raw_data_id}",
        "cell_measurement",
    ),
    "download_measurement_file": Operation(
        "GET",
        "/cell_measurements/{measurement_id}/files/{file_name}",
        "cell_measurement",
    ),
    "download_measurement_steps": Operation(
        "GET",
        "/cell_measurements/{measurement_id}/steps/download",
        "cell_measurement",
    ),
    "download_measurement_time_series": Operation(
        "GET",
        "/cell_measurements/{measurement_id}/time_series/download",
        "cell_measurement",
    ),
    "get_measurement": Operation(
        "GET",
        "/cell_measurements/{measurement_id}",
        "cell_measurement",
    ),
    "get_measurement_cycles": Operation(
        "GET",
        "/cell_measurements/{measurement_id}/cycles",
        "cell_measurement",
    ),
    "get_measurement_steps_and_cycles": Operation(
        "GET",
        "/cell_measurements/{measurement_id}/steps_and_cycles",
        "cell_measurement",
    ),
    "initiate_measurement_extension": Operation(
        "POST",
        "/cell_measurements/{measurement_id}/initiate-extend",
        "cell_measurement",
    ),
    "initiate_measurement_upload": Operation(
        "POST",
        "/cell_instances/{cell_instance_id}/cell_measurements/initiate-upload",
        "cell_measurement",
    ),
    "list_measurement_files": Operation(
        "GET",
        "/cell_measurements/{measurement_id}/files",
        "cell_measurement",
    ),
    "list_measurement_raw_data": Operation(
        "GET",
        "/cell_measurements/{measurement_id}/raw_data",
        "cell_measurement",
    ),
    "list_measurement_tags": Operation(
        "GET",
        "/cell_measurements/tags",
        "cell_measurement",
    ),
    "list_measurements": Operation(
        "GET",
        "/cell_instances/{cell_instance_id}/cell_measurements",
        "cell_measurement",
    ),
    "list_project_measurements": Operation(
        "GET",
        "/cell_measurements",
        "cell_measurement",
    ),
    "unwatch_measurement": Operation(
        "DELETE",
        "/cell_measurements/{measurement_id}/watch",
        "cell_measurement",
    ),
    "update_measurement": Operation(
        "PATCH",
        "/cell_measurements/{measurement_id}",
        "cell_measurement",
    ),
    "update_measurement_tags": Operation(
        "POST",
        "/cell_measurements/tags/bulk",
        "cell_measurement",
    ),
    "watch_measurement": Operation(
        "POST",
        "/cell_measurements/{measurement_id}/watch",
        "cell_measurement",
    ),
    "create_cell_spec": Operation(
        "POST",
        "/cell_specifications",
        "cell_spec",
    ),
    "delete_cell_spec": Operation(
        "DELETE",
        "/cell_specifications/{cell_spec_id}",
        "cell_spec",
    ),
    "get_cell_spec": Operation(
        "GET",
        "/cell_specifications/{cell_spec_id}",
        "cell_spec",
    ),
    "get_resolved_cell_spec": Operation(
        "GET",
        "/cell_specifications/{cell_spec_id}/resolved",
        "cell_spec",
    ),
    "list_cell_specs": Operation(
        "GET",
        "/cell_specifications",
        "cell_spec",
    ),
    "update_cell_spec": Operation(
        "PATCH",
        "/cell_specifications/{cell_spec_id}",
        "cell_spec",
    ),
    "get_capabilities": Operation(
        "GET",
        "/discovery/capabilities",
        "discovery",
    ),
    "get_current_user": Operation(
        "GET",
        "/users/me",
        "discovery",
    ),
    "get_health": Operation(
        "GET",
        "/healthz",
        "discovery",
    ),
    "get_openapi": Operation(
        "GET",
        "/discovery/openapi.json",
        "discovery",
    ),
    "get_schema": Operation(
        "GET",
        "/discovery/schemas/{schema_name}",
        "discovery",
    ),
    "cancel_job": Operation(
        "POST",
        "/jobs/{job_id}/cancel",
        "job",
    ),
    "create_job": Operation(
        "POST",
        "/jobs/",
        "job",
    ),
    "get_datafit_plot_data": Operation(
        "GET",
        "/pipelines/datafits/{job_id}/plot_data",
        "job",
    ),
    "get_job": Operation(
        "GET",
        "/jobs/{job_id}",
        "job",
    ),
    "get_job_metadata": Operation(
        "GET",
        "/jobs/{job_id}/metadata",
        "job",
    ),
    "get_job_series": Operation(
        "GET",
        "/jobs/{job_id}/series",
        "job",
    ),
    "list_job_series_channels": Operation(
        "GET",
        "/jobs/{job_id}/series/channels",
        "job",
    ),
    "list_jobs": Operation(
        "GET",
        "/jobs/",
        "job",
    ),
    "add_custom_variable": Operation(
        "POST",
        "/models/{model_id}/custom-variables",
        "model",
    ),
    "create_model": Operation(
        "POST",
        "/models",
        "model",
    ),
    "delete_model": Operation(
        "DELETE",
        "/models/{model_id}",
        "model",
    ),
    "get_model": Operation(
        "GET",
        "/models/{model_id}",
        "model",
    ),
    "list_models": Operation(
        "GET",
        "/models",
        "model",
    ),
    "list_pybamm_models": Operation(
        "GET",
        "/discovery/pybamm_models",
        "model",
    ),
    "serialize_model": Operation(
        "POST",
        "/discovery/ionworks_models/serialize",
        "model",
    ),
    "update_model": Operation(
        "PATCH",
        "/models/{model_id}",
        "model",
    ),
    "upload_custom_model": Operation(
        "POST",
        "/models/upload-custom",
        "model",
    ),
    "validate_pybamm_model": Operation(
        "POST",
        "/discovery/pybamm_models/validate",
        "model",
    ),
    "create_cell_parameterized_model": Operation(
        "POST",
        "/cells/{cell_spec_id}/parameterized_models",
        "parameterized_model",
    ),
    "create_parameterized_model": Operation(
        "POST",
        "/parameterized_models",
        "parameterized_model",
    ),
    "delete_cell_parameterized_model": Operation(
        "DELETE",
        "/cells/{cell_spec_id}/parameterized_models/{parameterized_model_id}",
        "parameterized_model",
    ),
    "delete_parameterized_model": Operation(
        "DELETE",
        "/parameterized_models/{parameterized_model_id}",
        "parameterized_model",
    ),
    "get_parameter_values": Operation(
        "GET",
        "/parameterized_models/{parameterized_model_id}/parameter-values",
        "parameterized_model",
    ),
    "get_parameterized_model": Operation(
        "GET",
        "/parameterized_models/{parameterized_model_id}",
        "parameterized_model",
    ),
    "get_variable_names": Operation(
        "GET",
        "/parameterized_models/{parameterized_model_id}/variable-names",
        "parameterized_model",
    ),
    "list_cell_parameterized_models": Operation(
        "GET",
        "/cells/{cell_spec_id}/parameterized_models",
        "parameterized_model",
    ),
    "list_parameterized_models": Operation(
        "GET",
        "/parameterized_models",
        "parameterized_model",
    ),
    "update_cell_parameterized_model": Operation(
        "PATCH",
        "/cells/{cell_spec_id}/parameterized_models/{parameterized_model_id}",
        "parameterized_model",
    ),
    "update_parameterized_model": Operation(
        "PATCH",
        "/parameterized_models/{parameterized_model_id}",
        "parameterized_model",
    ),
    "cancel_pipeline": Operation(
        "POST",
        "/pipelines/{pipeline_id}/cancel",
        "pipeline",
    ),
    "create_pipeline": Operation(
        "POST",
        "/pipelines",
        "pipeline",
    ),
    "delete_pipeline": Operation(
        "DELETE",
        "/pipelines/{pipeline_id}",
        "pipeline",
    ),
    "get_pipeline": Operation(
        "GET",
        "/pipelines/{pipeline_id}",
        "pipeline",
    ),
    "get_pipeline_result": Operation(
        "GET",
        "/pipelines/{pipeline_id}/result",
        "pipeline",
    ),
    "list_pipeline_elements": Operation(
        "GET",
        "/pipelines/{pipeline_id}/elements",
        "pipeline",
    ),
    "list_pipelines": Operation(
        "GET",
        "/pipelines",
        "pipeline",
    ),
    "update_pipeline": Operation(
        "PATCH",
        "/pipelines/{pipeline_id}",
        "pipeline",
    ),
    "add_project_member": Operation(
        "POST",
        "/projects/{project_id}/members",
        "project",
    ),
    "create_project": Operation(
        "POST",
        "/projects",
        "project",
    ),
    "delete_project": Operation(
        "DELETE",
        "/projects/{project_id}",
        "project",
    ),
    "get_project": Operation(
        "GET",
        "/projects/{project_id}",
        "project",
    ),
    "invite_project_member": Operation(
        "POST",
        "/projects/{project_id}/invites",
        "project",
    ),
    "list_project_roles": Operation(
        "GET",
        "/roles/project",
        "project",
    ),
    "list_projects": Operation(
        "GET",
        "/projects",
        "project",
    ),
    "remove_project_member": Operation(
        "DELETE",
        "/projects/{project_id}/members/{user_id}",
        "project",
    ),
    "update_project": Operation(
        "PATCH",
        "/projects/{project_id}",
        "project",
    ),
    "update_project_member": Operation(
        "PATCH",
        "/projects/{project_id}/members/{user_id}",
        "project",
    ),
    "convert_protocol": Operation(
        "POST",
        "/protocols/convert",
        "protocol",
    ),
    "create_protocol": Operation(
        "POST",
        "/experiment_templates",
        "protocol",
    ),
    "delete_protocol": Operation(
        "DELETE",
        "/experiment_templates/{template_id}",
        "protocol",
    ),
    "find_protocol_input_references": Operation(
        "POST",
        "/protocols/input_references",
        "protocol",
    ),
    "get_protocol": Operation(
        "GET",
        "/experiment_templates/{template_id}",
        "protocol",
    ),
    "get_protocol_human_readable": Operation(
        "GET",
        "/experiment_templates/{template_id}/human_readable",
        "protocol",
    ),
    "get_protocol_source": Operation(
        "GET",
        "/experiment_templates/{template_id}/source_protocol",
        "protocol",
    ),
    "list_protocols": Operation(
        "GET",
        "/experiment_templates",
        "protocol",
    ),
    "parse_protocol_file": Operation(
        "POST",
        "/protocols/parse",
        "protocol",
    ),
    "parse_protocol_to_template": Operation(
        "POST",
        "/protocols/parse-to-template",
        "protocol",
    ),
    "update_protocol": Operation(
        "PATCH",
        "/experiment_templates/{template_id}",
        "protocol",
    ),
    "validate_protocol": Operation(
        "POST",
        "/protocols/validate",
        "protocol",
    ),
    "cancel_simple_pipeline": Operation(
        "POST",
        "/simple_pipelines/{simple_pipeline_id}/cancel",
        "simple_pipeline",
    ),
    "create_simple_pipeline": Operation(
        "POST",
        "/simple_pipelines",
        "simple_pipeline",
    ),
    "delete_simple_pipeline": Operation(
        "DELETE",
        "/simple_pipelines/{simple_pipeline_id}",
        "simple_pipeline",
    ),
    "get_simple_pipeline": Operation(
        "GET",
        "/simple_pipelines/{simple_pipeline_id}",
        "simple_pipeline",
    ),
    "list_simple_pipelines": Operation(
        "GET",
        "/simple_pipelines",
        "simple_pipeline",
    ),
    "update_simple_pipeline": Operation(
        "PATCH",
        "/simple_pipelines/{simple_pipeline_id}",
        "simple_pipeline",
    ),
    "cancel_simulations": Operation(
        "POST",
        "/simulations/cancel",
        "simulation",
    ),
    "create_simulations": Operation(
        "POST",
        "/simulations/with-template/batch",
        "simulation",
    ),
    "delete_simulation": Operation(
        "DELETE",
        "/simulations/{simulation_id}",
        "simulation",
    ),
    "delete_simulations": Operation(
        "POST",
        "/simulations/delete",
        "simulation",
    ),
    "download_simulation_results": Operation(
        "POST",
        "/simulations/results",
        "simulation",
    ),
    "download_simulation_steps": Operation(
        "GET",
        "/simulations/{simulation_id}/steps/download",
        "simulation",
    ),
    "download_simulation_time_series": Operation(
        "GET",
        "/simulations/{simulation_id}/time_series/download",
        "simulation",
    ),
    "get_simulation": Operation(
        "GET",
        "/simulations/{simulation_id}",
        "simulation",
    ),
    "get_simulation_citations": Operation(
        "GET",
        "/simulations/{simulation_id}/citations",
        "simulation",
    ),
    "get_simulation_result": Operation(
        "GET",
        "/simulations/{simulation_id}/result",
        "simulation",
    ),
    "get_simulation_script": Operation(
        "GET",
        "/simulations/{simulation_id}/script",
        "simulation",
    ),
    "get_simulation_statuses": Operation(
        "POST",
        "/simulations/statuses",
        "simulation",
    ),
    "get_simulation_table": Operation(
        "POST",
        "/simulations/table",
        "simulation",
    ),
    "get_submission_statuses": Operation(
        "GET",
        "/simulations/submissions/{submission_id}/statuses",
        "simulation",
    ),
    "list_simulations": Operation(
        "GET",
        "/simulations",
        "simulation",
    ),
    "plan_simulations": Operation(
        "POST",
        "/simulations/plan",
        "simulation",
    ),
    "repeat_simulations": Operation(
        "POST",
        "/simulations/repeat",
        "simulation",
    ),
    "assign_study_measurement": Operation(
        "POST",
        "/projects/{project_id}/studies/{study_id}/measurements/{measurement_id}",
        "study",
    ),
    "assign_study_simulation": Operation(
        "POST",
        "/projects/{project_id}/studies/{study_id}/simulations/{simulation_id}",
        "study",
    ),
    "create_study": Operation(
        "POST",
        "/projects/{project_id}/studies",
        "study",
    ),
    "delete_study": Operation(
        "DELETE",
        "/projects/{project_id}/studies/{study_id}",
        "study",
    ),
    "get_study": Operation(
        "GET",
        "/projects/{project_id}/studies/{study_id}",
        "study",
    ),
    "list_studies": Operation(
        "GET",
        "/projects/{project_id}/studies",
        "study",
    ),
    "list_study_measurements": Operation(
        "GET",
        "/projects/{project_id}/studies/{study_id}/measurements",
        "study",
    ),
    "remove_study_measurement": Operation(
        "DELETE",
        "/projects/{project_id}/studies/{study_id}/measurements/{measurement_id}",
        "study",
    ),
    "remove_study_simulation": Operation(
        "DELETE",
        "/projects/{project_id}/studies/{study_id}/simulations/{simulation_id}",
        "study",
    ),
    "update_study": Operation(
        "PATCH",
        "/projects/{project_id}/studies/{study_id}",
        "study",
    ),
}

__all__ = ("OPERATIONS", "Operation")
