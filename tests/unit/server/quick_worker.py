"""A stand-in for the physics: what the engine's jobs do without waiting for PyBaMM.

What a run does is told by its design parameters.
"""

import math
import os
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from ionworks.engine.fitting.element_types import canonical_type
from ionworks.server.jobs import targets
from ionworks.server.jobs.outcomes import OutcomeWriter, pack_line
from ionworks.server.jobs.targets import leave_if_orphaned
from ionworks.server.store.blobs import STEPS, TIME_SERIES, Blobs, new_pack_folder
from ionworks.worker import pipelines

PROVENANCE = {"versions": {"pybamm": "1.0"}, "solver": "quick", "mesh": {"x_n": 20}}
#: Folder of traces of what was computed, instead of that of the results.
TRACES = "QUICK_WORKER_TRACES"
NAMES = ("thickness", "fail", "crash", "crash once", "raise", "stall", "wait")


def simulate(payload):
    blobs = Blobs.at(payload["blobs"])
    traces = markers(payload)
    with OutcomeWriter(Path(payload["outcomes"])) as outcomes:
        for run in payload["runs"]:
            error = _obey(run, traces)
            leave_if_orphaned()
            folder = None
            if error is None:
                folder = new_pack_folder(payload["owner"])
                thickness = run["design_parameters"].get("thickness", 0.0)
                frame = pl.DataFrame({"Time [s]": [0.0, 1.0], "Voltage [V]": [4.0, thickness]})
                outcomes.insist(partial(_store, blobs, folder, frame))
                _count(traces, run["id"])
            outcomes.write(
                pack_line(
                    [run["id"]],
                    pack=folder,
                    rows=None if folder is None else {"steps": [1], "points": [2]},
                    metrics={} if folder is None else {"pid": [os.getpid()], "bad": [math.nan]},
                    errors={} if error is None else {0: ("SOLVER_ERROR", error)},
                    notes={},
                    compute_time=0.001,
                    provenance=PROVENANCE,
                )
            )


def markers(payload):
    """Return where tests look for traces of a job, also if the results are in a bucket."""
    if TRACES in os.environ:
        return Path(os.environ[TRACES])
    folder = Path(payload["outcomes"]).parent.parent / "blobs"
    folder.mkdir(exist_ok=True)
    return folder


def _store(blobs, folder, frame):
    blobs.write_frame(f"{folder}/{STEPS}", pl.DataFrame({"a": [1]}))
    blobs.write_frame(f"{folder}/{TIME_SERIES}", frame)


def describe(payload):
    if payload["model"].get("options", {}).get("bad"):
        raise ValueError("the option 'bad' is not known")
    given = payload["model"].get("parameters", {})
    if given.get("thickness", 1) < 0:
        raise ValueError("'thickness' is impossible")
    notes = ["'thickness' is unusual"] if given.get("thickness", 1) > 100 else []
    parameters = {"thickness": 1.0, "ocv": None}
    return {"parameters": parameters, "variables": ["Voltage [V]"], "notes": notes}


def inspect_model(payload):
    model = payload["model"]
    if "bad" in model.get("options", {}):
        raise ValueError("the option 'bad' is not known")
    if "colour" in model.get("settings", {}):
        raise ValueError("simulation_settings: unknown 'colour'")
    for name, formula in model.get("variables", {}).items():
        if formula == "bad":
            raise ValueError(f"the formula of {name!r} cannot be read")
    found: dict[str, Any] = {
        "name": "quick",
        "variables": ["Voltage [V]"],
        "parameters": ["thickness"],
    }
    if "document" in model:
        found["document"] = {"compressed": True, "data": model["document"]["model"]["name"]}
    return found


def smoke_test(payload):
    if payload["model"]["parameters"].get("thickness") == 13:
        raise ValueError("the model does not run: unlucky")


def parameter_values(payload):
    return {"thickness": 1.0, "ocv": {"$type": "a function"}, **payload["model"]["parameters"]}


def serialise(payload):
    return {"model": {"name": payload["name"], "options": payload["options"]}}


def script(payload):
    [run] = payload["runs"]
    if run["design_parameters"].get("thickness") == 13:
        return {"unsupported": "steps[0]: the end d/dt(Voltage) has no counterpart"}
    return {"script": f"# {payload['protocol']} {run['design_parameters']}"}


def citations(payload):
    return f"@article{{{payload['model']['parameter_set']}}}"


