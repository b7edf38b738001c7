"""Signed links while the clock of the computer is changed."""

import time

import pytest

from ionworks.server.http.problems import Problem
from ionworks.server.http.signed_links import LIFETIME, Links


@pytest.mark.parametrize("jump", [-86400.0, -1.0, 1.0, 86400.0])
def test_a_jump_of_the_clock_does_not_expire_a_link(monkeypatch, jump):
    links = Links()
    token = links.token("a file")
    moment = time.time()

    monkeypatch.setattr(time, "time", lambda: moment + jump)

    assert links.key(token) == "a file"


def test_a_link_expires_after_its_lifetime(monkeypatch):
    links = Links()
    token = links.token("a file")
    moment = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: moment + LIFETIME + 2)

    with pytest.raises(Problem, match="expired") as caught:
        links.key(token)

    assert caught.value.status == 403
