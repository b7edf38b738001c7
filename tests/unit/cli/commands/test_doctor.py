"""The report of ``ionworks doctor``."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from ionworks.cli.commands import doctor


@pytest.mark.parametrize(
    ("home", "told"),
    [
        ("/home/ada", "~/cells and /home/adam/cells at http://host, or ~"),
        ("/", "/home/ada/cells and /home/adam/cells at http://host, or /home/ada"),
    ],
)
def test_a_report_has_no_home_folder(monkeypatch, home, told):
    monkeypatch.setattr(Path, "home", lambda: Path(home))
    text = "/home/ada/cells and /home/adam/cells at http://host, or /home/ada"
    assert doctor._redacted(text) == told


def test_a_file_that_is_removed_meanwhile_has_no_size(tmp_path, monkeypatch):
    (tmp_path / "kept").write_bytes(b"12345")
    gone = tmp_path / "gone"
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    assert [doctor._size(path) for path in (tmp_path / "kept", gone)] == [5, 0]


def test_a_project_may_have_no_model_to_ask_a_worker_for():
    models = SimpleNamespace(list_by_project=lambda **_: [])
    session = SimpleNamespace(client=SimpleNamespace(parameterized_model=models))
    found = doctor._worker(session)
    assert (found.status, found.detail) == (
        "warning", "not checked: the project has no model",
    )  # fmt: skip
