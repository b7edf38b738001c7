"""`ionworks wait`, `cancel` and `retry`: what runs."""

from __future__ import annotations

from typing import Annotated

import typer

from ionworks.cli.kinds import Kind
from ionworks.cli.registry import FIND, Ids, app, command, read_ids
from ionworks.cli.session import Session
from ionworks.cli.waits import (
    Job,
    TimeLimit,
    exit_code,
    find_jobs,
    report,
    require_waiting,
    wait_for,
)


@command(
    app,
    "wait",
    panel=FIND,
    epilog="The JSON is a list with id, kind, status and error of each. Exit code 3 means that"
    " one failed or was canceled, 4 that the time limit has passed.",
)
def wait(session: Session, ids: Ids, *, timeout: TimeLimit = None) -> None:
    """Wait until simulations and fits have ended."""
    jobs = wait_for(session, find_jobs(session, read_ids(session, ids)), timeout)
    report(session, jobs)
    raise typer.Exit(exit_code(each.status for each in jobs))


@command(
    app,
    "cancel",
    panel=FIND,
    epilog="The JSON is a list with id, kind, status and error of each. Jobs that have ended"
    " do not change.",
)
def cancel(session: Session, ids: Ids) -> None:
    """Cancel simulations and fits that have not ended."""
    jobs = find_jobs(session, read_ids(session, ids))
    simulations = [each.id for each in jobs if each.kind is Kind.SIMULATION]
    if simulations:
        session.client.simulation.cancel(simulations)
    for each in jobs:
        if each.kind is Kind.PIPELINE:
            session.client.pipeline.cancel(each.id)
        elif each.kind is Kind.SIMPLE_PIPELINE:
            session.client.simple_pipeline.cancel(each.id)
    report(session, find_jobs(session, [each.id for each in jobs]))


@command(
    app,
    "retry",
    panel=FIND,
    epilog="The JSON is a list with id, kind, status and error of each new simulation.",
)
def retry(
    session: Session,
    ids: Ids,
    *,
    wait: Annotated[bool, typer.Option(help="Wait until the new simulations have ended.")] = True,
    timeout: TimeLimit = None,
) -> None:
    """Resubmit simulations that failed or were canceled."""
    require_waiting("the simulations", waits=wait, timeout=timeout)
    batch = session.client.simulation.retry(read_ids(session, ids))
    if not batch:
        session.output.note("none of these simulations failed or was canceled: nothing to do")
    jobs = [Job(id=each.simulation_id, kind=Kind.SIMULATION, status="pending") for each in batch]
    if not wait:
        session.note_left_running([each.id for each in jobs])
        report(session, jobs)
        return
    ended = wait_for(session, jobs, timeout)
    report(session, ended)
    raise typer.Exit(exit_code(each.status for each in ended))
