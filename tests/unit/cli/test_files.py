"""Files that commands write."""

import pytest

from ionworks.cli.files import replaced


def test_a_file_is_replaced_when_it_is_complete(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to(path)

    with replaced(link) as part:
        part.write_text("new")
        assert part.suffix == ".csv"
        assert path.read_text() == "old"

    assert path.read_text() == "new"
    assert link.is_symlink()


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("old")

    def fail():
        with replaced(path) as part:
            part.write_text("ha")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()

    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]
