"""The store's tables.

Times are ISO 8601 texts in UTC with microseconds, so that they sort as they are and go to
the wire unchanged. ``number`` columns give every list a stable order.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

#: Version of this layout; stands in the database file as its ``user_version``. A folder of an
#: older version gets the tables and columns it lacks, so new columns must allow null.
VERSION = 3

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

#: Who else works on a project: a roster, which gives nobody access.
project_members = Table(
    "project_members",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("project_id", Text, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Text, nullable=False),
    Column("email", Text),
    Column("role_id", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    UniqueConstraint("project_id", "user_id"),
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
    # Empty if the parameters are all there is.
    Column("parameter_set", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("simulation_settings", JSON),
    Column("cell_spec_id", Text, ForeignKey("cell_specs.id"), index=True),
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

#: What the engine needs to know of a model, stored once however often it is simulated: the
#: equations of a custom model can be half a megabyte. The id is a digest of the spec.
model_specs = Table(
    "model_specs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("spec", JSON, nullable=False),
)

#: What all runs of one submission share, stored once.
submissions = Table(
    "submissions",
    metadata,
    Column("id", Text, primary_key=True),
    # The spec itself in submissions of layout 1; empty where there is a model_spec_id.
    Column("model", JSON, nullable=False),
    Column("model_spec_id", Text, ForeignKey("model_specs.id"), index=True),
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

#: What components consist of; one row for each name and manufacturer, shared by all cells.
materials = Table(
    "materials",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("manufacturer", Text),
    Column("definition", JSON, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Index("materials_by_name", "name", "manufacturer"),
)

cell_specs = Table(
    "cell_specs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("form_factor", Text),
    Column("manufacturer", Text),
    Column("ratings", JSON, nullable=False),
    Column("properties", JSON, nullable=False),
    Column("source", JSON, nullable=False),
    Column("notes", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

#: Anode, cathode, electrolyte, separator and case; at most one of each in a specification.
cell_components = Table(
    "cell_components",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("cell_spec_id", Text, ForeignKey("cell_specs.id", ondelete="CASCADE"), nullable=False),
    Column("component_type", Text, nullable=False),
    Column("material_id", Text, ForeignKey("materials.id"), index=True),
    Column("properties", JSON, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    UniqueConstraint("cell_spec_id", "component_type"),
)

cell_instances = Table(
    "cell_instances",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("cell_specification_id", Text, ForeignKey("cell_specs.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("batch_id", Text, index=True),
    Column("date_manufactured", Text),
    Column("measured_properties", JSON, nullable=False),
    Column("notes", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

measurements = Table(
    "measurements",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("cell_instance_id", Text, ForeignKey("cell_instances.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("measurement_type", Text, nullable=False),
    Column("channel_id", Text),
    Column("protocol_id", Text),
    Column("protocol", JSON),
    Column("test_setup", JSON),
    Column("properties", JSON),
    Column("start_time", Text),
    Column("end_time", Text),
    Column("step_labels_validated", Boolean, nullable=False),
    Column("file_metadata", JSON),
    Column("notes", Text),
    # Whose process derives the steps, how often one has died of it, and what came of it.
    Column("processing_status", Text, nullable=False),
    Column("processing_error", Text),
    Column("owner", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("steps_created", Integer),
    # Where the frames readers see are, and where rows to be added wait.
    Column("data_folder", Text),
    Column("extension_folder", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Index("measurements_by_processing", "processing_status", "owner"),
)

measurement_tags = Table(
    "measurement_tags",
    metadata,
    Column("number", Integer, primary_key=True),
    Column(
        "measurement_id", Text, ForeignKey("measurements.id", ondelete="CASCADE"), nullable=False
    ),
    Column("tag", Text, nullable=False, index=True),
    UniqueConstraint("measurement_id", "tag"),
)

measurement_raw_data = Table(
    "measurement_raw_data",
    metadata,
    Column("number", Integer, primary_key=True),
    Column(
        "measurement_id", Text, ForeignKey("measurements.id", ondelete="CASCADE"), nullable=False
    ),
    Column("raw_data_id", Text, nullable=False),
    UniqueConstraint("measurement_id", "raw_data_id"),
)

measurement_watches = Table(
    "measurement_watches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column(
        "measurement_id", Text, ForeignKey("measurements.id", ondelete="CASCADE"), nullable=False
    ),
    Column("user_id", Text, nullable=False),
    UniqueConstraint("measurement_id", "user_id"),
)

#: Uploads that were begun and not confirmed yet: the only trace of them in the records.
uploads = Table(
    "uploads",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("measurement_id", Text, nullable=False, index=True),
    Column("cell_instance_id", Text, ForeignKey("cell_instances.id", ondelete="CASCADE")),
    Column("is_extension", Boolean, nullable=False),
    Column("measurement_type", Text, nullable=False),
    Column("measurement", JSON, nullable=False),
    Column("filenames", JSON, nullable=False),
    Column("folder", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)

studies = Table(
    "studies",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

study_simulations = Table(
    "study_simulations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("study_id", Text, ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column(
        "simulation_id",
        Text,
        ForeignKey("simulations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("study_id", "simulation_id"),
)

study_measurements = Table(
    "study_measurements",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("study_id", Text, ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column(
        "measurement_id",
        Text,
        ForeignKey("measurements.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("created_at", Text, nullable=False),
    UniqueConstraint("study_id", "measurement_id"),
)
