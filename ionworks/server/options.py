"""The options of a served engine: read from the command line and the environment, and checked."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field, frozen

from ionworks.server.http.addresses import is_loopback
from ionworks.server.http.cluster_addresses import checked_address
from ionworks.server.jobs.queue import DEFAULT_RUN_LIMIT, MOST_DEFAULT_WORKERS
from ionworks.server.logs import FORMATS, LEVELS
from ionworks.server.serving import GRACE
from ionworks.server.store.database import default_folder
from ionworks.server.store.postgresql import refuse_without_password
from ionworks.server.team.limits import Limits

KEY_VARIABLE: Final = "IONWORKS_API_KEY"
SECRET_VARIABLE: Final = "IONWORKS_SECRET"  # noqa: S105 the name of a variable
ALL, WEB, DISPATCH = "all", "web", "dispatch"
ROLES: Final = (ALL, WEB, DISPATCH)
#: Fewest characters of a secret that links are signed with: 128 random bits in hexadecimal.
SHORTEST_SECRET: Final = 32
#: Seconds a submission waits for its check: clients have timeouts, and workers load PyBaMM first.
_CHECK_LIMIT: Final = 1.0
_LARGEST_PORT: Final = 65535
#: Options that can be given in the environment instead, as ``IONWORKS_ROLE`` and so on.
_IN_ENVIRONMENT: Final = (
    "role", "path", "database", "blobs", "cluster", "public_url", "metrics_host", "metrics_port",
    "log_format", "log_level", "team", "requests_per_minute", "pending_runs", "largest_submission",
)  # fmt: skip
#: Options that have an effect for a team only.
_OF_TEAM: Final = ("requests_per_minute", "pending_runs", "largest_submission")
#: Options on the command line that have no effect in a role.
_WITHOUT_EFFECT: Final[Mapping[str, Sequence[str]]] = {
    ALL: (),
    WEB: ("workers", "run_limit"),
    DISPATCH: ("public_url", "no_key", "check_limit", "team", *_OF_TEAM),
}


@frozen
class Options:
    """How an engine is served; the names are those of the options of the command line."""

    role: str
    host: str
    port: int
    path: Path | None
    database: str | None = field(repr=False)  # with a password
    blobs: str | None
    cluster: str | None
    public_url: str | None
    #: The limits of a team's users; None for a single user.
    team: Limits | None
    api_key: str | None = field(repr=False)
    secret: str | None = field(repr=False)
    workers: int | None
    run_limit: float
    check_limit: float
    metrics_host: str
    metrics_port: int | None
    log_format: str
    log_level: str
    grace: float


def read(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ
) -> Options:
    """Return the options of a command line and of the environment.

    Raises
    ------
    ValueError
        They cannot be used, or would let others in; the message names the remedy.
    SystemExit
        The command line cannot be read, or asks for help.
    """
    line = vars(_parser().parse_args(arguments))
    role = line["role"] or environment.get("IONWORKS_ROLE") or ALL
    if role not in ROLES:
        raise ValueError(f"IONWORKS_ROLE={role!r} is not a role: use {', '.join(ROLES)}")
    _refuse_without_effect(role, line)
    if _password(line["database"]):
        raise ValueError(
            "--database has a password, which other users of this machine can see: set "
            "IONWORKS_DATABASE to the URL instead"
        )
    values = _filled(line, environment)
    no_key = values.pop("no_key")
    team = (
        None if role == DISPATCH else _team(values, has_key=no_key or KEY_VARIABLE in environment)
    )
    asks_for_key = not no_key and team is None and role != DISPATCH
    values = {name: value for name, value in values.items() if name not in ("team", *_OF_TEAM)}
    options = Options(
        **{**values, "role": role},
        team=team,
        api_key=environment.get(KEY_VARIABLE, "") if asks_for_key else None,
        secret=environment.get(SECRET_VARIABLE) or None,
    )
    _refuse_unsafe(options)
    _refuse_invalid(options)
    return options


def _filled(line: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return all options, from the environment or by default where they are not given."""
    values = {name: value for name, value in line.items() if name != "role"}
    for name in _IN_ENVIRONMENT:
        variable = f"IONWORKS_{name.upper()}"
        if name != "role" and values[name] is None and environment.get(variable):
            values[name] = _converted(variable, environment[variable], _KINDS.get(name, str))
    return {name: _DEFAULTS.get(name) if value is None else value for name, value in values.items()}


def _team(values: Mapping[str, Any], *, has_key: bool) -> Limits | None:
    """Return the limits of a team's users; None for a single user.

    The setting is explicit: a server must not become open to more people, or closed to its user,
    because a user was made.
    """
    given = {name: values[name] for name in _OF_TEAM if values[name] is not None}
    if not values["team"]:
        if given:
            shown = next(iter(given)).replace("_", "-")
            raise ValueError(f"--{shown} is for the users of a team: add --team, or omit it")
        return None
    if has_key:
        raise ValueError(
            f"--team takes the keys of the team's users, made with 'ionworks admin keys create': "
            f"unset {KEY_VARIABLE}, and omit --no-key"
        )
    return Limits(**given)


def _switch(text: str) -> bool:
    """Return whether an environment variable is on; raises a ValueError for another text."""
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


def _converted(variable: str, text: str, kind: Any) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{variable}={text!r} is not {_FORMS[kind]}") from None


_KINDS: Final[Mapping[str, Any]] = {
    "metrics_port": int,
    "path": Path,
    "team": _switch,
    **dict.fromkeys(_OF_TEAM, int),
}
_FORMS: Final[Mapping[Any, str]] = {int: "a number", _switch: "1 or 0"}
_DEFAULTS: Final[Mapping[str, Any]] = {
    "host": "127.0.0.1",
    "port": 8000,
    "no_key": False,
    "run_limit": DEFAULT_RUN_LIMIT,
    "check_limit": _CHECK_LIMIT,
    "metrics_host": "127.0.0.1",
    "log_format": "text",
    "log_level": "warning",
    "grace": GRACE,
}


