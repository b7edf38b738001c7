-- A folder of layout 6 as it was written by runs of every state, with studies and a pipeline.
CREATE TABLE cell_components (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	cell_spec_id TEXT NOT NULL, 
	component_type TEXT NOT NULL, 
	material_id TEXT, 
	properties JSON NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (cell_spec_id, component_type), 
	UNIQUE (id), 
	FOREIGN KEY(cell_spec_id) REFERENCES cell_specs (id) ON DELETE CASCADE, 
	FOREIGN KEY(material_id) REFERENCES materials (id)
);
CREATE TABLE cell_instances (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	cell_specification_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	batch_id TEXT, 
	date_manufactured TEXT, 
	measured_properties JSON NOT NULL, 
	notes TEXT, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(cell_specification_id) REFERENCES cell_specs (id)
);
CREATE TABLE cell_specs (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	form_factor TEXT, 
	manufacturer TEXT, 
	ratings JSON NOT NULL, 
	properties JSON NOT NULL, 
	source JSON NOT NULL, 
	notes TEXT, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id)
);
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
	notes JSON, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id)
);
INSERT INTO "experiment_templates" VALUES(1,'813bb7f3-0aad-458c-b6ed-fab24f687fff','default','Discharge',NULL,'steps: []','{"steps":[]}','{}','steps: []',NULL,'2026-11-30T09:27:45.688135Z','2026-11-30T09:27:45.688135Z');
CREATE TABLE fit_steps (
	number INTEGER NOT NULL, 
	element_id TEXT NOT NULL, 
	content JSON NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(element_id) REFERENCES pipeline_elements (id) ON DELETE CASCADE
);
CREATE TABLE idempotency_keys (
	"key" TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	created_id TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "idempotency_keys" VALUES('key','create_simulations','efa8286f8d70a08c3d0fa0eac8996b67cb736d72571d66617f19285ec0666840','421c8adf-5408-466b-b178-2666a79f6fee','2026-11-30T09:27:49.471373Z');
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
INSERT INTO "jobs" VALUES(1,'90a18a94-01f1-4c50-a958-744ca0ff8e66','simulate','default','735e422a-5909-4fcc-85e1-f61d77d99e89','completed','528ef29faa104fdf80ab47cff05bec75',0,5,NULL,NULL,0.001,'2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898597Z','2026-11-30T09:27:48.793568Z','2026-11-30T09:27:48.898597Z');
INSERT INTO "jobs" VALUES(2,'90a18a94-4f83-4c5d-96fb-4b90fc092a05','simulate','default','735e422a-5909-4fcc-85e1-f61d77d99e89','failed','528ef29faa104fdf80ab47cff05bec75',0,5,'the solver gave up','SOLVER_ERROR',0.001,'2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898624Z','2026-11-30T09:27:48.793568Z','2026-11-30T09:27:48.898624Z');
INSERT INTO "jobs" VALUES(4,'90a18a94-d481-4f7c-a76e-024fbdf99c52','simulate','default','735e422a-5909-4fcc-85e1-f61d77d99e89','failed','528ef29faa104fdf80ab47cff05bec75',0,5,'the solver gave up','SOLVER_ERROR',0.001,'2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898636Z','2026-11-30T09:27:48.793568Z','2026-11-30T09:27:48.898636Z');
INSERT INTO "jobs" VALUES(5,'90a18a94-dd73-4053-8c02-3c79c1f2e5f5','simulate','default','735e422a-5909-4fcc-85e1-f61d77d99e89','completed','528ef29faa104fdf80ab47cff05bec75',0,5,NULL,NULL,0.001,'2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898640Z','2026-11-30T09:27:48.793568Z','2026-11-30T09:27:48.898640Z');
INSERT INTO "jobs" VALUES(6,'90a18a94-f53f-4593-9568-28e011ffe40e','simulate','default','735e422a-5909-4fcc-85e1-f61d77d99e89','failed','528ef29faa104fdf80ab47cff05bec75',0,5,'the solver gave up','SOLVER_ERROR',0.001,'2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898643Z','2026-11-30T09:27:48.793568Z','2026-11-30T09:27:48.898643Z');
INSERT INTO "jobs" VALUES(7,'022318b2-2a73-4063-89c8-ceaac4892d97','simulate','default','c5a90bd5-dbd2-486a-a803-d9bd7ced7b78','completed','528ef29faa104fdf80ab47cff05bec75',0,5,NULL,NULL,0.001,'2026-11-30T09:27:49.102410Z','2026-11-30T09:27:49.218201Z','2026-11-30T09:27:49.134297Z','2026-11-30T09:27:49.218201Z');
INSERT INTO "jobs" VALUES(8,'33490ee9-23da-4729-ad10-7e2a7f615e3c','simulate','default','421c8adf-5408-466b-b178-2666a79f6fee','completed','528ef29faa104fdf80ab47cff05bec75',0,5,NULL,NULL,0.001,'2026-11-30T09:27:49.470381Z','2026-11-30T09:27:49.567004Z','2026-11-30T09:27:49.502292Z','2026-11-30T09:27:49.567004Z');
INSERT INTO "jobs" VALUES(9,'33490ee9-8f24-4eac-a826-153204a1550b','simulate','default','421c8adf-5408-466b-b178-2666a79f6fee','completed','528ef29faa104fdf80ab47cff05bec75',0,5,NULL,NULL,0.001,'2026-11-30T09:27:49.470381Z','2026-11-30T09:27:49.567034Z','2026-11-30T09:27:49.502292Z','2026-11-30T09:27:49.567034Z');
INSERT INTO "jobs" VALUES(10,'05cb1bcb-37f7-4655-b025-46a77df9ff74','pipeline','default','cfa52ad9-d0de-4135-a6fe-4f1cd833a989','completed','528ef29faa104fdf80ab47cff05bec75',0,5,NULL,NULL,6.3884600240271538496e-04,'2026-11-30T09:27:49.677942Z','2026-11-30T09:27:49.761754Z','2026-11-30T09:27:49.703479Z','2026-11-30T09:27:49.761754Z');
INSERT INTO "jobs" VALUES(11,'4b897d4c-6e0c-4ba2-984a-b8d92200b735','simulate','default','130c251b-cfd0-447a-b263-814154d95f80','pending','killed',0,5,NULL,NULL,NULL,'2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z',NULL,NULL);
INSERT INTO "jobs" VALUES(12,'4b897d4c-801c-47cd-8cd4-d33d7fdad8df','simulate','default','130c251b-cfd0-447a-b263-814154d95f80','canceled','528ef29faa104fdf80ab47cff05bec75',0,5,NULL,NULL,NULL,'2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.835967Z',NULL,'2026-11-30T09:27:49.835967Z');
INSERT INTO "jobs" VALUES(13,'4b897d4c-a2a0-4646-a5d2-1b755f9f6780','simulate','default','130c251b-cfd0-447a-b263-814154d95f80','processing','killed',0,5,NULL,NULL,NULL,'2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z',NULL);
INSERT INTO "jobs" VALUES(14,'4b897d4c-c98d-42ac-9e79-eb07fd3c7954','simulate','default','130c251b-cfd0-447a-b263-814154d95f80','pending','killed',0,5,NULL,NULL,NULL,'2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z',NULL,NULL);
CREATE TABLE materials (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	manufacturer TEXT, 
	definition JSON NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id)
);
CREATE TABLE measurement_raw_data (
	number INTEGER NOT NULL, 
	measurement_id TEXT NOT NULL, 
	raw_data_id TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (measurement_id, raw_data_id), 
	FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);
