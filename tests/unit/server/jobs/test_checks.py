"""Submissions that are answered before a worker has checked them."""

import errno
import logging
from concurrent.futures import Future

import pytest
import sqlalchemy as sa
from attrs import evolve

from ionworks.server.jobs.registry import job_type_of
from ionworks.server.jobs.worker import worker_thread
from ionworks.server.store import checks, columns
from ionworks.server.store.run_states import RunStates
from ionworks.server.store.tables import run_pieces
from tests.unit.server import held_checks, pipelines
from tests.unit.server.engines import (
    QUICK,
    client_of,
    finish,
    grid,
    statuses,
    store_template,
    submit,
    wait_until,
)
from tests.unit.server.held_checks import BROKEN, DYING_ONCE, HELD

CHEN = {"parameter_set": "Chen2020"}


@pytest.fixture
def gate(open_app):
    """A closed gate, opened at the end so that the engines can close."""
    held_checks.GATE.opened.clear()
    held_checks.GATE.questions = 0
    yield held_checks.GATE
    held_checks.GATE.opened.set()


@pytest.fixture
def app(open_app, gate):
    """An engine that answers at once, and whose worker waits at the gate."""
    return open_app(targets=HELD, check_limit=0)


def test_a_submission_is_answered_before_its_check(api, template, gate):
    submitted = submit(api, template, design_parameters_doe=grid(thickness=[0.25, 0.5]))

    assert [item["notes"] for item in submitted] == [[], []]
    assert not gate.opened.is_set()


def test_a_submission_is_checked_before_its_first_run(api, app, template, gate):
    submitted = submit(api, template, design_parameters_doe=grid(thickness=[0.25, 0.5]))
    wait_until(lambda: gate.questions)
    assert set(statuses(api, submitted)) <= {"pending", "processing"}
    assert not (app.folder / "blobs" / "computed.txt").exists()

    gate.opened.set()
    thin, thick = finish(api, submitted)

    assert (thin["status"], thick["status"]) == ("completed", "completed")
    assert thin["notes"] == [{"category": "parameters", "message": "thin"}]
    assert thick["notes"] == []


def test_the_question_of_the_request_is_not_asked_again(api, template, gate):
    submitted = submit(api, template, design_parameters_doe=grid(thickness=[1, 2, 3]))

    gate.opened.set()
    finish(api, submitted)

    assert gate.questions == 1


def test_runs_with_problems_fail_with_the_message_of_the_refusal(api, app, template, gate):
    submitted = submit(api, template, design_parameters_doe=grid(colour=[1, 2], shape=[1]))

    gate.opened.set()
    failed = finish(api, submitted)

    message = "unknown parameter 'colour'; unknown parameter 'shape'"
    assert {(run["error_code"], run["error"]) for run in failed} == {("VALIDATION_ERROR", message)}
    assert not (app.folder / "blobs" / "computed.txt").exists()
    assert gate.questions == 1


def test_the_runs_of_a_large_submission_with_problems_fail_together(
    api, template, gate, monkeypatch
):
    sizes = []
    claim = RunStates.claim

    def counted(*arguments, **options):
        claimed = claim(*arguments, **options)
        sizes.append(len(claimed))
        return claimed

    monkeypatch.setattr(RunStates, "claim", counted)
    submitted = submit(api, template, design_parameters_doe=grid(colour=range(500)))

    gate.opened.set()
    failed = finish(api, submitted)

    assert {run["error"] for run in failed} == {"unknown parameter 'colour'"}
    assert sum(sizes) == 500
    # A chunk for each worker, and then all others.
    assert len([size for size in sizes if size]) <= 3


def test_a_checked_request_is_refused_with_the_same_message(open_app, template_of):
    app = open_app()
    with client_of(app) as api:
        reply = api.post(
            "/simulations/with-template/batch",
            json={
                "parameterized_model": "spm-chen2020",
                "experiment_template_id": template_of(app),
                "experiment_parameter_sets": [{}],
                "design_parameters_doe": grid(colour=[1], shape=[1]),
            },
        )

    message = "unknown parameter 'colour'; unknown parameter 'shape'"
    assert (reply.status_code, reply.json()["error_code"]) == (422, "VALIDATION_ERROR")
    assert reply.json()["message"] == message


