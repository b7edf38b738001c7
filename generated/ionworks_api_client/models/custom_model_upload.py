from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from .. import types
from ..models.model_chemistry import ModelChemistry, check_model_chemistry
from ..types import UNSET, File, Unset

T = TypeVar("T", bound="CustomModelUpload")


@_attrs_define
class CustomModelUpload:
    """A custom model.

    Attributes:
        name (str): Name of the model.
        file (File): The serialized document of the model as JSON.
        chemistry (ModelChemistry | Unset): The family of a model.
        project_id (str | Unset): ID of the project to save it in.
        description (str | Unset): Description of the model.
    """

    name: str
    file: File
    chemistry: ModelChemistry | Unset = UNSET
    project_id: str | Unset = UNSET
    description: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        file = self.file.to_tuple()

        chemistry: str | Unset = UNSET
        if not isinstance(self.chemistry, Unset):
            chemistry = self.chemistry

        project_id = self.project_id

        description = self.description

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "file": file,
            }
        )
        if chemistry is not UNSET:
            field_dict["chemistry"] = chemistry
        if project_id is not UNSET:
            field_dict["project_id"] = project_id
        if description is not UNSET:
            field_dict["description"] = description

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("name", (None, str(self.name).encode(), "text/plain")))

        files.append(("file", self.file.to_tuple()))

        if not isinstance(self.chemistry, Unset):
            files.append(("chemistry", (None, str(self.chemistry).encode(), "text/plain")))

        if not isinstance(self.project_id, Unset):
            files.append(("project_id", (None, str(self.project_id).encode(), "text/plain")))

        if not isinstance(self.description, Unset):
            files.append(("description", (None, str(self.description).encode(), "text/plain")))

        return files

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        file = File(payload=BytesIO(d.pop("file")))

        _chemistry = d.pop("chemistry", UNSET)
        chemistry: ModelChemistry | Unset
        if isinstance(_chemistry, Unset):
            chemistry = UNSET
        else:
            chemistry = check_model_chemistry(_chemistry)

        project_id = d.pop("project_id", UNSET)

        description = d.pop("description", UNSET)

        custom_model_upload = cls(
            name=name,
            file=file,
            chemistry=chemistry,
            project_id=project_id,
            description=description,
        )

        return custom_model_upload
