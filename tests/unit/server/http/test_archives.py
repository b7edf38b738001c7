"""Tar archives that are made while they are sent."""

import io
import tarfile

import pytest

from ionworks.server.http.archives import archive


def read(content):
    with tarfile.open(fileobj=io.BytesIO(content)) as found:
        return {member.name: found.extractfile(member).read() for member in found}


def test_an_archive_has_texts_and_files(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"x" * 1_000_000)
    file = path.open("rb")

    content = b"".join(archive([("0/a", b"short"), ("0/b", file), ("c", b"")]))

    assert read(content) == {"0/a": b"short", "0/b": b"x" * 1_000_000, "c": b""}
    assert file.closed


def test_members_are_made_while_the_archive_is_sent(tmp_path):
    made = []

    def members():
        for name in "ab":
            made.append(name)
            yield name, b"content"

    pieces = archive(members())
    next(pieces)
    assert made == ["a"]
    pieces.close()


def test_a_file_is_closed_when_the_reader_leaves(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"x" * 1_000_000)
    file = path.open("rb")
    pieces = archive([("a", file)])
    next(pieces)
    pieces.close()
    assert file.closed


def test_a_file_that_is_cut_off_is_not_sent_as_whole(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"x" * 1_000_000)
    pieces = archive([("a", path.open("rb"))])
    next(pieces)
    path.write_bytes(b"x")
    with pytest.raises(OSError, match="shorter while it was sent"):
        list(pieces)
