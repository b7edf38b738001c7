"""`ionworks config`, and which address and key a command uses."""

import stat

import keyring
import pytest

from ionworks.errors import NotFoundError
from tests.end_to_end.command.file_keyring import Keyring
from tests.end_to_end.command.schemas import check
from tests.end_to_end.command.shell import KEY

KEYRING = {"PYTHON_KEYRING_BACKEND": "tests.end_to_end.command.file_keyring.Keyring"}


@pytest.fixture
def stored_keys(invoke_bare):
    """A file with the keys that commands of this process store."""
    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield invoke_bare.home / "keys.json"
    keyring.set_keyring(before)


def test_a_profile_has_address_project_and_key(shell, engine_url):
    line = f"ionworks config set --profile lab --url {engine_url} --project default --key"
    shell(f"echo {KEY} | {line} --organization local", **KEYRING)

    # The first profile is the default one.
    assert shell("ionworks list projects --ids", **KEYRING).out == "default\n"
    shown = check("config show", shell("ionworks config show --json", **KEYRING).json)
    assert shown["default"] == "lab"
    assert shown["profiles"]["lab"] == {
        "url": engine_url, "project": "default", "organization": "local", "has_key": True,
    }  # fmt: skip
    assert shown["used"] == {
        "url": engine_url,
        "source": "profile lab, the default one",
        "key_source": "the keyring",
        "project": "default",
    }
    file = shell.home / "config" / "ionworks" / "config.toml"
    assert KEY not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_keyring_a_key_is_not_stored(invoke_bare):
    line = "config set --url https://cells.example.com --key"

    ran = invoke_bare(line, code=2, given="secret\n")

    assert "IONWORKS_API_KEY" in ran.err
    assert [*invoke_bare.home.rglob("config.toml")] == []


def test_a_key_is_not_sent_to_an_address_it_was_not_given_for(invoke_bare, stored_keys, engine_url):
    invoke_bare(f"config set --url {engine_url} --key", given=KEY)
    other = "--url http://127.0.0.1:1"
    assert "no key is known" in invoke_bare(f"list projects {other}", code=6).err
    assert KEY in stored_keys.read_text()

    invoke_bare(f"config set {other}")

    assert "no key is known for http://127.0.0.1:1" in invoke_bare("list", code=6).err
    assert KEY not in stored_keys.read_text()


def test_profiles_are_chosen_and_removed(invoke_bare):
    invoke_bare("config set --profile a --url local:a")
    invoke_bare("config set --profile b --url local:b")
    invoke_bare("config use b")

    def used(line, **environment):
        return invoke_bare(f"{line}config show --json", **environment).json["used"]["url"]

    assert used("") == "local:b"
    assert used("", IONWORKS_PROFILE="a") == "local:a"
    assert used("", IONWORKS_API_URL="local:c") == "local:c"
    # What is given on the command line takes precedence over the environment.
    assert used("--profile a ", IONWORKS_API_URL="local:c") == "local:a"
    assert used("--url local:d ", IONWORKS_API_URL="local:c") == "local:d"
    invoke_bare("config remove b")
    assert "address used now: local (default)" in invoke_bare("config show").out
    assert "there is no profile 'b' (profiles: a)" in invoke_bare("config use b", code=2).err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("config set", "nothing to set"),
        ("list --url ''", "it is empty"),
        ("--project '' list", "it is empty"),
        ("config set --url ftp://cells", "does not start with https://"),
        ("list --profile lab", "there is no profile 'lab' (profiles: none)"),
    ],
)
def test_settings_that_are_wrong_are_told(invoke_bare, line, said):
    assert said in invoke_bare(line, code=2).err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "config.toml is not valid TOML"),
        ("default = 'a'", "the default profile 'a' does not exist"),
        ("profiles.a.key = 'secret'", "profile 'a' has an unknown setting 'key'"),
        ("profiles.a.url = 1", "url of profile 'a' must be text"),
        ("profiles.a = 1", "profile 'a' must be a table"),
    ],
)
def test_a_file_of_profiles_that_is_wrong_is_told(invoke_bare, text, said):
    folder = invoke_bare.home / "config" / "ionworks"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)

    ran = invoke_bare("list", code=2)

    assert said in ran.err
    assert "secret" not in ran.err


def test_a_wrong_key_has_an_exit_code_of_its_own(served_shell):
    served_shell("ionworks list", code=6, IONWORKS_API_KEY="wrong")


def test_debug_shows_where_an_error_comes_from(invoke):
    with pytest.raises(NotFoundError):
        invoke("--debug show no-such-id")


def test_options_of_all_commands_are_taken_before_and_after_the_name(invoke):
    before = invoke("--json --quiet list projects").json
    after = invoke("list projects --json -q").json

    assert before == after


def test_a_project_is_required_where_the_service_has_no_default(invoke):
    ran = invoke("list", code=2, IONWORKS_PROJECT_ID="")

    assert "pass --project ID" in ran.err
