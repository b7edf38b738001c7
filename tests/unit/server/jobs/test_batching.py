"""Which worker gets which runs."""

from ionworks.server.jobs.batching import LARGEST_CHUNK, SMALLEST_CHUNK, WaitingJobs

COLD = {}


def drain(waiting, own=COLD, others=()):
    chunks = []
    while (chunk := waiting.take(own, others)) is not None:
        chunks.append(chunk)
    return chunks


def runs(count):
    return [str(number) for number in range(count)]


def test_every_run_is_taken_once_in_order():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", runs(345))

    chunks = drain(waiting)

    assert [job for chunk in chunks for job in chunk.job_ids] == runs(345)
    assert len(waiting) == 0


def test_chunks_start_big_and_end_small():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", runs(400))

    sizes = [len(chunk.job_ids) for chunk in drain(waiting)]

    assert sizes[0] == LARGEST_CHUNK
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes[:-1]) == SMALLEST_CHUNK


def test_submissions_take_turns():
    waiting = WaitingJobs(workers=1)
    waiting.add("big", "m", runs(200))
    waiting.add("small", "m", ["x"])

    order = [chunk.submission_id for chunk in drain(waiting)]

    assert order[:2] == ["big", "small"]


def test_runs_marked_alone_get_a_chunk_each():
    waiting = WaitingJobs(workers=1)
    waiting.add("s", "m", ["a", "b"], alone=True)
    waiting.add("s", "m", ["c", "d"])

    assert [chunk.job_ids for chunk in drain(waiting)] == [("c", "d"), ("a",), ("b",)]


def test_few_remaining_runs_are_left_to_the_worker_that_built_the_model():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", runs(20))

    assert waiting.take(COLD, [{"m": 0.001}]) is None
    assert waiting.take(COLD, [{"m": 1.0}]) is not None
    assert waiting.take({"m": 0.001}, []) is not None


def test_a_model_that_no_worker_has_built_is_built_at_once():
    waiting = WaitingJobs(workers=2)
    waiting.add("s", "m", runs(20))

    assert waiting.take({"other": 0.1}, [COLD]) is not None
