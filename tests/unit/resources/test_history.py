"""`client.history()`: what was submitted, without anything secret, and never a failure."""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from ionworks.errors import ProtocolWarning
from ionworks.history.journal import Journal
from ionworks.workflows.simulations.simulation_wait import jobs_on

KEY = "a-secret-key"
RECEIPT = {"submission_id": "0f3a8c1e-7b2d-4f60-9a11-f00000000000", "count": 2, "seed": 7}
NOTE = {"category": "protocol", "message": "doubtful"}
REPLIES = {
    "POST /protocols/parse-to-template": {"template_id": "tpl-1"},
    "POST /simulations/with-template/batch": [
        {"simulation_id": "s1", "job_id": "j1", "notes": [NOTE]}
    ],
    "POST /pipelines": {"id": "pl", "name": "Fit", "status": "pending"},
    "POST /simple_pipelines": {"id": "sp", "name": "Quick fit", "status": "pending"},
}
ELEMENTS = {"elements": {"e": {"element_type": "entry", "values": {}}}}


def config(**fields: Any) -> dict[str, Any]:
    return {
        "parameterized_model": "pm",
        "protocol_experiment": {"protocol": "steps:\n  - Rest: {duration: 1}\n", "name": "Rest"},
        **fields,
    }


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of the history, in a folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("IONWORKS_HISTORY", "1")
    return tmp_path / "ionworks" / "history.db"


@pytest.mark.filterwarnings("ignore::ionworks.errors.ProtocolWarning")
def test_submissions_are_found_again(stub_service: Callable[..., Any], state: Path) -> None:
    started = datetime.now(UTC)
    with stub_service(REPLIES).client(history=True, api_key=KEY, project_id="p") as client:
        client.simulation.protocol(config())
        client.pipeline.create(ELEMENTS, name="Fit")
        client.simple_pipeline.create(ELEMENTS, name="Quick fit")

        entries = client.history()

        assert repr(entries).splitlines()[1].split()[:2] == ["submitted_at", "name"]
        assert "<table>" in entries._repr_html_()
        assert [each.kind for each in entries] == ["simple_pipeline", "pipeline", "simulation"]
        assert [each.ids for each in entries] == [["sp"], ["pl"], ["s1"]]
        assert [each.name for each in entries] == ["Quick fit", "Fit", "Rest"]
        assert {each.project_id for each in entries} == {"p"}
        assert {each.address for each in entries} == {"https://api.ionworks.com"}
        assert (entries[2].model, entries[2].protocol_id, entries[2].count) == ("pm", "tpl-1", 1)
        assert client.history(1) == entries[:1]
        assert client.history(name="quick") == entries[:1]
        assert client.history(since=started - timedelta(minutes=1)) == entries
        assert client.history(since=date(2999, 1, 1)) == []
    assert KEY.encode() not in state.read_bytes()


def test_a_batch_is_found_with_its_receipt(stub_service: Callable[..., Any]) -> None:
    replies = {**REPLIES, "POST /simulations/with-template/batch": RECEIPT}
    design = {"sampling": "grid", "rows": [{"type": "discrete", "name": "x", "values": [1, 2]}]}
    with stub_service(replies).client(history=True) as client:
        made = client.simulation.protocol_batch(config(design_parameters_doe=design))

        [entry] = client.history()

        assert (entry.count, entry.seed, entry.stored_ids) == (2, 7, None)
        assert list(entry.batch()) == list(made)


@pytest.mark.filterwarnings("ignore::ionworks.errors.ProtocolWarning")
def test_a_batch_needs_a_client_of_its_address(
    stub_service: Callable[..., Any], tmp_path: Path
) -> None:
    with stub_service(REPLIES).client(history=True, api_url="https://one.example") as client:
        client.simulation.protocol(config())
    journal = Journal()
    for address in ("local", f"local:{tmp_path}"):
        journal.add(attrs.evolve(journal.entries(1)[0], address=address))
    journal.close()
    with stub_service(REPLIES).client(history=True, project_id="p") as client:
        client.pipeline.create(ELEMENTS)
        pipeline, *others = client.history(everywhere=True)

        with pytest.raises(TypeError, match="the submission of a pipeline"):
            pipeline.batch()
        calls = (f"Ionworks.local('{tmp_path}')", "Ionworks.local()", "'https://one.example')")
        for entry, call in zip(others, calls, strict=True):
            with pytest.raises(ValueError, match=re.escape(call)) as info:
                entry.batch()
            assert f"submitted to {entry.address}, and this client is one of" in str(info.value)


def test_addresses_are_kept_apart(stub_service: Callable[..., Any]) -> None:
    for url in ("https://one.example", "https://two.example"):
        with stub_service(REPLIES).client(history=True, api_url=url, project_id="p") as client:
            client.pipeline.create(ELEMENTS)

            assert [each.address for each in client.history()] == [url]
    with stub_service({}).client(history=True) as client:
        assert client.history() == []
        everywhere = [each.address for each in client.history(everywhere=True)]
        assert everywhere == ["https://two.example", "https://one.example"]


