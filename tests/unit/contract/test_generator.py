"""The generated client agrees with the contract, and one command regenerates it."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from copy import deepcopy
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

import ionworks_api_client
from generator.document import OperationNode, load, operations, resolve, successes
from generator.prepare import ContractError, prepare
from ionworks_api_client import AuthenticatedClient, models
from ionworks_api_client.api import OPERATIONS
from ionworks_api_client.api.project import create_project
from ionworks_api_client.models import SimulationBatchRequest
from ionworks_api_client.types import File, Unset
from tests.paths import ROOT

PACKAGE = Path(ionworks_api_client.__file__).parent
CONTRACT = load(ROOT / "openapi.yaml")
NODES = {operation.content["operationId"]: operation for operation in operations(CONTRACT)}

# The bodies of wire.md section 2.1.1, as the service's own client sends them.
SUBMISSIONS: list[dict[str, Any]] = [
    {
        "parameterized_model": "pm-id",
        "experiment_template_id": "tpl-1",
        "experiment_parameter_sets": [{}],
        "project_id": "PROJ",
    },
    {
        "parameterized_model": "pm-id",
        "experiment_template_id": "tpl-1",
        "experiment_parameter_sets": [{"Initial SOC": 1.0, "C-rate": 0.5}],
        "design_parameters_doe": {
            "sampling": "grid",
            "rows": [
                {
                    "type": "discrete",
                    "name": "Positive electrode thickness [m]",
                    "values": [7.5e-05],
                }
            ],
        },
        "project_id": "PROJ",
    },
    {
        "parameterized_model": {"quick_model": {"capacity": 2.0, "chemistry": "LFP/Graphite"}},
        "experiment_template_id": "tpl-1",
        "experiment_parameter_sets": [{}],
        "design_parameters_doe": {
            "sampling": "grid",
            "rows": [
                {"type": "discrete", "name": "x", "values": [1.0, 2.0, 3.0]},
                {"type": "range", "name": "y", "min": 0.0, "max": 1.0, "count": 3},
                {"type": "normal", "name": "z", "count": 2, "mean": 0.0, "std": 1.0},
            ],
        },
        "max_backward_jumps": 3,
        "study_id": "st",
        "extra_variables": ["v"],
        "project_id": "PROJ",
    },
    {
        "parameterized_model": "pm",
        "experiment_template_id": "prot",
        "experiment_parameter_sets": [{"T": 1.0}],
        "conditions": [
            {"experiment_parameters": {"T": 2.0}, "design_parameters": {}},
            {"experiment_parameters": {"T": 1.0}, "design_parameters": {"d": 3.0}},
        ],
    },
    {
        "parameterized_model": {"model_id": "m", "parameters": {"Current [A]": 1.0}},
        "experiment_template_id": "prot",
        "experiment_parameter_sets": [{}],
    },
]


@pytest.mark.parametrize("submission", SUBMISSIONS)
def test_a_submission_round_trips(submission: dict[str, Any]) -> None:
    assert SimulationBatchRequest.from_dict(deepcopy(submission)).to_dict() == submission


def test_the_table_of_operations_agrees_with_the_contract() -> None:
    expected = {
        name: (node.method.upper(), node.path, node.content["tags"][0])
        for name, node in NODES.items()
    }

    assert dict(OPERATIONS) == expected


@pytest.mark.parametrize("name", sorted(NODES))
def test_an_operation_sends_and_reads_the_examples_of_the_contract(name: str) -> None:
    node = NODES[name]
    sent: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return example_reply(node)

    operation = importlib.import_module(f"ionworks_api_client.api.{OPERATIONS[name].tag}.{name}")
    client = AuthenticatedClient(
        base_url="https://service.test",
        token="key",
        prefix="",
        auth_header_name="X-API-Key",
        httpx_args={"transport": httpx.MockTransport(serve)},
    )
    arguments = {each["name"]: argument(each) for each in node.parameters if each.get("required")}
    arguments |= {"body": example_body(node)} if "requestBody" in node.content else {}

    answer = operation.sync_detailed(client=client, **arguments)

    assert [request.method for request in sent] == [node.method.upper()]
    in_path = {each["name"]: each["example"] for each in node.parameters if each["in"] == "path"}
    assert sent[0].url.path == node.path.format(**in_path)
    body = media_of(node.content.get("requestBody", {})).get("application/json")
    if body is not None:
        assert json.loads(sent[0].content) == first_example(body)
    assert plain(answer.parsed) == expected_answer(node)


def argument(parameter: dict[str, Any]) -> object:
    return parameter.get("example", "some text")


def media_of(part: dict[str, Any]) -> dict[str, Any]:
    return resolve(CONTRACT, part).get("content", {})


def first_example(media: dict[str, Any]) -> Any:
    if "example" in media:
        return media["example"]
    return next(iter(media["examples"].values()))["value"]


def example_body(node: OperationNode) -> object:
    ((media_type, media),) = media_of(node.content["requestBody"]).items()
    model = getattr(models, media["schema"]["$ref"].rpartition("/")[2])
    if media_type == "multipart/form-data":
        values = first_example(media)
        return model(**values | {"file": File(payload=BytesIO(b"{}"), file_name="file")})
    return model.from_dict(deepcopy(first_example(media)))


def example_reply(node: OperationNode) -> httpx.Response:
    status, reply = next(iter(successes(node.content).items()))
    media = media_of(reply)
    if "application/json" in media:
        return httpx.Response(int(status), json=first_example(media["application/json"]))
    if "text/plain" in media:
        return httpx.Response(int(status), text=first_example(media["text/plain"]))
    content = {"content": b"bytes", "headers": {"content-type": next(iter(media))}} if media else {}
    return httpx.Response(int(status), **content)


def expected_answer(node: OperationNode) -> object:
    media = media_of(next(iter(successes(node.content).values())))
    if not media:
        return None
    ((media_type, content),) = media.items()
    return first_example(content) if media_type in ("application/json", "text/plain") else b"bytes"


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, File):
        return value.payload.read()
    return value.to_dict() if hasattr(value, "to_dict") else value


@pytest.mark.off_contract("a service may answer 200 where the contract says 201")
def test_any_success_status_is_accepted() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"id": "p"}))
    client = AuthenticatedClient(
        base_url="https://service.test", token="key", httpx_args={"transport": transport}
    )

    created = create_project.sync_detailed(client=client, body=models.ProjectRequest(name="P"))

    assert created.parsed == models.Project(id="p")


def test_replies_keep_fields_that_are_not_in_the_contract() -> None:
    simulation = models.Simulation.from_dict({"id": "s", "name": None, "shape": {"a": 1}})

    assert simulation.additional_properties == {"shape": {"a": 1}}
    assert simulation.name is None
    assert isinstance(simulation.status, Unset)


def test_importing_one_endpoint_does_not_import_all_models() -> None:
    source = (
        "import sys\n"
        "from ionworks_api_client.api.simulation import list_simulations\n"
        "from ionworks_api_client import models\n"
        "prefix = 'ionworks_api_client.models.'\n"
        "def loaded(): return sum(name.startswith(prefix) for name in sys.modules)\n"
        "few = loaded(); models.CellSpecification; more = loaded()\n"
        "print(few, more, len(models.__all__), len(dir(models)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    few, more, everything, listed = (int(word) for word in done.stdout.split())

    assert few < more <= few + 5 < everything
    assert listed == everything


def test_an_unknown_model_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'Battery'"):
        _ = models.Battery


def test_the_package_contains_the_contract_as_json_and_a_type_marker() -> None:
    assert json.loads((PACKAGE / "openapi.json").read_text(encoding="utf-8")) == CONTRACT
    assert (PACKAGE / "py.typed").exists()
    assert not (PACKAGE / ".ruff_cache").exists()


# ---------------------------------------------------------------- the prepared document
CONTRACT_BEFORE = deepcopy(CONTRACT)


@pytest.fixture(scope="module")
def prepared() -> dict[str, Any]:
    return prepare(CONTRACT)


def test_only_replies_of_success_are_kept_with_any_status(prepared: dict[str, Any]) -> None:
    assert all(list(node.content["responses"]) == ["2XX"] for node in operations(prepared))
    assert "Error" not in prepared["components"]["responses"]
    assert "StandardError" not in prepared["components"]["schemas"]


def test_security_is_copied_to_each_operation(prepared: dict[str, Any]) -> None:
    security = {
        node.content["operationId"]: node.content["security"] for node in operations(prepared)
    }

    assert security.pop("get_health") == []
    assert all(each == CONTRACT["security"] for each in security.values())


def test_maps_become_any_and_components_are_kept(prepared: dict[str, Any]) -> None:
    schemas = prepared["components"]["schemas"]

    assert schemas["Simulation"]["properties"]["metrics"] == {
        "description": "Scalar metrics of the run."
    }
    assert "type" not in schemas["SimulationCondition"]["properties"]["design_parameters"]
    assert schemas["ParameterValues"]["type"] == "object"


@pytest.mark.usefixtures("prepared")
def test_preparing_does_not_change_the_contract() -> None:
    assert CONTRACT_BEFORE == CONTRACT


def test_all_broken_rules_of_a_contract_are_reported() -> None:
    broken = deepcopy(CONTRACT)
    broken["components"]["schemas"]["Job"]["title"] = "Task"
    broken["paths"]["/jobs/{job_id}"]["get"]["tags"] = ["task"]

    with pytest.raises(ContractError, match="breaks its rules") as caught:
        prepare(broken)

    assert len(caught.value.problems) == 2
    assert "'task'" in str(caught.value)
    assert "the title would replace the name" in str(caught.value)


# ---------------------------------------------------------------- the command
NEW_OPERATION = """\
  /simulations/{simulation_id}/favourite:
    parameters: [{$ref: '#/components/parameters/SimulationId'}]
    post:
      operationId: favour_simulation
      tags: [simulation]
      description: Marks a simulation as a favourite.
      responses:
        '204': {$ref: '#/components/responses/Done'}
        4XX: {$ref: '#/components/responses/Error'}
