"""Names that must be unique are kept so by the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_PARENTS: dict[str, tuple[str, ...]] = {
    "projects": (),
    "models": ("project_id",),
    "parameterized_models": ("project_id",),
    "studies": ("project_id",),
    "cell_specs": ("project_id",),
    "cell_instances": ("cell_specification_id",),
    "measurements": ("cell_instance_id",),
}


def upgrade() -> None:
    """Add an index for the names of each table."""
    for table, parents in _PARENTS.items():
        columns: list[str | sa.TextClause] = [*parents, sa.text("md5(name)")]
        # In a team, an error would tell of projects that others cannot see.
        which = sa.text("organization_id IS NULL") if table == "projects" else None
        op.create_index(f"{table}_by_name", table, columns, unique=True, postgresql_where=which)
