"""Requests of a user of a team with ids and names of another, for each operation."""

import re
from uuid import uuid4

from ionworks.server.store import run_ids
from ionworks_api_client.api import OPERATIONS
from tests.unit.server.pipelines import ENTRY, FIT
from tests.unit.server.teams import PROTOCOL
from tests.unit.server.uploading import PARQUET

#: What the texts of the other user have in them.
MARK = "Zirconium"


def way(path=None, *, query=None, body=None, headers=None, files=None, data=None):
    """A request; texts in braces are ids of the other user, and those with ``own.`` the asker's."""
    given = {"query": query, "body": body, "headers": headers, "files": files, "data": data}
    return path, {name: value for name, value in given.items() if value is not None}


BATCH = {
    "parameterized_model": "{own.parameterized_model_id}",
    "experiment_template_id": "{own.template_id}",
    "experiment_parameter_sets": [{}],
    "project_id": "{own.project_id}",
}
PLAN = {key: value for key, value in BATCH.items() if key != "project_id"}
MEASUREMENT = {"name": "other"}
PIPELINE = {"project_id": "{own.project_id}", "options": {}}
ENTRIES = {
    "pipeline": {"element_type": "entry", "pipeline_id": "{pipeline_id}"},
    "simple pipeline": {"element_type": "entry", "pipeline_id": "{simple_pipeline_id}"},
    "cell": {"element_type": "entry", "cell_spec_id": "{cell_spec_id}"},
    "model": {**FIT, "parameterized_model_id": "{parameterized_model_id}"},
    "data": {**FIT, "objectives": {"a": {"data": "db:{measurement_id}"}}},
}
SELECTION = {"simulation_ids": ["{simulation_id}"]}
NAMES = {"name": f"ilike.%{MARK.lower()}%"}
TEXTS = [NAMES, {"created_by_email": f"{MARK.lower()}@example.com"}]
ALL_FILTERS = [
    way(query={"project_id": "{project_id}"}),
    *(way(query=each) for each in TEXTS),
    way(),
]
DESCRIBED = way(query={"description": f"ilike.%{MARK}%"})
STUDY = "/projects/{project_id}/studies/{study_id}"
OWN_STUDY = "/projects/{own.project_id}/studies/{own.study_id}"
OWN_PROJECT = "/projects/{own.project_id}/studies/{study_id}"

