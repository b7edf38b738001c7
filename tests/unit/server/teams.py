"""A team's server for tests: users with keys and projects, and one of each record in a project."""

import hashlib
from uuid import uuid4

import httpx
from attrs import frozen

from ionworks.server.jobs.worker import worker_thread
from ionworks.server.store import access
from ionworks.server.store.access import Role, Scope
from ionworks.server.store.scope import PARTS
from ionworks.server.store.table_parts import metadata
from ionworks.server.team import directory, keys
from ionworks.server.team.limits import Limits
from tests import object_store
from tests.unit.server.engines import QUICK, client_of, finish, submit
from tests.unit.server.fixtures import quickly_opened
from tests.unit.server.pipelines import ENTRY, FIT, end
from tests.unit.server.uploading import begin, initiate, measure

#: Tables that change when somebody asks for something.
_CHANGING = ("api_keys", "audit_log")
PROTOCOL = "steps:\n  - Rest: {duration: 60}\n"


@frozen
class Member:
    """A user with a project, and a client that sends the user's key."""

    api: httpx.Client
    email: str
    user_id: str
    project_id: str
    key: str


def opened_team(folder, **options):
    """Open a folder as a team's server, with the organization Lab."""
    given = {"targets": QUICK, "workers": 1, "factory": worker_thread, "team": Limits(), **options}
    app = quickly_opened(folder, **given)
    if not directory.list_organizations(app.services.store):
        directory.add_organization(app.services.store, "Lab")
    return app


def client_with(app, key):
    def add_key(request):
        if request.url.host == "engine":  # and not an object store
            request.headers["X-API-Key"] = key

    client = client_of(app)
    client.event_hooks = {"request": [add_key]}
    return client


def joined(app, name, organization="Lab", *, role=None, project=None, scope=Scope.ADMIN):
    """Make a user, who owns a new project, or has a role in an existing one."""
    store, email = app.services.store, f"{name}@example.com"
    user = directory.add_user(store, email, organization)
    if project is None:
        project = directory.add_project(store, f"Project of {name}", email)["id"]
    else:
        directory.set_member(store, project, email, role)
    directory.change_user(store, email, default_project_id=project)
    key = keys.create(store, user["id"], "tests", scope)["key"]
    return Member(client_with(app, key), email, user["id"], project, key)


def with_role(app, name, owner, role, scope=Scope.ADMIN):
    """Make a user with a role in the project of another one."""
    return joined(app, name, role=Role(role), project=owner.project_id, scope=scope)


def contents(app):
    """Return all rows of all tables that requests of others must not change."""
    with app.services.store.reading() as connection:
        return {
            (table.name, *row)
            for table in metadata.sorted_tables
            if table.name not in _CHANGING
            for row in map(_hashable, connection.execute(table.select()).all())
        }


def _hashable(row):
    return tuple(
        each if isinstance(each, str | int | float | bytes | None) else repr(each) for each in row
    )


def shown_to(app, member):
    """Return the rows of all tables that a user may read, and the digests of all files."""
    store = app.services.store
    found = keys.access_of(store, member.key)
    assert found is not None
    with access.acting(found[0]), store.reading() as connection:
        rows = {
            (name, *(repr(each) for each in row))
            for name in PARTS
            for row in connection.execute(metadata.tables[name].select())
        }
    files = {}
    for key in object_store.files_at(store.blobs):
        if "/" not in key:  # a trace that `quick_worker` leaves
            continue
        with store.blobs.open(key) as file:
            files[key] = hashlib.sha256(file.read()).digest()
    return rows, files


def filled(member, mark, *, is_run=True):
    """Make one of each record in the project of a member; returns their ids.

    Their names and other texts have the mark in them. Jobs are awaited unless nothing runs them.
    """
    api, project = member.api, member.project_id
    model = _made(api, "/models", name=f"{mark} model", config={"type": "SPM"})
    parameterized = _made(
        api,
        "/parameterized_models",
        name=f"{mark} parameterized",
        model_id=model,
        parameters={"parameter_set": "Chen2020"},
    )
    spec = _made(
        api,
        "/cell_specifications",
        name=f"{mark} spec",
        anode={"material": {"name": f"{mark} graphite", "definition": {"maker": mark}}},
    )
    of_cell = _made(
        api,
        f"/cells/{spec}/parameterized_models",
        name=f"{mark} of cell",
        model_id=model,
        parameters={"parameter_set": "Chen2020"},
    )
    cell = _made(
        api,
        f"/cell_specifications/{spec}/cell_instances",
        name=f"{mark} cell",
        batch_id=f"{mark} batch",
    )
    measured = measure if is_run else begin
    measurement = measured(api, cell, name=f"{mark} series", tags=[f"{mark} tag"])["id"]
    raw = str(uuid4())
    api.post(f"/cell_measurements/{measurement}/raw_data", json={"raw_data_ids": [raw]})
    upload = initiate(api, cell, f"{mark} upload")
    template = api.post(
        "/protocols/parse-to-template",
        json={"protocol_experiment": {"name": f"{mark} protocol", "protocol": PROTOCOL}},
    ).json()["template_id"]
    study = _made(api, f"/projects/{project}/studies", name=f"{mark} study")
    runs = submit(
        api, template, parameterized_model=parameterized, study_id=study, project_id=project
    )
    if is_run:
        finish(api, runs)
    simulation = api.get(f"/simulations/{runs[0]['simulation_id']}").json()
    api.post(f"/projects/{project}/studies/{study}/measurements/{measurement}")
    elements = {"entry": {**ENTRY, "values": {f"{mark} value": 1.0}}, "fit": FIT}
    pipeline = api.post(
        "/pipelines",
        json={"project_id": project, "name": f"{mark} fit", "options": {}, "elements": elements},
    ).json()
    simple = api.post(
        "/simple_pipelines",
        json={
            "project_id": project,
            "name": f"{mark} simple",
            "options": {},
            "config": {"elements": elements},
        },
    ).json()
    if is_run:
        end(api, pipeline)
        end(api, simple, "simple_pipelines")
    material = api.get(f"/cell_specifications/{spec}").json()["anode"]["material_id"]
    submission = simulation["id"].rpartition("-")[0]
    receipt = api.post(
        "/simulations/with-template/batch",
        headers={"Prefer": "return=minimal", "Idempotency-Key": f"{mark} key"},
        json={
            "parameterized_model": parameterized,
            "experiment_template_id": template,
            "experiment_parameter_sets": [{}],
        },
    ).json()
    assert submission
    return {
        "project_id": project,
        "model_id": model,
        "parameterized_model_id": parameterized,
        "of_cell_id": of_cell,
        "cell_spec_id": spec,
        "cell_instance_id": cell,
        "measurement_id": measurement,
        "upload_id": upload["measurement_id"],
        "template_id": template,
        "study_id": study,
        "simulation_id": simulation["id"],
        "job_id": simulation["job_id"],
        "submission_id": receipt["submission_id"],
        "pipeline_id": pipeline["id"],
        "pipeline_job_id": pipeline["job_id"],
        "element_job_id": api.get(f"/pipelines/{pipeline['id']}/elements").json()[1]["job_id"],
        "simple_pipeline_id": simple["id"],
        "material_id": material,
        "user_id": member.user_id,
        "batch_id": f"{mark} batch",
        "raw_data_id": raw,
    }


def _made(api, path, **body):
    reply = api.post(path, json=body)
    assert reply.status_code in (200, 201), reply.text
    return reply.json()["id"]
