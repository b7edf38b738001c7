"""A clock that replaces the real one in tests of waiting."""

from __future__ import annotations

from typing import Any

import attrs

from ionworks.waiting.polling import Pace


@attrs.define
class Clock:
    """Time that passes only while something sleeps, or when a test sets it."""

    now: float = 0.0
    pauses: list[float] = attrs.field(factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.pauses.append(seconds)
        self.now += seconds

    def pace(self, **options: Any) -> Pace:
        return Pace(clock=self, sleep=self.sleep, **options)
