"""The program, registration of its commands, and the options that all of them take."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import attrs
import typer

from ionworks.cli.exits import MEANINGS, reported
from ionworks.cli.output import Output
from ionworks.cli.session import Session

__all__ = [
    "DATA", "FIND", "ON_THIS_MACHINE", "RESULTS", "RUN", "Ids", "app", "command", "read_ids",
]  # fmt: skip

RUN: Final = "Simulate and fit"
FIND: Final = "Find and follow"
RESULTS: Final = "Results"
DATA: Final = "Protocols and measurements"
ON_THIS_MACHINE: Final = "This machine"
"""Headings of the list of commands."""

_PANEL: Final = "Options of all commands"

Ids = Annotated[
    list[str],
    typer.Argument(
        metavar="ID", help="Ids, or - to read them from standard input.", show_default=False
    ),
]
"""The argument of commands that take one or many ids."""


@attrs.frozen(kw_only=True)
class _Shared:
    """The options that are accepted before and after the name of a command."""

    profile: str | None = None
    url: str | None = None
    project: str | None = None
    json: bool = False
    quiet: bool = False
    debug: bool = False

    def over(self, others: _Shared) -> _Shared:
        """Return these options, and the others where these are not given."""
        own = attrs.asdict(self)
        return attrs.evolve(others, **{name: value for name, value in own.items() if value})


def _filled(text: str | bool | None) -> str | bool | None:
    """Refuse an empty text, such as that of a variable of the shell that is not set."""
    if isinstance(text, str) and not text.strip():
        raise typer.BadParameter("it is empty")
    return text


def _shared(name: str, kind: Any, *declarations: str, **settings: Any) -> inspect.Parameter:
    option = typer.Option(
        *declarations, rich_help_panel=_PANEL, show_default=False, callback=_filled, **settings
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=False if kind is bool else None,
        annotation=Annotated[kind, option],
    )


_SHARED: Final = (
    _shared(
        "profile",
        str | None,
        "--profile",
        metavar="NAME",
        help="Profile to use, see 'ionworks config'.",
    ),
    _shared(
        "url",
        str | None,
        "--url",
        metavar="URL",
        help="Address of the service, or 'local' or 'local:DIR' for the engine on this machine.",
    ),
    _shared("project", str | None, "--project", metavar="ID", help="Project."),
    _shared("json", bool, "--json", help="Write the result as JSON."),
    _shared("quiet", bool, "--quiet", "-q", help="Suppress progress and hints."),
    _shared("debug", bool, "--debug", help="Show the traceback if an error occurs."),
)
_CONTEXT: Final = inspect.Parameter(
    "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from ionworks.settings import installed_version

        typer.echo(f"ionworks {installed_version()}")
        raise typer.Exit


_VERSION: Final = inspect.Parameter(
    "version",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ],
)


def _keep_shared(context: typer.Context, *, version: bool, **options: Any) -> None:  # noqa: ARG001 - shown by its callback
    """Keep the options that are given before the name of the command."""
    context.obj = _Shared(**options)


# Typer reads the options of a function from its signature.
_keep_shared.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [_CONTEXT, _VERSION, *_SHARED]
)

app: Final = typer.Typer(
    name="ionworks",
    help="Battery simulations and fits, with the Ionworks service or on this machine.",
    epilog="Exit codes: " + "; ".join(f"{code:d} {text}" for code, text in MEANINGS.items()) + ".",
    callback=_keep_shared,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def command(
    group: typer.Typer,
    name: str,
    *,
    panel: str | None = None,
    epilog: str | None = None,
    computes: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that registers a function as a command.

    The function's first parameter is the `Session`; the others are the arguments and options of
    the command, annotated for Typer and keyword-only if they are options. Its docstring is the
    help. Failures that users can act on are reported, see `ionworks.cli.exits`.

    Parameters
    ----------
    group : typer.Typer
        Where the command is added.
    name : str
        Its name.
    panel : str, optional
        Heading of the list of commands under which it is listed.
    epilog : str, optional
        Text after the help, such as examples.
    computes : bool, optional
        Whether it always simulates or fits, so that the engine on this machine starts a worker
        process at once.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        _, *own = inspect.signature(function, eval_str=True).parameters.values()

        def run(context: typer.Context, **values: Any) -> None:
            given = _Shared(**{each.name: values.pop(each.name) for each in _SHARED})
            before = context.find_object(_Shared)
            options = given if before is None else given.over(before)
            output = Output(json=options.json, quiet=options.quiet)
            session = Session(
                output=output,
                profile_name=options.profile,
                url=options.url,
                project=options.project,
                computes=computes,
            )
            with reported(output, debug=options.debug), _warnings_on(output), session:
                function(session, **values)

        for parameter in own:
            for declared in getattr(parameter.annotation, "__metadata__", ()):
                declared.help = _literal(declared.help)
        run.__name__, run.__doc__ = function.__name__, _literal(_unwrapped(function.__doc__))
        run.__signature__ = inspect.Signature([_CONTEXT, *own, *_SHARED])  # type: ignore[attr-defined]
        group.command(name, rich_help_panel=panel, epilog=_literal(epilog))(run)
        return function

    return register


def _literal(text: str | None) -> str | None:
    """Return a text of the help in which ``[s]`` is a unit, and not markup of rich."""
    # An annotation that several commands share comes here once for each.
    return None if text is None else re.sub(r"(?<!\\)\[", r"\\[", text)


def _unwrapped(docstring: str | None) -> str:
    """Return a docstring with a line for each paragraph, for the help to wrap."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(each.replace("\n", " ") for each in paragraphs)


@contextmanager
def _warnings_on(output: Output) -> Iterator[None]:
    """Write the warnings of the client in the form of the command's own messages."""

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if not issubclass(category, DeprecationWarning):
            output.warning(str(message))

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def read_ids(session: Session, given: list[str]) -> list[str]:
    """Return ids that are given as arguments; ``-`` stands for those on standard input.

    Parameters
    ----------
    session : Session
        Notes there if standard input has no ids.
    given : list of str
        The arguments.

    Returns
    -------
    list of str
        Each id once, in their order.
    """
    ids: list[str] = []
    for each in given:
        if each == "-":
            found = sys.stdin.read().split()
            if not found:
                session.output.note("no ids on standard input: nothing to do")
            ids += found
        else:
            ids.append(each)
    return [*dict.fromkeys(ids)]
