"""Base class of the records that the client returns."""

import reprlib
import uuid
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import attrs

if TYPE_CHECKING:
    from ionworks.html.fragments import Markup

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlevel = 1
_short.maxdict = 3


class Model(Protocol):
    """The part of a generated model that a record needs."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of the model without absent fields."""
        ...


@attrs.frozen(kw_only=True, repr=False)
class Record(Mapping[str, Any]):
    """One record of the service, with its fields as attributes and as a read-only mapping.

    Subclasses declare their fields, each with ``None`` as default unless the contract requires
    it. A field that the service omits is ``None``. A field that this version does not know is
    kept and available as ``record.name`` and ``record["name"]``. Dates are text in ISO 8601, as
    sent by the service.

    Subclasses are declared with ``@attrs.frozen(kw_only=True, repr=False)``.
    """

    # Arguments that accept this record in place of an id, each with the field that has the id.
    identifies: ClassVar[Mapping[str, str]] = MappingProxyType({})

    _extra: dict[str, Any] = attrs.field(factory=dict, alias="extra")

    @classmethod
    def from_model(cls, model: Model) -> Self:
        """Make a record of a generated model; its ``Unset`` values become ``None``."""
        return cls.from_dict(model.to_dict())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make a record from a JSON object.

        Parameters
        ----------
        values : mapping of str to object
            The fields by name.

        Raises
        ------
        TypeError
            If a field without default is missing.
        """
        known = set(cls._names())
        return cls(
            **{name: value for name, value in values.items() if name in known},
            extra={name: value for name, value in values.items() if name not in known},
        )

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in attrs.fields(cls) if not field.name.startswith("_"))

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as a new dict."""
        return {name: self[name] for name in self}

    def __getitem__(self, name: str) -> Any:
        if name in self._extra:
            return self._extra[name]
        if name in self._names():
            return getattr(self, name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._names()
        yield from self._extra

    def __len__(self) -> int:
        return len(self._names()) + len(self._extra)

    def __getattr__(self, name: str) -> Any:
        # Called only for names that are not fields. Names with an underscore must fail without a
        # look-up: copy and pickle request them before `_extra` exists.
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._extra:
            return self._extra[name]
        raise AttributeError(f"{type(self).__name__} has no field {name!r}; it has {list(self)}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._extra})

    @classmethod
    def _kind(cls) -> str:
        """Return the name of the class as users know it."""
        return cls.__name__

    def _known(self) -> dict[str, Any]:
        """Return the fields that are known without a request; reprs show only those."""
        return self.to_dict()

    def __repr__(self) -> str:
        fields = (f"{name}={_short.repr(value)}" for name, value in _told(self._known()).items())
        return f"{self._kind()}({', '.join(fields)})"

    def _repr_html_(self) -> str:
        from ionworks.html.fragments import view

        return view(self._kind(), *self._html_parts())

    def _html_parts(self) -> "list[Markup]":
        """Return what a notebook shows below the title."""
        from ionworks.html.fragments import fields

        return [fields(_told(self._known()))]


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out values that are missing or empty."""
    return {
        name: value
        for name, value in values.items()
        if not (value is None or (isinstance(value, (list, dict)) and not value))
    }


def identified(value: Any, name: str) -> Any:
    """Return the id in a record or `uuid.UUID` that is given for an id as text.

    Other values are returned unchanged.

    Parameters
    ----------
    value : object
        What was passed.
    name : str
        Name of the argument or field, such as ``"study_id"``.
    """
    if isinstance(value, Record):
        field = value.identifies.get(name)
        return value if field is None else getattr(value, field)
    return str(value) if isinstance(value, uuid.UUID) else value
