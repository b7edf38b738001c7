"""`ionworks admin`: the users, keys and projects of a team, in the engine's database."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from ionworks.cli.dates import Since
from ionworks.cli.output import table
from ionworks.cli.registry import ON_THIS_MACHINE, app, command
from ionworks.cli.session import Session

if TYPE_CHECKING:
    from ionworks.server.store.database import Store


class RoleName(StrEnum):
    """Roles of members of a project, as the command takes them."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class ScopeName(StrEnum):
    """What a key may be used for, as the command takes it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


_EXAMPLE: Final = (
    "ionworks admin organizations add Lab\n\nionworks admin users add ada@example.com\n\n"
    "ionworks admin projects add NMC622 --owner ada@example.com\n\n"
    "ionworks admin keys create ada@example.com --scope write"
)

admin = typer.Typer(no_args_is_help=True)
app.add_typer(
    admin,
    name="admin",
    rich_help_panel=ON_THIS_MACHINE,
    help="Users, keys, projects and the log of a team's server, in its database.",
    epilog="The commands work on the database, whether the server runs or not; 'ionworks serve"
    f" --team' asks for the keys made here.\n\n{_EXAMPLE}",
)


def _group(name: str, text: str) -> typer.Typer:
    made = typer.Typer(no_args_is_help=True)
    admin.add_typer(made, name=name, help=text)
    return made


_organizations = _group("organizations", "Organizations; the first one gets what is stored.")
_users = _group("users", "Users; each belongs to one organization.")
_keys = _group("keys", "Keys of users.")
_projects = _group("projects", "Projects of organizations.")
_members = _group("members", "Members of projects, and their roles.")

PathOption = Annotated[
    Path | None,
    typer.Option(
        "--path",
        metavar="DIR",
        help="Folder of the engine; the user data folder by default. [IONWORKS_PATH]",
        show_default=False,
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="PostgreSQL database instead of a file in the folder. [IONWORKS_DATABASE]",
        show_default=False,
    ),
]
OrganizationOption = Annotated[
    str | None,
    typer.Option(
        "--organization",
        metavar="NAME",
        help="Organization, by name or id; not needed if there is one only.",
        show_default=False,
    ),
]
User = Annotated[str, typer.Argument(metavar="USER", help="Email address or id of the user.")]
Project = Annotated[str, typer.Argument(metavar="PROJECT", help="Id or name of the project.")]


@contextmanager
def _opened(
    session: Session, path: Path | None, database: str | None
) -> Iterator[tuple[Store, ModuleType]]:
    """Open the database; what does not exist there is reported as the client reports it."""
    if (session.url, session.profile_name, session.project) != (None, None, None):
        raise ValueError(
            "--url, --profile and --project do not apply to admin: give --path or --database"
        )
    from ionworks.errors import NotFoundError

    try:
        from ionworks.server.team import administration
    except ModuleNotFoundError as error:
        raise ImportError(
            "administering a team needs extra packages: pip install 'ionworks-api[local]' "
            f"({error.name} is missing)"
        ) from None
    if database is not None and urlsplit(database).password:
        raise ValueError(
            "--database has a password, which other users of this machine can see: set "
            "IONWORKS_DATABASE to the URL instead"
        )
    folder = path or (Path(given) if (given := os.environ.get("IONWORKS_PATH")) else None)
    try:
        url = database or os.environ.get("IONWORKS_DATABASE") or None
        with administration.opened(folder, url) as store:
            yield store, administration
    except LookupError as error:
        raise NotFoundError(str(error.args[0]), status_code=404) from error
    except RuntimeError as error:  # the folder or the database cannot be used
        raise ValueError(str(error)) from error


def _show(session: Session, rows: Sequence[dict[str, Any]], *columns: str) -> None:
    session.output.result([*rows], lambda: table(rows, columns) if rows else None)
    if not rows:
        session.output.note("none")


def _show_one(session: Session, row: dict[str, Any], *columns: str) -> None:
    session.output.result(row, lambda: table([row], columns))


# ---------------------------------------------------------------- organizations
_OF_ORGANIZATION: Final = ("name", "id", "created_at")


@command(_organizations, "add")
def add_organization(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
    *,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make an organization."""
    with _opened(session, path, database) as (store, team):
        _show_one(session, team.directory.add_organization(store, name), *_OF_ORGANIZATION)


@command(_organizations, "list")
def list_organizations(
    session: Session, *, path: PathOption = None, database: DatabaseOption = None
) -> None:
    """List the organizations."""
    with _opened(session, path, database) as (store, team):
        _show(session, team.directory.list_organizations(store), *_OF_ORGANIZATION)


# ---------------------------------------------------------------- users
_OF_USER: Final = ("email", "id", "organization", "is_active", "default_project_id", "created_at")