def test_a_smoke_test_is_part_of_the_check(api, template, gate):
    inline = {"model_id": "spm", "parameters": {"thickness": 13}}
    submitted = submit(api, template, parameterized_model=inline)

    gate.opened.set()
    [failed] = finish(api, submitted)

    assert failed["error_code"] == "VALIDATION_ERROR"
    assert failed["error"] == "the model does not run: unlucky"


def test_runs_deleted_before_the_check_do_not_shift_the_notes_of_others(api, template, gate):
    gone, thin = submit(api, template, design_parameters_doe=grid(thickness=[0.5, 0.25]))
    assert api.delete(f"/simulations/{gone['simulation_id']}").status_code == 204

    gate.opened.set()
    [run] = finish(api, [thin])

    assert run["notes"] == [{"category": "parameters", "message": "thin"}]


def test_canceled_runs_stay_canceled(api, template, gate):
    submitted = submit(api, template, design_parameters_doe=grid(colour=[1]))
    api.post(f"/jobs/{submitted[0]['job_id']}/cancel", json={})

    gate.opened.set()
    [run] = finish(api, submitted)

    assert run["status"] == "canceled"


@pytest.mark.parametrize(
    ("orders", "status", "error"),
    [({"steps": 1}, "completed", None), ({}, "failed", "no data")],
)
def test_pipelines_are_checked_before_they_run(api, gate, orders, status, error):
    fit = pipelines.orders(**orders) | ({} if error is None else {"refuse": error})
    pipeline = pipelines.submit(api, {"fit": fit})
    assert pipeline["status"] == "pending"

    gate.opened.set()
    ended = pipelines.end(api, pipeline)

    assert (ended["status"], ended["error"]) == (status, error)
    assert ended["error_code"] == (None if error is None else "VALIDATION_ERROR")
    assert gate.questions == 1


@pytest.mark.parametrize(
    ("problems", "status", "error"),
    [(None, "completed", None), ('["too thin"]', "failed", "too thin")],
)
def test_a_submission_stays_unchecked_when_its_process_ends(
    open_app, template_of, gate, problems, status, error
):
    gate.opened.set()
    first = open_app(targets=HELD)
    with client_of(first) as api:
        submitted = submit(
            api, template_of(first), design_parameters_doe=grid(thickness=[0.25, 0.5])
        )
        finish(api, submitted)
    with first.services.store.writing() as connection:
        # As left by a process that was killed before or after the check; its lock file is free.
        connection.exec_driver_sql("UPDATE runs SET status = 'pending', owner = 'killed'")
        [piece] = connection.execute(sa.select(run_pieces)).all()
        content = [{**run, "notes": []} for run in columns.rows(columns.decoded(piece.content), 2)]
        without_notes = columns.encoded(columns.of_rows(content))
        connection.execute(sa.update(run_pieces).values(content=without_notes))
        connection.exec_driver_sql(
            'UPDATE submissions SET unchecked = \'{"overrides": [], "smoke_test": false}\''
        )
        connection.execute(sa.text("UPDATE submissions SET problems = :given"), {"given": problems})
    first.close()
    gate.questions = 0

    with client_of(open_app(targets=HELD)) as api:
        thin, thick = finish(api, submitted)

    assert {(run["status"], run["error"]) for run in (thin, thick)} == {(status, error)}
    assert gate.questions == (1 if problems is None else 0)
    assert thin["notes"] == (
        [{"category": "parameters", "message": "thin"}] if problems is None else []
    )


@pytest.mark.usefixtures("worker_processes")
def test_a_check_whose_worker_died_is_made_again(open_app, template_of, tmp_path, monkeypatch):
    monkeypatch.setenv("IONWORKS_TEST_MARKER", str(tmp_path / "marker"))
    app = open_app(targets=DYING_ONCE, check_limit=0)
    with client_of(app) as api:
        [run] = finish(
            api, submit(api, template_of(app), design_parameters_doe=grid(thickness=[0.25]))
        )

    assert (run["status"], run["error"]) == ("completed", None)
    assert run["notes"] == [{"category": "parameters", "message": "thin"}]


