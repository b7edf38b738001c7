"""Opening the embedded engine; apart from `embedded`, so that it needs no HTTP library."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ionworks.server.app import LocalApp


def open_engine(folder: Path | None) -> LocalApp:
    """Open the embedded engine on a folder; the only place where the client imports the server.

    Parameters
    ----------
    folder : Path or None
        Folder of its records; None for the user data folder.

    Returns
    -------
    ionworks.server.app.LocalApp
        A WSGI application with a ``close`` method.

    Raises
    ------
    ImportError
        If the extra packages it needs are not installed.
    """
    try:
        from ionworks.server.opening import open_app

        return open_app(folder)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "ionworks":
            raise
        raise ImportError(
            "the embedded engine needs extra packages: pip install 'ionworks-api[local]' "
            f"({error.name} is missing)",
            name=error.name,
        ) from None