def _refuse_without_effect(role: str, line: Mapping[str, Any]) -> None:
    for name in _WITHOUT_EFFECT[role]:
        if line[name] not in (None, False):
            raise ValueError(
                f"--{name.replace('_', '-')} has no effect with --role {role}: omit it"
            )


def _refuse_unsafe(options: Options) -> None:
    """Refuse options that would let others in."""
    if options.api_key == "":
        raise ValueError(f"set {KEY_VARIABLE} to the key clients must send, or pass --no-key")
    is_open = options.api_key is None and options.team is None
    if options.role != DISPATCH and is_open and not is_loopback(options.host):
        raise ValueError(
            f"--no-key would give access to everyone who can reach {options.host}: "
            "set a key, or listen on 127.0.0.1"
        )
    if options.role == WEB and options.secret is None:
        raise ValueError(
            f"set {SECRET_VARIABLE} to the same random text for all web processes, such as that of "
            "'openssl rand -hex 32': they sign links with it that the others must accept"
        )
    if options.secret is not None and len(options.secret) < SHORTEST_SECRET:
        raise ValueError(
            f"{SECRET_VARIABLE} has {len(options.secret)} characters, so it could be guessed: use "
            f"{SHORTEST_SECRET} or more random ones, such as those of 'openssl rand -hex 32'"
        )
    if options.database is not None:
        refuse_without_password(options.database)
    if options.cluster is not None:
        checked_address(options.cluster)


def _password(url: str | None) -> str | None:
    return None if url is None else urlsplit(url).password


def _refuse_invalid(options: Options) -> None:
    ports = {"--port": options.port, "--metrics-port": options.metrics_port or 0}
    for name, port in ports.items():
        if not 0 <= port <= _LARGEST_PORT:
            raise ValueError(f"{name} {port} is not valid: give 0 to {_LARGEST_PORT}")
    choices = {"log_format": FORMATS, "log_level": LEVELS}
    for name, known in choices.items():
        given = getattr(options, name)
        if given not in known:  # in the environment: the parser knows the choices, too
            raise ValueError(f"IONWORKS_{name.upper()}={given!r}: use {', '.join(known)}")
    if not 0 <= options.grace < math.inf:  # also rejects NaN
        raise ValueError(
            f"--grace {options.grace:g} is not valid: give a time in seconds, 0 or more"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ionworks.local",
        description="Serve the embedded engine. Prints its URL when it is ready.",
        epilog=f"Clients must send the key in the environment variable {KEY_VARIABLE}. Links are "
        f"signed with {SECRET_VARIABLE}, if it is set. Options with a name in brackets can be given"
        " in this environment variable.",
    )

    def add(name: str, text: str, **settings: Any) -> None:
        variable = name[2:].replace("-", "_")
        shown = f"{text} [IONWORKS_{variable.upper()}]" if variable in _IN_ENVIRONMENT else text
        parser.add_argument(name, help=shown, **settings)

    add(
        "--role",
        "web answers requests, dispatch runs the jobs that web processes store, all does both "
        "(all)",
        choices=ROLES,
    )
    add("--host", "address to listen on (127.0.0.1)")
    add("--port", "0 for any free one (8000)", type=int)
    add("--path", f"folder of records and results ({default_folder()})", type=Path)
    add("--database", "postgresql://user@host/name instead of a file in the folder", metavar="URL")
    add("--blobs", "s3://bucket/prefix instead of files in the folder", metavar="URL")
    add(
        "--cluster",
        "Dask scheduler whose workers run the jobs, such as tls://host:8786",
        metavar="ADDRESS",
    )
    add(
        "--public-url",
        "URL clients use, if it is that of a reverse proxy, such as https://cells.example.com",
        metavar="URL",
    )
    parser.add_argument("--no-key", action="store_true", help="ask for no key (loopback only)")
    add(
        "--team",
        "ask for the keys of users, made with 'ionworks admin', and show them their projects only",
        action="store_const",
        const=True,
    )
    limits = Limits()
    add(
        "--requests-per-minute",
        f"requests of one user that this process answers ({limits.requests_per_minute})",
        type=int,
        metavar="N",
    )
    add(
        "--pending-runs",
        f"unfinished runs and pipelines of one user ({limits.pending_runs})",
        type=int,
        metavar="N",
    )
    add(
        "--largest-submission",
        f"runs of one request ({limits.largest_submission})",
        type=int,
        metavar="N",
    )
    add(
        "--workers",
        f"worker processes, half a gigabyte each (one per core, at most {MOST_DEFAULT_WORKERS})",
        type=int,
    )
    add(
        "--run-limit",
        f"longest time one simulation may take, in seconds ({DEFAULT_RUN_LIMIT:g})",
        type=float,
    )
    add(
        "--check-limit",
        "longest time a submission waits for its check, in seconds; later the check is made "
        f"before the first run, which fails if there are problems ({_CHECK_LIMIT:g})",
        type=float,
    )
    add("--metrics-host", "address for operators to listen on (127.0.0.1)")
    add(
        "--metrics-port",
        "port with /metrics for Prometheus, /healthz and /readyz; 0 for any free one (none)",
        type=int,
    )
    add("--log-format", "form of the log on standard error (text)", choices=FORMATS)
    add("--log-level", "lowest level that is logged (warning)", choices=LEVELS)
    add(
        "--grace",
        "longest time for requests that had begun when the server is stopped, in seconds "
        f"({GRACE:g})",
        type=float,
    )
    return parser
