"""Outcomes that a worker writes to a disk that is full for a while."""

import errno
import io

import pytest

from ionworks.server.jobs.outcomes import OutcomeFile, OutcomeWriter, append, outcome_line
from ionworks.server.store.faults import FULL


class SmallDisk(io.FileIO):
    """A file on a disk with room for so many bytes."""

    room = 0

    def write(self, content):
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = super().write(bytes(content)[: self.room])
        self.room -= written
        return written


def test_a_line_that_does_not_fit_is_not_written_in_part(tmp_path):
    path = tmp_path / "outcomes.jsonl"
    with SmallDisk(path, "ab") as stream:
        stream.room = 25
        append(stream, b'{"id": 1}\n')
        with pytest.raises(OSError, match="No space left"):
            append(stream, b'{"id": "a long text"}\n')
        stream.room = 100
        append(stream, b'{"id": 2}\n')

    assert [outcome["id"] for outcome in OutcomeFile(path).read_new()] == [1, 2]


def test_a_line_that_is_written_in_pieces_is_whole(tmp_path):
    path = tmp_path / "outcomes.jsonl"

    class InPieces(io.FileIO):
        def write(self, content):
            return super().write(bytes(content)[:4])

    with InPieces(path, "ab") as stream:
        append(stream, outcome_line({"id": "a long text"}))

    assert OutcomeFile(path).read_new() == [{"id": "a long text"}]


def test_a_damaged_line_is_left_out(tmp_path, caplog):
    path = tmp_path / "outcomes.jsonl"
    path.write_bytes(b'{"id": 1}\n{"id": {"id": 2}\n{"id": 3}\n')

    assert [outcome["id"] for outcome in OutcomeFile(path).read_new()] == [1, 3]
    assert "is damaged" in caplog.text


def test_a_worker_keeps_its_result_until_the_disk_takes_it(tmp_path):
    path = tmp_path / "outcomes.jsonl"
    reader = OutcomeFile(path)
    seen, pauses, failures = [], [], 8

    def sleep(seconds):
        pauses.append(seconds)
        seen.append(reader.blocked_by())

    def store():
        if len(pauses) < failures:
            raise OSError(errno.ENOSPC, "No space left on device")
        return "stored"

    with OutcomeWriter(path, sleep) as writer:
        assert writer.insist(store) == "stored"
        writer.write(outcome_line({"id": 1}))

    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert set(seen) == {FULL}
    assert reader.blocked_by() is None
    assert reader.read_new() == [{"id": 1}]


def test_a_worker_raises_errors_that_are_not_the_disks(tmp_path):
    def store():
        raise FileNotFoundError(errno.ENOENT, "No such file")

    with OutcomeWriter(tmp_path / "outcomes.jsonl") as writer, pytest.raises(FileNotFoundError):
        writer.insist(store)


def test_an_outcome_file_is_deleted_with_its_companions(tmp_path):
    reader = OutcomeFile(tmp_path / "outcomes.jsonl")
    reader.path.touch()
    reader.ask_to_stop()
    (tmp_path / "outcomes.jsonl.blocked-28").touch()

    reader.delete()

    assert list(tmp_path.iterdir()) == []


def test_a_phase_is_not_an_outcome_and_needs_no_room(tmp_path, monkeypatch):
    path = tmp_path / "outcomes.jsonl"
    file = OutcomeFile(path)
    with OutcomeWriter(path) as writer:
        writer.tell("building model")
        writer.write(outcome_line({"id": 1}))
        assert file.read_new() == [{"id": 1}]
        assert file.doing == {"phase": "building model"}

        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("ionworks.server.jobs.outcomes.append", full)
        writer.tell("step 2")  # does not wait
    assert file.read_new() == []
    assert file.doing == {"phase": "building model"}
