"""The examples of a deployment: their syntax, and the processes of compose.yaml at work."""

import shutil
import subprocess

import httpx
import pytest
import yaml

from ionworks import Ionworks
from ionworks.cli.commands.serve import _OPTIONS
from ionworks.server import options
from tests import object_store, postgres
from tests.end_to_end.cluster.dask_cluster import free_port
from tests.end_to_end.composed import DEPLOY, FILLED_IN, KEY, Composed, wait_for
from tests.paths import ROOT

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
KUBERNETES = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
ANALYZE = shutil.which("systemd-analyze")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SWEEP = {
    "parameterized_model": "SPM Chen2020",
    "protocol_experiment": ["Discharge at 1C until 3.0 V"],
}


def commands():
    """Yield the commands of all examples that start a process of the server."""
    for name, service in COMPOSE["services"].items():
        if service.get("command", [""])[0] == "serve":
            yield pytest.param(service["command"], service["environment"], id=f"compose {name}")
    [config] = [each["data"] for each in KUBERNETES if each["kind"] == "ConfigMap"]
    for each in KUBERNETES:
        if each["kind"] == "Deployment":
            [container] = each["spec"]["template"]["spec"]["containers"]
            if container["args"][0] == "serve":
                name = each["metadata"]["name"]
                yield pytest.param(container["args"], config, id=f"kubernetes {name}")
    for unit in UNITS:
        [line] = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
        words = line.replace("%i", "8001").split()[1:]
        if words[0] == "serve":
            yield pytest.param(words, {}, id=unit.name)


@pytest.mark.parametrize(("command", "environment"), [*commands()])
def test_the_options_of_the_examples_are_accepted(command, environment):
    secrets = {
        "IONWORKS_API_KEY": KEY,
        "IONWORKS_SECRET": FILLED_IN["IONWORKS_SECRET"],
        "IONWORKS_DATABASE": "postgresql://ionworks:password@database/ionworks",
    }
    environment = {key: str(value) for key, value in environment.items()} | secrets

    found = options.read(command[1:], environment)

    assert found.role == command[command.index("--role") + 1]
    known = {f"IONWORKS_{name.upper()}" for name in _OPTIONS}
    known |= {"IONWORKS_BLOBS_PUBLIC_URL", *secrets}
    ours = {key for key in environment if key.startswith("IONWORKS_")}
    assert ours <= known


def test_all_secrets_of_compose_are_named_in_the_example():
    names = {line.partition("=")[0] for line in (DEPLOY / "example.env").read_text().splitlines()}
    assert names >= FILLED_IN.keys()


def test_the_parts_of_the_kubernetes_manifest_fit_together():
    by_kind = {}
    for each in KUBERNETES:
        by_kind.setdefault(each["kind"], []).append(each)
    ports = {}
    for deployment in by_kind["Deployment"]:
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        volumes = {each["name"] for each in deployment["spec"]["template"]["spec"]["volumes"]}
        assert {each["name"] for each in container["volumeMounts"]} == volumes
        ports[labels["app.kubernetes.io/name"]] = {e["name"] for e in container.get("ports", ())}
    for service in by_kind["Service"]:
        [port] = service["spec"]["ports"]
        assert port["targetPort"] in ports[service["spec"]["selector"]["app.kubernetes.io/name"]]
    [ingress] = by_kind["Ingress"]
    [path] = ingress["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] in {e["metadata"]["name"] for e in by_kind["Service"]}


@pytest.mark.parametrize("name", ["certificates.sh", "ionworks-workers.sbatch"])
def test_scripts_are_valid_shell(name):
    subprocess.run(["/bin/sh", "-n", DEPLOY / name], check=True)


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is missing")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_valid(unit, tmp_path):
    # It also checks that the programs exist, which are in other places here.
    text = unit.read_text().replace("/opt/ionworks/bin/ionworks", "/bin/sh")
    text = text.replace("/opt/ionworks/bin/dask", "/bin/sh").replace("User=ionworks\n", "")
    copy = tmp_path / unit.name.replace("@", "@8001")
    copy.write_text(text)

    ran = subprocess.run(
        [ANALYZE, "verify", "--man=no", copy], capture_output=True, text=True, check=False
    )

    about = [line for line in ran.stderr.splitlines() if copy.name in line]
    assert about == []


@pytest.fixture
def database():
    """A database as in compose.yaml."""
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with postgres.temporary_server() as server:
        yield server.url()


@pytest.fixture
def composed(tmp_path, database):
    pytest.importorskip("distributed", reason="distributed is not installed")
    pytest.importorskip("structlog", reason="structlog is not installed")
    pytest.importorskip("prometheus_client", reason="prometheus_client is not installed")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    place = object_store.new_place()
    scheduler = free_port()
    password = FILLED_IN["DATABASE_PASSWORD"]
    composed = Composed(
        tmp_path,
        {
            "tls://scheduler:8786": f"tls://127.0.0.1:{scheduler}",
            '"8786"': f'"{scheduler}"',
            f"postgresql://ionworks:{password}@database/ionworks": database,
            "s3://ionworks/engine": place,
            "http://objects:7070": object_store.endpoint(),
        },
        object_store._KEYS,
    )
    yield composed
    composed.close()


@pytest.mark.slow
@pytest.mark.off_contract("readiness is for operators")
def test_the_processes_of_compose_run_a_batch(composed):
    composed.start("scheduler", "scheduler")
    for number in range(2):
        composed.start("worker", f"worker-{number}", "--threads", "1")
    composed.start("dispatcher", "dispatcher-0")
    for number in range(2):
        composed.start("web", f"web-{number}")
    urls = [composed.url(f"web-{number}") for number in range(2)]
    with httpx.Client() as operator:
        for url in [*urls, composed.url("dispatcher-0")]:
            wait_for(lambda url=url: operator.get(f"{url}/readyz").status_code == 200)
    # It waits for the end of the first one.
    composed.start("dispatcher", "dispatcher-1")

    first, second = (
        Ionworks(api_url=url, api_key=KEY, project_id="default", timeout=120) for url in urls
    )
    values = [0.8, 0.9, 1.0, 1.1]
    design = {
        "sampling": "grid",
        "rows": [
            {
                "type": "discrete",
                "name": "Negative electrode thickness [m]",
                "values": [value * 8.5e-5 for value in values],
            }
        ],
    }
    submitted = first.simulation.protocol_batch({**SWEEP, "design_parameters_doe": design})
    ended = second.simulation.wait_for_completion(submitted, timeout=300, verbose=False)

    assert [each.status for each in ended] == ["completed"] * 4
    capacities = [
        second.simulation.get_result(each).metrics["Discharge capacity [A.h]"] for each in submitted
    ]
    assert len(set(capacities)) == 4
    first.close()
    second.close()

    composed.processes["dispatcher-0"].kill()
    with Ionworks(api_url=urls[1], api_key=KEY, project_id="default", timeout=120) as client:
        waiting = client.simulation.protocol({**SWEEP, "reuse": False})
        [after] = client.simulation.wait_for_completion([waiting], timeout=300, verbose=False)
    assert after.status == "completed"

    composed.close()
    codes = {name: process.returncode for name, process in composed.processes.items()}
    assert {codes[name] for name in ("web-0", "web-1", "dispatcher-1")} == {0}
    assert KEY not in composed.log("web-0")


def test_the_image_has_the_extras_of_the_package():
    text = (DEPLOY / "Dockerfile").read_text()
    [line] = [line for line in text.splitlines() if "/source[" in line]
    used = line.partition("[")[2].partition("]")[0].split(",")
    import tomllib

    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(used) <= known.keys()