def check(payload):
    if payload["smoke_test"]:
        smoke_test(payload)
    problems = [
        f"unknown parameter {name!r}"
        for run in payload["runs"]
        for name in run["design_parameters"]
        if name not in NAMES
    ]
    notes = [
        [{"category": "parameters", "message": "thin"}]
        if run["design_parameters"].get("thickness") == 0.25
        else []
        for run in payload["runs"]
    ]
    return {"problems": list(dict.fromkeys(problems)), "notes": notes}


def _obey(run, folder):
    orders = run["design_parameters"]
    _require_process(orders, "crash", "crash once", "stall")
    if orders.get("crash") or (orders.get("crash once") and _is_first(folder, run["id"])):
        os._exit(3)
    if orders.get("raise"):
        raise RuntimeError("this run breaks its chunk")
    if orders.get("stall"):
        threading.Event().wait()
    if "wait" in orders:
        time.sleep(orders["wait"])  # in a process that will be killed, never in the test's own
    return "the solver gave up" if orders.get("fail") else None


def _require_process(orders, *names):
    """Refuse orders that would end or block the test itself, where a thread runs the job."""
    if any(orders.get(name) for name in names) and not targets._servers:
        raise RuntimeError(f"{', '.join(names)}: use the fixture worker_processes")


def _is_first(folder, run_id):
    folder.mkdir(exist_ok=True)
    marker = folder / f"{run_id}.tried"
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _count(folder, run_id):
    """Leave a trace of every time a run's results were computed."""
    with (folder / "computed.txt").open("a") as stream:
        stream.write(f"{run_id}\n")


def check_pipeline(payload):
    """Refuse elements that say so; tell what is known of the data."""
    refused = [each["refuse"] for each in payload["elements"].values() if "refuse" in each]
    known = {name: (each["columns"], each["rows"]) for name, each in payload["data"].items()}
    return {"problems": [sentence.format(data=known) for sentence in refused], "notes": []}


def run_pipeline(payload):
    pipelines.run(payload, _Elements(markers(payload)))


class _Elements:
    """Elements that do what their ``orders`` say."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, elements, data, *, progress, should_stop, threads, completed):
        results, series, status = dict(completed), {}, "completed"
        for name, element in elements.items():
            if name in completed:
                continue
            if should_stop():
                status = "canceled"
                break
            kind = canonical_type(element["element_type"])
            progress({"element": name, "element_type": kind, "status": "running"})
            result, is_stopped = self._obey(name, kind, element, progress, should_stop)
            results[name] = result | {"threads": threads, "data": sorted(data)}
            if kind != "entry":
                series[name] = {"voltage": SERIES}
            if is_stopped:
                status = "canceled"
                break
            report = {"status": "completed", "result": results[name], "series": series.get(name)}
            progress({"element": name, "element_type": kind, **report})
        return {"status": status, "element_results": results, "series": series, **REMARKS}

    def _obey(self, name, kind, element, progress, should_stop):
        self._count(name)
        orders = element.get("orders", {})
        _require_process(orders, "crash once", "deaf", "stall")
        values = element.get("values", {})
        if orders.get("fail"):
            raise ValueError(f"element {name!r}: {orders['fail']}")
        if orders.get("break"):
            raise RuntimeError("the solver gave up")
        for step in range(orders.get("steps", 0)):
            cost = 1.0 / (step + 1)
            report = {"evaluations": 10 * step, "cost": cost, "best_cost": cost}
            progress({"element": name, "element_type": kind, "inputs": {"D": cost}, **report})
        if orders.get("crash once") and _is_first(self.folder, "pipeline"):
            os._exit(3)
        if orders.get("deaf"):
            threading.Event().wait()
        is_stopped = False
        if orders.get("stall"):
            while not (is_stopped := should_stop()):
                time.sleep(0.01)  # in the worker's process, never in the test's own
        kinds = {"entry": "PassthroughResult", "validation": "ValidationResult"}
        result = {"type": kinds.get(kind, "OptimizationResult"), "parameter_values": values}
        if kind == "data_fit":
            result |= {"cost": 0.5, "parameter_values": {"D": 0.125}}
        if kind == "validation":
            result |= {"summary_stats": {"voltage": {"RMSE": 0.5}}}
        return result, is_stopped

    def _count(self, name):
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "elements.txt").open("a") as stream:
            stream.write(f"{name}\n")


REMARKS = {"notes": ["a note"], "provenance": {"seeds": {"fit": 7}, "versions": {"pybamm": "1.0"}}}
SERIES = {
    "type": "CurrentDriven",
    "x": "Time [s]",
    "x_values": [float(n) for n in range(1001)],
    "variables": {
        "Voltage [V]": {
            "data": [4.0 - n / 1000 for n in range(1001)],
            "model": [4.0] * 1001,
            "baseline": [3.0] * 1001,
        }
    },
}
