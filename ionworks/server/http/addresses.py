"""The addresses of a served engine: which requests are meant for it, and where links point.

A page in a browser can send requests to a server on the same computer. By DNS rebinding it does so
under a name that it controls, which is then in the header Host. Browsers mark other requests of a
foreign page with the headers Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from ionworks.server.http.excerpts import cut
from ionworks.server.http.problems import Problem, forbidden

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_PORTS = {"http": 80, "https": 443}
_URL_CHARACTERS = re.compile(r"[!-~]*")
_OWN_SITE = ("same-origin", "none")


class Addresses:
    """The addresses under which clients reach a served engine.

    Parameters
    ----------
    host, port
        What the server listens on.
    public_url
        The URL of a reverse proxy in front of the server, perhaps with a path. Links start with
        it; without one, they start with the address of the server that the client used.

    Raises
    ------
    ValueError
        ``public_url`` is not an http or https URL without user, query and fragment.
    """

    def __init__(self, host: str, port: int, public_url: str | None = None) -> None:
        public = None if public_url is None else _public(public_url)
        self._public_root = None if public is None else public.geturl()
        #: The path of the public URL, decoded as in WSGI; "" without one.
        self.prefix = "" if public is None else _as_in_wsgi(public.path)
        self._has_any_address = _is_unspecified(host)
        self._port = port
        origins = [] if public is None else [_origin(public.scheme, public.netloc)]
        origins += [_origin("http", f"{name}:{port}") for name in _names(host)]
        self._origins = [origin for origin in dict.fromkeys(origins) if origin is not None]

    def root(self, host: str) -> str:
        """Return what links in the reply to a request start with, without trailing slash.

        Parameters
        ----------
        host
            The header Host of the request.

        Raises
        ------
        Problem
            421, the host is not one of this server's.
        """
        own = self._named(host)
        if own is None:
            best = self._public_root or self._origins[0]
            message = (
                f"The host {cut(host)!r} is not an address of this server: use {best}, or "
                "start the server with --public-url and the URL in use."
            )
            raise Problem(421, "MISDIRECTED_REQUEST", message)
        return self._public_root or own

    def check(self, method: str, headers: Mapping[str, str]) -> None:
        """Refuse a request that is not for this server, or that a page of another site sent.

        Raises
        ------
        Problem
            421 for another host, 403 for a foreign page.
        """
        host = headers.get("Host", "")
        self.root(host)
        origin = headers.get("Origin")
        if origin is not None and origin.lower() not in {*self._origins, self._named(host)}:
            raise forbidden(f"This server answers no requests of pages from {cut(origin)!r}.")
        site = headers.get("Sec-Fetch-Site", "none")
        if site not in _OWN_SITE and not _opens_a_page(method, headers):
            raise forbidden("This server answers no requests of pages from other sites.")

    def _named(self, host: str) -> str | None:
        """Return the origin of this server that a Host header names, None for another's."""
        # A reverse proxy may have received the request by https.
        candidates = [_origin(scheme, host) for scheme in _PORTS]
        if self._has_any_address and _is_address(candidates[0], self._port):
            # The addresses of all interfaces cannot be listed; but rebinding needs a name.
            return candidates[0]
        return next((each for each in candidates if each in self._origins), None)


def is_loopback(host: str) -> bool:
    """Whether a server that listens on a host is reached from this computer only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _opens_a_page(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser opens a link in a tab, whose content the page with the link cannot read."""
    return (
        method in {"GET", "HEAD"}
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )


def _public(url: str) -> SplitResult:
    """Return the parts of a public URL, without a slash at the end of its path."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # an unfinished IPv6 address
        parts = urlsplit("")
    # Links contain it, and headers may contain no other characters.
    is_plain = _URL_CHARACTERS.fullmatch(url.strip()) is not None
    if not is_plain or not _origin(parts.scheme, parts.netloc) or parts.query or parts.fragment:
        raise ValueError(
            f"the public URL {cut(url)!r} is not valid: give the URL that clients use, such as "
            "https://cells.example.com/ionworks, with other characters encoded"
        )
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/"))


def _as_in_wsgi(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")


def _names(host: str) -> list[str]:
    """Return the names of a server that listens on a host, as in URLs; the best one first."""
    if _is_unspecified(host):
        return [socket.gethostname(), socket.getfqdn(), *_LOOPBACK]
    shown = f"[{host}]" if ":" in host else host
    return [shown, *_LOOPBACK] if is_loopback(host) else [shown]


def _is_unspecified(host: str) -> bool:
    """Whether a host stands for all interfaces."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return not host


def _is_address(origin: str | None, port: int) -> bool:
    """Whether an origin consists of an IP address and a port."""
    if origin is None:
        return False
    parts = urlsplit(origin)
    try:
        ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return False
    return (parts.port or _PORTS[parts.scheme]) == port


def _origin(scheme: str, netloc: str) -> str | None:
    """Return an origin as browsers write it; None if it is not valid."""
    try:
        parts = urlsplit(f"{scheme}://{netloc}")
        port = parts.port
    except ValueError:
        return None
    if scheme not in _PORTS or not parts.hostname or parts.netloc != netloc or "@" in netloc:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{scheme}://{name}" if port in {None, _PORTS[scheme]} else f"{scheme}://{name}:{port}"
