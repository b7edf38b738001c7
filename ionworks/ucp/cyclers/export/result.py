"""The result of a conversion: a file in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

_RESERVED: Final = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)
"""Names that are devices on Windows, with any extension."""

_KEYS: Final = ("content", "filename", "target", "media_type", "assets", "notes")


def is_plain_name(name: str) -> bool:
    """Return whether a name is valid and stays inside its folder on every operating system."""
    folderless = bool(name) and not set(name) & set('/\\:*?"<>|\0')
    named = name.strip(". ") != "" and name == name.strip() and not name.endswith(".")
    return folderless and named and name.partition(".")[0].strip().lower() not in _RESERVED


@frozen(repr=False)
class ConvertedProtocol(Mapping[str, Any]):
    """A protocol as the file of a cycler.

    It is also a read-only mapping. Its key ``content`` is the text for a file opened with ``"w"``
    on this system; ``filename`` is the name of the main file.

    Attributes
    ----------
    target : str
        The format.
    primary_filename : str
        Name of the main file.
    primary_bytes : bytes
        The file, in the encoding and with the line ends that the cycler's software expects.
    media_type : str or None
        Of the main file.
    assets : tuple of (str, bytes)
        Names and contents of files that belong to it, such as waveforms.
    notes : tuple of str
        What to check before the file runs.
    encoding : str
        Of the text in the file.
    """

    target: str
    primary_filename: str
    primary_bytes: bytes
    media_type: str | None = None
    assets: tuple[tuple[str, bytes], ...] = ()
    notes: tuple[str, ...] = ()
    encoding: str = "utf-8"

    def text(self) -> str:
        """Return the file as text, with its line ends unchanged.

        To write the file use `save`, which keeps encoding and line ends on every system.
        """
        return self.primary_bytes.decode(self.encoding)

    def save(self, directory: str | Path, *, overwrite: bool = False) -> Path:
        """Write the file and its assets into a folder.

        Parameters
        ----------
        directory : str or Path
            The folder; created if it does not exist.
        overwrite : bool
            Whether to replace files of the same name that have another content.

        Returns
        -------
        Path
            Path of the main file.

        Raises
        ------
        ValueError
            If a name is not a plain file name; nothing is written.
        FileExistsError
            If the folder has another file of the same name, which may belong to a procedure that
            a cycler runs; nothing is written.
        OSError
            If the folder cannot be written to.
        """
        folder = Path(directory)
        # The main file comes last: it never stands alone, even if the disk is full.
        files = [*self.assets, (self.primary_filename, self.primary_bytes)]
        for name, _ in files:
            if not is_plain_name(name):
                raise ValueError(
                    f"cannot write {name!r}: it must be a plain file name without folders"
                )
        changed = [
            (folder / name, content)
            for name, content in files
            if not (folder / name).is_file() or (folder / name).read_bytes() != content
        ]
        existing = [str(path) for path, _ in changed if path.exists()]
        if existing and not overwrite:
            raise FileExistsError(
                f"another file exists under {', '.join(existing)}, and a cycler may need it: "
                "choose another folder or filename_stem, or replace it with overwrite=True"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in changed:
            path.write_bytes(content)
        return folder / self.primary_filename

    def __getitem__(self, key: str) -> Any:
        match key:
            case "content":
                return self._for_text_mode()
            case "filename":
                return self.primary_filename
        if key in _KEYS:
            return getattr(self, key)
        raise KeyError(f"unknown key {key!r}; valid keys: {', '.join(_KEYS)}")

    def _for_text_mode(self) -> str:
        """Return the text for a file opened with ``"w"``."""
        # On Windows text mode writes \n as \r\n, and would write \r\n as \r\r\n.
        return self.text().replace("\r\n", "\n") if os.linesep == "\r\n" else self.text()

    def __iter__(self) -> Iterator[str]:
        return iter(_KEYS)

    def __len__(self) -> int:
        return len(_KEYS)

    def __repr__(self) -> str:
        size = len(self.primary_bytes)
        return f"ConvertedProtocol({self.target!r}, {self.primary_filename!r}, {size} bytes)"
