"""Which hosts and origins are a server's own, and where its links point."""

import pytest

from ionworks.server.http.addresses import Addresses
from ionworks.server.http.problems import Problem

OWN = {"Host": "127.0.0.1:8000"}
FOREIGN = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


def refusal(addresses, headers, method="POST"):
    """Return the status with which a request is refused, None if it is not."""
    try:
        addresses.check(method, headers)
    except Problem as problem:
        return problem.status
    return None


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost:8000", "LocalHost:8000", "[::1]:8000"]
)
@pytest.mark.parametrize("listening", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_a_loopback_server_has_the_names_of_loopback(listening, host):
    addresses = Addresses(listening, 8000)

    assert refusal(addresses, {"Host": host}) is None
    assert addresses.root(host) == f"http://{host.lower()}"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1",
        "127.0.0.1:8001",
        "localhost",
        "rebound.example:8000",
        "localhost.example:8000",
        "192.0.2.7:8000",
        "user@127.0.0.1:8000",
        "127.0.0.1:8000/x",
        "127.0.0.1:8000:8000",
        "127.0.0.1:port",
        "[::1",
        "127.0.0.1:8000, rebound.example",
    ],
)
def test_another_host_is_421(host):
    with pytest.raises(Problem, match="--public-url") as caught:
        Addresses("127.0.0.1", 8000).check("GET", {"Host": host})

    assert caught.value.status == 421


def test_a_long_host_is_not_echoed():
    with pytest.raises(Problem) as caught:
        Addresses("127.0.0.1", 8000).check("GET", {"Host": "x" * 5000})

    assert len(caught.value.message) < 500


def test_on_port_80_the_host_has_no_port():
    addresses = Addresses("localhost", 80)

    assert refusal(addresses, {"Host": "localhost"}) is None
    assert refusal(addresses, {"Host": "localhost:80"}) is None
    assert addresses.root("localhost") == "http://localhost"


def test_a_server_on_all_interfaces_is_reached_by_any_address_and_its_name(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Lab7")
    monkeypatch.setattr("socket.getfqdn", lambda: "lab7.example.com")
    addresses = Addresses("0.0.0.0", 8000)  # noqa: S104 the server that is tested

    for host in ("lab7:8000", "lab7.example.com:8000", "192.0.2.7:8000", "[2001:db8::7]:8000"):
        assert addresses.root(host) == f"http://{host}"
    for host in ("rebound.example:8000", "192.0.2.7:8001", "192.0.2.7"):
        assert refusal(addresses, {"Host": host}) == 421


class TestPublicUrl:
    addresses = Addresses("127.0.0.1", 8000, "https://Cells.example.com/ionworks/")

    @pytest.mark.parametrize(
        "host", ["cells.example.com", "cells.example.com:443", "127.0.0.1:8000", "localhost:8000"]
    )
    def test_links_start_with_it_whatever_the_proxy_sends_as_host(self, host):
        assert self.addresses.root(host) == "https://cells.example.com/ionworks"
        assert self.addresses.prefix == "/ionworks"

    def test_its_own_pages_may_send_requests(self):
        for origin in ("https://cells.example.com", "http://127.0.0.1:8000"):
            assert refusal(self.addresses, {**OWN, "Origin": origin}) is None

    @pytest.mark.parametrize(
        ("path", "prefix"), [("/my%20cells", "/my cells"), ("/pr%C3%BCf", "/pr\xc3\xbcf")]
    )
    def test_its_path_is_compared_as_wsgi_decodes_paths(self, path, prefix):
        addresses = Addresses("127.0.0.1", 8000, f"https://cells.example.com{path}")

        assert addresses.prefix == prefix
        assert addresses.root("cells.example.com") == f"https://cells.example.com{path}"

    @pytest.mark.parametrize("host", ["cells.example.com:8000", "example.com"])
    def test_another_host_is_refused(self, host):
        assert refusal(self.addresses, {"Host": host}) == 421

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "cells.example.com",
            "//cells.example.com",
            "ftp://cells.example.com",
            "https://",
            "https://user@cells.example.com",
            "https://cells.example.com?x=1",
            "https://cells.example.com#x",
            "https://cells.example.com:port",
            "https://[::1",
            "https://cells example.com",
            "https://cells.example.com/ion works",
            "https://cells.example.com/zellen-prüfstand",
        ],
    )
    def test_an_invalid_one_is_rejected(self, url):
        with pytest.raises(ValueError, match="the public URL"):
            Addresses("127.0.0.1", 8000, url)


@pytest.mark.parametrize(
    "origin",
    ["null", "", "https://evil.example", "https://127.0.0.1:8000", "http://127.0.0.1:8888"],
)
def test_a_request_with_another_origin_is_403(origin):
    assert refusal(Addresses("127.0.0.1", 8000), {**OWN, "Origin": origin}) == 403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:8000"])
def test_a_request_with_an_own_origin_is_answered(origin):
    assert refusal(Addresses("127.0.0.1", 8000), {**OWN, "Origin": origin}) is None


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"Sec-Fetch-Site": "same-origin"}, None),
        ("GET", {"Sec-Fetch-Site": "none"}, None),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("GET", {**FOREIGN, "Sec-Fetch-Dest": "document"}, None),
        ("GET", {**FOREIGN, "Sec-Fetch-Dest": "iframe"}, 403),
        ("POST", {**FOREIGN, "Sec-Fetch-Dest": "document"}, 403),
    ],
)
def test_of_other_sites_only_links_are_followed(method, headers, status):
    assert refusal(Addresses("127.0.0.1", 8000), OWN | headers, method) == status
