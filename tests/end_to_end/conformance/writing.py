"""Round trips that create records and delete them again (`WRITE=1`)."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import polars as pl

from tests.end_to_end.conformance import measuring
from tests.end_to_end.conformance.probe import Probe
from tests.end_to_end.conformance.reading import GOOD_PROTOCOL
from tests.end_to_end.conformance.round_trips import CREATED, DELETED, change, create, delete

TERMINAL = {"completed", "failed", "canceled"}
PARQUET = "application/vnd.apache.parquet"


def run(
    probe: Probe,
    *,
    limit: float = 300.0,
    pause: Callable[[float], Any] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Run every round trip.

    Parameters
    ----------
    probe
        A probe that has run the checks of `reading`, so that it knows a project and a model.
    limit
        Longest wait for one simulation, in seconds.
    pause, clock
        Sleep for a number of seconds, and tell the time.
    """

    def wait(holds: Callable[[], bool]) -> None:
        deadline = clock() + limit
        while not holds() and clock() < deadline:
            pause(0.2)

    project = create(probe, "create_project", {"name": "contract test"}, {})
    if project is not None:
        scope = {"project_id": project}
        change(probe, "project", scope, {"name": "contract test, renamed"})
        study = create(probe, "create_study", {"name": "contract test"}, scope)
        names = {**scope, "study_id": str(study)}
        if study is not None:
            change(probe, "study", names, {"name": "contract test, renamed"})
        measuring.run(probe, project, study, wait)
        if study is not None:
            delete(probe, "study", names)
        delete(probe, "project", scope)
    _simulation(probe, limit, pause, clock)


def _simulation(
    probe: Probe, limit: float, pause: Callable[[float], Any], clock: Callable[[], float]
) -> None:
    """Submit one discharge, wait for it, download it, delete it."""
    if not {"parameterized_model_id", "project_id"} <= probe.ids.keys():
        return
    inputs = {"Initial SOC": 1.0, "C-rate": 1.0}
    template = probe.ask(
        "parse_protocol_to_template",
        expect=CREATED,
        json={
            "protocol_experiment": {"protocol": GOOD_PROTOCOL, "name": "contract test"},
            "experiment_parameters": inputs,
            "project_id": probe.ids["project_id"],
        },
    )
    if template.status_code not in CREATED:
        return
    submitted = probe.ask(
        "create_simulations",
        expect=CREATED,
        json={
            "parameterized_model": probe.ids["parameterized_model_id"],
            "experiment_template_id": template.json()["template_id"],
            "experiment_parameter_sets": [inputs],
            "project_id": probe.ids["project_id"],
        },
    )
    if submitted.status_code not in CREATED:
        return
    simulation_id = submitted.json()[0]["simulation_id"]
    status = _wait(probe, simulation_id, limit, pause, clock)
    probe.claim("get_simulation_statuses", status == "completed", f"a 1C discharge ended {status}")
    path = {"simulation_id": simulation_id}
    probe.ask("get_simulation", path=path)
    for operation_id in ("download_simulation_time_series", "download_simulation_steps"):
        reply = probe.ask(operation_id, path=path, accept=PARQUET, expect={200, 302, 303, 307})
        if reply.status_code == 200:
            frame = pl.read_parquet(io.BytesIO(reply.content))
            probe.claim(operation_id, "Step count" in frame.columns, f"columns: {frame.columns}")
    _in_a_study(probe, path)
    probe.ask("delete_simulation", path=path, expect=DELETED)
    probe.ask("get_simulation", path=path, expect={404})


def _in_a_study(probe: Probe, path: dict[str, str]) -> None:
    """Assign a simulation to a study of its project, list it, and remove it again."""
    scope = {"project_id": probe.ids["project_id"]}
    study = create(probe, "create_study", {"name": "contract test"}, scope)
    if study is None:
        return
    both = {**scope, "study_id": study, **path}
    probe.ask("assign_study_simulation", path=both, json={}, expect=CREATED)
    again = probe.ask("assign_study_simulation", path=both, json={}, expect=CREATED)
    probe.claim(
        "assign_study_simulation", again.status_code == 200, "a second assignment is not 200"
    )
    listed = probe.ask("list_simulations", query={"study_id": study})
    if listed.status_code == 200:
        ids = [each["id"] for each in listed.json()["simulations"]]
        probe.claim("list_simulations", ids == [path["simulation_id"]], f"the study has {ids}")
    probe.ask("remove_study_simulation", path=both, expect=DELETED)
    delete(probe, "study", {**scope, "study_id": study})


def _wait(
    probe: Probe,
    simulation_id: str,
    limit: float,
    pause: Callable[[float], Any],
    clock: Callable[[], float],
) -> str:
    deadline = clock() + limit
    body = {"simulation_ids": [simulation_id], "limit": 1}
    status = "unknown"
    while clock() < deadline:
        answer = probe.ask("get_simulation_statuses", json=body)
        if answer.status_code != 200 or not answer.json():
            return "without a status"
        status = answer.json()[0]["status"]
        if status in TERMINAL:
            break
        pause(0.2)
    return status
