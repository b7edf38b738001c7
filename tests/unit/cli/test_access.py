"""Which project a command uses."""

import pytest

from ionworks.cli.access import Access


@pytest.fixture(autouse=True)
def profiles(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("IONWORKS_PROJECT_ID", "of-the-environment")
    folder = tmp_path / "ionworks"
    folder.mkdir()
    text = '[profiles.engine]\nurl = "local:cells"\nproject = "of-the-profile"\n'
    (folder / "config.toml").write_text(f'default = "engine"\n{text}')


@pytest.mark.parametrize(
    ("url", "variable", "project"),
    [
        # An engine that the command selects does not have the project of a service.
        (None, None, "of-the-profile"),
        ("local:others", None, None),
        (None, "local:others", "of-the-environment"),
        (None, "local:cells", "of-the-environment"),
        ("https://cells.example.com", None, "of-the-environment"),
    ],
)
def test_the_project_of_the_environment_is_not_for_an_engine(monkeypatch, url, variable, project):
    if variable is not None:
        monkeypatch.setenv("IONWORKS_API_URL", variable)
    assert Access.find(None, url, None).project_in_use == project
    assert Access.find(None, url, "given").project_in_use == "given"
