"""Protocols in UCP, the protocol language of the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, Unpack

from ionworks.data import filters
from ionworks.data.filters import AuthoredFilters
from ionworks.data.paging import Page
from ionworks.errors import ConflictError
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
    """Check protocols, write them for cyclers, and keep them to simulate them by their id.

    The body of a saved protocol never changes, and the same body is saved once.
    """

    def validate(self, protocol: str | Mapping[str, Any]) -> ProtocolValidation:
        """Ask whether a protocol is one that can be run.

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
            If it is neither text nor a mapping, or a mapping YAML cannot say; nothing was
            sent. A text that is not UCP is no exception but an answer.
        IonworksError
            If the service refuses or fails.
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
            The names, in the order they appear; each needs a value in ``experiment_parameters``.

        Raises
        ------
        TypeError, ValueError
            If it is neither text nor a mapping, or a mapping YAML cannot say; nothing was
            sent.
        IonworksError
            If the service refuses or fails, or the text is not YAML.
        """
        body = ProtocolText(protocol=protocol_text(protocol, "protocol"))
        return call(find_protocol_input_references.sync_detailed, client=self._api, body=body)

    def list(
        self,
        project_id: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        include: str | Iterable[str] | None = None,
        **wanted: Unpack[AuthoredFilters],
    ) -> Page[Protocol]:
        """List the saved protocols of a project.

        Parameters
        ----------
        project_id : str, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        include : str or iterable of str, optional
            Fields to send along, which lists leave out otherwise: ``protocol_config``,
            ``parameters_schema``, ``time_series_spec``, ``metrics_spec``, ``plot_options``,
            ``source_protocol``.
        **wanted
            Filters and order, see `ionworks.data.filters.AuthoredFilters`.

        Raises
        ------
        ValueError
            If no project is known, or `include` has a field that does not exist.
        """
        query = filters.query(wanted, AuthoredFilters)
        included = _included(include)
        project = self._required_project(project_id)

        return self._page(
            list_protocols.sync_detailed,
            Protocol,
            limit=limit,
            offset=offset,
            project_id=project,
            include=included,
            **query,
        )

    def get(self, protocol_id: str) -> Protocol:
        """Get a saved protocol with its document."""
        identifier = self._identifier(protocol_id, "protocol_id")
        return Protocol.from_model(call(get_protocol.sync_detailed, identifier, client=self._api))

    def find_by_name(self, name: str, project_id: str | None = None) -> Protocol | None:
        """Find the saved protocol of a name.

        Parameters
        ----------
        name : str
            The whole name.
        project_id : str, optional
            The project; the client's default if not given.

        Returns
        -------
        Protocol or None
            As lists have it, without its document; None if there is none of that name.

        Raises
        ------
        ValueError
            If several have that name.
        """
        found = self.list(project_id, limit=2, name_exact=text(name, "name"))
        if len(found) > 1:
            ids = " and ".join(repr(protocol.id) for protocol in found)
            raise ValueError(
                f"several protocols are called {name!r}, {ids} among them: use get() with an id"
            )
        return found[0] if found else None

    def human_readable(self, protocol_id: str) -> str:
        """Get a saved protocol in plain sentences, one line a step."""
        identifier = self._identifier(protocol_id, "protocol_id")
        return call(get_protocol_human_readable.sync_detailed, identifier, client=self._api)

    def source_protocol(self, protocol_id: str) -> str:
        """Get the text a saved protocol was made from.

        Raises
        ------
        NotFoundError
            If there is no such protocol, or it was saved without its text.
        """
        identifier = self._identifier(protocol_id, "protocol_id")
        return call(get_protocol_source.sync_detailed, identifier, client=self._api)

    def create(
        self,
        name: str,
        protocol: str | Mapping[str, Any],
        project_id: str | None = None,
        description: str | None = None,
        parameters_schema: Mapping[str, Any] | None = None,
        source_protocol: str | None = None,
        *,
        force_create: bool = False,
    ) -> Protocol:
        """Save a protocol; the same content is saved once, and what is there is returned.

        Parameters
        ----------
        name : str
            Its name.
        protocol : str or Mapping
            UCP as YAML text, or the same as a dict.
        project_id : str, optional
            The project; the client's default if not given.
        description : str, optional
            What it is for.
        parameters_schema : Mapping, optional
            JSON Schema of its open inputs; the embedded engine writes one itself if none is given.
        source_protocol : str, optional
            The text it was made from, kept for `source_protocol`.
        force_create : bool
            Refuse to return a protocol that is there already.

        Raises
        ------
        TypeError, ValueError
            If the text is no YAML mapping, an argument is of the wrong type, or no project is
            known; nothing was sent.
        ConflictError
            If `force_create` and the same content is saved already; its `existing_id` says where.
        IonworksError
            If the service refuses or fails.
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
        project_id: str | None = None,
        description: str | None = None,
        parameters_schema: Mapping[str, Any] | None = None,
        source_protocol: str | None = None,
    ) -> Protocol:
        """Save a protocol, or get the one that has the same content already.

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
        self, protocol_id: str, name: str | None = None, description: str | None = None
    ) -> Protocol:
        """Rename or describe a saved protocol; its body never changes.

        Parameters
        ----------
        protocol_id : str
            The protocol.
        name, description : str, optional
            What to change, one at least.

        Raises
        ------
        ValueError
            If neither is given.
        """
        identifier = self._identifier(protocol_id, "protocol_id")
        body = ProtocolUpdate.from_dict(new_name(name, description))
        return Protocol.from_model(
            call(update_protocol.sync_detailed, identifier, client=self._api, body=body)
        )

    def delete(self, protocol_id: str) -> None:
        """Delete a saved protocol; its simulations stay."""
        identifier = self._identifier(protocol_id, "protocol_id")
        call(delete_protocol.sync_detailed, identifier, client=self._api)


def _included(include: Any) -> str | None:
    """Return the fields to include as they travel, comma-joined."""
    if include is None:
        return None
    if not isinstance(include, (str, Iterable)):
        raise TypeError(f"include must be names of fields, not {include!r}")
    names = include.split(",") if isinstance(include, str) else [*include]
    unknown = [name for name in names if name not in _INCLUDABLE]
    if unknown:
        raise ValueError(
            f"include has {', '.join(map(repr, unknown))}; there are {', '.join(_INCLUDABLE)}"
        )
    return ",".join(names) or None


def _schema(schema: Any) -> Any:
    """Return the schema of the inputs, empty if none is given."""
    if schema is None:
        return {}
    if not isinstance(schema, Mapping):
        raise TypeError(f"parameters_schema must be a mapping, not {schema!r}")
    return schema
