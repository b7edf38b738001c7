"""Endpoints of simulations: submission, status, lists and results."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ionworks import doe, ucp
from ionworks.server.call import Call
from ionworks.server.http.archives import TAR, archive
from ionworks.server.http.problems import Problem, bad_request, not_found, not_implemented
from ionworks.server.http.replies import PARQUET, Reply, created, created_list, nothing
from ionworks.server.ingestion import transfers
from ionworks.server.store import (
    access,
    receipts,
    records,
    resubmissions,
    results,
    run_ids,
    run_lookup,
    simulation_tables,
    simulations,
    submissions,
)
from ionworks.server.store.blobs import STEPS, TIME_SERIES
from ionworks.server.store.idempotency import Key
from ionworks.server.store.pack_files import DamagedFile
from ionworks.server.store.records import pieces
from ionworks.server.store.run_parameters import Note
from ionworks.server.store.tables import (
    experiment_templates,
    parameterized_models,
    projects,
    studies,
)
from ionworks.server.submission import models, plans, protocols, run_payloads
from ionworks.server.submission.checked_runs import CheckedRuns
from ionworks.server.submission.repetition import once
from ionworks.server.submission.runs import Conditions, expand

_NOUN = "simulation"
#: What simulations are listed of, by the name of the filter.
_LISTED_OF = {
    "parameterized_model_id": (parameterized_models, "parameterized model"),
    "study_id": (studies, "study"),
    "experiment_template_id": (experiment_templates, "protocol"),
}
#: Most ids in one status reply if the request has no limit.
_DEFAULT_STATUS_LIMIT = 1000


def create_simulations(call: Call) -> Reply:
    """Check, store and start all runs of a request; an invalid request stores nothing."""
    submission_id = once(call, "create_simulations", partial(_submit, call), str)
    if call.preferences.get("return") == "minimal":
        receipt = receipts.receipt(call.services.store, submission_id)
        return created(receipt, {"Preference-Applied": "return=minimal"})
    return created_list(submissions.replies(call.services.store, submission_id))


def plan_simulations(call: Call) -> dict[str, Any]:
    """Check all runs of a request and return what its submission would do; nothing is stored."""
    # A submission usually follows.
    call.services.jobs.prepare()
    return plans.plan(
        call.services, *_checked(call, _project_of_plan(call), _protocol_of_plan(call))
    )


def list_simulations(call: Call) -> dict[str, Any]:
    """List simulations, newest first by default; without a filter, all of them."""
    page, total = simulations.page(call.services.store, call.query)
    if not total:
        for name, (table, noun) in _LISTED_OF.items():
            # Else an unknown id, or a name that is given for one, would look like an empty list.
            if name in call.query:
                records.require(call.services.store, table, noun, call.query[name])
    found = [call.with_delay_reason(simulation) for simulation in page]
    if call.query.get("summary", False):
        found = [simulations.summary(simulation) for simulation in found]
    used = {simulation["parameterized_model_id"] for simulation in found} - {None}
    return {
        "simulations": found,
        "model_scalar_parameters": simulations.scalar_parameters(call.services.store, used),
        "total": total,
    }


def get_simulation_statuses(call: Call) -> list[dict[str, Any]]:
    """Return the statuses of the known ids, in the order of the request."""
    # JSON does not tell integers from floats: the contract accepts 10.0 as an integer.
    limit = int(call.body.get("limit", _DEFAULT_STATUS_LIMIT))
    offset = int(call.body.get("offset", 0))
    wanted = call.body["simulation_ids"][offset : offset + limit]
    found = simulations.statuses(call.services.store, wanted)
    delayed = [call.with_delay_reason(status) for status in found]
    return call.services.jobs.phases.of_simulations(delayed)


def get_submission_statuses(call: Call) -> dict[str, Any]:
    """Return the statuses of all runs of a submission, or of those that have changed."""
    found = receipts.statuses(
        call.services.store, call.path["submission_id"], call.query.get("changed_since", "")
    )
    statuses = [call.with_delay_reason(each) for each in found["statuses"]]
    doing = call.services.jobs.phases.of_submission(call.path["submission_id"])
    return {**found, "statuses": statuses, **doing}


def get_simulation(call: Call) -> dict[str, Any]:
    """Return one simulation."""
    return call.with_delay_reason(_stored(call))


def delete_simulation(call: Call) -> Reply:
    """Delete a simulation, its job and its results; a running job is canceled first."""
    simulation = _stored(call)
    call.services.jobs.cancel(simulation["job_id"])
    simulations.remove(call.services.store, simulation["id"])
    return nothing()


def get_simulation_table(call: Call) -> dict[str, Any]:
    """Return inputs, status and metrics of many simulations as columns."""
    return simulation_tables.table(call.services.store, call.body["simulation_ids"])


def cancel_simulations(call: Call) -> dict[str, Any]:
    """Cancel the jobs of many simulations, except those that have ended."""
    known, unknown = _selected(call)
    for some in pieces([*known]):
        call.services.jobs.cancel(*(known[each] for each in some))
    return {"unknown": unknown}


def delete_simulations(call: Call) -> dict[str, Any]:
    """Delete many simulations like `delete_simulation`, in pieces between which others write."""
    known, unknown = _selected(call)
    for some in pieces([*known]):
        call.services.jobs.cancel(*(known[each] for each in some))
        simulations.remove(call.services.store, *some)
    return {"unknown": unknown}


def repeat_simulations(call: Call) -> Reply:
    """Submit simulations again, with what they were submitted with."""
    submission_id = once(call, "repeat_simulations", partial(_repeat, call), str)
    return created(receipts.receipt(call.services.store, submission_id))


def download_simulation_time_series(call: Call) -> Reply:
    """Return the time series as parquet, or a link to it."""
    return _download(call, TIME_SERIES)


def download_simulation_steps(call: Call) -> Reply:
    """Return the steps as parquet, or a link to them."""
    return _download(call, STEPS)


def get_simulation_result(call: Call) -> dict[str, Any]:
    """Return time series, steps and metrics as JSON."""
    simulation = _stored(call)
    try:
        found = results.open_pack(call.services.store, simulation["id"])
        if found is None:
            raise _no_results(simulation)
        pack, position, _ = found
        with pack:
            return {
                "time_series": pack.time_series([position]).to_dict(as_series=False),
                "steps": pack.steps([position]).to_dict(as_series=False),
                "metrics": simulation["metrics"],
                "notes": simulation["notes"],
            }
    except FileNotFoundError as error:
        message = (
            f"The result file {error.filename} of the simulation {simulation['id']!r} is missing: "
            "restore the folder's files, or submit the simulation again."
        )
        raise Problem(410, "GONE", message) from error
    except DamagedFile as error:
        raise results.damaged(simulation["id"], error) from error


def download_simulation_results(call: Call) -> Reply:
    """Return the results of many simulations as an archive, which is made while it is sent."""
    found = results.members(
        call.services.store,
        call.body["simulation_ids"],
        call.body.get("parts", results.PARTS),
        call.body.get("columns"),
    )
    return Reply(200, archive(found), TAR)


def get_simulation_script(call: Call) -> dict[str, Any]:
    """Return a simulation as a plain PyBaMM script; 501 for what has no counterpart in PyBaMM."""
    payload = run_payloads.payload_of(call.services.store, call.path["simulation_id"])
    found = models.ask(call.services, call.services.jobs.targets.script, payload)
    if "unsupported" in found:
        raise not_implemented(
            f"This simulation cannot be written as a PyBaMM script: {found['unsupported']}."
        )
    return {"script": found["script"]}


def get_simulation_citations(call: Call) -> dict[str, Any]:
    """Return the references of a simulation's model, parameter set and solver."""
    payload = run_payloads.payload_of(call.services.store, call.path["simulation_id"])
    question = {"model": payload["model"]}
    return {"bibtex": models.ask(call.services, call.services.jobs.targets.citations, question)}


