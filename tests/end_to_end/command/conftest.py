"""The command in a real shell, and a served engine for it."""

import pytest

from ionworks import Ionworks
from tests.end_to_end.command.gated_worker import OPEN
from tests.end_to_end.command.shell import KEY, Runner, Shell, served


@pytest.fixture(scope="package")
def engine_url(tmp_path_factory):
    """The URL of an engine whose runs take no time; its key is `KEY`."""
    with served(tmp_path_factory.mktemp("engine") / "engine") as url:
        yield url


@pytest.fixture
def shell(tmp_path):
    """A shell with a home of its own and no settings."""
    return Shell(tmp_path)


@pytest.fixture
def served_shell(tmp_path, engine_url):
    """A shell whose environment has the address and key of the served engine."""
    return Shell(tmp_path, url=engine_url)


@pytest.fixture
def invoke(tmp_path, engine_url, monkeypatch):
    """The command in this process, with the address and key of the served engine."""
    return Runner(monkeypatch, tmp_path, engine_url)


@pytest.fixture
def invoke_bare(tmp_path, monkeypatch):
    """The command in this process, without settings."""
    return Runner(monkeypatch, tmp_path)


@pytest.fixture(scope="package")
def engine_client(engine_url):
    """A client of the served engine in this process."""
    with Ionworks(api_key=KEY, api_url=engine_url, project_id="default") as client:
        yield client


@pytest.fixture(scope="package")
def submit(engine_client):
    """Submit simulations, one for each value of a design parameter of the quick worker."""

    def submit_batch(name, **design):
        [(parameter, values)] = design.items()
        row = {"type": "discrete", "name": parameter, "values": values}
        return engine_client.simulation.protocol_batch(
            {
                "parameterized_model": "spm-chen2020",
                "protocol_experiment": {"protocol": ["Rest for 1 minute"], "name": name},
                "design_parameters_doe": {"sampling": "grid", "rows": [row]},
                "reuse": False,
            }
        )

    return submit_batch


@pytest.fixture(scope="package")
def completed(submit):
    """The ids of two simulations that have completed."""
    batch = submit("Sweep", thickness=[1.5, 2.5]).wait(verbose=False)
    return [each.simulation_id for each in batch]


@pytest.fixture(scope="package")
def failed(submit):
    """The id of a simulation that has failed."""
    [only] = submit("Failing", fail=[1.0]).wait(verbose=False, raise_on_failure=False)
    return only.simulation_id


@pytest.fixture
def running(submit):
    """The ids of two simulations that do not end before the gate is opened, or the test ends."""
    OPEN.clear()
    batch = submit("Running", wait=[0.0, 0.001])
    yield [each.simulation_id for each in batch]
    OPEN.set()
    batch.wait(verbose=False, raise_on_failure=False)
