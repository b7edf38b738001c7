"""Tar archives that are made while they are sent."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import IO

TAR = "application/x-tar"
#: Bytes of a file that are read at once.
_PIECE = 1 << 18


def archive(members: Iterable[tuple[str, bytes | IO[bytes]]]) -> Generator[bytes, None, None]:
    """Yield an archive of named members, each of which is made when it is its turn.

    Parameters
    ----------
    members
        Names and contents. An open file is sent from its beginning and closed.
    """
    for name, content in members:
        if isinstance(content, bytes):
            yield _header(name, len(content)) + content + _padding(len(content))
            continue
        with closing(content):
            size = content.seek(0, os.SEEK_END)
            yield _header(name, size)
            content.seek(0)
            left = size
            while left:
                piece = content.read(min(left, _PIECE))
                if not piece:  # its length is already sent
                    raise OSError(f"{name} became {left} bytes shorter while it was sent")
                left -= len(piece)
                yield piece
            yield _padding(size)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _header(name: str, size: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf()


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
