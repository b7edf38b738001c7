"""Addresses of Dask clusters: which of them are safe to connect to."""

from __future__ import annotations

from urllib.parse import urlsplit

from ionworks.server.http.addresses import is_loopback


def checked_address(address: str) -> str:
    """Return the address of a scheduler.

    Raises
    ------
    ValueError
        It is not one, or the connection would be neither encrypted nor on this machine.
    """
    scheme, colon, rest = address.partition("://")
    if not colon or not rest or scheme not in {"tls", "tcp", "inproc"}:
        raise ValueError(
            f"cluster {address!r} is not the address of a Dask scheduler, such as "
            "tls://host:8786, or tcp://127.0.0.1:8786 on this machine"
        )
    if not is_private(address):
        raise ValueError(
            f"cluster {address!r} would be reached without encryption, and everyone who can reach "
            "it could run code: start scheduler and workers with tls:// addresses"
        )
    return address


def is_private(address: str) -> bool:
    """Whether what is sent to an address of Dask is encrypted, or stays on this machine."""
    parts = urlsplit(address)
    return parts.scheme in {"tls", "inproc"} or is_loopback(parts.hostname or "")
