"""The audit: compares what clients asked for with what the store and its folder hold.

Each function returns its findings as sentences; none means that all is well.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from ionworks import Ionworks
from ionworks.errors import GoneError, NotFoundError
from ionworks.server.store import run_ids
from ionworks.server.store.cell_measurements import ROOT as MEASUREMENTS
from ionworks.server.store.database import DATABASE
from ionworks.server.store.pipelines import ROOT as PIPELINES
from tests.endurance.ledger import CANCELED, GONE, Entry, Outcome
from tests.endurance.workload import observe

_UNFINISHED: Final = """
    SELECT job_type || ' ' || id || ' is ' || status FROM jobs
    WHERE status NOT IN ('completed', 'failed', 'canceled')
    UNION ALL
    SELECT count || ' runs of ' || submission_id || ', from ' || first || ' on: ' || status
    FROM runs WHERE status NOT IN ('completed', 'failed', 'canceled')
    UNION ALL
    SELECT 'measurement ' || id || ' is ' || processing_status FROM measurements
    WHERE processing_status NOT IN ('ready', 'failed')
"""
_RETRIED: Final = """
    SELECT EXISTS (SELECT * FROM jobs WHERE attempts > 0 AND status IN ('pending', 'processing'))
        OR EXISTS (SELECT * FROM runs WHERE attempts > 0 AND status IN ('pending', 'processing'))
"""
#: Where the records of a kind are found by name; each row of runs stands for some.
_BY_NAME: Final = {
    "simulation": """
        WITH RECURSIVE each(submission_id, run_index, stop) AS (
            SELECT submission_id, first, first + count FROM runs
            JOIN submissions ON submissions.id = submission_id WHERE name = :name
            UNION ALL
            SELECT submission_id, run_index + 1, stop FROM each WHERE run_index + 1 < stop)
        SELECT substr(submission_id, 1, 24) || printf('0%011x', run_index) FROM each
        JOIN submissions ON submissions.id = submission_id ORDER BY number, run_index""",
    "pipeline": "SELECT id FROM pipelines WHERE name = :name AND NOT is_simple ORDER BY number",
    "simple_pipeline": "SELECT id FROM pipelines WHERE name = :name AND is_simple ORDER BY number",
    "measurement": "SELECT id FROM measurements WHERE name = :name ORDER BY number",
}
_LAST_CHANGE: Final = {
    "simulation": """SELECT updated_at FROM runs
                     WHERE submission_id = ? AND first <= ? AND first + count > ?""",
    "measurement": "SELECT updated_at FROM measurements WHERE id = ?",
}
#: What must not be there, with the words for it.
_STRAYS: Final = {
    """SELECT id FROM submissions WHERE id NOT IN (SELECT submission_id FROM jobs)
       AND id NOT IN (SELECT submission_id FROM runs)""": "a submission without jobs",
    "SELECT id FROM jobs WHERE id NOT IN (SELECT job_id FROM pipelines)":
        "a job that belongs to nothing",
    "SELECT folder FROM packs WHERE number NOT IN (SELECT pack FROM runs WHERE pack IS NOT NULL)":
        "results that no run refers to",
    """SELECT id FROM model_specs WHERE id NOT IN
       (SELECT model_spec_id FROM submissions WHERE model_spec_id IS NOT NULL)""":
        "a model that no submission uses",
    """SELECT id FROM jobs WHERE status IN ('completed', 'failed', 'canceled')
       AND completed_at IS NULL""": "a job that has ended at no time",
    """SELECT submission_id FROM runs WHERE status IN ('completed', 'failed', 'canceled')
       AND completed_at IS NULL""": "a run that has ended at no time",
}  # fmt: skip
#: How many examples of one finding are named.
_NAMED: Final = 3


@contextmanager
def reading(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open the database for reading only."""
    uri = f"{(folder / DATABASE).as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=60)) as store:
        yield store


def unfinished(folder: Path) -> list[str]:
    """Return the jobs that have not ended."""
    with reading(folder) as store:
        return [row[0] for row in store.execute(_UNFINISHED)]


