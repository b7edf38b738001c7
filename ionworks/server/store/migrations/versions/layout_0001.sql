-- PostgreSQL's lower() knows ASCII letters only in the collation of the columns.
CREATE FUNCTION ionworks_lower(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower($1 COLLATE "und-x-icu") COLLATE "C" $$;

CREATE TABLE audit_log (
    number BIGSERIAL NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C",
    object_id TEXT COLLATE "C",
    request_id TEXT COLLATE "C" NOT NULL,
    status BIGINT NOT NULL,
    PRIMARY KEY (number)
);

CREATE INDEX audit_log_by_user ON audit_log (user_id);

CREATE INDEX ix_audit_log_at ON audit_log (at);

CREATE TABLE dispatchers (
    name TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    seen_at TEXT COLLATE "C" NOT NULL,
    workers BIGINT NOT NULL,
    fault TEXT COLLATE "C",
    trouble TEXT COLLATE "C",
    doing JSON NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE idempotency_keys (
    key TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    created_id TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (key)
);

CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

CREATE TABLE materials (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C",
    manufacturer TEXT COLLATE "C",
    definition JSON NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id)
);

CREATE INDEX materials_by_name ON materials (name, manufacturer);

CREATE TABLE model_specs (
    id TEXT COLLATE "C" NOT NULL,
    spec JSON NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE organizations (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    UNIQUE (name)
);

CREATE TABLE projects (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    organization_id TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id)
);

CREATE INDEX ix_projects_organization_id ON projects (organization_id);

CREATE TABLE provenances (
    number BIGSERIAL NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    content JSON NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (digest)
);

CREATE TABLE run_digests (
    digest BIGINT NOT NULL,
    submission BIGINT NOT NULL,
    run_index BIGINT NOT NULL,
    PRIMARY KEY (digest, submission, run_index)
);

CREATE TABLE cell_specs (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    form_factor TEXT COLLATE "C",
    manufacturer TEXT COLLATE "C",
    ratings JSON NOT NULL,
    properties JSON NOT NULL,
    source JSON NOT NULL,
    notes TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id)
);

CREATE INDEX ix_cell_specs_project_id ON cell_specs (project_id);

CREATE TABLE experiment_templates (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    protocol TEXT COLLATE "C" NOT NULL,
    protocol_config JSON NOT NULL,
    parameters_schema JSON NOT NULL,
    source_protocol TEXT COLLATE "C",
    notes JSON,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id)
);

CREATE INDEX ix_experiment_templates_project_id ON experiment_templates (project_id);

CREATE TABLE models (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    config JSON NOT NULL,
    simulation_settings JSON,
    pybamm_version TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id)
);

CREATE INDEX ix_models_project_id ON models (project_id);

CREATE TABLE packs (
    number BIGSERIAL NOT NULL,
    folder TEXT COLLATE "C" NOT NULL,
    run_count BIGINT NOT NULL,
    metrics BYTEA NOT NULL,
    rows BYTEA,
    provenance BIGINT,
    PRIMARY KEY (number),
    UNIQUE (folder),
    FOREIGN KEY(provenance) REFERENCES provenances (number)
);

CREATE INDEX ix_packs_provenance ON packs (provenance);

CREATE TABLE project_members (
    number BIGSERIAL NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C",
    role_id TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (project_id, user_id),
    FOREIGN KEY(project_id) REFERENCES projects (id) ON DELETE CASCADE
);

CREATE TABLE studies (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id)
);

CREATE INDEX ix_studies_project_id ON studies (project_id);

CREATE TABLE users (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    organization_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    default_project_id TEXT COLLATE "C",
    is_active BOOLEAN NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(organization_id) REFERENCES organizations (id),
    UNIQUE (email),
    FOREIGN KEY(default_project_id) REFERENCES projects (id) ON DELETE SET NULL
);

CREATE INDEX ix_users_organization_id ON users (organization_id);

CREATE TABLE api_keys (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    prefix TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C",
    last_used_at TEXT COLLATE "C",
    revoked_at TEXT COLLATE "C",
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(user_id) REFERENCES users (id),
    UNIQUE (digest)
);

CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);

CREATE TABLE cell_components (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    cell_spec_id TEXT COLLATE "C" NOT NULL,
    component_type TEXT COLLATE "C" NOT NULL,
    material_id TEXT COLLATE "C",
    properties JSON NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (cell_spec_id, component_type),
    UNIQUE (id),
    FOREIGN KEY(cell_spec_id) REFERENCES cell_specs (id) ON DELETE CASCADE,
    FOREIGN KEY(material_id) REFERENCES materials (id)
);

CREATE INDEX ix_cell_components_material_id ON cell_components (material_id);

