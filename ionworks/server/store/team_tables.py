"""The tables of a team: organizations, users, keys, and the log of what they changed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table

from ionworks.server.store.table_parts import Integer, Text, metadata

organizations = Table(
    "organizations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Text, nullable=False),
)

#: Each user belongs to one organization. A disabled one stays, for the names in the log.
users = Table(
    "users",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("organization_id", Text, ForeignKey("organizations.id"), nullable=False, index=True),
    # In lower case.
    Column("email", Text, nullable=False, unique=True),
    Column("default_project_id", Text, ForeignKey("projects.id", ondelete="SET NULL")),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", Text, nullable=False),
)

#: Keys are random, so a plain hash protects them; a slow one would be paid by every request.
api_keys = Table(
    "api_keys",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    # The beginning of the key, by which its user recognises it.
    Column("prefix", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text),
    # Written at most once a minute.
    Column("last_used_at", Text),
    Column("revoked_at", Text),
)

#: Writes that users asked for, with their outcome. Without foreign keys: it outlives records.
audit_log = Table(
    "audit_log",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False, index=True),
    Column("user_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("project_id", Text),
    Column("object_id", Text),
    Column("request_id", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Index("audit_log_by_user", "user_id"),
)
