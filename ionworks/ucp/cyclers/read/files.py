"""Reading the file of a cycler as a protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from attrs import frozen

from ionworks.ucp.cyclers.plan import assemble
from ionworks.ucp.cyclers.read.plan_builder import ReadFile
from ionworks.ucp.cyclers.read.refusals import rejection
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
_SIGNATURES: Final = (
    ("maccor", re.compile(rb"<MaccorTestProcedure\b")),
    ("neware", re.compile(rb"<config\b[^>]*\btype=\"Step File\"")),
    ("arbin", re.compile(rb"Current_Version=Schedule Version [1-7]\.")),
    ("arbin_sdx", re.compile(rb"Current_Version=Schedule Version ")),
    ("biologic", re.compile(rb"^(?:\xef\xbb\xbf)?(?:BT|EC)-(?:LAB SETTING|Lab ASCII) FILE")),
    ("novonix", re.compile(rb"Novonix HPC Protocol File|^\[Protocol\]", re.MULTILINE)),
)
_HEAD: Final = 4000
_DATA: Final = re.compile(rb'^"?\[Data\]', re.MULTILINE)
"""Where recorded data begin in a file of Novonix."""
_HEAD_LINES: Final = re.compile(rb"Nb header lines : (\d{1,6})")
"""How many lines are above the recorded data in a file of BioLogic."""
_IN_PART: Final = (
    "\nWith partial=True the other steps are read, and a Pause stands for each of these."
)


@frozen
class VendorFile:
    """A protocol read from the file of a cycler.

    Attributes
    ----------
    target : str
        The format, by its name in :func:`ionworks.ucp.convert`.
    protocol : Protocol
        A protocol that does what the file does.
    text : str
        The text of the file, without recorded data below the protocol.
    nominal_capacity_ah : float or None
        In A.h, if the file has one.
    required_drive_cycles : tuple of str
        Names of waveforms whose samples are in other files.
    notes : tuple of str
        Settings of the file that a protocol cannot hold and that do not change what runs.
    unread : tuple of str
        The steps that cannot be read, each with the reason: the protocol has a ``Pause`` in the
        place of each. Empty unless the file was read with ``partial=True``.
    """

    target: str
    protocol: Protocol
    text: str
    nominal_capacity_ah: float | None = None
    required_drive_cycles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def parse_file(
    source: str | Path | bytes | BinaryIO,
    *,
    target: str | None = None,
    assets: Mapping[str, bytes] | None = None,
    partial: bool = False,
) -> VendorFile:
    """Read the protocol file of a battery cycler.

    It reads Maccor procedures, Neware step files, Arbin schedules, settings of EC-Lab and
    BT-Lab (``.mps``, or the head of ``.mpt`` data files), and the protocol at the beginning of
    Novonix data files.

    Parameters
    ----------
    source : str, Path, bytes or binary file
        The path of a file, its content, or the file opened in binary mode.
    target : str, optional
        Its format; detected if left out.
    assets : mapping of str to bytes, optional
        Waveforms (``.MWF``) and settings of impedance sweeps (``.FRA``) that a Maccor procedure
        calls, by file name.
    partial : bool
        Read a file even if some of its steps cannot be read. The protocol has a ``Pause`` in the
        place of each, and ``unread`` lists them.

    Returns
    -------
    VendorFile
        The protocol, the format and notes.

    Raises
    ------
    UCPError
        If the format is unknown, or the file has constructs that UCP cannot express; all of them
        are listed. With ``partial=True`` only if none of its steps can be read, or if its loops,
        jumps or settings of the whole test cannot be.
    OSError
        If the file cannot be read.
    TypeError
        If ``source`` has another type.
    """
    content = _content(source)
    name, found = read_plan(content, target=target, assets=assets, partial=partial)
    protocol = _valid(assemble(found.plan))
    return VendorFile(
        name,
        protocol,
        _text(_above_data(name, content)),
        found.nominal_capacity,
        tuple(required_drive_cycles(protocol)),
        found.notes,
        tuple(problem.message for problem in found.unread),
    )


def read_plan(
    content: bytes,
    *,
    target: str | None = None,
    assets: Mapping[str, bytes] | None = None,
    partial: bool = False,
) -> tuple[str, ReadFile]:
    """Return the format of a file and its plan; see `parse_file`."""
    name = _found(content) if target is None else target
    if name not in READERS:
        raise UCPError(f"unknown target {name!r}; valid targets: {', '.join(READERS)}")
    content = _above_data(name, content)
    if len(content) > MOST_BYTES:
        raise UCPError(f"the file is larger than {MOST_BYTES} bytes")
    module: Any = import_module(READERS[name])
    read = cast("Callable[[bytes, Mapping[str, bytes]], ReadFile]", module.read)
    found = read(content, assets or {})
    if found.unread and not (partial and any(found.plan.steps())):
        raise rejection(module.TITLE, found.unread, "" if partial else _IN_PART)
    return name, found


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


def _above_data(name: str, content: bytes) -> bytes:
    """Return the part of a file above recorded data."""
    if name == "novonix":
        return _DATA.split(content, maxsplit=1)[0]
    stated = _HEAD_LINES.search(content[:200]) if name == "biologic" else None
    if stated is None:
        return content
    *head, _ = content.split(b"\n", int(stated.group(1)))
    return b"".join(line + b"\n" for line in head)


def _found(content: bytes) -> str:
    head = content[:_HEAD]
    for name, sign in _SIGNATURES:
        if sign.search(head):
            return name
    raise UCPError(
        "this is not a protocol file of a known format; known formats are Maccor procedures (XML), "
        "Neware step files, Arbin schedules, BioLogic settings files and Novonix protocol texts"
    )


def _text(content: bytes) -> str:
    """Return the file as text for display; the readers decode it by the rules of their format."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _valid(protocol: Protocol) -> Protocol:
    """Return the protocol after parsing it: a file may have values that UCP does not allow."""
    result = parse(to_document(protocol))
    if result.protocol is None:
        listed = "\n".join(f"- {problem.message}" for problem in result.errors)
        raise UCPError(f"the file has values that UCP does not allow:\n{listed}", result.errors)
    return result.protocol