WAYS = {
    # simulations
    "list_simulations": [
        way(),
        way(query=NAMES),
        *(
            way(query={name: f"{{{key}}}"})
            for name, key in [
                ("project_id", "project_id"),
                ("parameterized_model_id", "parameterized_model_id"),
                ("study_id", "study_id"),
                ("experiment_template_id", "template_id"),
            ]
        ),
        way(query={"parameterized_model_id": f"{MARK} parameterized"}),
    ],
    "create_simulations": [
        way(body={**BATCH, "project_id": "{project_id}"}),
        way(body={**BATCH, "study_id": "{study_id}"}),
        way(body={**BATCH, "study_id": "{study_id}", "project_id": "{project_id}"}),
        way(body={**BATCH, "experiment_template_id": "{template_id}"}),
        way(body={**BATCH, "parameterized_model": "{parameterized_model_id}"}),
        way(
            body={
                **BATCH,
                "parameterized_model": {
                    "model_id": "{model_id}",
                    "parameters": {"parameter_set": "Chen2020"},
                },
            }
        ),
        way(
            body={
                **BATCH,
                "parameterized_model": {"quick_model": {"cell_spec_id": "{cell_spec_id}"}},
            }
        ),
        way(body={**BATCH, "parameterized_model": f"{MARK} parameterized"}),
    ],
    "plan_simulations": [
        way(body={**PLAN, "experiment_template_id": "{template_id}"}),
        way(body={**PLAN, "parameterized_model": "{parameterized_model_id}"}),
    ],
    "get_simulation_statuses": [way(body=SELECTION)],
    "download_simulation_results": [way(body=SELECTION)],
    "get_simulation_table": [way(body=SELECTION)],
    "cancel_simulations": [way(body=SELECTION)],
    "delete_simulations": [way(body=SELECTION)],
    "repeat_simulations": [
        way(body=SELECTION),
        way(body={"simulation_ids": ["{own.simulation_id}", "{simulation_id}"]}),
    ],
    "get_submission_statuses": [way()],
    "get_simulation": [way()],
    "delete_simulation": [way()],
    "download_simulation_time_series": [way(), way(headers=PARQUET)],
    "download_simulation_steps": [way(), way(headers=PARQUET)],
    "get_simulation_result": [way()],
    "get_simulation_script": [way()],
    "get_simulation_citations": [way()],
    # protocols
    "validate_protocol": [way(body={"protocol": PROTOCOL})],
    "find_protocol_input_references": [way(body={"protocol": PROTOCOL})],
    "convert_protocol": [way(body={"protocol": PROTOCOL, "target": "neware_xml"})],
    "parse_protocol_file": [way(files={"file": ("a.xml", b"<a/>")})],
    "parse_protocol_to_template": [
        way(
            body={
                "protocol_experiment": {"name": "other", "protocol": PROTOCOL},
                "project_id": "{project_id}",
            }
        )
    ],
    "list_protocols": [*ALL_FILTERS, way(query={"include": "protocol_config,source_protocol"})],
    "create_protocol": [
        way(
            body={
                "name": f"{MARK} protocol",
                "protocol_config": {"steps": []},
                "project_id": "{project_id}",
            }
        )
    ],
    "get_protocol": [way(), way(f"/experiment_templates/{MARK} protocol")],
    "update_protocol": [way(body={"name": "mine"})],
    "delete_protocol": [way()],
    "get_protocol_human_readable": [way()],
    "get_protocol_source": [way()],
    # jobs
    "list_jobs": [way(), way(query={"status": "completed"}), way(query={"job_type": "datafit"})],
    "create_job": [way(body={"job_type": "simulate", "params": {}})],
    **{
        operation: [
            way(path.format(key)) for key in ("job_id", "pipeline_job_id", "element_job_id")
        ]
        for operation, path in {
            "get_job": "/jobs/{{{}}}",
            "cancel_job": "/jobs/{{{}}}/cancel",
            "get_job_metadata": "/jobs/{{{}}}/metadata",
            "list_job_series_channels": "/jobs/{{{}}}/series/channels",
        }.items()
    },
    "get_job_series": [
        way("/jobs/{element_job_id}/series", query={"objective": "a", "source": "fit"})
    ],
    "get_datafit_plot_data": [
        way("/pipelines/datafits/{element_job_id}/plot_data", query={"objective_name": "a"})
    ],
    # projects
    "list_projects": [way(), way(query=NAMES)],
    "create_project": [way(body={"name": "{unique}"})],
    "get_project": [way(), way(f"/projects/Project of {MARK.lower()}")],
    "update_project": [way(body={"name": "mine"})],
    "delete_project": [way()],
    "list_project_roles": [way()],
    "add_project_member": [
        way(body={"user_id": "{own.user_id}", "project_role_id": "project-admin"}),
    ],
    "update_project_member": [
        way(
            "/projects/{project_id}/members/{own.user_id}",
            body={"project_role_id": "project-admin"},
        ),
        way(body={"project_role_id": "project-viewer"}),
        way(
            "/projects/{own.project_id}/members/{user_id}",
            body={"project_role_id": "project-admin"},
        ),
    ],
    "remove_project_member": [way(), way("/projects/{own.project_id}/members/{user_id}")],
    "invite_project_member": [
        way(body={"email": "other@example.com", "project_role_id": "project-admin"})
    ],
    # models
    "list_models": ALL_FILTERS,
    "create_model": [
        way(body={"name": "x", "config": {"type": "SPM"}, "project_id": "{project_id}"}),
        way(
            body={
                "name": f"{MARK} model",
                "config": {"type": "SPM"},
                "project_id": "{project_id}",
            }
        ),
    ],
    "upload_custom_model": [
        way(files={"file": ("a.json", b"{}")}, data={"name": "x", "project_id": "{project_id}"})
    ],
    "get_model": [way(), way(f"/models/{MARK} model")],
    "update_model": [way(body={"name": "mine"}), way(body={"simulation_settings": {}})],
    "delete_model": [way()],
    "add_custom_variable": [way(body={"name": "a", "expression": "1"})],
    "serialize_model": [way(body={"name": "SPM"})],
    "list_pybamm_models": [way()],
    "validate_pybamm_model": [way(body={"pybamm_model": "SPM"})],
    "list_parameterized_models": [
        way(),
        way(query={"project_id": "{project_id}"}),
        way(query={"cell_spec_id": "{cell_spec_id}"}),
    ],
    "create_parameterized_model": [
        way(
            body={
                "name": "x",
                "model_id": "{model_id}",
                "parameters": {"parameter_set": "Chen2020"},
            }
        ),
        way(
            body={
                "name": "x",
                "model_id": "{own.model_id}",
                "parameters": {"parameter_set": "Chen2020"},
                "project_id": "{project_id}",
            }
        ),
    ],
    "get_parameterized_model": [way(), way("/parameterized_models/{of_cell_id}")],
    "update_parameterized_model": [way(body={"name": "mine"}), way(body={"parameters": {"a": 1}})],
    "delete_parameterized_model": [way()],
    "list_cell_parameterized_models": [way()],
    "create_cell_parameterized_model": [
        way(body={"name": "x", "model_id": "{own.model_id}", "parameters": {"a": 1}}),
        way(
            "/cells/{own.cell_spec_id}/parameterized_models",
            body={
                "name": "x",
                "model_id": "{own.model_id}",
                "parameters": {"parameter_set": "Chen2020"},
                "project_id": "{project_id}",
            },
        ),
        way(
            "/cells/{own.cell_spec_id}/parameterized_models",
            body={
                "name": "x",
                "model_id": "{model_id}",
                "parameters": {"parameter_set": "Chen2020"},
            },
        ),
    ],
    "update_cell_parameterized_model": [
        way("/cells/{cell_spec_id}/parameterized_models/{of_cell_id}", body={"name": "mine"}),
        way("/cells/{own.cell_spec_id}/parameterized_models/{of_cell_id}", body={"name": "mine"}),
        way("/cells/{cell_spec_id}/parameterized_models/{own.of_cell_id}", body={"name": "mine"}),
    ],
    "delete_cell_parameterized_model": [
        way("/cells/{cell_spec_id}/parameterized_models/{of_cell_id}"),
        way("/cells/{own.cell_spec_id}/parameterized_models/{of_cell_id}"),
    ],
    "get_parameter_values": [way()],
    "get_variable_names": [way()],
    # studies
    "list_studies": [way(), way("/projects/{own.project_id}/studies", query=NAMES)],
    "create_study": [way(body={"name": "mine"}), way(body={"name": f"{MARK} study"})],
    "get_study": [way(), way(OWN_PROJECT)],
    "update_study": [way(body={"name": "mine"}), way(OWN_PROJECT, body={"name": "mine"})],
    "delete_study": [way(), way(OWN_PROJECT)],
    **{
        operation: [
            way(f"{STUDY}/{kind}/{{{key}}}"),
            way(f"{OWN_STUDY}/{kind}/{{{key}}}"),
            way(f"{STUDY}/{kind}/{{own.{key}}}"),
            way(f"{OWN_PROJECT}/{kind}/{{own.{key}}}"),
        ]
        for kind, key, operations in [
            (
                "simulations",
                "simulation_id",
                ("assign_study_simulation", "remove_study_simulation"),
            ),
            (
                "measurements",
                "measurement_id",
                ("assign_study_measurement", "remove_study_measurement"),
            ),
        ]
        for operation in operations
    },
    "list_study_measurements": [way(), way(f"{OWN_PROJECT}/measurements")],
    # cells
    "list_cell_specs": [
        *ALL_FILTERS,
        way(query={"full": True}),
        way(query={"form_factor": MARK}),
        way(query={"material_id": "{material_id}"}),
        way(query={"material_ids": "{material_id}"}),
        *(
            way(query={f"{slot}_material_id": "{material_id}"})
            for slot in ("anode", "cathode", "electrolyte", "separator", "case")
        ),
        way(query={"exclude_cell_spec_id": "{cell_spec_id}"}),
    ],
    "create_cell_spec": [
        way(body={"name": "x", "project_id": "{project_id}"}),
        way(body={"name": "{unique}", "anode": {"material_id": "{material_id}"}}),
    ],
    "get_cell_spec": [way(), way(f"/cell_specifications/{MARK} spec")],
    "update_cell_spec": [
        way(body={"name": "mine"}),
        way(
            "/cell_specifications/{own.cell_spec_id}",
            body={"cathode": {"material_id": "{material_id}"}},
        ),
    ],
    "delete_cell_spec": [way()],
    "get_resolved_cell_spec": [way()],
    "list_cell_instances": [
        way(),
        *(
            way(
                "/cell_specifications/{own.cell_spec_id}/cell_instances",
                query=query,
            )
            for query in ({"batch_id": "{batch_id}"}, *TEXTS)
        ),
    ],
    "create_cell_instance": [way(body={"name": "mine"})],
    "get_cell_instance": [way(), way(f"/cell_instances/{MARK} cell")],
    "update_cell_instance": [way(body={"name": "mine"})],
    "delete_cell_instance": [way()],
    # measurements
    "list_measurements": [
        way(),
        *(
            way("/cell_instances/{own.cell_instance_id}/cell_measurements", query=query)
            for query in (*TEXTS, {"tags_any": f"{MARK} tag"}, {"tags_all": f"{MARK} tag"})
        ),
    ],
    "create_properties_measurement": [way(body={"name": "mine", "properties": {"a": 1}})],
    "initiate_measurement_upload": [way(body={"measurement": MEASUREMENT})],
    "list_project_measurements": [
        way(),
        way(query={"project_id": "{project_id}"}),
        way(query={"cell_specification_id": "{cell_spec_id}"}),
        way(query={"q": MARK}),
        way(query={"tags_any": f"{MARK} tag"}),
        way(query={"tags_all": f"{MARK} tag"}),
    ],
    "list_measurement_tags": [
        way(),
        way(query={"q": MARK.lower()}),
        way(query={"project_id": "{project_id}"}),
    ],
    "update_measurement_tags": [
        way(body={"measurement_ids": ["{measurement_id}"], "add": ["mine"]}),
        way(
            body={
                "measurement_ids": ["{own.measurement_id}", "{measurement_id}"],
                "remove": ["mine"],
            }
        ),
    ],
    "get_measurement": [
        way(),
        way(query={"include_steps": True, "include_time_series": True}),
        way(f"/cell_measurements/{MARK} series"),
        way("/cell_measurements/{upload_id}"),
    ],
    "update_measurement": [way(body={"name": "mine"}), way(body={"tags": ["mine"]})],
    "delete_measurement": [way(), way("/cell_measurements/{upload_id}")],
    "confirm_measurement_upload": [
        way(
            "/cell_measurements/{upload_id}/confirm-upload",
            body={"cell_instance_id": cell, "measurement": MEASUREMENT},
        )
        for cell in ("{cell_instance_id}", "{own.cell_instance_id}")
    ]
    + [way(body={"cell_instance_id": "{cell_instance_id}", "measurement": MEASUREMENT})],
    "initiate_measurement_extension": [way(body={})],
    "confirm_measurement_extension": [way(body={})],
    "download_measurement_steps": [way(), way(headers=PARQUET)],
    "download_measurement_time_series": [
        way(),
        way(headers=PARQUET),
        way(query={"row_start": 0, "row_stop": 2}),
    ],
    "get_measurement_cycles": [way()],
    "get_measurement_steps_and_cycles": [way()],
    "list_measurement_files": [way()],
    "download_measurement_file": [way("/cell_measurements/{measurement_id}/files/a.csv")],
    "list_measurement_raw_data": [way()],
    "attach_measurement_raw_data": [way(body={"raw_data_ids": ["mine"]})],
    "detach_measurement_raw_data": [
        way(),
        way("/cell_measurements/{own.measurement_id}/raw_data/{raw_data_id}"),
    ],
    "watch_measurement": [way()],
    "unwatch_measurement": [way()],
    # pipelines
    "list_pipelines": [*ALL_FILTERS, DESCRIBED, way(query={"id": "{pipeline_id}"})],
    "create_pipeline": [
        way(body={**PIPELINE, "project_id": "{project_id}", "elements": {"a": ENTRY}}),
        *(way(body={**PIPELINE, "elements": {"a": each}}) for each in ENTRIES.values()),
    ],
    "get_pipeline": [
        way(),
        way("/pipelines/{simple_pipeline_id}"),
        way(f"/pipelines/{MARK} fit"),
    ],
    "update_pipeline": [way(body={"name": "mine"})],
    "delete_pipeline": [way()],
    "get_pipeline_result": [way()],
    "list_pipeline_elements": [way()],
    "cancel_pipeline": [way()],
    "list_simple_pipelines": [*ALL_FILTERS, DESCRIBED],
    "create_simple_pipeline": [
        way(
            body={
                **PIPELINE,
                "project_id": "{project_id}",
                "config": {"elements": {"a": ENTRY}},
            }
        ),
        *(way(body={**PIPELINE, "config": {"elements": {"a": each}}}) for each in ENTRIES.values()),
    ],
    "get_simple_pipeline": [
        way(),
        way("/simple_pipelines/{pipeline_id}"),
        way(f"/simple_pipelines/{MARK} simple"),
    ],
    "update_simple_pipeline": [way(body={"name": "mine"})],
    "delete_simple_pipeline": [way()],
    "cancel_simple_pipeline": [way()],
    # discovery
    "get_health": [way()],
    "get_current_user": [way()],
    "get_capabilities": [way()],
    "get_openapi": [way()],
    "get_schema": [way("/discovery/schemas/model")],
}


