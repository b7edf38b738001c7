"""Commands that compute nothing start no worker process of the engine."""

import pytest
from typer.testing import CliRunner

from ionworks.cli.main import app
from ionworks.server import opening


@pytest.mark.parametrize(
    ("line", "starts_worker"),
    [
        (["list", "simulations"], False),
        (["result", "an-id"], False),
        (["run", "Rest for 1 minute", "-m", "spm"], True),
    ],
)
def test_the_first_worker_starts_for_what_is_computed(monkeypatch, tmp_path, line, starts_worker):
    opened = []

    def refuse(folder, **options):
        opened.append((folder, options))
        raise ValueError("not today")

    monkeypatch.setattr(opening, "open_app", refuse)
    monkeypatch.setenv("HOME", str(tmp_path))
    url = f"local:{tmp_path / 'engine'}"

    result = CliRunner().invoke(app, [*line, "--url", url])

    assert "not today" in result.stderr
    assert opened == [(tmp_path / "engine", {"starts_worker": starts_worker, "cluster": None})]
