"""Protocols in UCP, the Universal Cycler Protocol language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, Unpack

from ionworks.data import filters
from ionworks.data.filters import AuthoredFilters
from ionworks.data.paging import Page
from ionworks.errors import ConflictError
from ionworks.records.project import Project
from ionworks.records.protocol import (
    Protocol,
    ProtocolValidation,
    protocol_document,
    protocol_text,
)
from ionworks.requests.fields import boolean, new_name, text
from ionworks.resources.protocol_files import ProtocolFileResource
from ionworks.transport.call import call
from ionworks_api_client.api.protocol import (
    create_protocol,
    delete_protocol,
    find_protocol_input_references,
    get_protocol,
    get_protocol_human_readable,
    get_protocol_source,
    list_protocols,
    update_protocol,
    validate_protocol,
)
from ionworks_api_client.models import ProtocolRequest, ProtocolText, ProtocolUpdate

__all__ = ["ProtocolResource"]

_INCLUDABLE = (
    "protocol_config",
    "parameters_schema",
    "time_series_spec",
    "metrics_spec",
    "plot_options",
    "source_protocol",
)

# Inside the class `list` is a method.
_Names: TypeAlias = list[str]


class ProtocolResource(ProtocolFileResource):
    """Check protocols, convert them to cycler files, and save them to simulate them by id.

    The body of a saved protocol never changes, and identical bodies are saved once.
    """

    def validate(self, protocol: str | Mapping[str, Any]) -> ProtocolValidation:
        """Check whether a protocol is valid.

        Parameters
        ----------
        protocol : str or Mapping
            UCP as YAML text, or the same as a dict.

        Returns
        -------
        ProtocolValidation
            With ``valid`` and ``error``, as attributes and keys; ``error`` is None when valid.

        Raises
        ------
        TypeError, ValueError
            If it is neither text nor a mapping, or cannot be written as YAML; nothing was sent.
            Invalid UCP text does not raise; the result says that it is invalid.
        IonworksError
            If the service rejects the request or fails.
        """
        body = ProtocolText(protocol=protocol_text(protocol, "protocol"))
        model = call(validate_protocol.sync_detailed, client=self._api, body=body)
        return ProtocolValidation.from_model(model)

    def find_input_references(self, protocol: str | Mapping[str, Any]) -> _Names:
        """Find the ``input[...]`` placeholders of a protocol.

        Parameters
        ----------
        protocol : str or Mapping
            UCP as YAML text, or the same as a dict.

        Returns
        -------
        list of str
            The names in order of appearance; each needs a value in ``experiment_parameters``.

        Raises
        ------
        TypeError, ValueError
            If it is neither text nor a mapping, or cannot be written as YAML; nothing was sent.
        IonworksError
            If the service rejects the request or fails, or the text is not YAML.
        """
        body = ProtocolText(protocol=protocol_text(protocol, "protocol"))
        return call(find_protocol_input_references.sync_detailed, client=self._api, body=body)

    def list(
        self,
        project_id: str | Project | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        include: str | Iterable[str] | None = None,
        **wanted: Unpack[AuthoredFilters],
    ) -> Page[Protocol]:
        """List the saved protocols of a project.

        Parameters
        ----------
        project_id : str or Project, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        include : str or iterable of str, optional
            Large fields to include, which lists omit by default: ``protocol_config``,
            ``parameters_schema``, ``time_series_spec``, ``metrics_spec``, ``plot_options``,
            ``source_protocol``.
        **wanted
            Filters and order, see `ionworks.data.filters.AuthoredFilters`.

        Raises
        ------
        ValueError
            If no project is known, or `include` contains an unknown field.
        """
        query = filters.query(wanted, AuthoredFilters)
        included = _included(include)
        project = self._required_project(project_id)
        return self._page(
            list_protocols.sync_detailed,
            Protocol,
            limit,
            offset,
            project_id=project,
            include=included,
            **query,
        )

    def get(self, protocol_id: str | Protocol) -> Protocol:
        """Get a saved protocol with its document."""
        identifier = self._identifier(protocol_id, "protocol_id")
        return Protocol.from_model(call(get_protocol.sync_detailed, identifier, client=self._api))

    def find_by_name(self, name: str, project_id: str | Project | None = None) -> Protocol | None:
        """Find a saved protocol by its name.

        Parameters
        ----------
        name : str
            The full name.
        project_id : str or Project, optional
            The project; the client's default if not given.

        Returns
        -------
        Protocol or None
            Without its document, as in a list; None if no protocol has that name.

        Raises
        ------
        ValueError
            If several protocols have that name.
        """
        found = self.list(project_id, limit=2, name_exact=text(name, "name"))
        if len(found) > 1:
            ids = " and ".join(repr(protocol.id) for protocol in found)
            raise ValueError(
                f"several protocols are named {name!r}, including {ids}: use get() with an id"
            )
        return found[0] if found else None

    def human_readable(self, protocol_id: str | Protocol) -> str:
        """Get a description of a saved protocol in plain sentences, one line per step."""
        identifier = self._identifier(protocol_id, "protocol_id")
        return call(get_protocol_human_readable.sync_detailed, identifier, client=self._api)

    def source_protocol(self, protocol_id: str | Protocol) -> str:
        """Get the text a saved protocol was created from.

        Raises
        ------
        NotFoundError
            If the protocol does not exist, or was saved without its text.
        """
        identifier = self._identifier(protocol_id, "protocol_id")
        return call(get_protocol_source.sync_detailed, identifier, client=self._api)

    def create(
        self,
        name: str,
        protocol: str | Mapping[str, Any],
        project_id: str | Project | None = None,
        description: str | None = None,
        parameters_schema: Mapping[str, Any] | None = None,
        source_protocol: str | None = None,
        *,
        force_create: bool = False,
    ) -> Protocol:
        """Save a protocol, or return the existing one if the same content was saved before.

        Parameters
        ----------
        name : str
            Name of the protocol.
        protocol : str or Mapping
            UCP as YAML text, or the same as a dict.
        project_id : str or Project, optional
            The project; the client's default if not given.
        description : str, optional
            Description of the protocol.
        parameters_schema : Mapping, optional
            JSON Schema of its inputs; the embedded engine generates one if it is not given.
        source_protocol : str, optional
            The text it was created from, which `source_protocol` returns.
        force_create : bool
            Whether existing content is a `ConflictError`.

        Raises
        ------
        TypeError, ValueError
            If the text is not a YAML mapping, an argument has the wrong type, or no project is
            given or set; nothing was sent.
        ConflictError
            If `force_create` is set and the same content exists; `existing_id` of the exception is
            the id of the existing protocol.
        IonworksError
            If the service rejects the request or fails.
        """
        fields: dict[str, Any] = {
            "name": text(name, "name"),
            "protocol_config": protocol_document(protocol, "protocol"),
            "parameters_schema": _schema(parameters_schema),
            "force_create": boolean(force_create, "force_create"),
        }
        optional = {"description": description, "source_protocol": source_protocol}
        fields |= {key: text(given, key) for key, given in optional.items() if given is not None}
        fields["project_id"] = self._required_project(project_id)
        body = ProtocolRequest.from_dict(self._body(fields, "protocol"))
        return Protocol.from_model(call(create_protocol.sync_detailed, client=self._api, body=body))

    def create_or_get(
        self,
        name: str,
        protocol: str | Mapping[str, Any],
        project_id: str | Project | None = None,
        description: str | None = None,
        parameters_schema: Mapping[str, Any] | None = None,
        source_protocol: str | None = None,
    ) -> Protocol:
        """Save a protocol, or get the existing one with the same content.

        Parameters are those of `create`.
        """
        try:
            return self.create(
                name, protocol, project_id, description, parameters_schema, source_protocol
            )
        except ConflictError as conflict:
            if conflict.existing_id is None:
                raise
            return self.get(conflict.existing_id)

    def update(
        self, protocol_id: str | Protocol, name: str | None = None, description: str | None = None
    ) -> Protocol:
        """Change the name or description of a saved protocol; its body never changes.

        Parameters
        ----------
        protocol_id : str or Protocol
            The protocol.
        name, description : str, optional
            The new values; at least one is required.

        Raises
        ------
        ValueError
            If neither is given, or the name is empty.
        """
        identifier = self._identifier(protocol_id, "protocol_id")
        body = ProtocolUpdate.from_dict(new_name(name, description))
        return Protocol.from_model(
            call(update_protocol.sync_detailed, identifier, client=self._api, body=body)
        )

    def delete(self, protocol_id: str | Protocol) -> None:
        """Delete a saved protocol; its simulations are kept."""
        identifier = self._identifier(protocol_id, "protocol_id")
        call(delete_protocol.sync_detailed, identifier, client=self._api)


def _included(include: Any) -> str | None:
    """Return the fields to include, joined by commas."""
    if include is None:
        return None
    if not isinstance(include, (str, Iterable)):
        raise TypeError(f"include must be names of fields, not {include!r}")
    names = include.split(",") if isinstance(include, str) else [*include]
    unknown = [name for name in names if name not in _INCLUDABLE]
    if unknown:
        raise ValueError(
            f"unknown field in include: {', '.join(map(repr, unknown))}; valid fields:"
            f" {', '.join(_INCLUDABLE)}"
        )
    return ",".join(names) or None


def _schema(schema: Any) -> Any:
    """Return the schema of the inputs, empty if it is not given."""
    if schema is None:
        return {}
    if not isinstance(schema, Mapping):
        raise TypeError(f"parameters_schema must be a mapping, not {schema!r}")
    return schema
