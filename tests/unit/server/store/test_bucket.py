"""Results in a bucket of an S3 server, by itself and with faults in front of it."""

import errno
import io
import re
from contextlib import closing
from datetime import timedelta

import httpx
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ionworks.server.jobs import outages
from ionworks.server.jobs.outcomes import OutcomeWriter
from ionworks.server.store import bucket, faults, pack_files
from ionworks.server.store.blobs import STEPS, TIME_SERIES, Blobs, FolderBlobs, scan
from ionworks.server.store.bucket import BucketBlobs
from ionworks.server.store.pack_files import Pack
from tests import object_store
from tests.unit.server.bucket_proxy import DENIED, NO_BUCKET, Proxy

FRAME = pl.DataFrame({"Time [s]": [0.0, 1.0], "Voltage [V]": [4.0, 3.9]})


@pytest.fixture
def place():
    return object_store.new_place()


@pytest.fixture
def blobs(place):
    return Blobs.at(place)


def test_an_address_is_a_folder_or_a_bucket(tmp_path, place):
    for address, kind in ((str(tmp_path), FolderBlobs), (place, BucketBlobs)):
        found = Blobs.at(address)
        assert isinstance(found, kind)
        assert found.address == address


@pytest.mark.parametrize(
    "address", ["gs://bucket/prefix", "s3://", "s3:///prefix", "s3://key@bucket", "s3://b/p?x=1"]
)
def test_an_address_that_is_neither_is_refused(address):
    with pytest.raises(ValueError, match=re.escape(repr(address))):
        Blobs.at(address)


def test_a_frame_is_written_read_and_deleted(blobs):
    assert blobs.is_empty()
    blobs.write_frame("ab/abc/steps.parquet", FRAME)
    blobs.write_frame("ab/abc/series.parquet", FRAME.lazy())
    blobs.write_frame("ab/abcd/steps.parquet", FRAME)

    for key in ("ab/abc/steps.parquet", "ab/abc/series.parquet"):
        assert blobs.exists(key)
        for opened in (blobs.open, blobs.fetch):
            with opened(key) as file:
                assert blobs.size(key) == len(file.read())
                assert_frame_equal(scan(file).collect(), FRAME)
    assert not blobs.is_empty()
    blobs.remove("ab/abc/series.parquet")
    blobs.remove("ab/abc/series.parquet")
    assert not blobs.exists("ab/abc/series.parquet")
    blobs.delete("ab/abc")
    blobs.delete("ab/abc")
    assert object_store.files_at(blobs) == ["ab/abcd/steps.parquet"]


def test_folders_are_listed_as_on_a_disk(blobs, tmp_path, monkeypatch):
    monkeypatch.setattr(bucket, "_NEW_FOR", -timedelta(seconds=5))  # Swift rounds times up
    keys = ["ab/abc/s", "ab/abd/s", "pipelines/cd/cde/1/s", "measurements/ef/efg/h/s", "top"]
    for each in (blobs, FolderBlobs(tmp_path)):
        for key in keys:
            each.write_frame(key, FRAME)
        names = each.listing()
        assert sorted(names("")) == ["ab", "measurements", "pipelines"]
        assert sorted(names("ab")) == ["abc", "abd"]
        assert names("measurements/ef/efg") == ["h"]
        assert names("nothing") == []


def test_new_folders_are_not_listed(blobs):
    blobs.write_frame("ab/abc/steps.parquet", FRAME)
    assert blobs.listing()("ab") == []


@pytest.mark.parametrize("key", ["ab/abc/steps.parquet", "../other/steps.parquet"])
@pytest.mark.parametrize("method", ["open", "fetch", "size"])
def test_a_missing_object_is_a_missing_file(blobs, method, key):
    with pytest.raises(FileNotFoundError) as caught:
        getattr(blobs, method)(key)
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == f"{blobs.address}/{key}"
    assert faults.fault_of(caught.value) is None


# ---------------------------------------------------------------- large objects
@pytest.fixture
def large(blobs, monkeypatch):
    """A pack of 400 runs that is larger than what is fetched as a whole."""
    monkeypatch.setattr(bucket, "_SMALL", 1 << 12)
    monkeypatch.setattr(bucket, "_PIECE", 1 << 18)
    monkeypatch.setattr(pack_files, "_ROWS_TOGETHER", 1 << 8)
    rows = pl.int_range(400 * 256, eager=True)
    # Numbers that hardly compress.
    series = pl.DataFrame({"Time [s]": rows, "Voltage [V]": rows.hash(7)})
    steps = pl.DataFrame({"End index": [255] * 400})
    pack_files.write(blobs, "ab/pack", steps, series, [1] * 400)
    return series


def test_a_large_object_is_read_in_pieces(blobs, large):
    with (
        blobs.open(f"ab/pack/{TIME_SERIES}") as file,
        blobs.fetch(f"ab/pack/{TIME_SERIES}") as all_,
    ):
        content = all_.read()
        assert file.read() == content
        assert file.seek(-4, 2) == len(content) - 4
        assert file.read() == b"PAR1"
        assert file.read() == b""
        assert_frame_equal(pl.read_parquet(io.BytesIO(content)), large)


