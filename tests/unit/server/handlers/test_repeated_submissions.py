"""Submissions with an Idempotency-Key, sent more than once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from ionworks.server.jobs import targets
from ionworks.server.store import idempotency
from ionworks.server.store.database import timestamp
from ionworks.server.store.tables import idempotency_keys, jobs, runs
from tests.unit.server import quick_worker
from tests.unit.server.engines import QUICK, client_of, grid

BATCH = "/simulations/with-template/batch"
FIT = {"element_type": "data_fit"}
_reached = threading.Event()
_released = threading.Event()


def check_slowly(payload):
    """Check runs as the quick worker does, when the test allows it."""
    _reached.set()
    assert _released.wait(60)
    return quick_worker.check(payload)


def batch_of(template, **fields):
    return {
        "parameterized_model": "spm-chen2020",
        "experiment_template_id": template,
        "experiment_parameter_sets": [{}],
        **fields,
    }


def simulation_body(template):
    return BATCH, batch_of(template, design_parameters_doe=grid(thickness=[0.25, 1, 2]))


def pipeline_body(_template):
    return "/pipelines", {"project_id": "default", "elements": {"fit": FIT}}


def simple_pipeline_body(_template):
    return "/simple_pipelines", {"project_id": "default", "config": {"elements": {"fit": FIT}}}


BODIES = [simulation_body, pipeline_body, simple_pipeline_body]


def job_count(app):
    with app.services.store.reading() as connection:
        runs_stored = connection.scalar(sa.select(sa.func.sum(runs.c.count))) or 0
        return runs_stored + connection.scalar(sa.select(sa.func.count()).select_from(jobs))


def send(api, path, body, key):
    return api.post(path, json=body, headers={"Idempotency-Key": key})


@pytest.mark.parametrize("body_of", BODIES)
def test_a_repetition_is_answered_with_what_the_first_request_created(app, api, template, body_of):
    path, body = body_of(template)

    first, again = send(api, path, body, "k"), send(api, path, body, "k")
    other = send(api, path, body, "another")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 201)
    assert ids_of(first.json()) == ids_of(again.json())
    assert not ids_of(first.json()) & ids_of(other.json())
    assert job_count(app) == 2 * (3 if path == BATCH else 1)


def test_a_repetition_has_the_same_reply_of_a_batch(api, template):
    path, body = simulation_body(template)

    first, again = send(api, path, body, "k"), send(api, path, body, "k")

    assert first.json() == again.json()
    assert first.json()[0]["notes"] == [{"category": "parameters", "message": "thin"}]


def ids_of(reply):
    items = reply if isinstance(reply, list) else [reply]
    return {item.get("simulation_id", item.get("id")) for item in items}


def test_requests_without_a_key_are_carried_out_each_time(app, api, template):
    path, body = simulation_body(template)

    assert ids_of(api.post(path, json=body).json()) != ids_of(api.post(path, json=body).json())
    assert job_count(app) == 6


def test_a_key_lasts_while_the_folder_is_closed(open_app, template):
    path, body = simulation_body(template)
    first_app = open_app()
    with client_of(first_app) as client:
        first = send(client, path, body, "k").json()
    first_app.close()

    with client_of(open_app()) as client:
        assert send(client, path, body, "k").json() == first


@pytest.mark.parametrize("body_of", BODIES)
def test_a_key_of_another_body_is_refused(app, api, template, body_of):
    path, body = body_of(template)
    send(api, path, body, "k")
    before = job_count(app)

    reply = send(api, path, {**body, "project_id": "other"}, "k")

    assert (reply.status_code, reply.json()["error_code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert "use a new key" in reply.json()["message"]
    assert job_count(app) == before


def test_a_key_of_another_operation_is_refused(api, template):
    send(api, *simulation_body(template), "k")

    reply = send(api, *pipeline_body(template), "k")

    assert reply.json()["error_code"] == "IDEMPOTENCY_KEY_REUSED"


def test_the_order_of_fields_does_not_matter(api, template):
    path, body = simulation_body(template)

    first = send(api, path, body, "k")
    again = send(api, path, dict(reversed(body.items())), "k")

    assert first.json() == again.json()


@pytest.mark.parametrize("body_of", BODIES)
def test_a_rejected_request_does_not_use_up_its_key(app, api, template, body_of):
    path, body = body_of(template)
    wrong = {**body, "project_id": "unknown"}

    assert send(api, path, wrong, "k").status_code == 404
    assert send(api, path, body, "k").status_code == 201


@pytest.mark.parametrize("body_of", BODIES)
def test_what_was_deleted_is_not_created_again(app, api, template, body_of):
    path, body = body_of(template)
    first = send(api, path, body, "k").json()
    identifier = first[0]["simulation_id"] if path == BATCH else first["id"]
    where = "/simulations" if path == BATCH else path
    assert api.delete(f"{where}/{identifier}").status_code in (200, 204)
    before = job_count(app)

    reply = send(api, path, body, "k")

    assert (reply.status_code, reply.json()["error_code"]) == (410, "GONE")
    assert job_count(app) == before


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_invalid_key_is_refused(api, template, key):
    reply = send(api, *simulation_body(template), key)

    assert reply.status_code == 422
    assert reply.json()["detail"][0]["loc"] == ["header", "Idempotency-Key"]


def test_a_repetition_while_the_first_request_is_answered_is_told_to_wait(open_app, template_of):
    slow = f"{__name__}:{check_slowly.__name__}"
    app = open_app(targets=targets.Targets(**{**fields_of(QUICK), "check": slow}))
    path, body = simulation_body(template_of(app))
    _reached.clear()
    _released.clear()
    replies = []
    with client_of(app) as client:
        first = threading.Thread(target=lambda: replies.append(send(client, path, body, "k")))
        first.start()
        assert _reached.wait(60)
        with client_of(app) as second:
            during = send(second, path, body, "k")
        _released.set()
        first.join()
        after = send(client, path, body, "k")

    assert (during.status_code, during.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_IN_USE")
    assert during.headers["Retry-After"] == "1"
    assert after.json() == replies[0].json()
    assert job_count(app) == 3


def fields_of(quick):
    return {name: getattr(quick, name) for name in quick.__annotations__}


def test_keys_are_kept_for_a_day(app, api, template):
    path, body = simulation_body(template)
    store = app.services.store
    for key, hours in (("old", 25), ("new", 23)):
        send(api, path, body, key)
        made = timestamp(datetime.now(UTC) - timedelta(hours=hours))
        with store.writing() as connection:
            connection.execute(
                sa.update(idempotency_keys)
                .where(idempotency_keys.c.key == key)
                .values(created_at=made)
            )

    idempotency.delete_expired(store)

    with store.reading() as connection:
        assert list(connection.scalars(sa.select(idempotency_keys.c.key))) == ["new"]


def test_the_engine_says_that_it_honours_keys(api):
    assert api.get("/discovery/capabilities").json()["idempotency_keys"] is True
