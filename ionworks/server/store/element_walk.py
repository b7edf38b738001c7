"""The walk through the elements of a pipeline that finds the stored records they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import Factory, define

PREFIX: Final = "db:"
MODEL_ID: Final = "parameterized_model_id"
#: Fields with text for people, which may begin like a reference.
_FREE_TEXT: Final = ("source", "name", "description")

Place = tuple[str | int, ...]


@define
class ElementWalk:
    """References found in elements.

    Attributes
    ----------
    data : list of tuple
        Place and text of each reference to a measurement (``db:<measurement id>``).
    models : list of tuple
        Place of each mapping that names a parameterized model by its id, and the mapping in the
        returned copy.
    """

    data: list[tuple[Place, str]] = Factory(list)
    models: list[tuple[Place, dict[str, Any]]] = Factory(list)

    def visit(self, value: Any, place: Place = ()) -> Any:
        """Return a copy of elements or of a part of them, and collect the references in it.

        Parameters
        ----------
        value
            JSON.
        place
            Keys and indices that lead to it.
        """
        if isinstance(value, str):
            if value.startswith(PREFIX) and not (place and place[-1] in _FREE_TEXT):
                self.data.append((place, value))
            return value
        if isinstance(value, Mapping):
            found = {key: self.visit(each, (*place, key)) for key, each in value.items()}
            if isinstance(found.get(MODEL_ID), str):
                self.models.append((place, found))
            return found
        # Columns of numbers may be long, and hold no references.
        if isinstance(value, list) and value and isinstance(value[0], str | list | dict):
            return [self.visit(each, (*place, index)) for index, each in enumerate(value)]
        return value

    @property
    def references(self) -> list[str]:
        """The references to measurements, each once."""
        return list(dict.fromkeys(reference for _, reference in self.data))