NAMES_KNOWN = evolve(QUICK, has_known_names=True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"design_parameters_doe": grid(**{"Positive electrode thicknes [m]": [1e-5, 2e-5]})},
            ["design parameter 'Positive electrode thicknes [m]' is not in the model",
             "'Positive electrode thickness [m]'"],
        ),
        (
            {"extra_variables": ["Cell temperatur [K]"]},
            ["extra variable 'Cell temperatur [K]' is not in the model", "'Cell temperature [K]'"],
        ),
        (
            {"parameterized_model": {"model_id": "spm", "parameters": {**CHEN, "Porosity": 0.5}}},
            ["parameter 'Porosity' is not in Chen2020"],
        ),
    ],
)  # fmt: skip
def test_misspelled_names_are_refused_without_a_worker(open_app, fields, words):
    started = []

    def start():
        started.append(worker_thread())
        return started[-1]

    app = open_app(targets=NAMES_KNOWN, factory=start)
    body = {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": store_template(app),
        "experiment_parameter_sets": [{}],
        **fields,
    }
    with client_of(app) as api:
        reply = api.post("/simulations/with-template/batch", json=body)
        listed = api.get("/simulations").json()

    assert (reply.status_code, reply.json()["error_code"]) == (422, "VALIDATION_ERROR")
    assert all(word in reply.json()["message"] for word in words)
    assert started == []
    assert listed["total"] == 0


def test_missing_values_of_inputs_are_refused_without_a_worker(open_app):
    app = open_app(targets=NAMES_KNOWN, check_limit=0)
    protocol = """steps:
  - Discharge: {mode: C-rate, value: "input['C-rate']", duration: 60}
"""
    with client_of(app) as api:
        template = api.post(
            "/protocols/parse-to-template",
            json={
                "protocol_experiment": {"name": "C-rate", "protocol": protocol},
                "experiment_parameters": {},
                "project_id": "default",
            },
        ).json()["template_id"]
        reply = api.post(
            "/simulations/with-template/batch",
            json={
                "parameterized_model": "spm-chen2020",
                "experiment_template_id": template,
                "experiment_parameter_sets": [{"Crate": 1.0}, {"Crate": 2.0}],
            },
        )

    assert reply.status_code == 422
    assert "no value for 'C-rate'" in reply.json()["message"]
    assert "(in all 2 runs)" in reply.json()["message"]


@pytest.mark.parametrize("limit", [-1.0, float("inf"), float("nan")])
def test_a_limit_that_is_not_a_time_is_refused(open_app, limit):
    with pytest.raises(ValueError, match=f"check_limit={limit} must be a finite time in seconds"):
        open_app(check_limit=limit)


def test_a_check_that_cannot_be_made_is_not_repeated_for_each_run(open_app, template_of, gate):
    app = open_app(targets=BROKEN, check_limit=0)
    with client_of(app) as api:
        submitted = submit(api, template_of(app), design_parameters_doe=grid(thickness=range(60)))
        gate.opened.set()
        failed = finish(api, submitted)

    assert {run["error_code"] for run in failed} == {"INTERNAL_ERROR"}
    assert gate.questions < 10


def test_a_check_that_cannot_be_stored_is_made_again_without_a_traceback(
    api, app, template, gate, monkeypatch, caplog
):
    caplog.set_level(logging.INFO)
    failures = iter([OSError(errno.ENOSPC, "No space left on device")])
    working = checks.accept

    def accept(*arguments):
        for failure in failures:
            raise failure
        working(*arguments)

    monkeypatch.setattr(checks, "accept", accept)
    submitted = submit(api, template)

    gate.opened.set()
    [run] = finish(api, submitted)

    assert run["status"] == "completed"
    [told] = [each for each in caplog.records if "a check failed" in each.message]
    assert (told.levelno, bool(told.exc_info)) == (logging.INFO, False)


def test_an_answer_is_dropped_when_a_worker_is_being_asked_again(app, api, template, gate):
    # As when the jobs were found in the store before the request could queue them.
    gate.opened.set()
    finish(api, submit(api, template))
    services = app.services
    with services.store.writing() as connection:
        connection.exec_driver_sql("UPDATE submissions SET unchecked = '{}'")
        submission_id = connection.exec_driver_sql("SELECT id FROM submissions").scalar_one()
    late = Future()
    late.set_result({"problems": ["late"], "notes": []})

    def ask(_target, _payload):
        services.jobs.checks.expect(submission_id, [], late)
        return {"problems": [], "notes": [[]]}

    services.jobs.checks.ensure(job_type_of("simulate"), submission_id, ask)

    assert checks.state(services.store, submission_id) == checks.CheckState(None, ())