def asked(api, operation_id, path, given, own, ids, *, method=None):
    operation = OPERATIONS[operation_id]
    template = path or re.sub(r"\{(\w+)\}", r"{\1}", operation.path)
    return api.request(
        method or operation.method,
        filled_in(template, own, ids),
        params=filled_in(given.get("query"), own, ids),
        json=filled_in(given.get("body"), own, ids),
        data=filled_in(given.get("data"), own, ids),
        files=given.get("files"),
        headers=given.get("headers"),
    )


def filled_in(value, own, ids):
    """Return a part of a request with the ids for the texts in braces."""
    if isinstance(value, dict):
        return {key: filled_in(each, own, ids) for key, each in value.items()}
    if isinstance(value, list):
        return [filled_in(each, own, ids) for each in value]
    if not isinstance(value, str):
        return value

    def of(match):
        name = match[1]
        if name == "unique":
            return uuid4().hex
        return own[name[4:]] if name.startswith("own.") else ids[name]

    return re.sub(r"\{([\w.]+)\}", of, value)


def neutral(reply, ids):
    """Return the content of a reply without the ids that were asked for, new ids and times."""
    text = reply.content.decode("latin-1") + reply.headers.get("location", "")
    for key, value in ids.items():
        text = text.replace(value, key)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "id", text)
    text = re.sub(r"[0-9a-f]{32}", "id", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "time", text)


def unknown_like(ids):
    """Return ids of the same forms that do not exist."""
    submission = run_ids.new_submission_id()
    made = {key: str(uuid4()) for key in ids}
    return made | {
        "simulation_id": run_ids.simulation_id(submission, 0),
        "job_id": run_ids.job_id(submission, 0),
        "submission_id": submission,
    }