"""


@pytest.fixture
def generating_python() -> str:
    """An interpreter with the generator: this one, or that of the generator's environment."""
    if find_spec("openapi_python_client") is not None:
        return sys.executable
    interpreter = ROOT / ".venv-generator" / "bin" / "python"
    if not interpreter.exists():
        pytest.skip("the generator is not installed; `make check-generated` installs it")
    return str(interpreter)


class Checkout:
    """A copy of the contract and of the generated package, and the command to run on them."""

    def __init__(self, folder: Path, python: str) -> None:
        self.python = python
        self.contract = folder / "openapi.yaml"
        self.output = folder / "generated"
        self.package = self.output / "ionworks_api_client"
        shutil.copy(ROOT / "openapi.yaml", self.contract)
        shutil.copytree(PACKAGE, self.package, ignore=shutil.ignore_patterns("__pycache__"))

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [self.python, "-m", "generator", "--contract", str(self.contract)]
        return subprocess.run(
            [*command, "--output", str(self.output), *options],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin"},  # as if no virtual environment were active
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path, generating_python: str) -> Checkout:
    return Checkout(tmp_path, generating_python)


def test_edited_files_are_reported_one_by_one(checkout: Checkout) -> None:
    (checkout.package / "client.py").write_text("# edited\n", encoding="utf-8")
    (checkout.package / "types.py").unlink()
    (checkout.package / "models" / "mine.py").touch()

    done = checkout.run("--check")

    assert done.returncode == 1
    lines = [line.strip() for line in done.stderr.splitlines()[1:]]
    assert lines == ["client.py: changed", "models/mine.py: not generated", "types.py: missing"]
    assert "make generate" in done.stderr


