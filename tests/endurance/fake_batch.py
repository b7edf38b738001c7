"""A batch of a million runs of a fake engine: half of them are run, then the store is audited.

``python -m tests.endurance.fake_batch --runs 1000000`` tells what the queue and the store take for
each run, without the physics.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import httpx
import psutil
import sqlalchemy as sa

from ionworks import doe
from ionworks.server.app import LocalApp, create_app
from ionworks.server.store import records, results, run_digests, run_ids, run_parameters
from ionworks.server.store.database import Store
from ionworks.server.store.records import pieces
from ionworks.server.store.tables import (
    experiment_templates,
    packs,
    runs,
    submissions,
)
from ionworks.server.store.tables import run_digests as digests
from tests.endurance import audit, report
from tests.endurance.fake_engine import TARGETS, THICKNESS

_MODEL: Final = {"quick_model": {"capacity": 1.0}}
#: Runs whose results are read and compared.
_READ: Final = 200
_PAUSE: Final = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the batch; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.5, help="share of the runs that are run")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="ionworks-fake-batch-") as place:
        folder = Path(place)
        figures, submission_id = _run(folder, options.runs, options.share)
        found = audit.database(folder) + audit.files(folder, engines=0)
        store = Store(folder)
        try:
            found += places(store, submission_id, options.runs)
            found += equal_digests(store, submission_id)
            found += values(store, submission_id, design(options.runs), random.Random(1))
        finally:
            store.close()
    print(f"\n{report.table({**figures, 'findings': len(found)})}\n")
    print("\n".join(found) or "the audit found nothing")
    return 1 if found else 0


def design(count: int) -> dict[str, Any]:
    """Return the design of a batch, of one parameter."""
    row = {"type": "range", "name": THICKNESS, "min": 1.0, "max": 2.0, "count": count}
    return {"sampling": "grid", "rows": [row]}


def _run(folder: Path, count: int, share: float) -> tuple[dict[str, Any], str]:
    app = create_app(folder, targets=TARGETS)
    server = psutil.Process()
    try:
        empty = database_size(app.services.store)
        began, cpu = time.perf_counter(), time.process_time()
        submission_id = submit(app, design(count))
        submitted, submitting = time.perf_counter() - began, time.process_time() - cpu
        stored = database_size(app.services.store)
        began, cpu = time.perf_counter(), time.process_time()
        ended, looks = _wait(app, submission_id, int(count * share))
        running, serving = time.perf_counter() - began, time.process_time() - cpu
        memory = server.memory_info().rss
    finally:
        app.close()
    store = Store(folder)
    try:
        # Runs may have ended since the last look.
        ended = _count(store, submission_id)["completed"]
        final = database_size(store)
    finally:
        store.close()
    figures = {
        "runs": count,
        "submission [s]": round(submitted, 2),
        "its processor time [s]": round(submitting, 2),
        "runs that ended": ended,
        "runs a second": round(ended / running),
        "processor time of the server [ms a run]": round(serving / max(ended, 1) * 1e3, 3),
        "look at the statuses, median [ms]": round(sorted(looks)[len(looks) // 2] * 1e3, 1),
        "database after submission [kB a run]": round((stored - empty) / count / 1e3, 3),
        "database of a run that ended [kB]": round(
            (stored - empty) / count / 1e3 + (final - stored) / max(ended, 1) / 1e3, 3
        ),
        "memory of the server [MB]": round(memory / 1e6),
    }
    return figures, submission_id


def client_of(app: LocalApp) -> httpx.Client:
    """Return a client of an engine in this process."""
    transport = httpx.WSGITransport(app=app)
    return httpx.Client(transport=transport, base_url="http://engine")


def submit(app: LocalApp, given: dict[str, Any]) -> str:
    """Submit a batch with a design, and return the id of the submission."""
    template = {
        "project_id": "default",
        "name": f"fake {uuid4().hex}",
        "protocol": "steps: []",
        "protocol_config": {"steps": []},
        "parameters_schema": {},
        "source_protocol": "steps: []",
    }
    stored = records.create(app.services.store, experiment_templates, template, noun="protocol")
    body = {
        "parameterized_model": _MODEL,
        "experiment_template_id": stored["id"],
        "experiment_parameter_sets": [{}],
        "design_parameters_doe": given,
    }
    with client_of(app) as client:
        reply = client.post(
            "/simulations/with-template/batch", json=body, headers={"Prefer": "return=minimal"}
        )
    reply.raise_for_status()
    return str(reply.json()["submission_id"])


def _wait(app: LocalApp, submission_id: str, wanted: int) -> tuple[int, list[float]]:
    """Wait until so many runs have ended; returns how many have, and the times of the looks."""
    looks = []
    with client_of(app) as client:
        while True:
            began = time.perf_counter()
            reply = client.get(f"/simulations/submissions/{submission_id}/statuses")
            looks.append(time.perf_counter() - began)
            reply.raise_for_status()
            found = reply.json()["statuses"]
            ended = sum(each["count"] for each in found if each["status"] == "completed")
            if ended >= wanted:
                return ended, looks
            time.sleep(_PAUSE)


def database_size(store: Store) -> int:
    """Return the bytes that records take."""
    with store.reading() as connection:
        pages, free, size = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


# ---------------------------------------------------------------- the audit
def _rows(store: Store, submission_id: str) -> Sequence[Any]:
    columns = [runs.c[name] for name in ("first", "status", "pack", "position")]
    statement = sa.select(*columns, runs.c.count.label("size")).where(
        runs.c.submission_id == submission_id
    )
    with store.reading() as connection:
        return connection.execute(statement.order_by(runs.c.first)).all()


def _count(store: Store, submission_id: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in _rows(store, submission_id):
        found[row.status] += row.size
    return found


def places(store: Store, submission_id: str, count: int) -> list[str]:
    """Check that each run has one state, and each that ended one place of its own in one pack."""
    rows = _rows(store, submission_id)
    found = []
    expected = 0
    taken: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        if row.first != expected:
            found.append(f"the runs from {expected} to {row.first} have no state, or several")
        expected = row.first + row.size
        if (row.status == "completed") != (row.pack is not None and row.position is not None):
            found.append(f"the runs from {row.first} on are {row.status}, in pack {row.pack}")
        if row.pack is not None:
            taken.setdefault(row.pack, []).append((row.position, row.position + row.size))
    if expected != count:
        found.append(f"the states end at the run {expected} of {count}")
    with store.reading() as connection:
        sizes = {
            row.number: row.run_count
            for row in connection.execute(sa.select(packs.c.number, packs.c.run_count))
        }
    for pack, parts in taken.items():
        parts.sort()
        ends = [(0, 0), *parts, (sizes.get(pack, 0), 0)]
        if any(before[1] != after[0] for before, after in pairwise(ends)):
            found.append(f"the places of pack {pack} are not each taken by one run: {parts}")
    found += [f"pack {number} belongs to no run" for number in sizes.keys() - taken.keys()]
    return found


def equal_digests(store: Store, submission_id: str) -> list[str]:
    """Check that the stored digests are those of the stored runs."""
    with store.reading() as connection:
        number, content = connection.execute(
            sa.select(submissions.c.number, submissions.c.content_digest).where(
                submissions.c.id == submission_id
            )
        ).one()
        statement = sa.select(digests.c.digest, digests.c.run_index)
        stored = {
            tuple(row)
            for row in connection.execute(statement.where(digests.c.submission == number))
        }
    made = set(_digests(store, submission_id, content))
    missing, unknown = len(made - stored), len(stored - made)
    return [f"{missing} digests are missing, {unknown} are of no run"] if missing or unknown else []


def _digests(store: Store, submission_id: str, content: bytes) -> Iterator[tuple[int, int]]:
    for piece in pieces(run_parameters.stored(store, submission_id)):
        texts = run_digests.texts_of(run for _, run in piece)
        found = run_digests.of_texts(content, texts)
        yield from zip(found, (index for index, _ in piece), strict=True)


def values(
    store: Store, submission_id: str, given: dict[str, Any], choice: random.Random
) -> list[str]:
    """Check that results that are read are those of the runs, for some that have ended."""
    ended = [row for row in _rows(store, submission_id) if row.status == "completed"]
    expected = doe.Points(given)
    found = []
    for row in choice.choices(ended, weights=[row.size for row in ended], k=_READ if ended else 0):
        index = choice.randrange(row.first, row.first + row.size)
        opened = results.open_pack(store, run_ids.simulation_id(submission_id, index))
        if opened is None:
            found.append(f"run {index} has no results")
            continue
        pack, position, _ = opened
        with pack:
            voltages = pack.time_series([position])["Voltage [V]"].to_list()
        [thickness] = expected.columns(index, index + 1)[THICKNESS]
        if voltages != [thickness] * 2:
            found.append(f"run {index} has the voltages {voltages}, expected {thickness}")
    return found


if __name__ == "__main__":
    sys.exit(main())
