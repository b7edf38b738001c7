"""`import ionworks` is fast, and its public names exist."""

import subprocess
import sys
from pathlib import Path

import pytest

import ionworks

HEAVY = (
    "polars", "pandas", "numpy", "scipy", "pybamm", "yaml", "httpx", "attrs", "dateutil", "flask",
    "sqlalchemy", "loky", "ionworks_api_client", "ionworks.server", "ionworks.client",
)  # fmt: skip
NOT_FOR_A_CLIENT = (
    "polars", "pandas", "numpy", "scipy", "pybamm", "yaml", "flask", "sqlalchemy", "loky",
    "ionworks.server", "ionworks.engine", "httpcore",
)  # fmt: skip


def loaded(program: str, names: tuple[str, ...]) -> list[str]:
    """Return which of the modules a new interpreter has loaded after running a program."""
    script = f"import sys; sys.path[:0] = {sys.path!r}\n{program}\n"
    script += f"print(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_import_loads_nothing_heavy() -> None:
    assert loaded("import ionworks", HEAVY) == []


def test_the_class_of_clients_loads_nothing_before_a_client_is_made() -> None:
    names = tuple(name for name in HEAVY if name != "ionworks.client")
    names += ("ionworks.settings", "ionworks.errors", "logging", "ssl", "urllib.request")
    assert loaded("import ionworks; ionworks.Ionworks", names) == []


def test_a_client_of_a_service_loads_no_frames_and_no_engine() -> None:
    program = "from ionworks import Ionworks\nIonworks(api_key='k', api_url='http://127.0.0.1:9')"
    assert loaded(program, NOT_FOR_A_CLIENT) == []


def test_a_client_loads_no_generated_models_before_it_needs_them() -> None:
    program = "from ionworks import Ionworks\nIonworks(api_key='k', api_url='http://127.0.0.1:9')"
    program += (
        "\nassert not [m for m in sys.modules if m.startswith('ionworks_api_client.models.')]"
    )
    assert loaded(program, ()) == []


def test_a_client_of_the_embedded_engine_leaves_pybamm_to_worker_processes(tmp_path: Path) -> None:
    program = f"""
from ionworks import Ionworks
with Ionworks.local({str(tmp_path)!r}) as client:
    client.parameterized_model.list_by_project()
"""
    assert loaded(program, ("pybamm",)) == []


def test_parameters_that_are_numbers_need_no_pybamm() -> None:
    program = """
import httpx
from ionworks import Ionworks
reply = httpx.Response(201, json={"id": "pm"})
client = Ionworks("k", "http://x", "p", transport=httpx.MockTransport(lambda request: reply))
data = {"name": "n", "model_id": "m", "parameters": {"a": 1.0, "b": [{"c": "text"}]}}
assert client.parameterized_model.create(None, data).id == "pm"
"""
    assert loaded(program, ("pybamm", "numpy", "polars")) == []


def test_the_check_itself_can_fail() -> None:
    assert loaded("import yaml", HEAVY) == ["yaml"]


def test_every_public_name_is_there() -> None:
    for name in ionworks.__all__:
        assert getattr(ionworks, name) is not None
        assert name in dir(ionworks)
    assert ionworks.Ionworks.__module__ == "ionworks.client"
    assert set(ionworks.__all__) >= {
        "Ionworks", "IonworksError", "set_dataframe_backend", "__version__",
    }  # fmt: skip


def test_a_star_import_gives_the_public_names() -> None:
    namespace: dict[str, object] = {}
    exec("from ionworks import *", namespace)  # noqa: S102 - the statement is the subject
    assert set(ionworks.__all__) <= set(namespace)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Ionwork'"):
        _ = ionworks.Ionwork  # type: ignore[attr-defined]  # the point of the test


def test_the_version_is_text() -> None:
    assert isinstance(ionworks.__version__, str)
    assert ionworks.__version__
