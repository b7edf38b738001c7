"""Round trips of cells and measurements: create, upload, process, read back, delete."""

from __future__ import annotations

import io
from collections.abc import Callable

import httpx
import polars as pl

from tests.end_to_end.conformance.probe import Probe
from tests.end_to_end.conformance.round_trips import CREATED, DELETED, change, create, delete

PROCESSED = {"ready", "failed"}
PARQUET = "application/vnd.apache.parquet"
QUANTITY = {"value": 5.0, "unit": "A.h"}

Wait = Callable[[Callable[[], bool]], None]


def run(probe: Probe, project: str, study: str | None, wait: Wait) -> None:
    """Create a cell in a project, upload measurements of it, and delete everything again.

    Parameters
    ----------
    probe
        Sends the requests.
    project, study
        The project of the cell, and a study of that project or None.
    wait
        Waits until a condition holds or a deadline has passed.
    """
    body = {"name": "contract test", "ratings": {"capacity": QUANTITY}, "project_id": project}
    spec = create(probe, "create_cell_spec", body, {})
    if spec is None:
        return
    of_spec = {"cell_spec_id": spec}
    probe.ask("create_cell_spec", json=body, expect={409})
    change(probe, "cell_spec", of_spec, {"notes": "contract test"})
    probe.ask("get_resolved_cell_spec", path=of_spec)
    probe.ask("list_cell_specs", query={"project_id": project, "name": "ilike.%CONTRACT%"})
    probe.ask("list_cell_specs", query={"name": "nonsense.x"}, expect={400, 422})
    cell = create(probe, "create_cell_instance", {"name": "1"}, of_spec)
    if cell is not None:
        of_cell = {"cell_instance_id": cell}
        probe.ask("create_cell_instance", path=of_spec, json={"name": "1"}, expect={409})
        change(probe, "cell_instance", of_cell, {"notes": "contract test"})
        _properties(probe, of_cell)
        _time_series(probe, of_cell, project, study, wait)
        delete(probe, "cell_instance", of_cell)
    delete(probe, "cell_spec", of_spec)


def _properties(probe: Probe, of_cell: dict[str, str]) -> None:
    body = {"name": "mass", "properties": {"mass": {"value": 68.4, "unit": "g"}}, "tags": ["a"]}
    made = create(probe, "create_properties_measurement", body, of_cell)
    if made is not None:
        path = {"measurement_id": made}
        change(probe, "measurement", path, {"notes": "contract test"})
        delete(probe, "measurement", path)


def _time_series(
    probe: Probe, of_cell: dict[str, str], project: str, study: str | None, wait: Wait
) -> None:
    begun = probe.ask(
        "initiate_measurement_upload",
        path=of_cell,
        json={"measurement": {"name": "contract test"}},
        expect=CREATED,
    )
    if begun.status_code not in CREATED:
        return
    path = {"measurement_id": begun.json()["measurement_id"]}
    probe.ask("get_measurement", path=path, expect={404})
    _send(probe, "initiate_measurement_upload", begun, "time_series.parquet", 0)
    confirmation = {**of_cell, "measurement": {"name": "contract test", "tags": ["a"]}}
    done = probe.ask("confirm_measurement_upload", path=path, json=confirmation)
    if done.status_code != 200:
        return
    _processed(probe, path, wait)
    _read(probe, path, rows=8)
    extension = probe.ask("initiate_measurement_extension", path=path, json={}, expect=CREATED)
    if extension.status_code in CREATED:
        name = "time_series_extend.parquet"
        _send(probe, "initiate_measurement_extension", extension, name, 2)
        probe.ask("confirm_measurement_extension", path=path, json={})
        _processed(probe, path, wait)
        _read(probe, path, rows=16)
    _around(probe, path, of_cell, project, study)
    delete(probe, "measurement", path)


def _send(
    probe: Probe, operation_id: str, begun: httpx.Response, name: str, first_step: int
) -> None:
    """PUT a file to its signed URL, without credentials."""
    targets = {each["filename"]: each["signed_url"] for each in begun.json()["uploads"]}
    row = pl.int_range(first_step * 4, first_step * 4 + 8)
    frame = pl.select(
        row.cast(pl.Float64).alias("Time [s]"),
        (4 - row / 100).alias("Voltage [V]"),
        pl.lit(1.0).alias("Current [A]"),
        (row // 4).alias("Step count"),
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    reply = probe.http.put(targets[name], content=buffer.getvalue())
    probe.claim(operation_id, reply.is_success, f"PUT of {name}: {reply.status_code}")


def _processed(probe: Probe, path: dict[str, str], wait: Wait) -> None:
    def status() -> str:
        return str(probe.ask("get_measurement", path=path).json().get("processing_status"))

    wait(lambda: status() in PROCESSED)
    probe.claim("get_measurement", status() == "ready", f"the time series ended {status()}")


def _read(probe: Probe, path: dict[str, str], rows: int) -> None:
    for operation_id, query in (
        ("download_measurement_time_series", {}),
        ("download_measurement_time_series", {"step_from": 1, "step_to": 1}),
        ("download_measurement_time_series", {"max_points": 10, "columns": ["Voltage [V]"]}),
        ("download_measurement_steps", {}),
    ):
        probe.ask(operation_id, path=path, query=query, expect={302, 303, 307})
        reply = probe.ask(operation_id, path=path, query=query, accept=PARQUET)
        if reply.status_code == 200 and not query and "time_series" in operation_id:
            found = pl.read_parquet(io.BytesIO(reply.content)).height
            probe.claim(operation_id, found == rows, f"{found} of {rows} rows were returned")
    cycles = probe.ask("get_measurement_cycles", path=path)
    probe.ask("get_measurement_steps_and_cycles", path=path)
    if cycles.status_code == 200:
        columns = cycles.json()["cycles"]
        probe.claim("get_measurement_cycles", bool(columns.get("Cycle count")), str(columns))


def _around(
    probe: Probe, path: dict[str, str], of_cell: dict[str, str], project: str, study: str | None
) -> None:
    """Exercise lists, tags, files, raw data, watching and studies."""
    probe.ask(
        "list_measurements", path=of_cell, query={"tags_all": ["a"], "order_by": "start_time"}
    )
    probe.ask("list_project_measurements", query={"project_id": project, "q": "CONTRACT"})
    tags = {"measurement_ids": [path["measurement_id"]], "add": ["b"], "remove": ["a"]}
    probe.ask("update_measurement_tags", json=tags)
    probe.ask("list_measurement_tags", query={"project_id": project})
    probe.ask("list_measurement_files", path=path)
    raw = {"raw_data_ids": ["raw-1"]}
    probe.ask("attach_measurement_raw_data", path=path, json=raw, expect=CREATED)
    probe.ask("list_measurement_raw_data", path=path)
    detached = {**path, "raw_data_id": "raw-1"}
    probe.ask("detach_measurement_raw_data", path=detached, expect=DELETED)
    probe.ask("watch_measurement", path=path, json={}, expect=CREATED)
    probe.ask("unwatch_measurement", path=path, expect=DELETED)
    if study is not None:
        both = {"project_id": project, "study_id": study, **path}
        probe.ask("assign_study_measurement", path=both, json={}, expect=CREATED)
        again = probe.ask("assign_study_measurement", path=both, json={}, expect=CREATED)
        probe.claim(
            "assign_study_measurement", again.status_code == 200, "a second assignment is not 200"
        )
        probe.ask("list_study_measurements", path={"project_id": project, "study_id": study})
        probe.ask("remove_study_measurement", path=both, expect=DELETED)