CREATE TABLE measurement_tags (
	number INTEGER NOT NULL, 
	measurement_id TEXT NOT NULL, 
	tag TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (measurement_id, tag), 
	FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);
CREATE TABLE measurement_watches (
	number INTEGER NOT NULL, 
	measurement_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (measurement_id, user_id), 
	FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);
CREATE TABLE measurements (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	cell_instance_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	measurement_type TEXT NOT NULL, 
	channel_id TEXT, 
	protocol_id TEXT, 
	protocol JSON, 
	test_setup JSON, 
	properties JSON, 
	start_time TEXT, 
	end_time TEXT, 
	step_labels_validated BOOLEAN NOT NULL, 
	file_metadata JSON, 
	notes TEXT, 
	processing_status TEXT NOT NULL, 
	processing_error TEXT, 
	owner TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	steps_created INTEGER, 
	data_folder TEXT, 
	extension_folder TEXT, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(cell_instance_id) REFERENCES cell_instances (id)
);
CREATE TABLE model_specs (
	id TEXT NOT NULL, 
	spec JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "model_specs" VALUES('dc4b08c53cf653a5290dd746f4029609c325476bdfdb293163534df3b85e499e','{"type":"SPM","options":{},"parameter_set":"Chen2020","parameters":{}}');
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
INSERT INTO "models" VALUES(1,'spm','default','SPM','Single Particle Model','{"type":"SPM","options":{}}',NULL,NULL,'2026-11-30T09:27:41.705735Z','2026-11-30T09:27:41.705735Z');
CREATE TABLE open_submissions (
	submission_id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	PRIMARY KEY (submission_id), 
	FOREIGN KEY(submission_id) REFERENCES submissions (id) ON DELETE CASCADE
);
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
	cell_spec_id TEXT, 
	notes JSON, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id), 
	FOREIGN KEY(model_id) REFERENCES models (id), 
	FOREIGN KEY(cell_spec_id) REFERENCES cell_specs (id)
);
INSERT INTO "parameterized_models" VALUES(1,'spm-chen2020','default','spm','SPM Chen2020','Single Particle Model: LG M50 21700, NMC811 against graphite-SiOx, 5 Ah (Chen et al., 2020)','Chen2020','{}',NULL,NULL,NULL,'2026-11-30T09:27:41.705735Z','2026-11-30T09:27:41.705735Z');
CREATE TABLE pipeline_elements (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	pipeline_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	element_order INTEGER NOT NULL, 
	element_type TEXT NOT NULL, 
	config JSON NOT NULL, 
	job_id TEXT NOT NULL, 
	status TEXT NOT NULL, 
	progress JSON, 
	result JSON, 
	curves JSON, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (pipeline_id, name), 
	UNIQUE (id), 
	FOREIGN KEY(pipeline_id) REFERENCES pipelines (id) ON DELETE CASCADE
);
INSERT INTO "pipeline_elements" VALUES(1,'76c60df6-252a-46d4-bb1b-a80334e6b662','4fb22b4a-88cf-4ff3-b236-f780e90adeb6','entry',1,'entry','{"element_type":"entry","values":{"D":1}}','c45c37c4-0b05-42ab-a0fc-376aca01b471','completed','{"element":"entry","element_type":"entry","status":"running"}','{"type":"PassthroughResult","parameter_values":{"D":1},"threads":1,"data":[]}','{}','2026-11-30T09:27:49.677942Z','2026-11-30T09:27:49.761115Z');
CREATE TABLE pipelines (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	job_id TEXT NOT NULL, 
	is_simple BOOLEAN NOT NULL, 
	name TEXT, 
	description TEXT, 
	options JSON NOT NULL, 
	notes JSON, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id), 
	UNIQUE (job_id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id)
);
INSERT INTO "pipelines" VALUES(1,'4fb22b4a-88cf-4ff3-b236-f780e90adeb6','default','05cb1bcb-37f7-4655-b025-46a77df9ff74',0,'entry',NULL,'{}','["a note"]','2026-11-30T09:27:49.677942Z','2026-11-30T09:27:49.677942Z');
CREATE TABLE project_members (
	number INTEGER NOT NULL, 
	project_id TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	email TEXT, 
	role_id TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (project_id, user_id), 
	FOREIGN KEY(project_id) REFERENCES projects (id) ON DELETE CASCADE
);
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
INSERT INTO "projects" VALUES(1,'default','Default project','Made with this folder; holds the ready-made models.','2026-11-30T09:27:41.705735Z','2026-11-30T09:27:41.705735Z');
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
	notes JSON, 
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
INSERT INTO "simulations" VALUES(1,'b37659ec-8c9c-46e9-82cf-68f5709371bf','90a18a94-01f1-4c50-a958-744ca0ff8e66','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 1/6','{}','{"thickness":1.0,"fail":0.0}','{"pid":4130,"bad":null}','90/90a18a94-01f1-4c50-a958-744ca0ff8e66','[]','2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898597Z');
INSERT INTO "simulations" VALUES(2,'b37659ec-97d5-405c-8df0-abc99d0e7930','90a18a94-4f83-4c5d-96fb-4b90fc092a05','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 2/6','{}','{"thickness":1.0,"fail":1.0}','{}',NULL,'[]','2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898624Z');
INSERT INTO "simulations" VALUES(4,'b37659ec-b232-430d-ba15-c9e067790241','90a18a94-d481-4f7c-a76e-024fbdf99c52','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 4/6','{}','{"thickness":2.0,"fail":1.0}','{}',NULL,'[]','2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898636Z');
INSERT INTO "simulations" VALUES(5,'b37659ec-d5c5-4bac-93c0-6806f18a244b','90a18a94-dd73-4053-8c02-3c79c1f2e5f5','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 5/6','{}','{"thickness":0.25,"fail":0.0}','{"pid":4130,"bad":null,"notes":["stopped early"]}','90/90a18a94-dd73-4053-8c02-3c79c1f2e5f5','[{"category": "parameters", "message": "thin"}]','2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898640Z');
INSERT INTO "simulations" VALUES(6,'b37659ec-e0a0-4901-bd66-1638c9968998','90a18a94-f53f-4593-9568-28e011ffe40e','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 6/6','{}','{"thickness":0.25,"fail":1.0}','{}',NULL,'[{"category":"parameters","message":"thin"}]','2026-11-30T09:27:48.781994Z','2026-11-30T09:27:48.898643Z');
INSERT INTO "simulations" VALUES(7,'db9b1f8c-a8cf-47af-850a-a03519aeec05','022318b2-2a73-4063-89c8-ceaac4892d97','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge','{"C-rate":1.0}','{}','{"pid":4130,"bad":null}','02/022318b2-2a73-4063-89c8-ceaac4892d97','[]','2026-11-30T09:27:49.102410Z','2026-11-30T09:27:49.218201Z');
INSERT INTO "simulations" VALUES(8,'d54e4afc-230a-413d-b526-2671eea1a4b6','33490ee9-23da-4729-ad10-7e2a7f615e3c','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 1/2','{}','{"thickness":5.0}','{"pid":4130,"bad":null}','33/33490ee9-23da-4729-ad10-7e2a7f615e3c','[]','2026-11-30T09:27:49.470381Z','2026-11-30T09:27:49.567004Z');
INSERT INTO "simulations" VALUES(9,'d54e4afc-fcee-4d02-b419-810d57a0f6e5','33490ee9-8f24-4eac-a826-153204a1550b','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 2/2','{}','{"thickness":6.0}','{"pid":4130,"bad":null}','33/33490ee9-8f24-4eac-a826-153204a1550b','[]','2026-11-30T09:27:49.470381Z','2026-11-30T09:27:49.567034Z');
INSERT INTO "simulations" VALUES(10,'2786534f-1217-4a50-b34f-c233d24f737f','4b897d4c-6e0c-4ba2-984a-b8d92200b735','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 1/4','{}','{"thickness":7.0}','{}',NULL,'[]','2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z');
INSERT INTO "simulations" VALUES(11,'2786534f-2192-41f6-817e-dfddd77260e9','4b897d4c-801c-47cd-8cd4-d33d7fdad8df','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 2/4','{}','{"thickness":8.0}','{}',NULL,'[]','2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z');
INSERT INTO "simulations" VALUES(12,'2786534f-b108-4f95-9cc3-4f1e5b8108a6','4b897d4c-a2a0-4646-a5d2-1b755f9f6780','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 3/4','{}','{"thickness":9.0}','{}',NULL,'[]','2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z');
INSERT INTO "simulations" VALUES(13,'2786534f-bf51-4fb1-b0fd-58cade44f598','4b897d4c-c98d-42ac-9e79-eb07fd3c7954','default','spm-chen2020','813bb7f3-0aad-458c-b6ed-fab24f687fff','Discharge 4/4','{}','{"thickness":10.0}','{}',NULL,'[]','2026-11-30T09:27:49.833637Z','2026-11-30T09:27:49.833637Z');
CREATE TABLE studies (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(project_id) REFERENCES projects (id)
);
INSERT INTO "studies" VALUES(1,'e1f5e91b-888b-479f-99ca-3e634f30011f','default','first',NULL,'2026-11-30T09:27:45.783780Z','2026-11-30T09:27:45.783780Z');
INSERT INTO "studies" VALUES(2,'221e6412-a3e9-4066-988a-cb03e400e8f6','default','second',NULL,'2026-11-30T09:27:45.895210Z','2026-11-30T09:27:45.895210Z');
CREATE TABLE study_measurements (
	number INTEGER NOT NULL, 
	study_id TEXT NOT NULL, 
	measurement_id TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (study_id, measurement_id), 
	FOREIGN KEY(study_id) REFERENCES studies (id) ON DELETE CASCADE, 
	FOREIGN KEY(measurement_id) REFERENCES measurements (id) ON DELETE CASCADE
);
CREATE TABLE study_simulations (
	number INTEGER NOT NULL, 
	study_id TEXT NOT NULL, 
	simulation_id TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (study_id, simulation_id), 
	FOREIGN KEY(study_id) REFERENCES studies (id) ON DELETE CASCADE, 
	FOREIGN KEY(simulation_id) REFERENCES simulations (id) ON DELETE CASCADE
);
INSERT INTO "study_simulations" VALUES(1,'e1f5e91b-888b-479f-99ca-3e634f30011f','b37659ec-8c9c-46e9-82cf-68f5709371bf','2026-11-30T09:27:48.781994Z');
INSERT INTO "study_simulations" VALUES(2,'e1f5e91b-888b-479f-99ca-3e634f30011f','b37659ec-97d5-405c-8df0-abc99d0e7930','2026-11-30T09:27:48.781994Z');
INSERT INTO "study_simulations" VALUES(4,'e1f5e91b-888b-479f-99ca-3e634f30011f','b37659ec-b232-430d-ba15-c9e067790241','2026-11-30T09:27:48.781994Z');
INSERT INTO "study_simulations" VALUES(5,'e1f5e91b-888b-479f-99ca-3e634f30011f','b37659ec-d5c5-4bac-93c0-6806f18a244b','2026-11-30T09:27:48.781994Z');
INSERT INTO "study_simulations" VALUES(6,'e1f5e91b-888b-479f-99ca-3e634f30011f','b37659ec-e0a0-4901-bd66-1638c9968998','2026-11-30T09:27:48.781994Z');
INSERT INTO "study_simulations" VALUES(7,'221e6412-a3e9-4066-988a-cb03e400e8f6','db9b1f8c-a8cf-47af-850a-a03519aeec05','2026-11-30T09:27:49.284197Z');
INSERT INTO "study_simulations" VALUES(8,'221e6412-a3e9-4066-988a-cb03e400e8f6','b37659ec-d5c5-4bac-93c0-6806f18a244b','2026-11-30T09:27:49.309232Z');
CREATE TABLE submissions (
	id TEXT NOT NULL, 
	model JSON NOT NULL, 
	model_spec_id TEXT, 
	protocol TEXT NOT NULL, 
	extra_variables JSON NOT NULL, 
	max_backward_jumps INTEGER, 
	seed INTEGER, 
	run_count INTEGER, 
	unchecked JSON, 
	problems JSON, 
	PRIMARY KEY (id), 
	FOREIGN KEY(model_spec_id) REFERENCES model_specs (id)
);
INSERT INTO "submissions" VALUES('735e422a-5909-4fcc-85e1-f61d77d99e89','{}','dc4b08c53cf653a5290dd746f4029609c325476bdfdb293163534df3b85e499e','steps: []','[]',NULL,NULL,6,'null',NULL);
INSERT INTO "submissions" VALUES('c5a90bd5-dbd2-486a-a803-d9bd7ced7b78','{}','dc4b08c53cf653a5290dd746f4029609c325476bdfdb293163534df3b85e499e','steps: []','[]',NULL,NULL,1,'null',NULL);
INSERT INTO "submissions" VALUES('421c8adf-5408-466b-b178-2666a79f6fee','{}','dc4b08c53cf653a5290dd746f4029609c325476bdfdb293163534df3b85e499e','steps: []','[]',NULL,NULL,2,'null',NULL);
INSERT INTO "submissions" VALUES('cfa52ad9-d0de-4135-a6fe-4f1cd833a989','{}',NULL,'','[]',NULL,NULL,NULL,'null',NULL);
INSERT INTO "submissions" VALUES('130c251b-cfd0-447a-b263-814154d95f80','{}','dc4b08c53cf653a5290dd746f4029609c325476bdfdb293163534df3b85e499e','steps: []','[]',NULL,NULL,4,'null',NULL);
CREATE TABLE uploads (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	measurement_id TEXT NOT NULL, 
	cell_instance_id TEXT, 
	is_extension BOOLEAN NOT NULL, 
	measurement_type TEXT NOT NULL, 
	measurement JSON NOT NULL, 
	filenames JSON NOT NULL, 
	folder TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(cell_instance_id) REFERENCES cell_instances (id) ON DELETE CASCADE
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE INDEX materials_by_name ON materials (name, manufacturer);
CREATE INDEX ix_models_project_id ON models (project_id);
CREATE INDEX ix_experiment_templates_project_id ON experiment_templates (project_id);
CREATE INDEX ix_submissions_model_spec_id ON submissions (model_spec_id);
CREATE INDEX ix_cell_specs_project_id ON cell_specs (project_id);
CREATE INDEX ix_studies_project_id ON studies (project_id);
CREATE INDEX ix_parameterized_models_project_id ON parameterized_models (project_id);
CREATE INDEX ix_parameterized_models_model_id ON parameterized_models (model_id);
CREATE INDEX ix_parameterized_models_cell_spec_id ON parameterized_models (cell_spec_id);
CREATE INDEX ix_jobs_project_id ON jobs (project_id);
CREATE INDEX jobs_by_submission ON jobs (submission_id, status, owner);
CREATE INDEX ix_jobs_submission_id ON jobs (submission_id);
CREATE INDEX jobs_by_status ON jobs (status, owner);
CREATE INDEX ix_cell_components_material_id ON cell_components (material_id);
CREATE INDEX ix_cell_instances_cell_specification_id ON cell_instances (cell_specification_id);
CREATE INDEX ix_cell_instances_batch_id ON cell_instances (batch_id);
CREATE INDEX ix_simulations_project_id ON simulations (project_id);
CREATE INDEX ix_simulations_experiment_template_id ON simulations (experiment_template_id);
CREATE INDEX ix_simulations_parameterized_model_id ON simulations (parameterized_model_id);
CREATE INDEX measurements_by_processing ON measurements (processing_status, owner);
CREATE INDEX ix_measurements_cell_instance_id ON measurements (cell_instance_id);
CREATE INDEX ix_uploads_measurement_id ON uploads (measurement_id);
CREATE INDEX ix_pipelines_project_id ON pipelines (project_id);
CREATE INDEX ix_measurement_tags_tag ON measurement_tags (tag);
CREATE INDEX ix_study_simulations_simulation_id ON study_simulations (simulation_id);
CREATE INDEX ix_study_measurements_measurement_id ON study_measurements (measurement_id);
CREATE INDEX ix_pipeline_elements_job_id ON pipeline_elements (job_id);
CREATE INDEX ix_fit_steps_element_id ON fit_steps (element_id);
PRAGMA user_version = 6;
