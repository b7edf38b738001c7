"""A keyring that is locked, or does not work."""

import keyring
import pytest
from keyring.errors import KeyringLocked
from typer.testing import CliRunner

from ionworks.cli.main import app


@pytest.fixture(autouse=True)
def locked(monkeypatch, tmp_path):
    def refuse(*_):
        raise KeyringLocked("the collection is locked")

    monkeypatch.setattr(keyring, "get_keyring", object)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, refuse)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "ionworks"
    folder.mkdir()
    text = 'default = "lab"\n[profiles.lab]\nurl = "https://cells.example.com"\n'
    (folder / "config.toml").write_text(text)


@pytest.mark.parametrize(
    "line", ["list", "config show", "config set --key", "config remove lab", "doctor"]
)
def test_a_locked_keyring_is_a_message(line):
    ran = CliRunner().invoke(app, line.split(), input="secret\n")

    assert ran.exit_code == 6, ran.exception
    said = ran.stdout if line == "doctor" else ran.stderr
    assert "the keyring of this system cannot be used (the collection is locked)" in said
    assert "IONWORKS_API_KEY" in said


def test_a_key_of_the_environment_needs_no_keyring():
    ran = CliRunner().invoke(app, ["config", "set", "--project", "p"])
    assert ran.exit_code == 0, ran.stderr

    ran = CliRunner().invoke(app, ["list", "cells"], env={"IONWORKS_API_KEY": "secret"})
    assert "cells belong to a specification" in ran.stderr
