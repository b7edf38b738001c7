"""Conversion of protocols to and from the files of battery cyclers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from ionworks.records.protocol import drive_cycle_rows, protocol_text
from ionworks.requests.fields import boolean
from ionworks.requests.protocol_file import (
    ParsedProtocolFile,
    conversion_fields,
    conversion_target,
    converted_protocol,
)
from ionworks.resources.resource import Resource
from ionworks.transport.call import call, given
from ionworks.ucp import ConvertedProtocol
from ionworks_api_client.api.protocol import convert_protocol, parse_protocol_file
from ionworks_api_client.models import ProtocolConversionRequest, ProtocolFileUpload
from ionworks_api_client.types import File

__all__ = ["ProtocolFileResource"]


class ProtocolFileResource(Resource):
    """Convert protocols to cycler files and read cycler files."""

    def convert(
        self,
        protocol: str | Mapping[str, Any],
        target: str | None = None,
        drive_cycles: Mapping[str, Any] | None = None,
        filename_stem: str = "protocol",
        nominal_capacity_ah: float | None = None,
        *,
        verify: bool = False,
        target_format: str | None = None,
        experiment_parameters: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> ConvertedProtocol:
        """Write a protocol in the file format of a battery cycler.

        Parameters
        ----------
        protocol : str or Mapping
            UCP as YAML text, or the same as a dict.
        target : str
            ``maccor``, ``neware``, ``arbin``, ``arbin_sdx``, ``biologic`` or ``novonix``.
        drive_cycles : Mapping, optional
            Samples of the drive cycles in the protocol, by name: rows ``[time, value]``, columns
            or a data frame.
        filename_stem : str
            Name of the file without extension.
        nominal_capacity_ah : float, optional
            In A.h; required if the format does not support C-rates.
        verify : bool
            Whether to read the file back and compare it with the protocol.
        target_format : str
            The same as `target`.
        experiment_parameters : Mapping, optional
            Values of the protocol's ``input[...]``.
        options : Mapping, optional
            Options of the format, see ``docs/vendors.md``.

        Returns
        -------
        ConvertedProtocol
            The file in memory, with the attributes and keys ``content`` and ``filename``; `save`
            writes it to a folder.

        Raises
        ------
        TypeError, ValueError
            If an argument has the wrong type, is unknown or out of range; nothing was sent.
        IonworksError
            If the service rejects the request or fails. If the format cannot express the
            protocol, the message lists every step that it cannot express.
        """
        name = conversion_target(target, target_format)
        document = protocol_text(protocol, "protocol")
        fields = conversion_fields(
            filename_stem,
            nominal_capacity_ah,
            experiment_parameters,
            options,
            verify=verify,
        )
        if drive_cycles is not None:
            fields["drive_cycles"] = drive_cycle_rows(document, drive_cycles, "drive_cycles")
        body = ProtocolConversionRequest.from_dict({"protocol": document, "target": name, **fields})
        answer = call(convert_protocol.sync_detailed, client=self._api, body=body)
        return converted_protocol(answer.to_dict(), name)

    def parse_file(
        self, file: str | os.PathLike[str] | BinaryIO | bytes, *, partial: bool = False
    ) -> ParsedProtocolFile:
        """Read a protocol file of a battery cycler without saving it.

        It reads what :func:`ionworks.ucp.parse_file` reads, but returns the fields of the service,
        which have other names. The service takes a single file: to read a Maccor procedure with
        the files that it calls, use ``ucp.parse_file(file, assets=...)``.

        Parameters
        ----------
        file : path-like, bytes or binary file
            The path of the file, its content, or the file opened with mode ``"rb"``.
        partial : bool
            Read a file even if some of its steps cannot be read. The protocol has a ``Pause`` in
            the place of each, and ``unread`` lists them. The embedded engine supports this; a
            service that does not know the field rejects such a file as usual, and
            ``ucp.parse_file(file, partial=True)`` reads it without a service.

        Returns
        -------
        ParsedProtocolFile
            With the protocol as YAML in ``parsed_protocol_ucp`` and in sentences in
            ``parsed_protocol_human``.

        Raises
        ------
        TypeError
            If an argument is of another type; nothing was sent.
        OSError
            If the file cannot be read.
        IonworksError
            If the service rejects the request or fails. If the file contains something that UCP
            cannot express, the message names it.
        """
        name, content = _named_content(file)
        upload = File(BytesIO(content), name, "application/octet-stream")
        body = ProtocolFileUpload(file=upload, partial=given(boolean(partial, "partial") or None))
        return ParsedProtocolFile.from_model(
            call(parse_protocol_file.sync_detailed, client=self._api, body=body)
        )


def _named_content(file: Any) -> tuple[str, bytes]:
    """Return the name and content of a file argument."""
    if isinstance(file, bytes):
        return "protocol", file
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        return path.name, path.read_bytes()
    if not hasattr(file, "read"):
        raise TypeError(f"file must be a path, bytes or a binary file, not {file!r}")
    content = file.read()
    if not isinstance(content, bytes):
        raise TypeError("the file is open in text mode, which changes its bytes: open it with 'rb'")
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) else "protocol", content
