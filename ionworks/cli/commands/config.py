"""`ionworks config`: profiles of addresses, projects and keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs
import typer

from ionworks.cli import profiles
from ionworks.cli.output import table
from ionworks.cli.profiles import Profile, Profiles
from ionworks.cli.registry import ON_THIS_MACHINE, app, command
from ionworks.cli.session import Session

if TYPE_CHECKING:
    from rich.console import RenderableType


_FIRST: Final = "default"
"""Name of the profile that is changed if none is named and there is none yet."""

config = typer.Typer(no_args_is_help=True)
app.add_typer(
    config,
    name="config",
    rich_help_panel=ON_THIS_MACHINE,
    help="Profiles: addresses, projects and organisations in a file, keys in the keyring.",
    epilog="Options take precedence over environment variables (IONWORKS_API_URL,"
    " IONWORKS_API_KEY, IONWORKS_PROJECT_ID, ...), and these over the default profile; a profile"
    " that --profile names takes precedence over environment variables.",
)


@command(
    config,
    "show",
    epilog="The JSON has the file, the default profile, the profiles without their keys, and what"
    " is used now: url, source, key_source, project.",
)
def show(session: Session) -> None:
    """Show the profiles, and which address and key are used now."""
    found = Profiles.load()
    access = session.access
    used = {
        "url": access.url,
        "source": access.source,
        "key_source": access.key_source,
        "project": access.project_in_use,
    }
    document = {
        "file": str(profiles.config_file()),
        "default": found.default,
        "profiles": {
            name: {**each.values(), "has_key": profiles.load_key(each) is not None}
            for name, each in found.profiles.items()
        },
        "used": used,
    }
    session.output.result(document, lambda: _view(document, is_local=access.is_local))


def _view(document: dict[str, Any], *, is_local: bool) -> RenderableType:
    from rich.console import Group

    rows = [
        {
            "profile": f"{name} (default)" if name == document["default"] else name,
            **{key: value for key, value in each.items() if key != "has_key"},
            "key": "in the keyring" if each["has_key"] else "",
        }
        for name, each in document["profiles"].items()
    ]
    used = document["used"]
    key = used["key_source"] or ("not needed" if is_local else "none")
    lines = [
        f"file: {document['file']}",
        f"address used now: {used['url']} ({used['source']})",
        f"key: {key}",
        *([f"project: {used['project']}"] if used["project"] else []),
    ]
    columns = ("profile", "url", "project", "organization", "key")
    return Group(*([table(rows, columns), ""] if rows else []), *lines)


@command(
    config,
    "set",
    epilog="--profile names the profile, else the default one is changed; --url and --project are"
    " its address and project. Example: ionworks config set --profile lab --url"
    " https://cells.example.com --key",
)
def set_profile(
    session: Session,
    *,
    organization: Annotated[
        str | None, typer.Option(metavar="ID", help="Organisation.", show_default=False)
    ] = None,
    key: Annotated[
        bool,
        typer.Option(
            "--key",
            help="Ask for the key, or read it from standard input, and store it in the system's"
            " keyring.",
        ),
    ] = False,
) -> None:
    """Create or change a profile."""
    found = Profiles.load()
    name = session.profile_name or found.default or _FIRST
    given = {"url": session.url, "project": session.project, "organization": organization}
    changes = {field: value.strip() for field, value in given.items() if value is not None}
    if not changes and not key:
        raise ValueError("nothing to set: give --url, --project, --organization or --key")
    empty = [field for field, value in changes.items() if not value]
    if empty:
        raise ValueError(f"--{empty[0]} is empty")
    old = found.profiles.get(name, Profile(name=name))
    new = attrs.evolve(old, **changes)
    _check(new)
    if key:
        profiles.store_key(new, _read_key(new))
    path = found.with_profile(new).save()
    session.output.note(f"profile {name} written to {path}")
    if old.url != new.url and name in found.profiles:
        profiles.remove_key(old)


def _check(profile: Profile) -> None:
    """Raise ValueError if the client would refuse the settings."""
    from ionworks.settings import Settings

    Settings.resolve(
        api_url=profile.url,
        api_key="unknown",
        project_id=profile.project,
        organization_id=profile.organization,
    )


def _read_key(profile: Profile) -> str:
    if sys.stdin.isatty():
        prompt = f"Key for {profile.url or 'the Ionworks service'}"
        key: str = typer.prompt(prompt, hide_input=True, err=True)
    else:
        key = sys.stdin.readline()
    if not key.strip():
        raise ValueError("the key is empty")
    return key.strip()


@command(config, "use")
def use(session: Session, name: Annotated[str, typer.Argument(help="Name of a profile.")]) -> None:
    """Make a profile the default."""
    found = Profiles.load()
    found.get(name)
    attrs.evolve(found, default=name).save()
    session.output.note(f"the default profile is {name}")


@command(config, "remove")
def remove(
    session: Session, name: Annotated[str, typer.Argument(help="Name of a profile.")]
) -> None:
    """Remove a profile, and its key from the keyring."""
    found = Profiles.load()
    profile = found.get(name)
    profiles.remove_key(profile)
    found.without(name).save()
    session.output.note(f"profile {name} removed")
