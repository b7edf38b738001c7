"""The file of the history."""

from __future__ import annotations

import copy
import os
import pickle
import sqlite3
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from ionworks.history.journal import FILE_NAME, Journal
from ionworks.records.history import HistoryEntry

RECEIPT = "0f3a8c1e-7b2d-4f60-9a11-f00000000000"


def entry(day: int, **fields: Any) -> HistoryEntry:
    values = {
        "submitted_at": f"2026-05-{day:02}T00:00:00.000000Z",
        "address": "https://api.example",
        "kind": "simulation",
        "count": 1,
        "stored_ids": [f"s{day}"],
        **fields,
    }
    return HistoryEntry.from_dict(values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ionworks" / FILE_NAME


def test_what_was_written_is_read_by_another_program(path: Path) -> None:
    first, second = Journal(path), Journal(path)
    whole = entry(
        1, project_id="p", name="Sweep", model="pm", protocol_id="t", seed=7, submission_id=RECEIPT,
        stored_ids=None, count=3,
    )  # fmt: skip
    first.add(whole)
    second.add(entry(2))

    for journal in (first, second, Journal(path)):
        assert journal.entries(10) == [entry(2), whole]
        journal.close()


def test_entries_are_filtered_and_limited(path: Path) -> None:
    journal = Journal(path)
    for day, name in ((1, "Größen-Sweep"), (2, "rest"), (3, None), (4, "100%_SWEEP")):
        journal.add(entry(day, name=name, address="local" if day == 2 else "https://api.example"))

    def days(limit: int = 10, **wanted: Any) -> list[int]:
        return [int(each.submitted_at[8:10]) for each in journal.entries(limit, **wanted)]

    assert days(2) == [4, 3]
    assert days(name="SWEEP") == [4, 1]
    assert days(name="grÖSSEN") == [1]
    assert days(name="GRÖßEN") == [1]
    assert days(name="%_") == [4]
    assert days(address="local") == [2]
    assert days(since="2026-05-03T00:00:00.000000Z") == [4, 3]
    assert days(since="2026-05-02", address="https://api.example", name="s") == [4]
    journal.close()


def test_without_a_submission_there_is_no_file(path: Path) -> None:
    journal = Journal(path)

    assert journal.entries(10) == []
    journal.close()

    assert not path.parent.exists()


def test_the_file_is_for_its_user_only(path: Path) -> None:
    journal = Journal(path)
    journal.add(entry(1))

    files = [path, *path.parent.glob(f"{FILE_NAME}-*")]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    journal.close()


def test_the_file_is_in_the_folder_for_the_state_of_programs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert Journal().path == tmp_path / "ionworks" / FILE_NAME


def test_threads_write_at_the_same_time(path: Path) -> None:
    journal = Journal(path)
    threads = [threading.Thread(target=journal.add, args=[entry(day)]) for day in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(journal.entries(100)) == 20
    journal.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of fork in a process with threads
def test_a_forked_process_opens_the_file_itself(path: Path) -> None:
    journal = Journal(path)
    journal.add(entry(1))
    if (child := os.fork()) == 0:
        code = 1
        try:
            journal.add(entry(2))
            journal.close()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0

    journal.add(entry(3))

    assert [each.ids for each in journal.entries(10)] == [["s3"], ["s2"], ["s1"]]
    journal.close()


def test_a_file_that_is_not_a_history_is_refused(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 100)
    journal = Journal(path)

    with pytest.raises(OSError, match=r"history.db cannot be used: file is not a database"):
        journal.add(entry(1))
    with pytest.raises(OSError, match="cannot be used"):
        journal.entries(1)


def test_a_file_of_a_later_version_is_refused(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 2")
    later.close()

    with pytest.raises(OSError, match="update the package, or turn the history off"):
        Journal(path).add(entry(1))


def test_the_ids_of_a_batch_are_made_from_its_receipt() -> None:
    batch = entry(1, submission_id=RECEIPT, stored_ids=None, count=100_000, seed=7)

    runs = batch.responses()

    assert len(runs) == 100_000
    assert runs[1].simulation_id == batch.ids[1] == f"{RECEIPT[:24]}000000000001"
    assert (runs[1].job_id, runs[1].seed) == (f"{RECEIPT[:24]}100000000001", 7)
    assert [each.simulation_id for each in entry(1).responses()] == ["s1"]


def test_a_pipeline_has_no_responses_of_simulations() -> None:
    pipeline = entry(1, kind="simple_pipeline")

    assert pipeline.ids == ["s1"]
    with pytest.raises(TypeError, match=r"of a simple pipeline, not of simulations: its id is in"):
        pipeline.responses()


def test_the_oldest_submissions_give_way_to_new_ones(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ionworks.history.journal.LARGEST_FILE", 1 << 16)
    journal = Journal(path)
    for day in range(1, 29):
        journal.add(entry(day, stored_ids=["x" * 9000]))
    newest = [int(each.submitted_at[8:10]) for each in journal.entries(100)]

    assert newest == [*range(28, 28 - len(newest), -1)]
    assert 4 <= len(newest) <= 7
    assert path.stat().st_size < (1 << 16) + 20_000

    # One that is too large alone is kept.
    journal.add(entry(29, stored_ids=["x" * 100_000]))
    assert [each.submitted_at[8:10] for each in journal.entries(100)] == ["29"]
    journal.close()


def test_an_entry_without_a_client_makes_no_batch() -> None:
    whole = entry(1).opened_by(lambda _: "batch")
    assert whole.batch() == "batch"
    assert "open" not in whole.to_dict()

    pickled = pickle.loads(pickle.dumps(whole))  # noqa: S301 - own data
    for copied in (copy.deepcopy(whole), pickled, entry(1)):
        assert copied == whole
        with pytest.raises(ValueError, match="read it with client"):
            copied.batch()