def test_an_operation_added_to_the_contract_is_generated(checkout: Checkout) -> None:
    text = checkout.contract.read_text(encoding="utf-8")
    checkout.contract.write_text(
        text.replace("\ncomponents:\n", f"\n{NEW_OPERATION}components:\n", 1), encoding="utf-8"
    )
    (checkout.package / "stale.py").touch()

    done = checkout.run()

    assert done.returncode == 0, done.stderr
    table = (checkout.package / "api" / "__init__.py").read_text(encoding="utf-8")
    assert '"favour_simulation": Operation(' in table
    assert (checkout.package / "api" / "simulation" / "favour_simulation.py").exists()
    assert not (checkout.package / "stale.py").exists()
    assert [path.name for path in checkout.output.iterdir()] == ["ionworks_api_client"]


def test_a_contract_that_breaks_a_rule_changes_no_file(checkout: Checkout) -> None:
    text = checkout.contract.read_text(encoding="utf-8")
    checkout.contract.write_text(
        text.replace("operationId: get_job\n", "operationId: getJob\n"), encoding="utf-8"
    )
    before = (checkout.package / "api" / "__init__.py").read_bytes()

    done = checkout.run()

    assert done.returncode == 2
    assert "the operationId 'getJob' is not verb_noun" in done.stderr
    assert "Traceback" not in done.stderr
    assert (checkout.package / "api" / "__init__.py").read_bytes() == before
