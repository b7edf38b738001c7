"""Protocols in UCP, the protocol language of the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ionworks.operations import call
from ionworks.records.protocol import ProtocolValidation, protocol_text
from ionworks.resources.resource import Resource
from ionworks_api_client.api.protocol import find_protocol_input_references, validate_protocol
from ionworks_api_client.models import ProtocolText

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["ProtocolResource"]


class ProtocolResource(Resource):
    """What can be asked about a protocol."""

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

    def find_input_references(self, protocol: str | Mapping[str, Any]) -> list[str]:
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
        names: list[str] = call(
            find_protocol_input_references.sync_detailed, client=self._api, body=body
        )
        return names
