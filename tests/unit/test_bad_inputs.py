"""Bad inputs to the constructor and to calls: the exceptions and their messages.

A message must contain the argument, the value and the remedy; the words of each row are those a
user needs. Everything that can be checked locally is rejected before a request.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ionworks import Ionworks, set_dataframe_backend
from ionworks.errors import IonworksError
from tests.bad_inputs import (
    EXPERIMENT,
    PROTOCOL,
    ROW,
    THICKNESS,
    Refusal,
    check,
    configuration,
    doe,
    ids,
    protocol,
    row,
)

ENDLESS: dict[str, Any] = {}
ENDLESS["a"] = ENDLESS

# ---------------------------------------------------------------- the constructor

CONSTRUCTOR = [
    Refusal("no credential", Ionworks, ValueError, ("IONWORKS_API_KEY", "Ionworks.local()")),
    Refusal("empty key", lambda: Ionworks(api_key=""), ValueError, ("api_key", "empty")),
    Refusal("key is a number", lambda: Ionworks(api_key=7), (TypeError, ValueError), ("api_key", "text")),
    Refusal("key with a line break", lambda: Ionworks(api_key="a\nb"), ValueError, ("api_key", "copy")),
    Refusal("empty token", lambda: Ionworks(token=" "), ValueError, ("token", "empty")),
    Refusal("url of another scheme", lambda: Ionworks("k", "ftp://host"), ValueError, ("api_url", "ftp://host", "https://")),
    Refusal("url without scheme", lambda: Ionworks("k", "api.ionworks.com"), ValueError, ("api_url", "https://")),
    Refusal("url without host", lambda: Ionworks("k", "https://"), ValueError, ("api_url", "host")),
    Refusal("url with a password", lambda: Ionworks("k", "https://me:pw@host"), ValueError, ("api_url", "password", "token")),
    Refusal("url with a bad port", lambda: Ionworks("k", "https://host:port"), ValueError, ("api_url", "port")),
    Refusal("local without folder", lambda: Ionworks(api_url="local:"), ValueError, ("api_url", "local:DIR")),
    Refusal("timeout zero", lambda: Ionworks("k", timeout=0), ValueError, ("timeout", "0", "seconds")),
    Refusal("timeout negative", lambda: Ionworks("k", timeout=-1), ValueError, ("timeout", "-1")),
    Refusal("timeout text", lambda: Ionworks("k", timeout="10"), (TypeError, ValueError), ("timeout", "'10'")),
    Refusal("timeout not a number", lambda: Ionworks("k", timeout=math.nan), ValueError, ("timeout", "nan")),
    Refusal("retries negative", lambda: Ionworks("k", max_retries=-1), ValueError, ("max_retries", "-1")),
    Refusal("retries a fraction", lambda: Ionworks("k", max_retries=1.5), (TypeError, ValueError), ("max_retries", "whole")),
    Refusal("unknown backend", lambda: Ionworks("k", dataframe_backend="spark"), ValueError, ("dataframe_backend", "polars", "pandas", "spark")),
    Refusal("unknown process-wide backend", lambda: set_dataframe_backend("panda"), ValueError, ("panda", "did you mean", "polars")),
    Refusal("process-wide backend a module", lambda: set_dataframe_backend(math), TypeError, ("polars", "pandas")),
    Refusal("project a number", lambda: Ionworks("k", project_id=5), (TypeError, ValueError), ("project_id", "5")),
    Refusal("local with a url", lambda: Ionworks.local("d", api_url="https://h"), TypeError, ("api_url", "path")),
]  # fmt: skip


@pytest.mark.parametrize("row", **ids(CONSTRUCTOR))
def test_the_constructor_rejects(row: Refusal) -> None:
    check(row)


def test_a_rejected_key_is_not_shown() -> None:
    with pytest.raises(ValueError, match="api_key") as caught:
        Ionworks(api_key="secret key")

    assert "secret" not in str(caught.value)


def batch(**changes: Any) -> Callable[[Ionworks], Any]:
    """Call `protocol_batch` with a modified valid configuration; None removes a key."""
    return lambda client: client.simulation.protocol_batch(configuration(**changes))


BOTH = (TypeError, ValueError)
RANGE = {"type": "range", "name": "x", "min": 0.0, "max": 1.0}
SUBMISSION = [
    Refusal("configuration is text", lambda client: client.simulation.protocol("1C"), BOTH, ("mapping",)),
    Refusal("no model", protocol(parameterized_model=None), ValueError, ("parameterized_model",)),
    Refusal("model a number", protocol(parameterized_model=5), BOTH, ("parameterized_model", "5")),
    Refusal("model empty", protocol(parameterized_model=""), ValueError, ("parameterized_model",)),
    Refusal("quick model with an unknown key", protocol(parameterized_model={"quick_model": {"capasity": 1}}), ValueError, ("capasity", "capacity")),
    Refusal("unknown key", protocol(design_parameter={}), ValueError, ("design_parameter", "design_parameters")),
    Refusal("no protocol", protocol(protocol_experiment=None), ValueError, ("protocol_experiment", "protocol_id")),
    Refusal("two protocols", protocol(protocol_id="p"), ValueError, ("protocol_experiment", "protocol_id")),
    Refusal("protocol without name", protocol(protocol_experiment={"protocol": PROTOCOL}), ValueError, ("protocol_experiment", "name")),
    Refusal("protocol without text", protocol(protocol_experiment={"name": "1C"}), ValueError, ("protocol_experiment", "protocol")),
    Refusal("protocol with an unknown key", protocol(protocol_experiment={**EXPERIMENT, "title": "x"}), ValueError, ("title", "protocol", "name")),
    Refusal("protocol text a number", protocol(protocol_experiment={"protocol": 3, "name": "x"}), BOTH, ("protocol", "3")),
    Refusal("experiment parameter a list", protocol(experiment_parameters={"C-rate": [1, 2]}), BOTH, ("experiment_parameters", "C-rate")),
    Refusal("experiment parameter infinite", protocol(experiment_parameters={"C-rate": math.inf}), ValueError, ("C-rate", "inf")),
    Refusal("design parameter text", protocol(design_parameters={THICKNESS: "75 um"}), BOTH, (THICKNESS, "75 um", "number")),
    Refusal("design parameter not a number", protocol(design_parameters={THICKNESS: math.nan}), ValueError, (THICKNESS, "nan")),
    Refusal("design parameters a list", protocol(design_parameters=[75e-6]), BOTH, ("design_parameters", "mapping")),
    Refusal("design parameters and a design", protocol(design_parameters={THICKNESS: 75e-6}, design_parameters_doe=doe()), ValueError, ("design_parameters", "design_parameters_doe")),
    Refusal("conditions in protocol", protocol(conditions=[{"experiment_parameters": {}, "design_parameters": {}}]), ValueError, ("conditions", "protocol_batch")),
    Refusal("three runs in protocol", protocol(design_parameters_doe=row(values=[1.0, 2.0, 3.0])), ValueError, ("3", "protocol_batch")),
    Refusal("a grid of four in protocol", protocol(design_parameters_doe=doe(rows=[{**RANGE, "count": 2}, {**RANGE, "name": "y", "count": 2}])), ValueError, ("4", "protocol_batch")),
    Refusal("random of five in protocol", protocol(design_parameters_doe=doe("random", [RANGE], count=5)), ValueError, ("5", "protocol_batch")),
    Refusal("hypercube counted by its row in protocol", protocol(design_parameters_doe=doe("latin_hypercube", [{**RANGE, "count": 5}])), ValueError, ("5", "protocol_batch")),
    Refusal("unknown sampling", batch(design_parameters_doe=doe("sobol")), ValueError, ("sobol", "grid", "random", "latin_hypercube")),
    Refusal("no sampling", batch(design_parameters_doe={"rows": [ROW]}), ValueError, ("sampling", "grid")),
    Refusal("no rows", batch(design_parameters_doe={"sampling": "grid"}), ValueError, ("rows", "missing")),
    Refusal("empty rows", batch(design_parameters_doe=doe(rows=[])), ValueError, ("rows", "empty")),
    Refusal("unknown design key", batch(design_parameters_doe=doe(size=3)), ValueError, ("size", "count")),
    Refusal("unknown row type", batch(design_parameters_doe=row(type="uniform")), ValueError, ("uniform", "discrete", "range", "normal")),
    Refusal("unknown row key", batch(design_parameters_doe=row(value=[1.0])), ValueError, ("value", "values")),
    Refusal("row without name", batch(design_parameters_doe=row(name=None)), ValueError, ("rows[0].name",)),
    Refusal("row without values", batch(design_parameters_doe=row(values=None)), ValueError, ("rows[0].values", "missing")),
    Refusal("row with no value", batch(design_parameters_doe=row(values=[])), ValueError, ("rows[0].values", "empty")),
    Refusal("row with text", batch(design_parameters_doe=row(values=["75e-6"])), BOTH, ("rows[0].values[0]", "75e-6")),
    Refusal("row not a number", batch(design_parameters_doe=row(values=[math.nan])), ValueError, ("rows[0].values[0]", "nan")),
    Refusal("one name twice", batch(design_parameters_doe=doe(rows=[ROW, ROW])), ValueError, (THICKNESS, "twice")),
    Refusal("range upside down", batch(design_parameters_doe=doe(rows=[{**RANGE, "min": 2.0, "count": 3}])), ValueError, ("min", "below", "max")),
    Refusal("range without count", batch(design_parameters_doe=doe(rows=[RANGE])), ValueError, ("rows[0].count", "missing")),
    Refusal("range of no points", batch(design_parameters_doe=doe(rows=[{**RANGE, "count": 0}])), ValueError, ("rows[0].count", "0")),
    Refusal("normal with negative spread", batch(design_parameters_doe=doe(rows=[{"type": "normal", "name": "x", "mean": 1.0, "std": -1.0, "count": 2}])), ValueError, ("std", "negative")),
    Refusal("a count the grid has not", batch(design_parameters_doe=doe(count=7)), ValueError, ("count", "7", "1 runs")),
    Refusal("rows that disagree", batch(design_parameters_doe=doe("random", [{**RANGE, "count": 2}, {**RANGE, "name": "y", "count": 3}])), ValueError, ("disagree", "count")),
    Refusal("too many runs", batch(design_parameters_doe=doe(rows=[{**RANGE, "count": 2_000_000}])), ValueError, ("2000000", "1000000")),
    Refusal("design parameters in a batch", batch(design_parameters={THICKNESS: 75e-6}), ValueError, ("design_parameters", "design_parameters_doe")),
    Refusal("conditions and a design", batch(conditions=[{"experiment_parameters": {}, "design_parameters": {}}], design_parameters_doe=doe()), ValueError, ("conditions", "design_parameters_doe")),
    Refusal("no conditions", batch(conditions=[]), ValueError, ("conditions", "empty")),
    Refusal("condition with an unknown key", batch(conditions=[{"parameters": {}}]), ValueError, ("conditions", "parameters", "design_parameters")),
    Refusal("jumps as text", batch(max_backward_jumps="many"), BOTH, ("max_backward_jumps", "many")),
    Refusal("negative jumps", batch(max_backward_jumps=-1), ValueError, ("max_backward_jumps", "-1")),
    Refusal("extra variables as text", batch(extra_variables="Voltage [V]"), BOTH, ("extra_variables", "list")),
]  # fmt: skip

CALLS = [
    Refusal("wait for a number", lambda client: client.simulation.wait_for_completion(7), BOTH, ("simulation", "7")),
    Refusal("wait for an empty id", lambda client: client.simulation.wait_for_completion(""), ValueError, ("id",)),
    Refusal("negative patience", lambda client: client.simulation.wait_for_completion("s", timeout=-1), ValueError, ("timeout", "-1")),
    Refusal("patience as text", lambda client: client.simulation.wait_for_completion("s", timeout="60"), BOTH, ("timeout", "60")),
    Refusal("no pause", lambda client: client.simulation.wait_for_completion("s", poll_interval=0), ValueError, ("poll_interval", "0")),
    Refusal("two scopes", lambda client: client.simulation.list("m", "s"), ValueError, ("parameterized_model_id", "study_id")),
    Refusal("limit zero", lambda client: client.simulation.list("m", limit=0), ValueError, ("limit", "0")),
    Refusal("limit above the service's", lambda client: client.simulation.list("m", limit=1001), ValueError, ("limit", "1000")),
    Refusal("negative offset", lambda client: client.simulation.list("m", limit=1, offset=-1), ValueError, ("offset", "-1")),
    Refusal("unknown state", lambda client: client.simulation.list("m", state="done"), ValueError, ("state", "done", "completed")),
    Refusal("get nothing", lambda client: client.simulation.get(""), ValueError, ("simulation_id",)),
    Refusal("get a number", lambda client: client.simulation.get(3), TypeError, ("simulation_id", "3")),
    Refusal("get the parent folder", lambda client: client.simulation.get(".."), ValueError, ("simulation_id", "..")),
    Refusal("delete nothing", lambda client: client.simulation.delete(" "), ValueError, ("simulation_id",)),
    Refusal("results of text", lambda client: list(client.simulation.get_results("one-id")), BOTH, ("list",)),
    Refusal("a job that is None", lambda client: client.job.get(None), TypeError, ("job_id",)),
    Refusal("a project that is empty", lambda client: client.project.get(""), ValueError, ("project_id",)),
    Refusal("a project without a name", lambda client: client.project.create({}), ValueError, ("name",)),
    Refusal("a model that is a word", lambda client: client.model.create({"name": "n", "config": "SPMe"}), TypeError, ("config", "{'type': 'SPMe'}", "'SPMe'")),
    Refusal("a model of one's own that is a number", lambda client: client.model.upload_custom(5, name="n"), TypeError, ("model", "PyBaMM model", "int")),
    Refusal("a chemistry of another kind", lambda client: client.model.upload_custom({}, name="n", chemistry="lead"), ValueError, ("chemistry", "lead", "lithium_ion", "ecm")),
    Refusal("a model the zoo has not", lambda client: client.model.create_from_zoo("SPMme"), ValueError, ("'SPMme'", "SPMe", "Thevenin")),
    Refusal("a set PyBaMM has not", lambda client: client.parameterized_model.create(None, {"name": "n", "model_id": "m", "parameters": "Chen2021"}), ValueError, ("'Chen2021'", "Chen2020")),
    Refusal("parameters that are a number", lambda client: client.parameterized_model.create(None, {"name": "n", "model_id": "m", "parameters": 7}), TypeError, ("parameters", "7", "ParameterValues")),
    Refusal("a function that fails", lambda client: client.parameterized_model.create(None, {"name": "n", "model_id": "m", "parameters": {"OCP [V]": lambda sto: sto.missing}}), TypeError, ("OCP [V]", "cannot write", "missing")),
    Refusal("inline parameters that are an object", protocol(parameterized_model={"model_id": "m", "parameters": {"a": object()}}), TypeError, ("['parameters']['a']", "number")),
    Refusal("validate a number", lambda client: client.protocol.validate(5), TypeError, ("protocol", "5")),
    Refusal("references of nothing", lambda client: client.protocol.find_input_references(None), TypeError, ("protocol",)),
]  # fmt: skip


def fitting(parameter: Any = None, **changes: Any) -> Callable[[Ionworks], Any]:
    """Submit a modified valid simple pipeline."""
    fit = {**FIT, "parameters": {"D": {**GOOD_PARAMETER, **(parameter or {})}}, **changes}
    return pipeline(elements={"fit": fit})


def pipeline(**changes: Any) -> Callable[[Ionworks], Any]:
    """Submit a valid simple pipeline with a modified configuration."""
    return lambda client: client.simple_pipeline.create({"elements": {"fit": FIT}, **changes})


GOOD_PARAMETER = {"bounds": [1e-14, 1e-13], "initial_value": 2e-14}
FIT = {
    "element_type": "data_fit",
    "objectives": {"v": {"data": "db:m"}},
    "parameters": {"D": GOOD_PARAMETER},
}
WHERE = "config['elements']['fit']"
PIPELINES = [
    Refusal("pipeline is text", lambda client: client.pipeline.create("fit"), BOTH, ("config", "mapping")),
    Refusal("pipeline without elements", lambda client: client.pipeline.create({"name": "x"}), ValueError, ("elements", "missing")),
    Refusal("pipeline of unknown key", lambda client: client.pipeline.create({"element": {}}), ValueError, ("element", "did you mean 'elements'")),
    Refusal("elements a list", lambda client: client.pipeline.create({"elements": [FIT]}), BOTH, ("elements", "dictionary", "list", "name")),
    Refusal("simple elements a list", pipeline(elements=[FIT]), BOTH, ("elements", "dictionary", "list")),
    Refusal("no elements", pipeline(elements={}), ValueError, ("elements", "empty")),
    Refusal("element a text", pipeline(elements={"fit": "data_fit"}), BOTH, (WHERE, "mapping", "data_fit")),
    Refusal("element without type", pipeline(elements={"fit": {"objectives": {}}}), ValueError, (WHERE, "element_type", "data_fit")),
    Refusal("element type a number", pipeline(elements={"fit": {"element_type": 3}}), BOTH, (WHERE, "element_type", "3")),
    Refusal("output file of a simple pipeline", pipeline(output_file="x"), ValueError, ("output_file",)),
    Refusal("two fits", pipeline(elements={"a": FIT, "b": FIT}), ValueError, ("at most one", "'a', 'b'", "client.pipeline.create")),
    Refusal("bounds upside down", fitting({"bounds": [5, 1]}), ValueError, (WHERE, "bounds", "[5.0, 1.0]", "below")),
    Refusal("bounds of no width", fitting({"bounds": [1, 1]}), ValueError, ("bounds", "below", "entry")),
    Refusal("bounds of three", fitting({"bounds": [1, 2, 3]}), ValueError, ("bounds", "pair", "3")),
    Refusal("bounds a number", fitting({"bounds": 1e-14}), BOTH, ("bounds", "pair")),
    Refusal("bounds not a number", fitting({"bounds": [math.nan, 1]}), ValueError, ("bounds", "[0]", "nan")),
    Refusal("bounds of text", fitting({"bounds": ["low", 1]}), BOTH, ("bounds", "low")),
    Refusal("lower bound of plus infinity", fitting({"bounds": [math.inf, 1]}), ValueError, ("bounds", "inf")),
    Refusal("initial value outside", fitting({"initial_value": 1.0}), ValueError, ("initial_value", "1.0", "outside", "1e-14")),
    Refusal("initial value infinite", fitting({"initial_value": math.inf}), ValueError, ("initial_value", "inf")),
    Refusal("initial value text", fitting({"initial_value": "2e-14"}), BOTH, ("initial_value", "2e-14", "number")),
    Refusal("unknown field of a parameter", fitting({"inital_value": 1}), ValueError, ("inital_value", "did you mean 'initial_value'")),
    Refusal("unknown transform", fitting({"transform": "log"}), ValueError, ("transform", "log", "Log10")),
    Refusal("parameters a list", fitting(parameters=["D"]), BOTH, ("parameters", "mapping")),
    Refusal("parameter a pair", fitting(parameters={"D": [1, 2]}), BOTH, ("'D'", "bounds", "mapping")),
    Refusal("data without prefix", fitting(objectives={"v": {"data": "m-1"}}), ValueError, ("'data'", "m-1", "db:<measurement id>", "file:")),
    Refusal("data of nothing", fitting(objectives={"v": {"data": "db:"}}), ValueError, ("'db:'", "measurement id")),
    Refusal("data of an element that is not there", fitting(objectives={"v": {"data": "entry.data"}}), ValueError, ("entry.data", "none yet")),
    Refusal("data of a later element", pipeline(elements={"fit": {**FIT, "objectives": {"v": {"data": "e.data"}}}, "e": {"element_type": "entry", "values": {"data": "db:m"}}}), ValueError, ("e.data", "earlier")),
    Refusal("data an element does not have", pipeline(elements={"entry": {"element_type": "entry", "values": {"data": "db:m"}}, "fit": {**FIT, "objectives": {"v": {"data": "entry.date"}}}}), ValueError, ("entry.date", "did you mean 'data'")),
    Refusal("file that is not there", fitting(objectives={"v": {"data": "file:nowhere.csv"}}), FileNotFoundError, ("'data'", "nowhere.csv", "does not exist")),
    Refusal("file of no name", fitting(objectives={"v": {"data": "file:"}}), ValueError, ("file:", "path")),
    Refusal("folder that is not there", fitting(objectives={"v": {"data": "folder:nowhere/"}}), FileNotFoundError, ("nowhere", "does not exist")),
    Refusal("file of another kind", fitting(objectives={"v": {"data": f"file:{__file__}"}}), ValueError, ("neither .csv nor .parquet",)),
    Refusal("folder without tables", fitting(objectives={"v": {"data": f"folder:{Path(__file__).parent}"}}), FileNotFoundError, ("time_series.parquet", "time_series.csv")),
    Refusal("columns of two lengths", fitting(objectives={"v": {"data": {"t": [1, 2], "V": [1]}}}), ValueError, ("'data'", "length")),
    Refusal("table without rows", fitting(objectives={"v": {"data": {"t": [], "V": []}}}), ValueError, ("'data'", "without rows")),
    Refusal("an object JSON cannot say", fitting(source=object()), TypeError, ("source", "object", "JSON")),
    Refusal("live updates a text", pipeline(options={"live_progress_updates": "yes"}), BOTH, ("live_progress_updates", "yes", "True")),
    Refusal("options a list", pipeline(options=["x"]), BOTH, ("options", "mapping")),
    Refusal("name of 256 characters", pipeline(name="x" * 256), ValueError, ("name", "255")),
    Refusal("name a number", pipeline(name=5), BOTH, ("name", "5")),
    Refusal("elements that contain themselves", pipeline(elements={"e": {"element_type": "entry", "values": ENDLESS}}), ValueError, ("config['elements']['e']", "contains itself")),
    Refusal("update of nothing", lambda client: client.simple_pipeline.update("s"), ValueError, ("name", "description")),
    Refusal("update of a pipeline with nothing", lambda client: client.pipeline.update("p"), ValueError, ("name", "description")),
    Refusal("update to an empty name", lambda client: client.pipeline.update("p", name=" "), ValueError, ("name", "empty")),
    Refusal("wait for no pipeline", lambda client: client.pipeline.wait_for_completion(""), ValueError, ("pipeline_id",)),
    Refusal("wait for a pipeline with a bad pace", lambda client: client.pipeline.wait_for_completion("p", poll_interval=-1), ValueError, ("poll_interval", "-1")),
    Refusal("wait for a number of a simple pipeline", lambda client: client.simple_pipeline.wait_for_completion(3), BOTH, ("simple_pipeline_id", "3")),
    Refusal("more pipelines than a page has", lambda client: client.simple_pipeline.list(limit=101), ValueError, ("limit", "100")),
    Refusal("unknown filter of pipelines", lambda client: client.pipeline.list(state="failed"), TypeError, ("state", "status")),
    Refusal("unknown order of pipelines", lambda client: client.simple_pipeline.list(order_by="cost"), ValueError, ("order_by", "cost", "created_at")),
    Refusal("filter of pipelines a number", lambda client: client.pipeline.list(name=5), TypeError, ("name", "5")),
    Refusal("invalid date filter of pipelines", lambda client: client.simple_pipeline.list(created_at_gt="yesterday"), ValueError, ("created_at_gt", "yesterday")),
    Refusal("series of an unknown source", lambda client: client.pipeline.get_element_series("p", "fit", "v", "best"), ValueError, ("source", "best", "baseline")),
]  # fmt: skip


ENDLESS_CALLS = [
    Refusal("a protocol that contains itself", protocol(protocol_experiment={"protocol": {"steps": [ENDLESS]}, "name": "x"}), ValueError, ("protocol", "cannot be written")),
    Refusal("parameters that contain themselves", protocol(parameterized_model={"model_id": "m", "parameters": ENDLESS}), ValueError, ("parameters", "contains itself")),
    Refusal("a model that contains itself", lambda client: client.model.create({"name": "x", "config": ENDLESS}), ValueError, ("data", "contains itself")),
    Refusal("names that only one run has", batch(conditions=[{"experiment_parameters": {f"a{n}": 1 for n in range(1000)}}, {}]), ValueError, ("[1]", "and 980 more")),
]  # fmt: skip


@pytest.mark.parametrize("row", **ids(SUBMISSION + CALLS + PIPELINES + ENDLESS_CALLS))
def test_calls_reject_before_anything_is_sent(row: Refusal) -> None:
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(500)

    transport = httpx.MockTransport(serve)
    with Ionworks("key", "https://api.test", "project", transport=transport) as client:
        check(row, client)

    assert [str(request.url) for request in sent] == []


def test_a_service_that_requires_a_project_is_explained() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        body = {"error_code": "BAD_REQUEST", "message": "project_id is required", "detail": None}
        return httpx.Response(400, json=body)

    with (
        Ionworks("key", "https://api.test", transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(IonworksError) as caught,
    ):
        protocol()(client)

    assert "IONWORKS_PROJECT_ID" in str(caught.value)


def test_the_tables_have_at_least_sixty_rows() -> None:
    assert len(CONSTRUCTOR + SUBMISSION + CALLS) >= 60
