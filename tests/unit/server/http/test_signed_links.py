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


def test_servers_with_the_same_secret_accept_each_others_links():
    first, second = (Links(secret="the same secret of both") for _ in range(2))
    assert second.key(first.token("a file")) == "a file"
    assert second.upload_key(first.upload_token("a file")) == "a file"
    with pytest.raises(Problem, match="not valid"):
        second.key(first.upload_token("a file"))
    for other in (Links(), Links(secret="the secret of a third")):
        with pytest.raises(Problem, match="not valid"):
            other.key(first.token("a file"))


def test_a_link_with_a_secret_expires_by_the_clock_of_the_computer(monkeypatch):
    links = Links(secret="the same secret of both")
    token = links.token("a file")
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment + LIFETIME + 2)
    with pytest.raises(Problem, match="expired"):
        links.key(token)


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="at least 16 random ones in IONWORKS_SECRET"):
        Links(secret="short")
