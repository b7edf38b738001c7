"""Packs of runs that a worker writes."""

from __future__ import annotations

import errno
from types import SimpleNamespace

import numpy as np
import orjson
import polars as pl
import pytest

from ionworks.server.jobs.outcomes import OutcomeFile, OutcomeWriter
from ionworks.server.store.blobs import FolderBlobs
from ionworks.server.store.pack_files import Pack
from ionworks.worker.packing import PACK_PERIOD, Packer
from tests.clock import Clock

IDS = ("a", "b", "c", "d")


def group(*ids, errors=None, notes=None, points=2):
    """Return runs that ended together; a run's place in `IDS` is in all its results."""
    places = [IDS.index(each) for each in ids]
    lengths = [points + place for place in places]
    return SimpleNamespace(
        ids=list(ids),
        errors=[(errors or {}).get(each) for each in ids],
        notes=[(notes or {}).get(each, []) for each in ids],
        points=np.array(lengths),
        step_counts=np.ones(len(ids), dtype=int),
        time_series=pl.DataFrame({"Run": np.repeat(places, lengths)}),
        steps=pl.DataFrame({"Run": places, "End index": [each - 1 for each in lengths]}),
        metrics={"Run": places, "Cycles": {"Cycle count": [[0]] * len(ids)}},
    )


def without_points(*ids):
    zeros = np.zeros(len(ids), dtype=int)
    errors = [("CONFIGURATION_ERROR", f"{each} is wrong") for each in ids]
    notes = [[] for _ in ids]
    return SimpleNamespace(
        ids=list(ids), errors=errors, notes=notes, points=zeros, step_counts=zeros,
        time_series=None, steps=None, metrics={},
    )  # fmt: skip


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def blobs(tmp_path):
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture
def outcomes(tmp_path):
    return OutcomeFile(tmp_path / "owner-1.jsonl")


@pytest.fixture
def packer(blobs, outcomes, clock):
    with OutcomeWriter(outcomes.path) as writer:
        yield Packer(blobs, writer, "owner", IDS, clock)


def test_runs_of_a_pack_are_in_the_order_of_the_chunk(packer, blobs, outcomes, clock):
    packer.add(group("d", "b", notes={"d": ["a remark"]}))
    clock.now += 1.0
    packer.add(group("c", "a", errors={"c": ("SOLVER_ERROR", "no convergence")}))
    packer.write()

    [line] = outcomes.read_new()

    assert line["ids"] == list(IDS)
    assert line["metrics"] == {"Run": [0, 1, 2, 3], "Cycles": {"Cycle count": [[0]] * 4}}
    assert line["errors"] == {"2": ["SOLVER_ERROR", "no convergence"]}
    assert line["notes"] == {"3": ["a remark"]}
    assert line["rows"] == {"steps": [1, 1, 1, 1], "points": [2, 3, 4, 5]}
    assert line["compute_time"] == 1.0
    with Pack.opened(blobs, line["pack"]) as pack:
        for place in range(4):
            assert pack.time_series([place])["Run"].to_list() == [place] * (2 + place)
            assert pack.steps([place])["Run"].to_list() == [place]


def test_a_pack_is_written_when_its_time_has_come(packer, outcomes, clock):
    packer.add(group("a"))
    assert outcomes.read_new() == []
    clock.now += PACK_PERIOD
    packer.add(group("c"))
    packer.add(group("b"))
    assert [line["ids"] for line in outcomes.read_new()] == [["a", "c"]]
    packer.write()
    assert [line["ids"] for line in outcomes.read_new()] == [["b"]]


def test_a_run_that_is_not_reported_yet_counts_as_progress(packer, outcomes):
    packer.add(group("a"))
    assert outcomes.read_new() == []
    assert outcomes.offset > 0


@pytest.mark.parametrize("name", ["steps.parquet", "time_series.parquet"])
def test_results_are_kept_until_the_disk_takes_them(blobs, outcomes, monkeypatch, name):
    write = FolderBlobs.write_frame
    failures = iter([True, True])

    def full(self, key, *arguments, **options):
        if key.endswith(name) and next(failures, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, key, *arguments, **options)

    monkeypatch.setattr(FolderBlobs, "write_frame", full)
    with OutcomeWriter(outcomes.path, sleep=lambda _: None) as writer:
        packer = Packer(blobs, writer, "owner", IDS)
        packer.add(group("a", "b"))
        packer.write()

    [line] = outcomes.read_new()
    with Pack.opened(blobs, line["pack"]) as pack:
        assert pack.steps([1])["Run"].to_list() == [1]
        assert pack.time_series([1])["Run"].to_list() == [1, 1, 1]


def test_runs_without_points_are_reported_without_a_pack(packer, blobs, outcomes):
    packer.add(without_points("c", "b"))
    packer.add(group("a"))
    packer.write()

    with_pack, without = outcomes.read_new()

    assert with_pack["ids"] == ["a"]
    assert (without["pack"], without["ids"], without["metrics"]) == (None, ["b", "c"], {})
    assert without["errors"] == {
        "0": ["CONFIGURATION_ERROR", "b is wrong"],
        "1": ["CONFIGURATION_ERROR", "c is wrong"],
    }
    assert len(list(blobs.folder.glob("*/*"))) == 1


def test_nothing_is_written_for_no_runs(packer, blobs, outcomes):
    packer.write()
    assert outcomes.read_new() == []
    assert not blobs.folder.exists()


def test_metrics_that_are_not_finite_are_null(packer, outcomes):
    broken = group("a")
    broken.metrics = {"Run": [float("nan")]}
    packer.add(broken)
    packer.write()
    assert orjson.loads(outcomes.path.read_bytes().splitlines()[-1])["metrics"] == {"Run": [None]}
