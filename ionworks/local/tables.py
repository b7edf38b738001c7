"""The store's tables.

Times are ISO 8601 texts in UTC with microseconds, so that they sort as they are and go to
the wire unchanged. ``number`` columns give every list a stable order.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text

#: Version of this layout; stands in the database file as its ``user_version``.
VERSION = 1

metadata = MetaData()

projects = Table(
    "projects",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("config", JSON, nullable=False),
    Column("simulation_settings", JSON),
    Column("pybamm_version", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

parameterized_models = Table(
    "parameterized_models",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
    Column("model_id", Text, ForeignKey("models.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("parameter_set", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("simulation_settings", JSON),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

experiment_templates = Table(
    "experiment_templates",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("protocol", Text, nullable=False),
    Column("protocol_config", JSON, nullable=False),
    Column("parameters_schema", JSON, nullable=False),
    Column("source_protocol", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

#: What all runs of one submission share, stored once.
submissions = Table(
    "submissions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model", JSON, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("extra_variables", JSON, nullable=False),
    Column("max_backward_jumps", Integer),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("job_type", Text, nullable=False),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
    Column("submission_id", Text, ForeignKey("submissions.id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("error", Text),
    Column("error_code", Text),
    Column("compute_time", Float),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("started_at", Text),
    Column("completed_at", Text),
    Index("jobs_by_status", "status", "owner"),
)

simulations = Table(
    "simulations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("job_id", Text, ForeignKey("jobs.id"), nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
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
    Column("name", Text, nullable=False),
    Column("experiment_parameters", JSON, nullable=False),
    Column("design_parameters", JSON, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("storage_folder", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)
