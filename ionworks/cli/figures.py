"""Figures as files, or in a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ionworks.cli.files import file_with, replaced

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ionworks.cli.output import Output

__all__ = ["FigureOption", "Shown", "drawing", "figure_file", "require_plots"]

_DOTS_PER_INCH: Final = 200


figure_file: Final = file_with(".png", ".pdf", ".svg")
"""The callback of options with the name of a file of a figure."""

FigureOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        show_default=False,
        callback=figure_file,
        help="Write the figure to a .png, .pdf or .svg file; without it, a window opens.",
    ),
]
"""The option of commands that plot; the name is checked before anything is done."""


class Shown:
    """Takes the figure that `drawing` shows."""

    def __init__(self) -> None:
        self.figure: Figure | None = None

    def take(self, drawn: Any) -> None:
        """Take a figure, axes or a list of axes."""
        first = drawn[0] if isinstance(drawn, list) else drawn
        self.figure = getattr(first, "figure", first)


@contextmanager
def drawing(output: Output, file: Path | None) -> Iterator[Shown]:
    """Show the figure that is drawn in the body, in a file or a window.

    Parameters
    ----------
    output : Output
        Says where the file is.
    file : Path or None
        The file; its name is checked by `FigureOption`.

    Raises
    ------
    ValueError
        If a window is wanted where none can be opened; nothing was drawn.
    ImportError
        If matplotlib is not installed.
    """
    require_plots()
    if file is None:
        _require_display()
    shown = Shown()
    yield shown
    if shown.figure is None:
        return
    if file is not None:
        with replaced(file) as part:
            shown.figure.savefig(part, dpi=_DOTS_PER_INCH)
        output.note(f"figure written to {file}")
    else:
        from matplotlib import pyplot as plt

        plt.show()


def require_plots() -> None:
    """Raise ImportError if matplotlib is not installed; the message gives the extra."""
    import ionworks.plots  # noqa: F401 - its import raises it


def _require_display() -> None:
    """Have figures made by pyplot, if it can show them."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.backends import registry

    plt.figure(0)  # chooses the backend
    plt.close(0)
    backend = mpl.get_backend().lower()
    backends: Any = registry.backend_registry
    if backend not in backends.list_builtin(registry.BackendFilter.INTERACTIVE):
        raise ValueError(
            f"no window can be opened here (matplotlib's backend is {backend}): pass --output FILE"
        )
