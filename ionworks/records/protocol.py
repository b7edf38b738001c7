"""Records of protocols, and conversions of protocols to text and JSON."""

from __future__ import annotations

import json
import numbers
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from ionworks import ucp
from ionworks.data.drive_cycle_files import DriveCycles
from ionworks.data.pybamm_experiments import experiment_configuration
from ionworks.data.pybamm_objects import is_experiment
from ionworks.records.record import Record

if TYPE_CHECKING:
    from ionworks.html.fragments import Markup

__all__ = [
    "Protocol",
    "ProtocolValidation",
    "drive_cycle_rows",
    "protocol_document",
    "protocol_text",
]


@attrs.frozen(kw_only=True, repr=False)
class Protocol(Record):
    """A saved protocol.

    Attributes
    ----------
    id : str
        Its id, used in simulation configs.
    protocol_config : dict or None
        The document. Lists omit this and the following fields unless they are requested.
    parameters_schema : dict or None
        JSON Schema of its inputs.
    source_protocol : str or None
        The text it was created from.
    time_series_spec, metrics_spec, plot_options : dict or None
        Specifications of what the service computes and plots for its simulations.
    """

    identifies = MappingProxyType({"protocol_id": "id"})

    id: str
    name: str | None = None
    description: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    protocol_config: dict[str, Any] | None = None
    parameters_schema: dict[str, Any] | None = None
    source_protocol: str | None = None
    time_series_spec: dict[str, Any] | None = None
    metrics_spec: dict[str, Any] | None = None
    plot_options: dict[str, Any] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    created_by_email: str | None = None

    def _html_parts(self) -> list[Markup]:
        from ionworks.html.fragments import details, fields, preformatted

        known = self._known()
        document, source = known.pop("protocol_config"), known.pop("source_protocol")
        parts = [fields(known)]
        if document:
            tree = ucp.parse(document).protocol
            # A document of another version of the language may not be read by this one.
            text = (
                protocol_text(document, "protocol_config")
                if tree is None
                else ucp.human_readable(tree)
            )
            parts.append(preformatted(text))
        if source:
            parts.append(details("Source", preformatted(source)))
        return parts


@attrs.frozen(kw_only=True, repr=False)
class ProtocolValidation(Record):
    """Whether a protocol is valid; an invalid protocol is a result, not an exception.

    Attributes
    ----------
    valid : bool
        Whether the protocol can be run.
    error : str or None
        What is wrong with it; None when it is valid.
    """

    valid: bool
    error: str | None = None


def protocol_text(protocol: Any, name: str) -> str:
    """Return a protocol as UCP text.

    Parameters
    ----------
    protocol : str, Mapping, list, tuple or pybamm.Experiment
        UCP as YAML text, or the same as a dict, whose steps can be sentences such as ``"Rest for
        1 hour"``; or an experiment, or a list of its steps or cycles, see
        `ionworks.ucp.experiment_document`.
    name : str
        Name of the argument in messages.

    Returns
    -------
    str
        The text as given, or YAML.

    Raises
    ------
    TypeError
        If it has another type, or contains a value that YAML cannot express.
    ValueError
        If it contains a number that is not finite, or contains itself; if an experiment has a part
        that has no counterpart in UCP, or a sentence cannot be read.
    """
    if isinstance(protocol, str):
        return protocol
    document = _document(protocol, name)
    # Imported here because text does not need YAML.
    import yaml

    try:
        # Through JSON first: it rejects cycles and copies shared parts, which YAML would write as
        # anchors. The text itself cannot be JSON, because YAML 1.1 reads 1e-05 as text.
        plain = json.loads(json.dumps(document, default=_plain, allow_nan=False))
        return str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))
    except TypeError as error:
        raise TypeError(f"{name} cannot be written as YAML: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} cannot be written as YAML: {error}") from None


def _document(protocol: Any, name: str) -> Mapping[str, Any]:
    """Return a protocol that is not text as a document."""
    if is_experiment(protocol):
        protocol = experiment_configuration(protocol, name)
    is_document = isinstance(protocol, Mapping) and "cycles" not in protocol
    if not (is_document or isinstance(protocol, (Mapping, list, tuple))):
        raise TypeError(
            f"{name} must be UCP as YAML text or a dict, a pybamm.Experiment, or a list of steps or"
            f" cycles, not {type(protocol).__name__} {protocol!r}; to use a file, read its text"
            " first"
        )
    try:
        return (ucp.without_sentences if is_document else ucp.experiment_document)(protocol)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def protocol_document(protocol: Any, name: str) -> dict[str, Any]:
    """Return a protocol as the JSON object to save.

    Parameters
    ----------
    protocol : str or Mapping
        UCP as YAML text, or the same as a dict.
    name : str
        Name of the argument in messages.

    Returns
    -------
    dict
        In JSON's own types.

    Raises
    ------
    TypeError
        If it is neither text nor a mapping, or contains a value that JSON cannot express.
    ValueError
        If the text is not a YAML mapping, or the mapping is empty or contains itself.
    """
    text = protocol_text(protocol, name)
    try:
        document = ucp.load(text)
    except ucp.UCPError as error:
        raise ValueError(f"{name} must be a YAML mapping with 'steps': {error}") from None
    if not document:
        raise ValueError(f"{name} is empty: a protocol needs 'steps'")
    return document


def drive_cycle_rows(protocol: str, drive_cycles: Any, name: str) -> dict[str, list[list[float]]]:
    """Return the samples of drive cycles as rows; those that the protocol does not need are empty.

    The service reports those, so their names are sent without their samples.

    Parameters
    ----------
    protocol : str
        Text of the protocol.
    drive_cycles : Mapping
        Maps name to rows ``[time, value]``, an array, a mapping of columns, a data frame, or the
        path of a file, see `ionworks.data.drive_cycle_files.read_drive_cycle`.
    name : str
        Name of the argument in messages.

    Raises
    ------
    TypeError
        If it is not a mapping.
    ValueError
        If the protocol is not valid, a cycle is missing, its file cannot be read, or its samples
        are not a table of strictly increasing times and finite values.
    """
    if not isinstance(drive_cycles, Mapping):
        raise TypeError(
            f"{name} must map names to samples, such as {{'US06': [[0, 1.0], [1, 2.5]]}} or"
            f" {{'US06': 'us06.csv'}}, not a {type(drive_cycles).__name__}"
        )
    result = ucp.parse(protocol, DriveCycles(drive_cycles, name))
    if result.protocol is None:
        problems = "\n".join(map(str, result.errors))
        raise ValueError(f"{name} cannot be inserted into the protocol:\n{problems}")
    rows = {cycle: [list(row) for row in rows] for cycle, rows in result.drive_cycles.items()}
    return {cycle: rows.get(cycle, []) for cycle in map(str, drive_cycles)}


def _plain(value: Any) -> Any:
    """Convert NumPy numbers to Python numbers and mappings to dicts."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(f"a {type(value).__name__} is not text, a number, list or mapping: {value!r}")
