"""Protocols: what the service says of one, and how one travels."""

from __future__ import annotations

import json
import numbers
from collections.abc import Mapping
from typing import Any

import attrs

from ionworks.records.record import Record

__all__ = ["ProtocolValidation", "protocol_text"]


@attrs.frozen(kw_only=True, repr=False)
class ProtocolValidation(Record):
    """Whether a protocol is one; an invalid protocol is an answer, not an error.

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
    """Return a protocol as the text that travels.

    Parameters
    ----------
    protocol : str or Mapping
        UCP as YAML text, or the same already read into a dict.
    name : str
        What to call it in the message.

    Returns
    -------
    str
        The text as given, or YAML.

    Raises
    ------
    TypeError
        If it is neither text nor a mapping, or holds what YAML cannot say.
    ValueError
        If it holds a number that is not finite, or itself.
    """
    if isinstance(protocol, str):
        return protocol
    if not isinstance(protocol, Mapping):
        raise TypeError(
            f"{name} must be UCP as YAML text or a dict, not {type(protocol).__name__}"
            f" {protocol!r}; to use a file, read its text first"
        )
    # YAML is needed by those only who pass a dict.
    import yaml

    try:
        # Through JSON first: it refuses cycles, and leaves no shared parts, which YAML would
        # write as anchors. The text itself cannot be JSON, because YAML reads 1e-05 as text.
        plain = json.loads(json.dumps(protocol, default=_plain, allow_nan=False))
    except TypeError as error:
        raise TypeError(f"{name} cannot be written as YAML: {error}") from error
    except ValueError as error:
        raise ValueError(f"{name} cannot be written as YAML: {error}") from error
    return str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))


def _plain(value: Any) -> Any:
    """Return numbers of NumPy and the like as Python's, and any mapping as a dict."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(f"a {type(value).__name__} is no text, number, list or mapping: {value!r}")
