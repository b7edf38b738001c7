"""Files of packs: every run is found again, alone and with others."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks.server.store import pack_files
from ionworks.server.store.blobs import STEPS, TIME_SERIES, FolderBlobs, new_pack_folder
from ionworks.server.store.pack_files import Pack

#: Points of each step of each run.
RUNS = ((3,), (1, 2, 4), (2, 2))


def run(number, lengths=None):
    """Return the steps and the time series of a run."""
    lengths = RUNS[number] if lengths is None else lengths
    ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    steps = pl.DataFrame({"Step count": range(len(lengths)), "End index": [e - 1 for e in ends]})
    rows = range(sum(lengths))
    series = pl.DataFrame({"Time [s]": rows, "Run": [number] * len(rows)})
    return steps, series


def joined(runs):
    return [pl.concat(tables) for tables in zip(*runs, strict=True)]


@pytest.fixture
def blobs(tmp_path):
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture
def folder(blobs):
    folder = new_pack_folder("owner")
    counts = [len(lengths) for lengths in RUNS]
    pack_files.write(blobs, folder, *joined([run(number) for number in range(3)]), counts)
    return folder


@pytest.mark.parametrize("positions", [[0], [1], [2], [0, 1, 2], [1, 2], [0, 2], [2, 0, 0], []])
def test_runs_are_found_by_their_position(blobs, folder, positions):
    with Pack.opened(blobs, folder) as pack:
        found = pack.steps(positions), pack.time_series(positions)
    expected = joined([run(number) for number in positions]) or [each.clear() for each in run(0)]
    for one, other in zip(found, expected, strict=True):
        assert_frame_equal(one, other)


def test_one_run_is_read_without_the_row_groups_of_the_others(blobs, monkeypatch):
    monkeypatch.setattr(pack_files, "_ROWS_TOGETHER", 10)
    folder = new_pack_folder("owner")
    long = [run(number, (10,)) for number in range(3)]
    pack_files.write(blobs, folder, *joined(long), [1, 1, 1])
    path = blobs.folder / folder / TIME_SERIES
    content = bytearray(path.read_bytes())
    content[10:30] = bytes(20)  # damages the first run only
    path.write_bytes(content)
    with Pack.opened(blobs, folder) as pack:
        assert_frame_equal(pack.time_series([1]), long[1][1])
        with pytest.raises(pack_files.DamagedFile):
            pack.time_series([0])


def test_columns_are_chosen_and_unknown_ones_left_out(blobs, folder):
    with Pack.opened(blobs, folder) as pack:
        found = pack.time_series([1], ["Run", "Voltage [V]"])
    assert found.to_dict(as_series=False) == {"Run": [1] * 7}


def test_the_files_of_one_run_of_an_earlier_layout_are_a_pack(blobs):
    steps, series = run(1)
    blobs.write_frame(f"ab/abc/{STEPS}", steps)
    blobs.write_frame(f"ab/abc/{TIME_SERIES}", series)
    with Pack.opened(blobs, "ab/abc") as pack:
        assert pack.places == [(0, 3, 0, 7)]
        assert_frame_equal(pack.steps([0]), steps)
        assert_frame_equal(pack.time_series([0]), series)


def test_an_open_pack_is_read_after_it_was_deleted(blobs, folder):
    with Pack.opened(blobs, folder) as pack:
        blobs.delete(folder)
        assert_frame_equal(pack.time_series([2]), run(2)[1])


def test_a_missing_file_closes_the_other(blobs, folder):
    (blobs.folder / folder / TIME_SERIES).unlink()
    with pytest.raises(FileNotFoundError, match=TIME_SERIES):
        Pack.opened(blobs, folder)


def test_row_counts_that_are_known_are_not_looked_up_in_the_files(blobs, folder):
    rows = {"steps": [1, 3, 2], "points": [3, 7, 4]}
    with Pack.opened(blobs, folder) as pack, Pack.opened(blobs, folder, rows) as known:
        assert known.places == pack.places
        known.steps_file.close()
        assert_frame_equal(known.time_series([2, 1]), pack.time_series([2, 1]))


def test_damage_that_makes_polars_panic_is_damage(blobs, folder, monkeypatch):
    def panic(*_arguments):
        raise pl.exceptions.PanicException("assertion failed")

    monkeypatch.setattr(pack_files, "_rows", panic)
    with (
        Pack.opened(blobs, folder) as pack,
        pytest.raises(pack_files.DamagedFile, match="assertion failed"),
    ):
        pack.time_series([0])
