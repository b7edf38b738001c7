"""Files and folders that only the user of the engine may read.

The mode is given when a file is made, so there is no moment at which others can open it. It
replaces the umask of the process only towards less: the umask belongs to the user's program, and
changing it would affect files that other threads make meanwhile. On Windows modes have no effect;
the folder of the user there is private by default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

FILE_MODE: Final = 0o600
_FOLDER_MODE: Final = 0o700


def make_folder(folder: Path) -> None:
    """Make a folder, and its parents with the usual mode; an existing one keeps its mode."""
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file; an existing one keeps its content and mode."""
    path.touch(mode=FILE_MODE)