CREATE TABLE cell_instances (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    cell_specification_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    batch_id TEXT COLLATE "C",
    date_manufactured TEXT COLLATE "C",
    measured_properties JSON NOT NULL,
    notes TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(cell_specification_id) REFERENCES cell_specs (id)
);

CREATE INDEX ix_cell_instances_batch_id ON cell_instances (batch_id);

CREATE INDEX ix_cell_instances_cell_specification_id ON cell_instances (cell_specification_id);

CREATE TABLE parameterized_models (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    model_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    parameter_set TEXT COLLATE "C" NOT NULL,
    parameters JSON NOT NULL,
    simulation_settings JSON,
    cell_spec_id TEXT COLLATE "C",
    notes JSON,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id),
    FOREIGN KEY(model_id) REFERENCES models (id),
    FOREIGN KEY(cell_spec_id) REFERENCES cell_specs (id)
);

CREATE INDEX ix_parameterized_models_cell_spec_id ON parameterized_models (cell_spec_id);

CREATE INDEX ix_parameterized_models_model_id ON parameterized_models (model_id);

CREATE INDEX ix_parameterized_models_project_id ON parameterized_models (project_id);

CREATE TABLE measurements (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    cell_instance_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    measurement_type TEXT COLLATE "C" NOT NULL,
    channel_id TEXT COLLATE "C",
    protocol_id TEXT COLLATE "C",
    protocol JSON,
    test_setup JSON,
    properties JSON,
    start_time TEXT COLLATE "C",
    end_time TEXT COLLATE "C",
    step_labels_validated BOOLEAN NOT NULL,
    file_metadata JSON,
    notes TEXT COLLATE "C",
    processing_status TEXT COLLATE "C" NOT NULL,
    processing_error TEXT COLLATE "C",
    owner TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    steps_created BIGINT,
    data_folder TEXT COLLATE "C",
    extension_folder TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(cell_instance_id) REFERENCES cell_instances (id)
);

CREATE INDEX ix_measurements_cell_instance_id ON measurements (cell_instance_id);

CREATE INDEX measurements_by_processing ON measurements (processing_status, owner);

CREATE TABLE submissions (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C",
    user_id TEXT COLLATE "C",
    name TEXT COLLATE "C",
    parameterized_model_id TEXT COLLATE "C",
    experiment_template_id TEXT COLLATE "C",
    model JSON NOT NULL,
    model_spec_id TEXT COLLATE "C",
    protocol TEXT COLLATE "C" NOT NULL,
    extra_variables JSON NOT NULL,
    max_backward_jumps BIGINT,
    seed BIGINT,
    content_digest BYTEA,
    run_count BIGINT NOT NULL,
    unchecked JSON,
    problems JSON,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id),
    FOREIGN KEY(parameterized_model_id) REFERENCES parameterized_models (id) ON DELETE SET NULL,
    FOREIGN KEY(experiment_template_id) REFERENCES experiment_templates (id) ON DELETE SET NULL,
    FOREIGN KEY(model_spec_id) REFERENCES model_specs (id)
);

CREATE INDEX ix_submissions_content_digest ON submissions (content_digest);

CREATE INDEX ix_submissions_experiment_template_id ON submissions (experiment_template_id);

CREATE INDEX ix_submissions_model_spec_id ON submissions (model_spec_id);

CREATE INDEX ix_submissions_parameterized_model_id ON submissions (parameterized_model_id);

CREATE INDEX ix_submissions_project_id ON submissions (project_id);

CREATE INDEX ix_submissions_user_id ON submissions (user_id);

CREATE TABLE uploads (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    measurement_id TEXT COLLATE "C" NOT NULL,
    cell_instance_id TEXT COLLATE "C",
    is_extension BOOLEAN NOT NULL,
    measurement_type TEXT COLLATE "C" NOT NULL,
    measurement JSON NOT NULL,
    filenames JSON NOT NULL,
    folder TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(cell_instance_id) REFERENCES cell_instances (id) ON DELETE CASCADE
);

CREATE INDEX ix_uploads_measurement_id ON uploads (measurement_id);

CREATE TABLE jobs (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    job_type TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    submission_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    error TEXT COLLATE "C",
    error_code TEXT COLLATE "C",
    compute_time FLOAT,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    started_at TEXT COLLATE "C",
    completed_at TEXT COLLATE "C",
    provenance BIGINT,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id),
    FOREIGN KEY(submission_id) REFERENCES submissions (id),
    FOREIGN KEY(provenance) REFERENCES provenances (number)
);

CREATE INDEX ix_jobs_project_id ON jobs (project_id);

CREATE INDEX ix_jobs_provenance ON jobs (provenance);

CREATE INDEX jobs_by_status ON jobs (status, owner);

CREATE INDEX jobs_by_submission ON jobs (submission_id, status, owner);