def has_retried(folder: Path) -> bool:
    """Return whether a job waits or runs that has lost a worker and must not lose another."""
    with reading(folder) as store:
        return bool(store.execute(_RETRIED).fetchone()[0])


def database(folder: Path) -> list[str]:
    """Check the file of the database, its references, and that no record is left alone."""
    with reading(folder) as store:
        checks = [row[0] for row in store.execute("PRAGMA integrity_check")]
        found = [f"integrity_check: {text}" for text in checks if text != "ok"]
        found += [f"foreign_key_check: {row}" for row in store.execute("PRAGMA foreign_key_check")]
        return found + strays(store.execute)


def strays(execute: Callable[[str], Iterable[Sequence[Any]]]) -> list[str]:
    """Check that no record is left alone; ``execute`` returns the rows of a statement."""
    found = []
    for statement, words in _STRAYS.items():
        found += _listed(words, [row[0] for row in execute(statement)])
    return found


def files(folder: Path, *, engines: int) -> list[str]:
    """Check that each file belongs to a record, and that no record lacks its files.

    Parameters
    ----------
    folder
        The data folder, on which no job is running.
    engines
        Number of engines that have it open.
    """
    blobs = folder / "blobs"
    with reading(folder) as store:
        found = result_folders(folder, store.execute)
        curves = {row[0] for row in store.execute(_CURVES)}
    missing = [each for each in curves if not (blobs / each).is_file()]
    locks = sorted(path.name for path in (folder / "owners").glob("*"))
    return [
        *found,
        *_listed("a fit without the file of its curves", missing),
        *([f"{len(locks)} locks of {engines} engines"] if len(locks) != engines else []),
    ]


def result_folders(folder: Path, execute: Callable[[str], Iterable[Sequence[Any]]]) -> list[str]:
    """Check that each folder of results belongs to a record, and that no job left other files."""
    blobs = folder / "blobs"
    claimed = {row[0] for row in execute(_CLAIMED_FOLDERS)}
    possible = {row[0] for row in execute(_POSSIBLE_FOLDERS)}
    present = {path.relative_to(blobs).as_posix() for path in _result_folders(blobs)}
    written = [path for path in blobs.rglob("*") if path.is_file()]
    scratch = [path.relative_to(folder).as_posix() for path in written if path.name[0] == "."]
    outcomes = sorted(path.name for path in (folder / "outcomes").glob("*"))
    return [
        *_listed("a folder of results without a record", present - claimed - possible),
        *_listed("a record without its folder", claimed - present),
        *_listed("a scratch file", scratch),
        *_listed("a file of outcomes although no job runs", outcomes),
    ]


# The folders that must be there, and those that may: an upload makes one with its first file, a
# pipeline at its end.
_CLAIMED_FOLDERS: Final = """
    SELECT folder FROM packs
    UNION SELECT data_folder FROM measurements WHERE data_folder IS NOT NULL
    UNION SELECT extension_folder FROM measurements WHERE extension_folder IS NOT NULL
"""
_POSSIBLE_FOLDERS: Final = f"""
    SELECT '{PIPELINES}/' || substr(id, 1, 2) || '/' || id FROM pipelines
    UNION SELECT folder FROM uploads
"""  # noqa: S608 constant
_CURVES: Final = """
    SELECT json_extract(place.value, '$.file')
    FROM pipeline_elements, json_each(pipeline_elements.curves) AS place
    WHERE place.value IS NOT NULL
"""


def work(
    client: Ionworks,
    folder: Path,
    entries: Sequence[Entry],
    references: Mapping[str, Outcome],
    *,
    results: int | None = None,
    seed: int = 0,
) -> list[str]:
    """Compare each submission with what became of it.

    Parameters
    ----------
    client
        A client of a server that works.
    folder
        The data folder.
    entries
        All submissions.
    references
        The outcomes of a run without faults, by key.
    results
        How many records are read through the client, chosen at random; None for all.
    seed
        Of that choice.
    """
    found: list[str] = []
    to_read: list[tuple[Entry, str, list[str]]] = []
    with reading(folder) as store:
        for entry in entries:
            rows = store.execute(_BY_NAME[entry.kind], {"name": entry.name})
            stored = [row[0] for row in rows]
            found += _count(entry, stored)
            found += _changed(store, entry)
            if entry.is_certain or len(stored) == len(entry.expected):
                records = zip(entry.ids or stored, entry.expected, strict=True)
                to_read += [(entry, identifier, keys) for identifier, keys in records]
    if results is not None and results < len(to_read):
        to_read = random.Random(seed).sample(to_read, results)
    for entry, identifier, keys in to_read:
        found += _outcome(client, entry, identifier, keys, references)
    return found


