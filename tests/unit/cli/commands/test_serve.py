"""The help of ``ionworks serve``."""

from typer.testing import CliRunner

from ionworks.cli.main import app
from ionworks.server.jobs.queue import MOST_DEFAULT_WORKERS


def test_the_help_gives_the_default_number_of_workers():
    text = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).stdout
    assert f"by default one per core, at most {MOST_DEFAULT_WORKERS}." in text
