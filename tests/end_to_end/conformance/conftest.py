"""An embedded engine for the contract tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ionworks.server.app import LocalApp


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalApp]:
    """An engine that needs no key."""
    from ionworks.server.app import create_app

    app = create_app(tmp_path_factory.mktemp("contract"), workers=1)
    yield app
    app.close()
