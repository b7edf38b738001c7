"""The client of commands that compute nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionworks.client import Ionworks
from ionworks.transport import engine

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client

    from ionworks.server.app import LocalApp

__all__ = ["ReadingClient"]


class ReadingClient(Ionworks):
    """A client whose embedded engine starts no worker process before there is work for it.

    A list, for example, needs none; jobs of before that have not ended do.
    """

    def _open_engine(self, folder: Path | None, cluster: str | Client | None) -> LocalApp:
        return engine.open_engine(folder, starts_worker=False, cluster=cluster)