def test_a_warning_that_is_an_exception_loses_no_id(stub_service: Callable[..., Any]) -> None:
    with stub_service(REPLIES).client(history=True) as client, warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ProtocolWarning):
            client.simulation.protocol(config())

        assert client.history()[0].ids == ["s1"]


@pytest.mark.parametrize("way", ["argument", "variable", "transport"])
def test_the_history_can_be_turned_off(
    stub_service: Callable[..., Any], state: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "variable":
        monkeypatch.setenv("IONWORKS_HISTORY", "0")
    options = {"argument": {"history": False}, "variable": {}, "transport": {}}[way]
    with stub_service(REPLIES).client(project_id="p", **options) as client:
        client.pipeline.create(ELEMENTS)
        with pytest.raises(ValueError, match=r"turned off: make it with Ionworks\(history=True\)"):
            client.history()

    assert not state.exists()


def test_a_history_that_cannot_be_written_fails_no_submission(
    stub_service: Callable[..., Any], state: Path
) -> None:
    state.parent.mkdir()
    state.write_bytes(b"not a database" * 100)
    with stub_service(REPLIES).client(history=True, project_id="p") as client:
        with pytest.warns(UserWarning, match="the submission itself succeeded") as caught:
            assert client.pipeline.create(ELEMENTS).id == "pl"
        assert client.simple_pipeline.create(ELEMENTS).id == "sp"  # without another warning
        with pytest.raises(OSError, match="cannot be used"):
            client.history()

    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_a_file_that_is_locked_fails_no_submission(
    stub_service: Callable[..., Any], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ionworks.history.journal._BUSY_TIMEOUT", 0.0)
    with stub_service(REPLIES).client(history=True, project_id="p") as client:
        client.pipeline.create(ELEMENTS)
        other = sqlite3.connect(state)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.warns(UserWarning, match="database is locked"):
            client.pipeline.create(ELEMENTS)
        other.rollback()
        other.close()

    assert client.settings.history


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"limit": 0}, ValueError, "limit must be"),
        ({"name": ""}, ValueError, "name is empty"),
        ({"since": "soon"}, ValueError, "since must be a date"),
        ({"since": 3}, TypeError, "since must be a date"),
    ],
)
def test_wrong_arguments(
    stub_service: Callable[..., Any],
    arguments: dict[str, Any],
    kind: type[Exception],
    message: str,
) -> None:
    with stub_service({}).client(history=True) as client, pytest.raises(kind, match=message):
        client.history(**arguments)


@pytest.mark.parametrize("text", ["maybe", "2"])
def test_a_wrong_variable_is_named(
    stub_service: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("IONWORKS_HISTORY", text)

    with pytest.raises(ValueError, match=f"IONWORKS_HISTORY must be 0 or 1, not '{text}'"):
        stub_service({}).client(history=None, transport=None)


@pytest.mark.off_contract("ids that are short")
def test_simulations_that_are_submitted_again_are_found(stub_service: Callable[..., Any]) -> None:
    notes = [{"first": 0, "count": 1, "notes": [NOTE]}]
    nothing = {"parameterized_model": [None], "error": ["why"], "error_code": [None]}
    table = {
        "simulation_ids": ["s1"],
        "submission_id": [None],
        "experiment_template_id": ["tpl-1"],
        "parameterized_model_id": ["pm"],
        "status": ["failed"],
        **nothing,
        **{group: {} for group in ("design_parameters", "experiment_parameters", "metrics")},
    }
    replies = {
        **REPLIES,
        "GET /discovery/capabilities": {"bulk_simulations": True},
        "POST /simulations/statuses": [{"simulation_id": "s1", "status": "failed", "error": "why"}],
        "POST /simulations/table": table,
        "POST /simulations/repeat": {**RECEIPT, "count": 1, "notes": notes},
    }
    with stub_service(replies).client(history=True) as client, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch = client.simulation.batch(["s1"])
        by_ids = client.simulation.retry(["s1"])
        warnings.simplefilter("error")
        with pytest.raises(ProtocolWarning):
            batch.retry()

        entries = client.history()

    assert [each.ids for each in entries] == [[each.simulation_id for each in by_ids]] * 2
    first = entries[0]
    assert (first.kind, first.model, first.protocol_id, first.seed) == (
        "simulation", "pm", "tpl-1", 7,
    )  # fmt: skip


def test_messages_name_the_history_only_if_it_is_on(stub_service: Callable[..., Any]) -> None:
    for is_on, call in ((True, "client.history()"), (False, "client.simulation.list()")):
        with stub_service({}).client(history=is_on) as client:
            jobs = jobs_on(client.simulation._connection)

        assert f"again with {call}, and wait" in jobs.left_running(["s"] * 21)