def _submit(call: Call, key: Key | None) -> str:
    """Check, store and start all runs of a request; returns the id of the submission."""
    batch, checked = _checked(call, _project(call), _saved_protocol(call))
    return _start(call, batch, checked, key)


def _saved_protocol(call: Call) -> records.Record:
    identifier = call.body["experiment_template_id"]
    return records.require(call.services.store, experiment_templates, "protocol", identifier)


def _project_of_plan(call: Call) -> str:
    """Return the project whose equal runs a plan takes into account: plans name none."""
    return call.default_project_id or access.DEFAULT_PROJECT


def _protocol_of_plan(call: Call) -> Mapping[str, Any]:
    """Return the protocol of a plan: a saved one, or its text, read and not stored."""
    body = call.body
    if ("protocol" in body) == ("experiment_template_id" in body):
        raise bad_request("Give either experiment_template_id or protocol.")
    if "protocol" not in body:
        if "drive_cycles" in body:
            raise bad_request("A saved protocol has its drive cycles: omit drive_cycles.")
        return _saved_protocol(call)
    conditions = body.get("conditions")
    first = conditions[0]["experiment_parameters"] if conditions else {}
    read = protocols.read(
        body["protocol"],
        ["body", "protocol"],
        body.get("drive_cycles"),
        {**body["experiment_parameter_sets"][0], **first},
        about=["body", "experiment_parameter_sets"],
    )
    return {
        "id": None,
        "name": None,
        "protocol": read.text,
        "parameters_schema": read.schema,
        "notes": [*read.notes, *read.about_values],
    }


