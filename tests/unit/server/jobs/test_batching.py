"""Which worker gets which runs."""

import pytest

from ionworks.server.jobs.batching import (
    LARGEST_CHUNK,
    LARGEST_OF_MANY,
    LARGEST_UNKNOWN,
    SMALLEST_UNKNOWN,
    WaitingJobs,
)

COLD = {}


def drain(waiting, own=COLD, others=()):
    chunks = []
    while (chunk := waiting.take(own, others)) is not None:
        chunks.append(chunk)
    return chunks


def test_every_run_is_taken_once():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 300)
    waiting.add("s", "m", 45)

    chunks = drain(waiting)

    assert sum(chunk.size for chunk in chunks) == 345
    assert len(waiting) == 0


def test_runs_that_the_store_does_not_have_are_forgotten():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 100)
    waiting.add("s", "m", 3, alone=True)

    waiting.exhaust(waiting.take(COLD, []))

    assert waiting.count("s", alone=False) == 0
    assert [(chunk.size, chunk.alone) for chunk in drain(waiting)] == [(1, True)] * 3
    assert len(waiting) == 0


def test_chunks_start_big_and_end_small():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 400)

    sizes = [chunk.size for chunk in drain(waiting)]

    assert sizes[0] == LARGEST_UNKNOWN
    assert sizes == sorted(sizes, reverse=True)
    assert SMALLEST_UNKNOWN <= sizes[-2] <= 2 * SMALLEST_UNKNOWN
    assert sizes[0::2] == sizes[1::2]  # the workers take turns, and end together


@pytest.mark.parametrize(
    ("pace", "largest", "smallest"),
    [(0.001, LARGEST_CHUNK, 100), (0.02, 200, 5), (1.0, 4, 1), (60.0, 1, 1), (0.0, 500, 500)],
)
def test_chunks_of_a_known_pace_take_some_seconds(pace, largest, smallest):
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 5000)
    waiting.note_pace("s", pace, 10)

    sizes = [chunk.size for chunk in drain(waiting)]

    assert sum(sizes) == 5000
    assert sizes[0] == largest
    assert sizes == sorted(sizes, reverse=True)
    # The last chunks are as small as is worth their own work, and two workers end together.
    assert smallest / 2 <= sizes[-2] < 2 * smallest
    assert sizes[-2] - sizes[-1] < 2


@pytest.mark.parametrize(
    ("workers", "pace", "largest", "smallest"),
    [(100, 0.001, LARGEST_OF_MANY, 2000), (100, 0.03, 333, 66), (1000, 0.03, 333, 333)],
)
def test_chunks_of_many_workers_are_as_long_as_one_process_needs_to_hand_them_out(
    workers, pace, largest, smallest
):
    waiting = WaitingJobs(workers)
    waiting.add("s", "m", 4_000_000)
    waiting.note_pace("s", pace, 10)

    sizes = [chunk.size for chunk in drain(waiting)]

    assert sum(sizes) == 4_000_000
    assert sizes[0] == largest
    assert smallest / 2 <= sizes[-2] <= 2 * smallest


def test_short_chunks_do_not_change_a_known_pace():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 5000)
    waiting.note_pace("s", 0.02, 50)

    waiting.note_pace("s", 0.05, 4)
    assert waiting.take(COLD, []).size == 200

    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 5000)
    waiting.note_pace("s", 0.02, 50)
    waiting.note_pace("s", 0.05, 40)
    assert waiting.take(COLD, []).size == 80


def test_a_short_batch_is_one_chunk():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 40)
    waiting.note_pace("s", 0.001, 10)

    assert [chunk.size for chunk in drain(waiting)] == [40]


def test_the_pace_of_a_submission_is_not_that_of_another():
    waiting = WaitingJobs(workers=2)
    waiting.add("fast", "m", 5000)
    waiting.add("slow", "m", 5000)
    waiting.note_pace("fast", 0.001, 10)
    waiting.note_pace("gone", 0.001, 10)

    assert [waiting.take(COLD, []).size for _ in range(2)] == [LARGEST_CHUNK, LARGEST_UNKNOWN]


def test_submissions_take_turns():
    waiting = WaitingJobs(workers=1)
    waiting.add("big", "m", 200)
    waiting.add("small", "m", 1)

    order = [chunk.submission_id for chunk in drain(waiting)]

    assert order[:2] == ["big", "small"]


def test_runs_marked_alone_get_a_chunk_each():
    waiting = WaitingJobs(workers=1)
    waiting.add("s", "m", 2, alone=True)
    waiting.add("s", "m", 2)

    sizes = [(chunk.size, chunk.alone) for chunk in drain(waiting)]

    assert sizes == [(2, False), (1, True), (1, True)]


def test_few_remaining_runs_are_left_to_the_worker_that_built_the_model():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 20)

    assert waiting.take(COLD, [{"m": 0.001}]) is None
    assert waiting.take(COLD, [{"m": 1.0}]) is not None
    assert waiting.take({"m": 0.001}, []) is not None


def test_a_model_that_no_worker_has_built_is_built_at_once():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", 20)

    assert waiting.take({"other": 0.1}, [COLD]) is not None