def test_one_run_of_a_large_pack_is_fetched_without_the_others(blobs, large, proxy, monkeypatch):
    size = blobs.size(f"ab/pack/{TIME_SERIES}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    through = Blobs.at(blobs.address)
    with Pack.opened(through, "ab/pack") as pack:
        _ = pack.places
        proxy.sent = 0
        found = pack.time_series([200])
    assert_frame_equal(found, large[200 * 256 : 201 * 256])
    assert 0 < proxy.sent < size / 2


# ---------------------------------------------------------------- links
def test_an_upload_is_in_its_place_when_it_was_taken_in(blobs):
    link = blobs.upload_link("ab/upload/0")
    assert not blobs.take_in("ab/upload/0")
    with httpx.Client(timeout=object_store.PATIENCE) as client:
        assert client.put(link, content=b"first").status_code == 200
        assert blobs.take_in("ab/upload/0")
        # The link is still valid, but what was confirmed stays.
        assert client.put(link, content=b"second").status_code == 200
        assert client.get(blobs.download_link("ab/upload/0")).content == b"first"
    blobs.remove_scratch("ab/upload")
    assert object_store.files_at(blobs) == ["ab/upload/0"]


def test_links_lead_to_the_public_address_of_the_store(blobs, monkeypatch):
    monkeypatch.setenv(bucket.PUBLIC_URL, "https://files.example.com")
    for link in (blobs.upload_link("ab/0"), blobs.download_link("ab/0")):
        assert link.startswith("https://files.example.com/")
        assert "X-Amz-Signature=" in link


# ---------------------------------------------------------------- faults
@pytest.fixture
def proxy(place):
    with closing(Proxy()) as started:
        yield started


@pytest.fixture
def behind_proxy(place, proxy, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setitem(bucket._RETRIES, "max_retries", 0)
    return Blobs.at(place)


ANSWERS = [
    ((503, b"<Error><Code>SlowDown</Code></Error>"), faults.BUCKET_UNREACHABLE),
    ((500, b"<Error><Code>InternalError</Code></Error>"), faults.BUCKET_UNREACHABLE),
    (DENIED, faults.BUCKET_REFUSED),
    ((401, b""), faults.BUCKET_REFUSED),
    (NO_BUCKET, faults.NO_BUCKET),
]


@pytest.mark.parametrize(("answer", "fault"), ANSWERS)
@pytest.mark.parametrize(
    "action",
    [
        lambda blobs: blobs.write_frame("ab/a", FRAME),
        lambda blobs: blobs.open("ab/a"),
        lambda blobs: blobs.delete("ab"),
        lambda blobs: blobs.listing(),
    ],
    ids=["write", "open", "delete", "list"],
)
def test_what_the_store_answers_is_a_fault(behind_proxy, proxy, answer, fault, action):
    proxy.answer = answer
    with pytest.raises(OSError) as caught:  # noqa: PT011 the fault is compared
        action(behind_proxy)
    assert faults.fault_of(caught.value) is fault


@pytest.mark.parametrize(("answer", "fault"), ANSWERS)
def test_a_bucket_that_cannot_be_used_is_refused_at_opening(behind_proxy, proxy, answer, fault):
    proxy.answer = answer
    with pytest.raises(RuntimeError, match=re.escape(fault.reason)) as caught:
        behind_proxy.prepare()
    assert fault.remedy in str(caught.value)


def test_missing_credentials_are_named_at_opening(behind_proxy, proxy, monkeypatch):
    proxy.answer = DENIED
    with monkeypatch.context() as patch:
        patch.delenv("AWS_ACCESS_KEY_ID")
        patch.setenv("AWS_SKIP_SIGNATURE", "true")  # else it looks for those of a machine of AWS
        with pytest.raises(RuntimeError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
            behind_proxy.prepare()


def test_a_server_that_does_not_listen_is_a_fault(place, monkeypatch, proxy):
    proxy.close()
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setitem(bucket._RETRIES, "max_retries", 0)
    with pytest.raises(OSError) as caught:  # noqa: PT011 the fault is compared
        Blobs.at(place).open("ab/a")
    assert faults.fault_of(caught.value) is faults.BUCKET_UNREACHABLE
    assert faults.BUCKET_UNREACHABLE.retry_after is not None


def test_what_polars_is_refused_is_a_fault(behind_proxy, blobs, large, proxy):
    with behind_proxy.open(f"ab/pack/{TIME_SERIES}") as file:
        frame = scan(file)
        proxy.answer = DENIED
        with pytest.raises(OSError) as caught:  # noqa: PT011 the fault is compared
            frame.collect()
    assert faults.fault_of(caught.value) is faults.BUCKET_REFUSED


def test_a_worker_keeps_its_results_until_the_store_takes_them(
    behind_proxy, proxy, tmp_path, monkeypatch
):
    monkeypatch.setattr(outages, "FIRST_PAUSE", 0.0)
    proxy.answer = (503, b"")
    pauses = []
    blocked = []

    def sleep(seconds):
        pauses.append(seconds)
        blocked.extend(each.name for each in tmp_path.glob("*.blocked-*"))
        if len(pauses) == 3:
            proxy.answer = None

    with OutcomeWriter(tmp_path / "outcomes.jsonl", sleep) as outcomes:
        outcomes.insist(lambda: behind_proxy.write_frame(f"ab/abc/{STEPS}", FRAME))

    assert len(pauses) == 3
    [marker] = set(blocked)
    code = int(marker.rpartition("-")[2])
    assert faults.fault_of(OSError(code, "")) is faults.BUCKET_UNREACHABLE
    assert behind_proxy.exists(f"ab/abc/{STEPS}")
