"""The file of a cycler as a protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from attrs import frozen

from ionworks.ucp.cyclers.plan import assemble
from ionworks.ucp.cyclers.read.plan_builder import ReadFile
from ionworks.ucp.cyclers.read.safe_xml import MOST_BYTES
from ionworks.ucp.drive_cycles import required_drive_cycles
from ionworks.ucp.nodes import Protocol
from ionworks.ucp.parse import parse
from ionworks.ucp.problems import UCPError
from ionworks.ucp.text.yaml import to_document

READERS: Final = {
    "maccor": "ionworks.ucp.cyclers.read.maccor",
    "neware": "ionworks.ucp.cyclers.read.neware",
    "arbin": "ionworks.ucp.cyclers.read.arbin",
    "arbin_sdx": "ionworks.ucp.cyclers.read.arbin",
    "biologic": "ionworks.ucp.cyclers.read.biologic",
    "novonix": "ionworks.ucp.cyclers.read.novonix",
}
_SIGNS: Final = (
    ("maccor", re.compile(rb"<MaccorTestProcedure\b")),
    ("neware", re.compile(rb"<config\b[^>]*\btype=\"Step File\"")),
    ("arbin", re.compile(rb"Current_Version=Schedule Version [1-7]\.")),
    ("arbin_sdx", re.compile(rb"Current_Version=Schedule Version ")),
    ("biologic", re.compile(rb"^(?:BT|EC)-LAB SETTING FILE")),
    ("novonix", re.compile(rb"Novonix HPC Protocol File|^\[Protocol\]", re.MULTILINE)),
)
_HEAD: Final = 4000


@frozen
class VendorFile:
    """A protocol that was read from the file of a cycler.

    Attributes
    ----------
    target : str
        The format, as :func:`ionworks.ucp.convert` calls it.
    protocol : Protocol
        What the file does.
    text : str
        The file itself.
    nominal_capacity_ah : float or None
        In A.h, if the file tells.
    required_drive_cycles : tuple of str
        Names of waveforms whose samples are in other files.
    notes : tuple of str
        What the file says that a protocol has no place for and that does not change what runs.
    """

    target: str
    protocol: Protocol
    text: str
    nominal_capacity_ah: float | None = None
    required_drive_cycles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def parse_file(
    source: str | Path | bytes | BinaryIO,
    *,
    target: str | None = None,
    assets: Mapping[str, bytes] | None = None,
) -> VendorFile:
    """Read the protocol file of a battery cycler.

    Maccor procedures, Neware step files, Arbin schedules, settings files of BT-Lab and EC-Lab
    (technique Modulo Bat), and the protocol text in Novonix data files.

    Parameters
    ----------
    source : str, Path, bytes or binary file
        The path of a file, its content, or the file opened in binary mode.
    target : str, optional
        Its format, where it should not be found out.
    assets : mapping of str to bytes, optional
        Waveforms that a Maccor procedure calls, by name of the file.

    Returns
    -------
    VendorFile
        The protocol does what the file does.

    Raises
    ------
    UCPError
        If the file is of no known format, or holds what UCP cannot say; everything that it
        cannot is named.
    OSError
        If it cannot be read.
    TypeError
        If ``source`` is something else.
    """
    content = _content(source)
    if len(content) > MOST_BYTES:
        raise UCPError(f"the file is larger than {MOST_BYTES} bytes")
    name = _found(content) if target is None else target
    if name not in READERS:
        raise UCPError(f"{name!r} is no format that can be read; there are {', '.join(READERS)}")
    module: Any = import_module(READERS[name])
    read = cast("Callable[[bytes, Mapping[str, bytes]], ReadFile]", module.read)
    found = read(content, assets or {})
    protocol = _valid(assemble(found.plan))
    return VendorFile(
        name,
        protocol,
        _text(content),
        found.nominal_capacity,
        tuple(required_drive_cycles(protocol)),
        found.notes,
    )


def _content(source: object) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, str | Path):
        return Path(source).read_bytes()
    if hasattr(source, "read"):
        content = source.read()
        if isinstance(content, bytes):
            return content
        raise TypeError("the file is open in text mode, which changes it; open it with 'rb'")
    raise TypeError(f"source must be a path, bytes or a binary file, not {source!r}")


def _found(content: bytes) -> str:
    head = content[:_HEAD]
    for name, sign in _SIGNS:
        if sign.search(head):
            return name
    raise UCPError(
        "this is no protocol file of a known format: there are Maccor procedures (XML), Neware "
        "step files, Arbin schedules, BioLogic settings files and Novonix protocol texts"
    )


def _text(content: bytes) -> str:
    """Return the file as text; its format decides on the encoding when it matters."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _valid(protocol: Protocol) -> Protocol:
    """Return the protocol as the language reads it; a file may ask for what it does not allow."""
    result = parse(to_document(protocol))
    if result.protocol is None:
        listed = "\n".join(f"- {problem.message}" for problem in result.errors)
        raise UCPError(f"the file asks for what UCP does not allow:\n{listed}", result.errors)
    return result.protocol
