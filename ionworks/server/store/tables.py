"""The store's tables.

Times are ISO 8601 texts in UTC with microseconds, which sort as text and go to the wire
unchanged. ``number`` columns give every list a stable order.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from ionworks.server.store.table_parts import (
    Integer,
    Text,
    identified,
    metadata,
    numbered,
    parent,
    records,
    required,
    times,
    unique_names,
)

#: Version of this layout, stored in an SQLite file as its ``user_version``. A folder of an older
#: version gets the tables and columns it lacks, so new columns must allow null. For PostgreSQL,
#: each change of these tables needs a migration, see `migrations`.
VERSION = 9

_IS_WAITING = text("status = 'waiting'")


projects = records(
    "projects",
    required("name"),
    Column("description", Text),
    # Null in a folder without a team.
    Column("organization_id", Text, index=True),
    # In a team, an error would tell of projects that others cannot see.
    unique_names("projects", where="organization_id IS NULL"),
)

#: Who works on a project. It controls access on a team's server, and is a list only elsewhere.
project_members = numbered(
    "project_members",
    parent("project_id", "projects.id", ondelete="CASCADE"),
    required("user_id"),
    Column("email", Text),
    required("role_id"),
    *times(),
    UniqueConstraint("project_id", "user_id"),
)

models = records(
    "models",
    parent("project_id", "projects.id", index=True),
    required("name"),
    Column("description", Text),
    required("config", JSON),
    Column("simulation_settings", JSON),
    Column("pybamm_version", Text),
    unique_names("models", "project_id"),
)

parameterized_models = records(
    "parameterized_models",
    parent("project_id", "projects.id", index=True),
    parent("model_id", "models.id", index=True),
    required("name"),
    Column("description", Text),
    # Empty if the parameters are given in full.
    required("parameter_set"),
    required("parameters", JSON),
    Column("simulation_settings", JSON),
    Column("cell_spec_id", Text, ForeignKey("cell_specs.id"), index=True),
    # On its parameters; null in models of earlier layouts, and in those the engine has ready-made.
    Column("notes", JSON),
    unique_names("parameterized_models", "project_id"),
)

experiment_templates = records(
    "experiment_templates",
    parent("project_id", "projects.id", index=True),
    required("name"),
    Column("description", Text),
    required("protocol"),
    required("protocol_config", JSON),
    required("parameters_schema", JSON),
    Column("source_protocol", Text),
    # Warnings about the text it was read from; null in templates of layout 4.
    Column("notes", JSON),
)

#: What the engine needs to know of a model, stored once however often it is simulated: the
#: equations of a custom model can be half a megabyte. The id is a digest of the spec.
model_specs = Table(
    "model_specs",
    metadata,
    Column("id", Text, primary_key=True),
    required("spec", JSON),
)

#: What all runs of one submission share. A pipeline is the one run of its submission.
submissions = identified(
    "submissions",
    # Null for a pipeline of layouts before 9.
    Column("project_id", Text, ForeignKey("projects.id"), index=True),
    # The user of a team who submitted it.
    Column("user_id", Text, index=True),
    # Title of the simulations, which are numbered.
    Column("name", Text),
    Column(
        "parameterized_model_id",
        Text,
        ForeignKey("parameterized_models.id", ondelete="SET NULL"),
        index=True,
    ),
    Column(
        "experiment_template_id",
        Text,
        ForeignKey("experiment_templates.id", ondelete="SET NULL"),
        index=True,
    ),
    # The spec itself in submissions of layout 1; empty where there is a model_spec_id.
    required("model", JSON),
    Column("model_spec_id", Text, ForeignKey("model_specs.id"), index=True),
    required("protocol"),
    required("extra_variables", JSON),
    Column("max_backward_jumps", Integer),
    # Seed of the random values of the design; null without random values.
    Column("seed", Integer),
    # Digest of all that determines the results besides the parameters of the runs; null for a
    # pipeline, and in submissions of earlier layouts.
    Column("content_digest", LargeBinary, index=True),
    # How many runs there were; some may be deleted.
    required("run_count", Integer),
    # What a worker needs for the check besides the above; null once it was made.
    Column("unchecked", JSON),
    # Why none of its jobs can run: what the check found, if it was made after this was stored.
    Column("problems", JSON),
)

#: Submissions whose runs are still being stored: readers leave them out, and nobody runs them.
open_submissions = Table(
    "open_submissions",
    metadata,
    Column(
        "submission_id",
        Text,
        ForeignKey("submissions.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    required("owner"),
)

#: The process that runs the jobs of processes without workers, if there is one; at most one row.
dispatchers = Table(
    "dispatchers",
    metadata,
    Column("name", Text, primary_key=True),
    required("owner"),
    required("seen_at"),
    required("workers", Integer),
    # What is wrong with the store, and why no worker can start.
    Column("fault", Text),
    Column("trouble", Text),
    # Phase and progress of submissions.
    required("doing", JSON),
)

#: What was created by requests with an Idempotency-Key, for a day.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True),
    required("operation"),
    required("fingerprint"),
    # No foreign key: that it was deleted meanwhile must not create it again.
    required("created_id"),
    required("created_at", index=True),
)

#: How results were made: versions, solver, tolerances, mesh. Equal ones are stored once.
provenances = numbered(
    "provenances",
    required("digest", unique=True),
    required("content", JSON),
)

#: Jobs of pipelines; those of simulations are in ``runs``.
jobs = identified(
    "jobs",
    required("job_type"),
    parent("project_id", "projects.id", index=True),
    parent("submission_id", "submissions.id"),
    required("status"),
    required("owner"),
    required("attempts", Integer),
    required("priority", Integer),
    Column("error", Text),
    Column("error_code", Text),
    Column("compute_time", Float),
    *times(),
    Column("started_at", Text),
    Column("completed_at", Text),
    # Null until it has ended, if it has failed, and for jobs of earlier layouts.
    Column("provenance", Integer, ForeignKey("provenances.number"), index=True),
    Index("jobs_by_status", "status", "owner"),
    Index("jobs_by_submission", "submission_id", "status", "owner"),
)

#: Parameters and notes of the runs of a submission, some thousand to a row.
run_pieces = numbered(
    "run_pieces",
    parent("submission_id", "submissions.id", ondelete="CASCADE"),
    required("first", Integer),
    required("count", Integer),
    # Columns, see `columns`.
    required("content", LargeBinary),
    UniqueConstraint("submission_id", "first"),
)

#: Results of runs that were written together, one after the other; each has a position, from 0.
packs = numbered(
    "packs",
    required("folder"),
    required("run_count", Integer),
    # Columns by position, see `columns`.
    required("metrics", LargeBinary),
    # Number of ``steps`` and ``points`` of each run, likewise; null for a run of an earlier layout.
    Column("rows", LargeBinary),
    # Null for results of earlier layouts.
    Column("provenance", Integer, ForeignKey("provenances.number"), index=True),
    UniqueConstraint("folder"),
)

#: Simulations and their jobs: a row stands for ``count`` runs of a submission, from the index
#: ``first`` on, that are equal in all other columns. A deleted run is a gap. The rows of a
#: submission are stored with its last piece, so readers and the queue see all runs or none.
runs = numbered(
    "runs",
    parent("submission_id", "submissions.id"),
    required("first", Integer),
    required("count", Integer),
    parent("project_id", "projects.id", index=True),
    required("status"),
    required("owner"),
    required("attempts", Integer),
    required("priority", Integer),
    Column("error", Text),
    Column("error_code", Text),
    # Sentences about the run itself.
    Column("notes", JSON(none_as_null=True)),
    # Of one run, in seconds.
    Column("compute_time", Float),
    # Where the results are: those of the run ``first`` have this position in the pack.
    Column("pack", Integer, ForeignKey("packs.number"), index=True),
    Column("position", Integer),
    # The equal run that was computed, if this one was not: that of the run ``first``. No foreign
    # key: the other may be deleted, and its results stay as long as this run refers to the pack.
    Column("copied_from_submission", Text),
    Column("copied_from_first", Integer),
    *times(),
    Column("started_at", Text),
    Column("completed_at", Text),
    UniqueConstraint("submission_id", "first"),
    Index("runs_by_status", "status", "owner"),
    # The queue asks for the oldest pending runs of a submission.
    Index("runs_by_submission", "submission_id", "status", "owner"),
    # When runs end, the copies that wait for them are looked up.
    Index(
        "runs_waiting",
        "copied_from_submission",
        "copied_from_first",
        sqlite_where=_IS_WAITING,
        postgresql_where=_IS_WAITING,
    ),
)

#: Columns of ``runs`` whose value is that of the first run of a row.
COUNTING = (runs.c.position, runs.c.copied_from_first)

#: Digests of the runs that were computed, see `run_digests`. Without a foreign key, which would
#: need an index of its own: digests are deleted with the parameters of their runs.
run_digests = Table(
    "run_digests",
    metadata,
    required("digest", Integer),
    # Number of the submission.
    required("submission", Integer),
    required("run_index", Integer),
    PrimaryKeyConstraint("digest", "submission", "run_index"),
    sqlite_with_rowid=False,
)

#: Ids that simulations and jobs had in earlier layouts, where none was made from its submission.
old_ids = Table(
    "old_ids",
    metadata,
    parent("submission_id", "submissions.id", ondelete="CASCADE"),
    required("run_index", Integer),
    required("simulation_id", unique=True),
    required("job_id", unique=True),
    PrimaryKeyConstraint("submission_id", "run_index"),
    sqlite_with_rowid=False,
)

#: What components consist of; one row for each name and manufacturer, shared by all cells of an
#: organization.
materials = records(
    "materials",
    required("name"),
    # Null in a folder without a team.
    Column("organization_id", Text),
    Column("manufacturer", Text),
    required("definition", JSON),
    Index("materials_by_name", "name", "manufacturer"),
)

cell_specs = records(
    "cell_specs",
    parent("project_id", "projects.id", index=True),
    required("name"),
    Column("form_factor", Text),
    Column("manufacturer", Text),
    required("ratings", JSON),
    required("properties", JSON),
    required("source", JSON),
    Column("notes", Text),
    unique_names("cell_specs", "project_id"),
)

#: Anode, cathode, electrolyte, separator and case; at most one of each in a specification.
cell_components = records(
    "cell_components",
    parent("cell_spec_id", "cell_specs.id", ondelete="CASCADE"),
    required("component_type"),
    Column("material_id", Text, ForeignKey("materials.id"), index=True),
    required("properties", JSON),
    UniqueConstraint("cell_spec_id", "component_type"),
)

cell_instances = records(
    "cell_instances",
    parent("cell_specification_id", "cell_specs.id", index=True),
    required("name"),
    Column("batch_id", Text, index=True),
    Column("date_manufactured", Text),
    required("measured_properties", JSON),
    Column("notes", Text),
    unique_names("cell_instances", "cell_specification_id"),
)

measurements = records(
    "measurements",
    parent("cell_instance_id", "cell_instances.id", index=True),
    required("name"),
    required("measurement_type"),
    Column("channel_id", Text),
    Column("protocol_id", Text),
    Column("protocol", JSON),
    Column("test_setup", JSON),
    Column("properties", JSON),
    Column("start_time", Text),
    Column("end_time", Text),
    required("step_labels_validated", Boolean),
    Column("file_metadata", JSON),
    Column("notes", Text),
    # The row is also the job that derives the steps: its state, owner and started attempts.
    required("processing_status"),
    Column("processing_error", Text),
    required("owner"),
    required("attempts", Integer),
    Column("steps_created", Integer),
    # Where the frames are that readers see, and where rows to be added wait.
    Column("data_folder", Text),
    Column("extension_folder", Text),
    Index("measurements_by_processing", "processing_status", "owner"),
    unique_names("measurements", "cell_instance_id"),
)

measurement_tags = numbered(
    "measurement_tags",
    parent("measurement_id", "measurements.id", ondelete="CASCADE"),
    required("tag", index=True),
    UniqueConstraint("measurement_id", "tag"),
)

measurement_raw_data = numbered(
    "measurement_raw_data",
    parent("measurement_id", "measurements.id", ondelete="CASCADE"),
    required("raw_data_id"),
    UniqueConstraint("measurement_id", "raw_data_id"),
)

measurement_watches = numbered(
    "measurement_watches",
    parent("measurement_id", "measurements.id", ondelete="CASCADE"),
    required("user_id"),
    UniqueConstraint("measurement_id", "user_id"),
)

#: Uploads that were begun and not confirmed yet; no other table refers to them.
uploads = identified(
    "uploads",
    required("measurement_id", index=True),
    Column("cell_instance_id", Text, ForeignKey("cell_instances.id", ondelete="CASCADE")),
    required("is_extension", Boolean),
    required("measurement_type"),
    required("measurement", JSON),
    required("filenames", JSON),
    required("folder"),
    required("owner"),
    required("created_at"),
    required("expires_at"),
)

studies = records(
    "studies",
    parent("project_id", "projects.id", index=True),
    required("name"),
    Column("description", Text),
    unique_names("studies", "project_id"),
)

#: Simulations of studies: a row stands for runs in sequence, as in ``runs``.
study_runs = numbered(
    "study_runs",
    parent("study_id", "studies.id", ondelete="CASCADE"),
    parent("submission_id", "submissions.id", ondelete="CASCADE", index=True),
    required("first", Integer),
    required("count", Integer),
    required("created_at"),
    UniqueConstraint("study_id", "submission_id", "first"),
)

study_measurements = numbered(
    "study_measurements",
    parent("study_id", "studies.id", ondelete="CASCADE"),
    parent("measurement_id", "measurements.id", ondelete="CASCADE", index=True),
    required("created_at"),
    UniqueConstraint("study_id", "measurement_id"),
)

#: Pipelines and simple pipelines. Their tasks are in their elements, their state in their job.
pipelines = records(
    "pipelines",
    parent("project_id", "projects.id", index=True),
    parent("job_id", "jobs.id", unique=True),
    required("is_simple", Boolean),
    Column("name", Text),
    Column("description", Text),
    required("options", JSON),
    Column("notes", JSON),
)

pipeline_elements = records(
    "pipeline_elements",
    parent("pipeline_id", "pipelines.id", ondelete="CASCADE"),
    required("name"),
    required("element_order", Integer),
    required("element_type"),
    required("config", JSON),
    # The id under which its progress and curves are found: that of the pipeline's own job for
    # the main element of a simple one, a separate id for others.
    required("job_id", index=True),
    # pending, running or completed; that it failed or was canceled follows from the job.
    required("status"),
    Column("progress", JSON),
    Column("result", JSON),
    # Objective -> where its curves are.
    Column("curves", JSON),
    UniqueConstraint("pipeline_id", "name"),
)

#: The history of a fit, step by step.
fit_steps = numbered(
    "fit_steps",
    parent("element_id", "pipeline_elements.id", ondelete="CASCADE", index=True),
    required("content", JSON),
)
