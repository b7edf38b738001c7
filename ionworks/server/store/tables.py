"""The store's tables.

Times are ISO 8601 texts in UTC with microseconds, which sort as text and go to the wire
unchanged. ``number`` columns give every list a stable order.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from ionworks.server.store.dialects import POSTGRESQL

#: Texts sort by the numbers of their characters in both databases.
Text = sa.Text().with_variant(sa.Text(collation="C"), POSTGRESQL)
#: Integers have up to 64 bits in both databases.
Integer = sa.Integer().with_variant(sa.BigInteger(), POSTGRESQL)

#: Version of this layout, stored in an SQLite file as its ``user_version``. A folder of an older
#: version gets the tables and columns it lacks, so new columns must allow null. For PostgreSQL,
#: each change of these tables needs a migration, see `migrations`.
VERSION = 9

metadata = MetaData()

_IS_WAITING = text("status = 'waiting'")


def _required(
    name: str, kind: Any = Text, *, index: bool | None = None, unique: bool | None = None
) -> Column[Any]:
    """Return a column that allows no null."""
    return Column(name, kind, nullable=False, index=index, unique=unique)


def _parent(
    name: str,
    target: str,
    *,
    ondelete: Literal["CASCADE"] | None = None,
    index: bool | None = None,
    unique: bool | None = None,
) -> Column[Any]:
    """Return a column with the id of the record that this one belongs to."""
    key = ForeignKey(target, ondelete=ondelete)
    return Column(name, Text, key, nullable=False, index=index, unique=unique)


def _times() -> tuple[Column[Any], ...]:
    return _required("created_at"), _required("updated_at")


def _numbered(name: str, *items: Column[Any] | Index | UniqueConstraint) -> Table:
    return Table(name, metadata, Column("number", Integer, primary_key=True), *items)


def _identified(name: str, *items: Column[Any] | Index | UniqueConstraint) -> Table:
    return _numbered(name, Column("id", Text, nullable=False, unique=True), *items)


def _records(name: str, *items: Column[Any] | Index | UniqueConstraint) -> Table:
    """Return a table of records: number and id come first, times of creation and change last."""
    return _identified(name, *items, *_times())


def _unique_names(table: str, *parents: str, where: str | None = None) -> Index:
    """Return the index by which PostgreSQL keeps names unique, within a parent or among all.

    Of their digests: an index takes texts of at most 2,700 bytes. SQLite needs none: only one
    writer at a time looks for the name and inserts it. Its files of earlier layouts may have
    records of the same name.
    """
    names: list[Any] = [*parents, text("md5(name)")]
    which = None if where is None else text(where)
    index = Index(f"{table}_by_name", *names, unique=True, postgresql_where=which)
    return index.ddl_if(dialect=POSTGRESQL)


projects = _records(
    "projects",
    _required("name"),
    Column("description", Text),
    # Null in a folder without a team.
    Column("organization_id", Text, index=True),
    # In a team, an error would tell of projects that others cannot see.
    _unique_names("projects", where="organization_id IS NULL"),
)

#: Who works on a project. It controls access on a team's server, and is a list only elsewhere.
project_members = _numbered(
    "project_members",
    _parent("project_id", "projects.id", ondelete="CASCADE"),
    _required("user_id"),
    Column("email", Text),
    _required("role_id"),
    *_times(),
    UniqueConstraint("project_id", "user_id"),
)

models = _records(
    "models",
    _parent("project_id", "projects.id", index=True),
    _required("name"),
    Column("description", Text),
    _required("config", JSON),
    Column("simulation_settings", JSON),
    Column("pybamm_version", Text),
    _unique_names("models", "project_id"),
)

parameterized_models = _records(
    "parameterized_models",
    _parent("project_id", "projects.id", index=True),
    _parent("model_id", "models.id", index=True),
    _required("name"),
    Column("description", Text),
    # Empty if the parameters are given in full.
    _required("parameter_set"),
    _required("parameters", JSON),
    Column("simulation_settings", JSON),
    Column("cell_spec_id", Text, ForeignKey("cell_specs.id"), index=True),
    # On its parameters; null in models of earlier layouts, and in those the engine has ready-made.
    Column("notes", JSON),
    _unique_names("parameterized_models", "project_id"),
)

experiment_templates = _records(
    "experiment_templates",
    _parent("project_id", "projects.id", index=True),
    _required("name"),
    Column("description", Text),
    _required("protocol"),
    _required("protocol_config", JSON),
    _required("parameters_schema", JSON),
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
    _required("spec", JSON),
)

#: What all runs of one submission share. A pipeline is the one run of its submission.
submissions = _identified(
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
    _required("model", JSON),
    Column("model_spec_id", Text, ForeignKey("model_specs.id"), index=True),
    _required("protocol"),
    _required("extra_variables", JSON),
    Column("max_backward_jumps", Integer),
    # Seed of the random values of the design; null without random values.
    Column("seed", Integer),
    # Digest of all that determines the results besides the parameters of the runs; null for a
    # pipeline, and in submissions of earlier layouts.
    Column("content_digest", LargeBinary, index=True),
    # How many runs there were; some may be deleted.
    _required("run_count", Integer),
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
    _required("owner"),
)

#: The process that runs the jobs of processes without workers, if there is one; at most one row.
dispatchers = Table(
    "dispatchers",
    metadata,
    Column("name", Text, primary_key=True),
    _required("owner"),
    _required("seen_at"),
    _required("workers", Integer),
    # What is wrong with the store, and why no worker can start.
    Column("fault", Text),
    Column("trouble", Text),
    # Phase and progress of submissions.
    _required("doing", JSON),
)

#: What was created by requests with an Idempotency-Key, for a day.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True),
    _required("operation"),
    _required("fingerprint"),
    # No foreign key: that it was deleted meanwhile must not create it again.
    _required("created_id"),
    _required("created_at", index=True),
)

#: How results were made: versions, solver, tolerances, mesh. Equal ones are stored once.
provenances = _numbered(
    "provenances",
    _required("digest", unique=True),
    _required("content", JSON),
)

#: Jobs of pipelines; those of simulations are in ``runs``.
jobs = _identified(
    "jobs",
    _required("job_type"),
    _parent("project_id", "projects.id", index=True),
    _parent("submission_id", "submissions.id"),
    _required("status"),
    _required("owner"),
    _required("attempts", Integer),
    _required("priority", Integer),
    Column("error", Text),
    Column("error_code", Text),
    Column("compute_time", Float),
    *_times(),
    Column("started_at", Text),
    Column("completed_at", Text),
    # Null until it has ended, if it has failed, and for jobs of earlier layouts.
    Column("provenance", Integer, ForeignKey("provenances.number"), index=True),
    Index("jobs_by_status", "status", "owner"),
    Index("jobs_by_submission", "submission_id", "status", "owner"),
)

#: Parameters and notes of the runs of a submission, some thousand to a row.
run_pieces = _numbered(
    "run_pieces",
    _parent("submission_id", "submissions.id", ondelete="CASCADE"),
    _required("first", Integer),
    _required("count", Integer),
    # Columns, see `columns`.
    _required("content", LargeBinary),
    UniqueConstraint("submission_id", "first"),
)

#: Results of runs that were written together, one after the other; each has a position, from 0.
packs = _numbered(
    "packs",
    _required("folder"),
    _required("run_count", Integer),
    # Columns by position, see `columns`.
    _required("metrics", LargeBinary),
    # Number of ``steps`` and ``points`` of each run, likewise; null for a run of an earlier layout.
    Column("rows", LargeBinary),
    # Null for results of earlier layouts.
    Column("provenance", Integer, ForeignKey("provenances.number"), index=True),
    UniqueConstraint("folder"),
)

#: Simulations and their jobs: a row stands for ``count`` runs of a submission, from the index
#: ``first`` on, that are equal in all other columns. A deleted run is a gap. The rows of a
#: submission are stored with its last piece, so readers and the queue see all runs or none.
runs = _numbered(
    "runs",
    _parent("submission_id", "submissions.id"),
    _required("first", Integer),
    _required("count", Integer),
    _parent("project_id", "projects.id", index=True),
    _required("status"),
    _required("owner"),
    _required("attempts", Integer),
    _required("priority", Integer),
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
    *_times(),
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
    _required("digest", Integer),
    # Number of the submission.
    _required("submission", Integer),
    _required("run_index", Integer),
    PrimaryKeyConstraint("digest", "submission", "run_index"),
    sqlite_with_rowid=False,
)

#: Ids that simulations and jobs had in earlier layouts, where none was made from its submission.
old_ids = Table(
    "old_ids",
    metadata,
    _parent("submission_id", "submissions.id", ondelete="CASCADE"),
    _required("run_index", Integer),
    _required("simulation_id", unique=True),
    _required("job_id", unique=True),
    PrimaryKeyConstraint("submission_id", "run_index"),
    sqlite_with_rowid=False,
)

#: What components consist of; one row for each name and manufacturer, shared by all cells of an
#: organization.
materials = _records(
    "materials",
    _required("name"),
    # Null in a folder without a team.
    Column("organization_id", Text),
    Column("manufacturer", Text),
    _required("definition", JSON),
    Index("materials_by_name", "name", "manufacturer"),
)

cell_specs = _records(
    "cell_specs",
    _parent("project_id", "projects.id", index=True),
    _required("name"),
    Column("form_factor", Text),
    Column("manufacturer", Text),
    _required("ratings", JSON),
    _required("properties", JSON),
    _required("source", JSON),
    Column("notes", Text),
    _unique_names("cell_specs", "project_id"),
)

#: Anode, cathode, electrolyte, separator and case; at most one of each in a specification.
cell_components = _records(
    "cell_components",
    _parent("cell_spec_id", "cell_specs.id", ondelete="CASCADE"),
    _required("component_type"),
    Column("material_id", Text, ForeignKey("materials.id"), index=True),
    _required("properties", JSON),
    UniqueConstraint("cell_spec_id", "component_type"),
)

cell_instances = _records(
    "cell_instances",
    _parent("cell_specification_id", "cell_specs.id", index=True),
    _required("name"),
    Column("batch_id", Text, index=True),
    Column("date_manufactured", Text),
    _required("measured_properties", JSON),
    Column("notes", Text),
    _unique_names("cell_instances", "cell_specification_id"),
)

measurements = _records(
    "measurements",
    _parent("cell_instance_id", "cell_instances.id", index=True),
    _required("name"),
    _required("measurement_type"),
    Column("channel_id", Text),
    Column("protocol_id", Text),
    Column("protocol", JSON),
    Column("test_setup", JSON),
    Column("properties", JSON),
    Column("start_time", Text),
    Column("end_time", Text),
    _required("step_labels_validated", Boolean),
    Column("file_metadata", JSON),
    Column("notes", Text),
    # The row is also the job that derives the steps: its state, owner and started attempts.
    _required("processing_status"),
    Column("processing_error", Text),
    _required("owner"),
    _required("attempts", Integer),
    Column("steps_created", Integer),
    # Where the frames are that readers see, and where rows to be added wait.
    Column("data_folder", Text),
    Column("extension_folder", Text),
    Index("measurements_by_processing", "processing_status", "owner"),
    _unique_names("measurements", "cell_instance_id"),
)

measurement_tags = _numbered(
    "measurement_tags",
    _parent("measurement_id", "measurements.id", ondelete="CASCADE"),
    _required("tag", index=True),
    UniqueConstraint("measurement_id", "tag"),
)

measurement_raw_data = _numbered(
    "measurement_raw_data",
    _parent("measurement_id", "measurements.id", ondelete="CASCADE"),
    _required("raw_data_id"),
    UniqueConstraint("measurement_id", "raw_data_id"),
)

measurement_watches = _numbered(
    "measurement_watches",
    _parent("measurement_id", "measurements.id", ondelete="CASCADE"),
    _required("user_id"),
    UniqueConstraint("measurement_id", "user_id"),
)

#: Uploads that were begun and not confirmed yet; no other table refers to them.
uploads = _identified(
    "uploads",
    _required("measurement_id", index=True),
    Column("cell_instance_id", Text, ForeignKey("cell_instances.id", ondelete="CASCADE")),
    _required("is_extension", Boolean),
    _required("measurement_type"),
    _required("measurement", JSON),
    _required("filenames", JSON),
    _required("folder"),
    _required("owner"),
    _required("created_at"),
    _required("expires_at"),
)

studies = _records(
    "studies",
    _parent("project_id", "projects.id", index=True),
    _required("name"),
    Column("description", Text),
    _unique_names("studies", "project_id"),
)

#: Simulations of studies: a row stands for runs in sequence, as in ``runs``.
study_runs = _numbered(
    "study_runs",
    _parent("study_id", "studies.id", ondelete="CASCADE"),
    _parent("submission_id", "submissions.id", ondelete="CASCADE", index=True),
    _required("first", Integer),
    _required("count", Integer),
    _required("created_at"),
    UniqueConstraint("study_id", "submission_id", "first"),
)

study_measurements = _numbered(
    "study_measurements",
    _parent("study_id", "studies.id", ondelete="CASCADE"),
    _parent("measurement_id", "measurements.id", ondelete="CASCADE", index=True),
    _required("created_at"),
    UniqueConstraint("study_id", "measurement_id"),
)

#: Pipelines and simple pipelines. Their tasks are in their elements, their state in their job.
pipelines = _records(
    "pipelines",
    _parent("project_id", "projects.id", index=True),
    _parent("job_id", "jobs.id", unique=True),
    _required("is_simple", Boolean),
    Column("name", Text),
    Column("description", Text),
    _required("options", JSON),
    Column("notes", JSON),
)

pipeline_elements = _records(
    "pipeline_elements",
    _parent("pipeline_id", "pipelines.id", ondelete="CASCADE"),
    _required("name"),
    _required("element_order", Integer),
    _required("element_type"),
    _required("config", JSON),
    # The id under which its progress and curves are found: that of the pipeline's own job for
    # the main element of a simple one, a separate id for others.
    _required("job_id", index=True),
    # pending, running or completed; that it failed or was canceled follows from the job.
    _required("status"),
    Column("progress", JSON),
    Column("result", JSON),
    # Objective -> where its curves are.
    Column("curves", JSON),
    UniqueConstraint("pipeline_id", "name"),
)

#: The history of a fit, step by step.
fit_steps = _numbered(
    "fit_steps",
    _parent("element_id", "pipeline_elements.id", ondelete="CASCADE", index=True),
    _required("content", JSON),
)
