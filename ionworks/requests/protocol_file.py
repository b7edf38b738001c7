"""Requests and replies of conversions between protocols and cycler files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from ionworks.data.json_values import plain
from ionworks.errors import ResponseDecodeError
from ionworks.records.record import Record
from ionworks.requests.fields import boolean, number, text
from ionworks.ucp import ConvertedProtocol
from ionworks.ucp.problems import suggestion

__all__ = ["ParsedProtocolFile", "conversion_fields", "conversion_target", "converted_protocol"]

TARGETS: Final = (
    "maccor", "neware", "arbin", "arbin_sdx", "biologic", "biologic_bttest", "novonix",
)  # fmt: skip


@attrs.frozen(kw_only=True, repr=False)
class ParsedProtocolFile(Record):
    """A protocol read from a cycler file; it is not saved.

    Attributes
    ----------
    parsed_protocol_ucp : str or None
        The protocol as YAML: ``ucp.to_yaml(...)`` of the ``protocol`` that
        :func:`ionworks.ucp.parse_file` returns.
    parsed_protocol_human : str or None
        A description of the protocol in sentences, that of :func:`ionworks.ucp.human_readable`.
    raw_protocol : str or None
        The text of the file, ``text`` in the library.
    cycler_type : str or None
        The detected format, ``target`` in the library.
    nominal_capacity_ah : float or None
        In A.h, if the file contains it.
    required_drive_cycles, required_subroutines : list of str
        What the protocol refers to but the file does not contain.
    available_drive_cycles, available_subroutines : list of str
        Those of them that the service has.
    notes : list of str
        Settings of the file that a protocol cannot hold and that do not change what runs.
    unread : list of str
        The steps that cannot be read, each with the reason: the protocol has a ``Pause`` in the
        place of each. Empty unless the file was read with ``partial=True``.
    error : str or None
        Why the file could not be read, if the request itself succeeded.
    """

    parsed_protocol_ucp: str | None = None
    parsed_protocol_human: str | None = None
    raw_protocol: str | None = None
    cycler_type: str | None = None
    nominal_capacity_ah: float | None = None
    required_drive_cycles: list[str] = attrs.field(factory=list)
    available_drive_cycles: list[str] = attrs.field(factory=list)
    required_subroutines: list[str] = attrs.field(factory=list)
    available_subroutines: list[str] = attrs.field(factory=list)
    notes: list[str] = attrs.field(factory=list)
    unread: list[str] = attrs.field(factory=list)
    error: str | None = None


def conversion_target(target: Any, target_format: Any) -> str:
    """Return the target format, which can be given by either of two arguments.

    Raises
    ------
    TypeError
        If neither is given, or it is not text.
    ValueError
        If both are given and differ, or the format is unknown.
    """
    if target is None and target_format is None:
        raise TypeError(f"convert() needs a target: one of {', '.join(TARGETS)}")
    if target is not None and target_format is not None and target != target_format:
        raise ValueError(
            f"target={target!r} and target_format={target_format!r} have the same meaning: give one"
        )
    name = text(target if target is not None else target_format, "target").strip().lower()
    if name not in TARGETS:
        near = suggestion(name, TARGETS) or f"; valid targets: {', '.join(TARGETS)}"
        raise ValueError(f"unknown target {name!r}{near}")
    return name


def conversion_fields(
    filename_stem: Any,
    nominal_capacity_ah: Any,
    experiment_parameters: Any,
    options: Any,
    *,
    verify: Any,
) -> dict[str, Any]:
    """Return the fields of a conversion request except the protocol, in JSON types.

    Raises
    ------
    TypeError, ValueError
        If one of them has the wrong type or is out of range.
    """
    fields: dict[str, Any] = {"filename_stem": text(filename_stem, "filename_stem")}
    if nominal_capacity_ah is not None:
        capacity = number(nominal_capacity_ah, "nominal_capacity_ah", "in A.h")
        if capacity <= 0:
            raise ValueError(f"nominal_capacity_ah must be above 0 A.h, not {capacity!r}")
        fields["nominal_capacity_ah"] = capacity
    if boolean(verify, "verify"):
        fields["verify"] = True
    for name, given in (
        ("experiment_parameters", experiment_parameters),
        ("options", options),
    ):
        if given is None:
            continue
        if not isinstance(given, Mapping):
            raise TypeError(f"{name} must be a mapping of names to values, not {given!r}")
        fields[name] = plain(_wire_options(given), name)
    return fields


def _wire_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with bytes in base64 and dates in ISO 8601."""
    fields = dict(options)
    template = fields.get("template")
    if isinstance(template, bytes):
        del fields["template"]
        fields["template_base64"] = base64.b64encode(template).decode("ascii")
    date = fields.get("date")
    if isinstance(date, datetime):
        fields["date"] = date.isoformat()
    return fields


def converted_protocol(answer: Mapping[str, Any], target: str) -> ConvertedProtocol:
    """Return the reply to a conversion as files in memory.

    Raises
    ------
    ResponseDecodeError
        If the content of a file is not base64.
    """
    primary = answer["primary"]
    return ConvertedProtocol(
        answer.get("target") or target,
        primary["filename"],
        _decoded(primary),
        primary.get("media_type"),
        tuple((file["filename"], _decoded(file)) for file in answer.get("assets") or ()),
        tuple(answer.get("notes") or ()),
        primary.get("encoding") or "utf-8",
    )


def _decoded(file: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(file["content_base64"], validate=True)
    except (binascii.Error, ValueError) as error:
        name = file["filename"]
        raise ResponseDecodeError(f"the content of {name!r} is not base64: {error}") from error
