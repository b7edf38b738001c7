from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from .. import types
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="ProtocolFileUpload")


@_attrs_define
class ProtocolFileUpload:
    """A cycler's protocol file.

    Attributes:
        file (File): The file.
        partial (bool | Unset): Read the file even if some of its steps cannot be read.
    """

    file: File
    partial: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        file = self.file.to_tuple()

        partial = self.partial

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "file": file,
            }
        )
        if partial is not UNSET:
            field_dict["partial"] = partial

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("file", self.file.to_tuple()))

        if not isinstance(self.partial, Unset):
            files.append(("partial", (None, str(self.partial).encode(), "text/plain")))

        return files

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        file = File(payload=BytesIO(d.pop("file")))

        partial = d.pop("partial", UNSET)

        protocol_file_upload = cls(
            file=file,
            partial=partial,
        )

        return protocol_file_upload
