"""The program with all of its commands."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from ionworks.cli.registry import app

__all__ = ["app", "run"]

#: In the order of the help.
_COMMANDS: Final = (
    "simulations",
    "fits",
    "list",
    "show",
    "history",
    "wait",
    "models",
    "result",
    "plot",
    "script",
    "protocols",
    "measurements",
    "config",
    "doctor",
    "serve",
    "admin",
    "worker",
)

for _name in _COMMANDS:
    import_module(f"ionworks.cli.commands.{_name}")


def run() -> None:
    """Run the program with the arguments of the process, and exit."""
    app(prog_name="ionworks")
