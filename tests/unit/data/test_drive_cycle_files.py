"""Files of drive cycles that cannot be read."""

import gzip

import pytest

from ionworks.data.drive_cycle_files import read_drive_cycle

# Without the time, which would be part of the names of the tests.
COMPRESSED = gzip.compress(b"t,v\n0,1\n1,2\n" * 1000, mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "cannot be read: empty"),
        ("a.csv", b"# nothing else\n", "cannot be read: empty"),
        ("a.csv", b"t,v\n", "has no rows"),
        ("a.csv.gz", b"", "cannot be read: empty"),
        ("a.csv.gz", COMPRESSED[:20], "cannot be read: Compressed file ended"),
        ("a.csv.gz", COMPRESSED[:14] + b"\xff" * 10, "cannot be read: Error -3"),
        ("a.parquet", b"", "cannot be read: "),
    ],
)
def test_a_file_without_samples_is_named(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ValueError, match=rf"cycles\['x'\] names the file .*, which {reason}"):
        read_drive_cycle(path, "cycles['x']")
