"""The store's tables of pipelines; with them all tables of the layout are declared."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from ionworks.server.store.tables import metadata

__all__ = ["fit_steps", "metadata", "pipeline_elements", "pipelines"]

#: Pipelines of both kinds. What a pipeline is to do is in its elements, how it stands in its job.
pipelines = Table(
    "pipelines",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("project_id", Text, ForeignKey("projects.id"), nullable=False, index=True),
    Column("job_id", Text, ForeignKey("jobs.id"), nullable=False, unique=True),
    Column("is_simple", Boolean, nullable=False),
    Column("name", Text),
    Column("description", Text),
    Column("options", JSON, nullable=False),
    Column("notes", JSON),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
)

pipeline_elements = Table(
    "pipeline_elements",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("pipeline_id", Text, ForeignKey("pipelines.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("element_order", Integer, nullable=False),
    Column("element_type", Text, nullable=False),
    Column("config", JSON, nullable=False),
    # The id under which its progress and curves are found: that of the pipeline's own job for
    # the main element of a simple one, an id of its own for others.
    Column("job_id", Text, nullable=False, index=True),
    # pending, running or completed; what comes of it otherwise follows from the pipeline's job.
    Column("status", Text, nullable=False),
    Column("progress", JSON),
    Column("result", JSON),
    # Objective -> where its curves are.
    Column("curves", JSON),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    UniqueConstraint("pipeline_id", "name"),
)

#: The course of a fit, step by step.
fit_steps = Table(
    "fit_steps",
    metadata,
    Column("number", Integer, primary_key=True),
    Column(
        "element_id",
        Text,
        ForeignKey("pipeline_elements.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("content", JSON, nullable=False),
)
