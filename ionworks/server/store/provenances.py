"""How results were made, as the workers that computed them report it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from ionworks.server.store.database import Store
from ionworks.server.store.dialects import insert_new
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.scope import everybodys
from ionworks.server.store.tables import jobs, packs, pipelines, provenances, runs, submissions

_OF_RUN = (
    sa.select(
        provenances.c.content,
        submissions.c.model_spec_id,
        submissions.c.protocol,
        submissions.c.seed,
    )
    .select_from(runs)
    .join(submissions, submissions.c.id == runs.c.submission_id)
    .join(packs, packs.c.number == runs.c.pack)
    .join(provenances, provenances.c.number == packs.c.provenance)
    .where(runs.c.number == sa.bindparam("run"))
)
_OF_PIPELINE = (
    sa.select(provenances.c.content)
    .join(jobs, jobs.c.provenance == provenances.c.number)
    .join(pipelines, pipelines.c.job_id == jobs.c.id)
    .where(pipelines.c.id == sa.bindparam("pipeline"))
)
#: Jobs of all users.
_JOBS = everybodys(jobs)
# Both columns have an index, so that this takes no time with very many results.
_IS_UNUSED = sa.and_(
    ~sa.exists().where(packs.c.provenance == provenances.c.number),
    ~sa.exists().where(_JOBS.c.provenance == provenances.c.number),
)


def store(connection: sa.Connection, content: Mapping[str, Any] | None) -> int | None:
    """Store how a result was made, unless that is stored already; returns its number."""
    if content is None:
        return None
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    row = {"digest": digest, "content": content}
    connection.execute(insert_new(provenances), row)
    found = sa.select(provenances.c.number).where(provenances.c.digest == digest)
    number: int = connection.execute(found).scalar_one()
    return number


@repeatable
def remove_unused(database: Store) -> None:
    """Delete how results were made that have all been deleted."""
    unused = sa.select(provenances.c.number).where(_IS_UNUSED).limit(1)
    with database.reading() as connection:
        if connection.scalar(unused) is None:
            return
    with database.writing() as connection:
        connection.execute(sa.delete(provenances).where(_IS_UNUSED))


def of_run(connection: sa.Connection, row_number: int) -> dict[str, Any] | None:
    """Return how the results of a row of runs were made; None without results, or if unknown.

    Runs whose results are those of an equal run were made as that one.
    """
    row = connection.execute(_OF_RUN, {"run": row_number}).first()
    if row is None:
        return None
    return {
        **row.content,
        "model_digest": row.model_spec_id,
        "protocol_digest": hashlib.sha256(row.protocol.encode()).hexdigest(),
        "seed": row.seed,
    }


def of_pipeline(connection: sa.Connection, pipeline_id: str) -> dict[str, Any] | None:
    """Return how a pipeline was computed; None before its end, or if that is unknown."""
    found: dict[str, Any] | None = connection.scalar(_OF_PIPELINE, {"pipeline": pipeline_id})
    return found