def _checked(
    call: Call, project_id: str, template: Mapping[str, Any]
) -> tuple[submissions.SimulationBatch, CheckedRuns]:
    """Return what the runs of a request share, and the runs, which are checked when read."""
    body, services = call.body, call.services
    model = models.resolve_model(services, body["parameterized_model"])
    design = models.design_of(body)
    runs = expand(body, design, template["parameters_schema"])
    batch = submissions.SimulationBatch(
        project_id=project_id,
        model=model.spec,
        parameterized_model_id=model.parameterized_model_id,
        template=template,
        extra_variables=body.get("extra_variables", []),
        max_backward_jumps=body.get("max_backward_jumps"),
        count=len(runs),
        study_ids=[] if body.get("study_id") is None else [body["study_id"]],
        seed=None if design is None else design.get("seed"),
        reuse=body.get("reuse", True),
        for_check={"overrides": model.overrides, "smoke_test": model.needs_smoke_test},
    )
    models.refuse_unknown_names(
        services, model.spec, template["protocol"], runs, batch.extra_variables
    )
    return batch, CheckedRuns(services, batch, runs, _notes(template, design))


def _repeat(call: Call, key: Key | None) -> str:
    """Store and start simulations again; returns the id of the submission."""
    found = resubmissions.resubmission(
        call.services.store,
        call.body["simulation_ids"],
        reuse=call.body.get("reuse", True),
        keep_studies=call.body.get("keep_studies", True),
    )
    notes = _notes({"notes": None, "protocol": found.batch.template["protocol"]}, None)
    runs = CheckedRuns(call.services, found.batch, Conditions({}, found.runs), notes)
    return _start(call, found.batch, runs, key)


def _start(
    call: Call, batch: submissions.SimulationBatch, checked: CheckedRuns, key: Key | None
) -> str:
    """Check, store and start runs; returns the id of the submission."""
    services = call.services
    if services.limits is not None:
        services.limits.check_submission(services.store, batch.count)
    submission_id = submissions.insert(
        services.store,
        services.jobs.owner,
        batch,
        checked,
        key,
        writer=services.jobs.writer,
        is_checked=lambda: checked.is_complete,
    )
    if checked.answer is not None:
        services.jobs.checks.expect(submission_id, range(batch.count), checked.answer)
    pending = submissions.pending_count(services.store, submission_id)
    if pending:
        services.jobs.enqueue(submission_id, simulations.model_key(batch.model), pending)
    return submission_id


def _notes(template: Mapping[str, Any], design: Mapping[str, Any] | None) -> list[Note]:
    """Return the notes that all runs share: those of the protocol and of the design."""
    warnings = template["notes"]
    if warnings is None:
        warnings = [str(problem) for problem in ucp.parse(template["protocol"]).warnings]
    shared = [Note(category="protocol", message=sentence) for sentence in warnings]
    if design is not None:
        idle = doe.without_effect(design)
        shared += [Note(category="parameters", message=sentence) for sentence in idle]
    return shared


def _project(call: Call) -> str:
    """Return the project of a request; that of its study if it names a study.

    Raises
    ------
    Problem
        404 if there is no such project, or the study belongs to another one.
    """
    store, body = call.services.store, call.body
    if body.get("study_id") is not None:
        study = records.require(store, studies, "study", body["study_id"])
        project_id = body.get("project_id", study["project_id"])
        if study["project_id"] != project_id:
            raise not_found(f"study of the project {project_id!r}", body["study_id"])
        return str(study["project_id"])
    project_id = call.project_id
    records.require(store, projects, "project", project_id)
    return project_id


def _selected(call: Call) -> tuple[dict[str, str], list[str]]:
    """Return the jobs of the simulations of a request, by their ids, and the ids of none."""
    ids = dict.fromkeys(call.body["simulation_ids"])
    with call.services.store.reading() as connection:
        known = run_lookup.stored(connection, [*ids])
    job_ids = {
        each: run_ids.job_id(run.submission_id, run.index) for each, (run, _) in known.items()
    }
    return job_ids, [each for each in ids if each not in known]


def _stored(call: Call) -> dict[str, Any]:
    simulation_id = call.path["simulation_id"]
    simulation = simulations.find(call.services.store, simulation_id)
    if simulation is None:
        raise not_found(_NOUN, simulation_id)
    return simulation


def _no_results(simulation: Mapping[str, Any]) -> Problem:
    message = f"The simulation {simulation['id']!r} has no results ({simulation['status']})."
    return Problem(404, "NOT_FOUND", message)


def _download(call: Call, name: str) -> Reply:
    key = {"simulation": call.path["simulation_id"], "name": name}
    if PARQUET in call.accept:
        reply = transfers.send_result(call.services.store, **key)
        if reply is not None:
            return reply
    # The whole record takes longer to read than the result.
    simulation = _stored(call)
    if simulation["storage_folder"] is None:
        raise _no_results(simulation)
    location = f"{call.root}/storage/{call.services.links.token(key)}"
    return Reply(307, headers={"Location": location})
