"""The options that take a date."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

__all__ = ["Before", "Since"]

_FORMS: Final = "a date or time such as 2026-05-08 or 2026-05-08T14:30, in UTC if it has no zone"


def _check(text: str | None) -> str | None:
    from ionworks.data.filters import moment

    if text is not None:
        try:
            moment("the date", text)
        except ValueError:
            raise typer.BadParameter(f"{text!r} is not {_FORMS}") from None
    return text


def _option(limit: str) -> Any:
    return typer.Option(
        metavar="DATE", callback=_check, help=f"Only {limit}: {_FORMS}.",
        show_default=False,
    )  # fmt: skip


Since = Annotated[str | None, _option("from this time on")]
Before = Annotated[str | None, _option("before this time")]
