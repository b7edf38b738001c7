"""What ``ionworks worker`` refuses before it starts anything."""

from typer.testing import CliRunner

from ionworks.cli.main import app


def test_a_scheduler_that_would_be_reached_without_encryption_is_refused():
    ran = CliRunner().invoke(app, ["worker", "tcp://10.0.0.1:8786"])
    assert ran.exit_code == 2
    assert "without encryption" in ran.stderr


def test_options_of_a_service_do_not_apply():
    ran = CliRunner().invoke(app, ["worker", "tls://host:8786", "--url", "https://example.com"])
    assert ran.exit_code == 2
    assert "do not apply to worker" in ran.stderr