def _count(entry: Entry, stored: Sequence[str]) -> list[str]:
    """Check that an entry was stored once, or, if its reply was lost, at most once."""
    count = len(stored)
    most = len(entry.expected)
    fewest = sum(GONE not in keys for keys in entry.expected) if entry.is_certain else 0
    where = f"{entry.kind} {entry.name}"
    if count > most:
        return [f"{where} was stored more than once: {count} records instead of {most}"]
    if count < fewest:
        return [f"{where} is lost: {count} records instead of {fewest}"]
    if not entry.is_certain and count not in {0, most}:
        return [f"{where} was stored in part: {count} records instead of {most}"]
    if not set(stored) <= set(entry.ids or stored):
        return [f"{where} has records of which its client does not know"]
    return []


def _changed(store: sqlite3.Connection, entry: Entry) -> list[str]:
    """Check that no job changed after a client saw that it had ended."""
    statement = _LAST_CHANGE.get(entry.kind)
    found = []
    for identifier, seen in entry.seen.items() if statement else ():
        run = run_ids.parsed(identifier) if entry.kind == "simulation" else None
        which = [identifier] if run is None else [run.submission_id, run.index, run.index]
        row = store.execute(str(statement), which).fetchone()
        if row is not None and row[0] != seen:
            text = f"ended at {seen} and changed at {row[0]}"
            found.append(f"{entry.kind} {entry.name}, {identifier}: {text}")
    return found


def _outcome(
    client: Ionworks,
    entry: Entry,
    identifier: str,
    keys: Sequence[str],
    references: Mapping[str, Outcome],
) -> list[str]:
    where = f"{entry.kind} {entry.name}, {identifier}"
    try:
        seen = observe(client, entry.kind, identifier)
    except (NotFoundError, GoneError) as error:
        is_gone = isinstance(error, NotFoundError) and GONE in keys
        return [] if is_gone else [f"{where} cannot be read: {error}"]
    for key in keys:
        if key == CANCELED and seen.status == CANCELED:
            return []
        if key in references and seen.agrees_with(references[key]):
            return []
    wanted = [references.get(key, key) for key in keys]
    return [f"{where} ended as {seen}, expected {' or '.join(map(str, wanted))}"]


def _result_folders(blobs: Path) -> Iterator[Path]:
    """Yield all folders of results, each of which belongs to one record."""
    for top in _folders(blobs):
        if top.name == MEASUREMENTS:
            for prefix in _folders(top):
                for measurement in _folders(prefix):
                    yield from _folders(measurement)
        elif top.name == PIPELINES:
            for prefix in _folders(top):
                yield from _folders(prefix)
        else:
            yield from _folders(top)


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []


def log(path: Path) -> list[str]:
    """Return the exceptions whose tracebacks a server has logged."""
    if not path.exists():
        return []
    lines = path.read_text(errors="replace").splitlines()
    found: dict[str, list[str]] = {}
    inside = False
    for line in lines:
        if line.startswith("Traceback "):
            inside = True
        elif inside and not line.startswith((" ", "\t")) and line:
            kind = line.partition(":")[0]
            found.setdefault(kind, []).append(line[:300])
            inside = False
    return [
        f"{len(texts)} tracebacks in {path.name}, such as {texts[0]}" for texts in found.values()
    ]


def _listed(words: str, found: Sequence[str] | set[str]) -> list[str]:
    if not found:
        return []
    return [f"{len(found)} times {words}: {', '.join(sorted(found)[:_NAMED])}"]
