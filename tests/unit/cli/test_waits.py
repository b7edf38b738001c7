"""Time limits of waits."""

from ionworks.cli.waits import countdown


def test_a_time_limit_is_for_all_waits_together(monkeypatch):
    times = iter([100.0, 103.0, 111.0])
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    remaining = countdown(10.0)
    assert [remaining(), remaining()] == [7.0, 0.0]
    assert countdown(None)() is None
