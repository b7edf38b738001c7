"""`ionworks doctor`: what works here, as a report that can be pasted into an issue."""

from __future__ import annotations

import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import attrs
import typer

from ionworks.cli.exits import Code, code_of
from ionworks.cli.registry import ON_THIS_MACHINE, app, command
from ionworks.cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType

_PACKAGES: Final = (
    "ionworks-api", "httpx", "polars", "pybamm", "pybammsolvers", "casadi", "numpy", "matplotlib",
    "pandas", "typer",
)  # fmt: skip
_EXTRAS: Final = {
    "local": ("pybamm", "flask", "sqlalchemy", "loky", "waitress"),
    "fitting": ("cma", "pints"),
    "plot": ("matplotlib",),
    "pandas": ("pandas", "pyarrow"),
}
_GIBIBYTE: Final = 1 << 30
_LITTLE_SPACE: Final = 1.0
"""Free space in GiB below which there is a warning."""
_STYLES: Final = {"ok": "green", "warning": "yellow", "error": "bold red"}


@attrs.frozen
class _Check:
    """The outcome of one check."""

    name: str
    status: Literal["ok", "warning", "error"]
    detail: str
    code: Code = Code.DONE


@command(
    app,
    "doctor",
    panel=ON_THIS_MACHINE,
    epilog="The report contains no keys, and ~ stands for the home folder. The JSON is an object:"
    " versions, and checks with name, status (ok, warning or error) and detail. The exit code is"
    " that of the first error.",
)
def doctor(session: Session) -> None:
    """Check settings, connection and engine, and list versions, to paste into an issue."""
    session.retries = 0  # a failure is reported at once
    checks = [attrs.evolve(each, detail=_redacted(each.detail)) for each in _checks(session)]
    versions = _versions()
    told = [{"name": each.name, "status": each.status, "detail": each.detail} for each in checks]
    document = {"versions": versions, "checks": told}
    session.output.result(document, lambda: _view(versions, checks))
    raise typer.Exit(next((each.code for each in checks if each.status == "error"), Code.DONE))


def _checks(session: Session) -> Iterator[_Check]:
    """Yield the checks; those after a failure on which they depend are left out."""
    for name, packages in _EXTRAS.items():
        missing = [each for each in packages if find_spec(each) is None]
        if missing:
            detail = f"not installed ({', '.join(missing)}): pip install 'ionworks-api[{name}]'"
            yield _Check(f"extra {name}", "warning", detail)
    settings = _checked("settings", lambda: _settings(session))
    yield settings
    if settings.status == "error":
        return
    connection = _checked("connection", lambda: _connection(session))
    yield connection
    if connection.status == "error":
        return
    yield _checked("account", lambda: _account(session))
    if session.access.is_local:
        yield _checked("folder", lambda: _folder(session))
        yield _checked("workers", lambda: _worker(session))


def _checked(name: str, check: Callable[[], str | _Check]) -> _Check:
    """Return the outcome of a check; it is ok if the check returns a text."""
    from ionworks.errors import IonworksError

    try:
        found = check()
        return found if isinstance(found, _Check) else _Check(name, "ok", found)
    except (IonworksError, ValueError, ImportError, OSError) as error:
        return _Check(name, "error", str(error), code_of(error))


def _settings(session: Session) -> str:
    from ionworks.settings import proxy_for

    access = session.access
    access.require_key()
    parts = [f"{access.url} ({access.source})"]
    if not access.is_local:
        parts.append(f"key from {access.key_source}")
        if proxy_for(access.url) is not None:
            parts.append("through a proxy")
    if access.profile is not None:
        parts.append(f"profile {access.profile.name}")
    return ", ".join(parts)


def _connection(session: Session) -> str:
    client = session.client  # opened first: starting the engine is not part of the connection
    started = time.monotonic()
    health = client.healthz()
    seconds = time.monotonic() - started
    told = f", version {health['version']}" if health.get("version") else ""
    return f"{health.get('status', 'answers')}{told}, {seconds:.2f} s"


def _account(session: Session) -> str:
    session.client.whoami()
    project = session.client.project_id
    parts = ["not needed" if session.access.is_local else "the key is valid"]
    if project is not None:
        parts.append(f"project {session.client.project.get(project).id}")
    return ", ".join(parts)


def _folder(session: Session) -> _Check:
    folder = session.client.settings.local_folder or _default_folder()
    usage = shutil.disk_usage(folder)
    size = sum(map(_size, folder.rglob("*")))
    free = usage.free / _GIBIBYTE
    detail = f"{folder}: {size / _GIBIBYTE:.2f} GiB, {free:.1f} GiB of the disk are free"
    return _Check("folder", "ok" if free > _LITTLE_SPACE else "warning", detail)


def _size(path: Path) -> int:
    """Return the bytes of a file, 0 if another process has removed it meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0


def _default_folder() -> Path:
    import platformdirs

    return platformdirs.user_data_path("ionworks")


def _worker(session: Session) -> str | _Check:
    models = session.client.parameterized_model
    model = next(iter(models.list_by_project(limit=1)), None)
    if model is None:
        return _Check("workers", "warning", "not checked: the project has no model")
    started = time.monotonic()
    models.get_parameter_values(model)
    return f"one answered in {time.monotonic() - started:.1f} s; {os.cpu_count()} cores"


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def _redacted(text: str) -> str:
    """Return a text without the home folder, which has the name of the user."""
    home = Path.home()
    if home == Path(home.anchor):
        return text
    # Another folder can begin with the same letters.
    return re.sub(rf"{re.escape(str(home))}(?![\w.-])", "~", text)


def _view(versions: dict[str, str | None], checks: list[_Check]) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for each in checks:
        grid.add_row(Text(each.status, style=_STYLES[each.status]), each.name, each.detail)
    told = ", ".join(f"{name} {each}" for name, each in versions.items() if each is not None)
    return Group(grid, "", Text(told))
