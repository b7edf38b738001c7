"""``ionworks admin`` on the folder of an engine."""

import json

import pytest
from typer.testing import CliRunner

from ionworks.cli.exits import Code
from ionworks.cli.main import app
from tests.unit.server.teams import client_with, opened_team


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("IONWORKS_PATH", str(tmp_path / "engine"))

    def invoke(line, *, code=Code.DONE):
        result = CliRunner().invoke(app, ["admin", *line.split()])
        assert result.exit_code == code, result.output
        return result

    return invoke


@pytest.fixture
def read(run):
    """Return what a command writes as JSON."""
    return lambda line: json.loads(run(f"{line} --json").stdout)


def test_a_team_is_made_and_its_key_works(run, read, tmp_path):
    organization = read("organizations add Lab")
    user = read("users add Ada@Example.com")
    project = read("projects add NMC622 --owner ada@example.com")
    read("members set NMC622 ada@example.com --role owner --default")
    key = run("keys create ada@example.com --name laptop --scope read").stdout.strip()

    assert user["email"] == "ada@example.com"
    assert user["organization_id"] == project["organization_id"] == organization["id"]
    engine = opened_team(tmp_path / "engine")
    try:
        api = client_with(engine, key)
        assert [each["name"] for each in api.get("/projects").json()["items"]] == ["NMC622"]
        assert api.get("/users/me").json()["default_project_id"] == project["id"]
        assert api.post("/cell_specifications", json={"name": "x"}).status_code == 403
        [listed] = read("keys list")
        assert key.startswith(listed["prefix"])
        assert (listed["user"], listed["name"], listed["scope"]) == (
            "ada@example.com",
            "laptop",
            "read",
        )
        assert "digest" not in listed
        [entry] = read("audit --user ada@example.com")
        assert (entry["operation"], entry["status"]) == ("create_cell_spec", 403)
        read(f"keys revoke {listed['id']}")
        assert api.get("/projects").status_code == 401
    finally:
        engine.close()


def test_members_have_one_of_three_roles(run, read):
    for line in (
        "organizations add Lab",
        "users add ada@example.com",
        "users add ben@example.com",
        "projects add NMC622 --owner ada@example.com",
        "members set NMC622 ben@example.com",
    ):
        read(line)
    assert {each["user"]: each["role"] for each in read("members list NMC622")} == {
        "ada@example.com": "owner",
        "ben@example.com": "editor",
    }
    read("members set NMC622 ben@example.com --role viewer")
    assert read("members list NMC622")[1]["role"] == "viewer"
    read("members remove NMC622 ben@example.com")
    assert [each["user"] for each in read("members list NMC622")] == ["ada@example.com"]
    run("members set NMC622 ben@example.com --role boss", code=Code.INVALID)


def test_a_user_is_disabled_and_enabled(read):
    read("organizations add Lab")
    read("users add ada@example.com")
    assert not read("users disable ada@example.com")["is_active"]
    assert read("users enable ada@example.com")["is_active"]
    assert [each["email"] for each in read("users list")] == ["ada@example.com"]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("users add ada@example.com", Code.NOT_FOUND, "organizations add"),
        ("keys create nobody@example.com", Code.NOT_FOUND, "there is no user"),
        ("keys revoke none", Code.NOT_FOUND, "there is no key"),
        ("members list none", Code.NOT_FOUND, "there is no project"),
        ("users list --database postgresql://a:b@host/name", Code.INVALID, "has a password"),
        ("users list --url https://example.com", Code.INVALID, "do not apply to admin"),
        ("organizations add Lab --path /dev/null", Code.INVALID, "/dev/null"),
    ],
)
def test_what_does_not_exist_or_fit_is_refused(run, line, code, words):
    assert words in run(line, code=code).stderr


def test_names_and_addresses_are_taken_once(run, read):
    read("organizations add Lab")
    read("organizations add Works")
    assert "already" in run("organizations add Lab", code=Code.INVALID).stderr
    assert "name the organization" in run("users add a@example.com", code=Code.INVALID).stderr
    read("users add a@example.com --organization Lab")
    assert "already" in run("users add A@example.com --organization Lab", code=Code.INVALID).stderr
    assert "not an email" in run("users add ada --organization Lab", code=Code.INVALID).stderr
    read("users add b@example.com --organization Works")
    read("projects add Cells --owner a@example.com")
    refused = run("members set Cells b@example.com", code=Code.INVALID)
    assert "belongs to the organization 'Works'" in refused.stderr
    read("projects add Cells --owner b@example.com")
    assert "several projects are named" in run("members list Cells", code=Code.INVALID).stderr


def test_a_key_is_shown_to_people_as_the_key_only(run):
    run("organizations add Lab")
    run("users add ada@example.com")
    shown = run("keys create ada@example.com --days 30")
    assert shown.stdout.startswith("iw_")
    assert len(shown.stdout.split()) == 1
    assert "not shown again" in shown.stderr
