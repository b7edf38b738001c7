"""Modules whose import is put off: they load when they are used, and once."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ionworks.worker.deferred import defer


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a package that imports its own submodule, as many do."""
    folder = tmp_path / "ionworks_deferred"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from ionworks_deferred.part import loads\n"
        "loads.append(__name__)\n"
        "class Client:\n"
        "    def __init__(self, key): self.key = key\n"
    )
    (folder / "part.py").write_text("loads = []\n")
    monkeypatch.syspath_prepend(tmp_path)
    # So that what a test puts there is removed after it.
    for name in ("ionworks_deferred", "ionworks_deferred.part"):
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    return "ionworks_deferred"


def is_loaded(name: str) -> bool:
    return f"{name}.part" in sys.modules


def test_imports_alone_do_not_load_a_deferred_module(package: str) -> None:
    defer(package)
    import ionworks_deferred  # type: ignore[import-not-found]  # made by the fixture
    import ionworks_deferred as again

    assert again is ionworks_deferred
    assert not is_loaded(package)


def test_the_first_attribute_loads_a_deferred_module_once(package: str) -> None:
    defer(package)
    import ionworks_deferred

    assert ionworks_deferred.Client("key").key == "key"
    assert ionworks_deferred.loads == [package]
    assert type(ionworks_deferred) is type(sys)
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        ionworks_deferred.missing  # noqa: B018 - the access is the test
    assert ionworks_deferred.loads == [package]


def test_a_submodule_loads_its_deferred_package_first(package: str) -> None:
    defer(package)
    from ionworks_deferred.part import loads  # type: ignore[import-not-found]

    assert loads == [package]


def test_what_is_only_called_can_be_imported_by_name_without_loading(package: str) -> None:
    defer(package, called=["Client"])
    from ionworks_deferred import Client

    assert not is_loaded(package)
    assert Client("key").key == "key"
    assert sys.modules[package].Client is type(Client("key"))


def test_a_loaded_module_and_one_that_is_not_installed_stay_as_they_are(package: str) -> None:
    defer(package)
    before = sys.modules[package]
    defer(package)
    defer("ionworks_that_is_not_installed")

    assert sys.modules[package] is before
    assert "ionworks_that_is_not_installed" not in sys.modules


def test_an_error_while_a_deferred_module_loads_is_raised_where_it_is_used(package: str) -> None:
    folder = Path(sys.path[0]) / package
    (folder / "part.py").write_text("raise RuntimeError('it is broken')\n")
    defer(package)
    import ionworks_deferred

    for _ in range(2):
        with pytest.raises(RuntimeError, match="it is broken"):
            ionworks_deferred.Client  # noqa: B018 - the access is the test


def test_another_thread_waits_until_the_module_is_loaded(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(sys.path[0]) / package
    (folder / "part.py").write_text(
        "import ionworks_deferred, threading\n"
        "loads = []\n"
        "begun, goes_on = (getattr(threading.main_thread(), n) for n in ('begun', 'goes_on'))\n"
        "begun.set(); goes_on.wait(60)\n"
        "assert not hasattr(ionworks_deferred, 'Client')\n"
    )
    defer(package)
    import ionworks_deferred

    begun, goes_on = threading.Event(), threading.Event()
    for name, event in (("begun", begun), ("goes_on", goes_on)):
        monkeypatch.setitem(vars(threading.main_thread()), name, event)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: ionworks_deferred.Client)
        begun.wait(60)
        second = pool.submit(lambda: ionworks_deferred.Client)
        with pytest.raises(TimeoutError):
            second.result(0.05)
        goes_on.set()
        assert first.result(60) is second.result(60)


def test_a_submodule_can_be_deferred() -> None:
    script = (
        "import sys; from ionworks.worker.deferred import defer\n"
        "defer('wsgiref.simple_server'); import wsgiref.simple_server\n"
        "assert 'wsgiref.handlers' not in sys.modules\n"
        "assert wsgiref.simple_server.make_server and 'wsgiref.handlers' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.slow
def test_a_warm_worker_has_loaded_what_a_run_needs_and_nothing_else() -> None:
    needless = ("black", "pandas", "posthog", "sympy", "xarray", "sqlalchemy", "flask", "requests")
    script = (
        "import sys\n"
        "from ionworks.server.jobs.targets import Targets, warm\n"
        "warm(Targets().warm)\n"
        "from ionworks.worker.deferred import is_deferred\n"
        f"print([name for name in {needless!r} if name in sys.modules"
        " and not is_deferred(sys.modules[name])])\n"
        "import ionworks.engine; before = set(sys.modules)\n"
        "ionworks.engine.simulate, ionworks.engine.review\n"
        "print(set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "set()"]