@command(_users, "add")
def add_user(
    session: Session,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Email address.")],
    *,
    organization: OrganizationOption = None,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make a user, who sees nothing before becoming a member of a project."""
    with _opened(session, path, database) as (store, team):
        _show_one(session, team.directory.add_user(store, email, organization), *_OF_USER)


@command(_users, "list")
def list_users(
    session: Session, *, path: PathOption = None, database: DatabaseOption = None
) -> None:
    """List the users."""
    with _opened(session, path, database) as (store, team):
        _show(session, team.directory.list_users(store), *_OF_USER)


@command(_users, "disable")
def disable_user(
    session: Session, user: User, *, path: PathOption = None, database: DatabaseOption = None
) -> None:
    """Refuse all keys of a user from now on; records and runs stay."""
    with _opened(session, path, database) as (store, team):
        _show_one(session, team.directory.change_user(store, user, is_active=False), *_OF_USER)


@command(_users, "enable")
def enable_user(
    session: Session, user: User, *, path: PathOption = None, database: DatabaseOption = None
) -> None:
    """Accept the keys of a disabled user again, except revoked ones."""
    with _opened(session, path, database) as (store, team):
        _show_one(session, team.directory.change_user(store, user, is_active=True), *_OF_USER)


# ---------------------------------------------------------------- keys
_OF_KEY: Final = (
    "prefix", "id", "user", "name", "scope", "created_at", "expires_at", "last_used_at",
    "revoked_at",
)  # fmt: skip


@command(
    _keys,
    "create",
    epilog="The key is written to standard output once; only its hash is stored.",
)
def create_key(
    session: Session,
    user: User,
    *,
    name: Annotated[
        str, typer.Option(metavar="TEXT", help="What the key is for, such as a machine.")
    ] = "",
    scope: Annotated[
        ScopeName,
        typer.Option(
            help="read; write, to change records too; admin, to manage members and delete projects"
            " too. The role in each project limits all of them."
        ),
    ] = ScopeName.WRITE,
    days: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Days until it expires; never by default.", show_default=False
        ),
    ] = None,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make a key for a user."""
    with _opened(session, path, database) as (store, team):
        lifetime = None if days is None else timedelta(days=days)
        found = team.directory.find_user(store, user)
        made = team.keys.create(store, found["id"], name, team.Scope(scope.value), lifetime)
        session.output.result(made, lambda: str(made["key"]))
        session.output.note(f"key {made['id']} of {found['email']}: keep it, it is not shown again")


@command(_keys, "list")
def list_keys(
    session: Session,
    *,
    user: Annotated[
        str | None,
        typer.Option(metavar="USER", help="Only keys of this user.", show_default=False),
    ] = None,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """List keys with their last use; a key itself cannot be shown."""
    with _opened(session, path, database) as (store, team):
        user_id = None if user is None else team.directory.find_user(store, user)["id"]
        _show(session, team.keys.listed(store, user_id), *_OF_KEY)


@command(_keys, "revoke")
def revoke_key(
    session: Session,
    key: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, from 'keys list'.")],
    *,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """Refuse a key from now on."""
    with _opened(session, path, database) as (store, team):
        _show_one(session, team.keys.revoke(store, key), *_OF_KEY)


# ---------------------------------------------------------------- projects and members
_OF_PROJECT: Final = ("name", "id", "organization", "created_at")
_OF_MEMBER: Final = ("user", "role", "project_id", "user_id")


@command(_projects, "add")
def add_project(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
    *,
    owner: Annotated[
        str, typer.Option(metavar="USER", help="Its first owner, by email address or id.")
    ],
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make a project in the organization of its owner."""
    with _opened(session, path, database) as (store, team):
        _show_one(session, team.directory.add_project(store, name, owner), *_OF_PROJECT)


@command(_projects, "list")
def list_projects(
    session: Session, *, path: PathOption = None, database: DatabaseOption = None
) -> None:
    """List the projects of all organizations."""
    with _opened(session, path, database) as (store, team):
        _show(session, team.directory.list_projects(store), *_OF_PROJECT)


@command(_members, "set")
def set_member(
    session: Session,
    of_project: Project,
    user: User,
    *,
    role: Annotated[
        RoleName,
        typer.Option(
            help="viewer reads, editor also changes records and submits runs, owner also manages"
            " members and deletes the project."
        ),
    ] = RoleName.EDITOR,
    default: Annotated[
        bool,
        typer.Option("--default", help="Use the project for requests of the user that name none."),
    ] = False,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make a user a member of a project, or change the role."""
    with _opened(session, path, database) as (store, team):
        made = team.directory.set_member(store, of_project, user, team.Role[role.name])
        if default:
            team.directory.change_user(store, user, default_project_id=made["project_id"])
        _show_one(session, made, *_OF_MEMBER)


@command(_members, "remove")
def remove_member(
    session: Session,
    of_project: Project,
    user: User,
    *,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """End the membership of a user."""
    with _opened(session, path, database) as (store, team):
        _show_one(session, team.directory.remove_member(store, of_project, user), *_OF_MEMBER)


@command(_members, "list")
def list_members(
    session: Session,
    of_project: Project,
    *,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """List the members of a project."""
    with _opened(session, path, database) as (store, team):
        _show(session, team.directory.list_members(store, of_project), *_OF_MEMBER)


# ---------------------------------------------------------------- the log
_OF_ENTRY: Final = (
    "at", "user", "operation", "status", "project_id", "object_id", "key_id", "request_id",
)  # fmt: skip


@command(admin, "audit")
def audit_log(
    session: Session,
    *,
    user: Annotated[
        str | None,
        typer.Option(metavar="USER", help="Only requests of this user.", show_default=False),
    ] = None,
    of_project: Annotated[
        str | None,
        typer.Option(
            "--of", metavar="ID", help="Only requests for this project.", show_default=False
        ),
    ] = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Most entries.")] = 100,
    path: PathOption = None,
    database: DatabaseOption = None,
) -> None:
    """List the requests that may have changed something, the newest first."""
    from ionworks.data.filters import moment

    with _opened(session, path, database) as (store, team):
        user_id = None if user is None else team.directory.find_user(store, user)["id"]
        begin = None if since is None else moment("--since", since)
        found = team.audit.listed(
            store, user_id=user_id, project_id=of_project, since=begin, limit=limit
        )
        _show(session, found, *_OF_ENTRY)
