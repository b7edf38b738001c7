-- A folder of layout 1 as it was written, with one finished simulation in it.
CREATE TABLE projects (
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (number),
  UNIQUE (id)
);
CREATE TABLE submissions (
  id TEXT NOT NULL,
  model JSON NOT NULL,
  protocol TEXT NOT NULL,
  extra_variables JSON NOT NULL,
  max_backward_jumps INTEGER,
  PRIMARY KEY (id)
);
CREATE TABLE models (
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  config JSON NOT NULL,
  simulation_settings JSON,
  pybamm_version TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (number),
  UNIQUE (id),
  FOREIGN KEY(project_id) REFERENCES projects (id)
);
CREATE INDEX ix_models_project_id ON models (project_id);
CREATE TABLE experiment_templates (
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  protocol TEXT NOT NULL,
  protocol_config JSON NOT NULL,
  parameters_schema JSON NOT NULL,
  source_protocol TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (number),
  UNIQUE (id),
  FOREIGN KEY(project_id) REFERENCES projects (id)
);
CREATE INDEX ix_experiment_templates_project_id ON experiment_templates (project_id);
CREATE TABLE jobs (
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  job_type TEXT NOT NULL,
  project_id TEXT NOT NULL,
  submission_id TEXT NOT NULL,
  status TEXT NOT NULL,
  owner TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  error TEXT,
  error_code TEXT,
  compute_time FLOAT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  started_at TEXT,
  completed_at TEXT,
  PRIMARY KEY (number),
  UNIQUE (id),
  FOREIGN KEY(project_id) REFERENCES projects (id),
  FOREIGN KEY(submission_id) REFERENCES submissions (id)
);
CREATE INDEX ix_jobs_project_id ON jobs (project_id);
CREATE INDEX jobs_by_status ON jobs (status, owner);
CREATE INDEX ix_jobs_submission_id ON jobs (submission_id);
CREATE TABLE parameterized_models (
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  model_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  parameter_set TEXT NOT NULL,
  parameters JSON NOT NULL,
  simulation_settings JSON,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (number),
  UNIQUE (id),
  FOREIGN KEY(project_id) REFERENCES projects (id),
  FOREIGN KEY(model_id) REFERENCES models (id)
);
CREATE INDEX ix_parameterized_models_project_id ON parameterized_models (project_id);
CREATE INDEX ix_parameterized_models_model_id ON parameterized_models (model_id);
CREATE TABLE simulations (
  number INTEGER NOT NULL,
  id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  parameterized_model_id TEXT,
  experiment_template_id TEXT,
  name TEXT NOT NULL,
  experiment_parameters JSON NOT NULL,
  design_parameters JSON NOT NULL,
  metrics JSON NOT NULL,
  storage_folder TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (number),
  UNIQUE (id),
  UNIQUE (job_id),
  FOREIGN KEY(job_id) REFERENCES jobs (id),
  FOREIGN KEY(project_id) REFERENCES projects (id),
  FOREIGN KEY(parameterized_model_id) REFERENCES parameterized_models (id) ON DELETE SET NULL,
  FOREIGN KEY(experiment_template_id) REFERENCES experiment_templates (id) ON DELETE SET NULL
);
CREATE INDEX ix_simulations_parameterized_model_id ON simulations (parameterized_model_id);
CREATE INDEX ix_simulations_experiment_template_id ON simulations (experiment_template_id);
CREATE INDEX ix_simulations_project_id ON simulations (project_id);
INSERT INTO projects (number, id, name, description, created_at, updated_at) VALUES (1, 'default', 'Default project', NULL, '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z');
INSERT INTO projects (number, id, name, description, created_at, updated_at) VALUES (2, 'mine', 'Cells', 'kept', '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z');
INSERT INTO models VALUES (1, 'spm', 'default', 'SPM', NULL, '{"type":"SPM","options":{}}', NULL, NULL, '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z');
INSERT INTO parameterized_models VALUES (1, 'spm-chen2020', 'default', 'spm', 'SPM Chen2020', NULL, 'Chen2020', '{"thickness":2.0}', NULL, '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z');
INSERT INTO experiment_templates VALUES (1, 'template', 'mine', 'Discharge', NULL, 'steps: []', '{"steps":[]}', '{}', NULL, '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z');
INSERT INTO submissions VALUES ('submission', '{}', 'steps: []', '[]', NULL);
INSERT INTO jobs VALUES (1, 'job', 'simulate', 'mine', 'submission', 'completed', 'nobody', 0, 5, NULL, NULL, 0.5, '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z');
INSERT INTO simulations VALUES (1, 'simulation', 'job', 'mine', 'spm-chen2020', 'template', 'Discharge', '{"C-rate":1}', '{}', '{"energy":17.5}', 'jo/job', '2026-05-14T09:30:00.000000Z', '2026-05-14T09:30:00.000000Z');
PRAGMA user_version = 1;