CREATE TABLE measurement_raw_data (
    number BIGSERIAL NOT NULL,
    measurement_id TEXT COLLATE "C" NOT NULL,
    raw_data_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (measurement_id, raw_data_id),
    FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);

CREATE TABLE measurement_tags (
    number BIGSERIAL NOT NULL,
    measurement_id TEXT COLLATE "C" NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (measurement_id, tag),
    FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);

CREATE INDEX ix_measurement_tags_tag ON measurement_tags (tag);

CREATE TABLE measurement_watches (
    number BIGSERIAL NOT NULL,
    measurement_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (measurement_id, user_id),
    FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);

CREATE TABLE old_ids (
    submission_id TEXT COLLATE "C" NOT NULL,
    run_index BIGINT NOT NULL,
    simulation_id TEXT COLLATE "C" NOT NULL,
    job_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (submission_id, run_index),
    FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE,
    UNIQUE (simulation_id),
    UNIQUE (job_id)
);

CREATE TABLE open_submissions (
    submission_id TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (submission_id),
    FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);

CREATE TABLE run_pieces (
    number BIGSERIAL NOT NULL,
    submission_id TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    count BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (submission_id, first),
    FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);

CREATE TABLE runs (
    number BIGSERIAL NOT NULL,
    submission_id TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    count BIGINT NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    error TEXT COLLATE "C",
    error_code TEXT COLLATE "C",
    notes JSON,
    compute_time FLOAT,
    pack BIGINT,
    position BIGINT,
    copied_from_submission TEXT COLLATE "C",
    copied_from_first BIGINT,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    started_at TEXT COLLATE "C",
    completed_at TEXT COLLATE "C",
    PRIMARY KEY (number),
    UNIQUE (submission_id, first),
    FOREIGN KEY(submission_id) REFERENCES submissions (id),
    FOREIGN KEY(project_id) REFERENCES projects (id),
    FOREIGN KEY(pack) REFERENCES packs (number)
);

CREATE INDEX ix_runs_pack ON runs (pack);

CREATE INDEX ix_runs_project_id ON runs (project_id);

CREATE INDEX runs_by_status ON runs (status, owner);

CREATE INDEX runs_by_submission ON runs (submission_id, status, owner);

CREATE INDEX runs_waiting ON runs (copied_from_submission, copied_from_first) WHERE status = 'waiting';

CREATE TABLE study_measurements (
    number BIGSERIAL NOT NULL,
    study_id TEXT COLLATE "C" NOT NULL,
    measurement_id TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (study_id, measurement_id),
    FOREIGN KEY(study_id) REFERENCES studies (id) ON DELETE CASCADE,
    FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);

CREATE INDEX ix_study_measurements_measurement_id ON study_measurements (measurement_id);

CREATE TABLE study_runs (
    number BIGSERIAL NOT NULL,
    study_id TEXT COLLATE "C" NOT NULL,
    submission_id TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    count BIGINT NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (study_id, submission_id, first),
    FOREIGN KEY(study_id) REFERENCES studies (id) ON DELETE CASCADE,
    FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);

CREATE INDEX ix_study_runs_submission_id ON study_runs (submission_id);

CREATE TABLE pipelines (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    job_id TEXT COLLATE "C" NOT NULL,
    is_simple BOOLEAN NOT NULL,
    name TEXT COLLATE "C",
    description TEXT COLLATE "C",
    options JSON NOT NULL,
    notes JSON,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (id),
    FOREIGN KEY(project_id) REFERENCES projects (id),
    UNIQUE (job_id),
    FOREIGN KEY(job_id) REFERENCES jobs (id)
);

CREATE INDEX ix_pipelines_project_id ON pipelines (project_id);

CREATE TABLE pipeline_elements (
    number BIGSERIAL NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    pipeline_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    element_order BIGINT NOT NULL,
    element_type TEXT COLLATE "C" NOT NULL,
    config JSON NOT NULL,
    job_id TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    progress JSON,
    result JSON,
    curves JSON,
    created_at TEXT COLLATE "C" NOT NULL,
    updated_at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number),
    UNIQUE (pipeline_id, name),
    UNIQUE (id),
    FOREIGN KEY(pipeline_id) REFERENCES pipelines (id) ON DELETE CASCADE
);

CREATE INDEX ix_pipeline_elements_job_id ON pipeline_elements (job_id);

CREATE TABLE fit_steps (
    number BIGSERIAL NOT NULL,
    element_id TEXT COLLATE "C" NOT NULL,
    content JSON NOT NULL,
    PRIMARY KEY (number),
    FOREIGN KEY(element_id) REFERENCES pipeline_elements (id) ON DELETE CASCADE
);

CREATE INDEX ix_fit_steps_element_id ON fit_steps (element_id);
