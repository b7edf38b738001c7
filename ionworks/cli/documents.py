"""Files that users write: protocols, and configurations in YAML or JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from ionworks import ucp

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "STANDARD_INPUT", "Source", "read_configuration", "read_protocol", "read_protocol_file",
    "read_text",
]  # fmt: skip

STANDARD_INPUT: Final = "-"
_JSON: Final = ".json"
_TEXTS: Final = (".yaml", ".yml", ".txt", ".ucp", _JSON, "")
_UNNAMED: Final = "Experiment"


@attrs.frozen(kw_only=True)
class Source:
    """A protocol, and where it was given.

    Attributes
    ----------
    protocol : str, list or dict
        UCP as text, or an experiment: a list of sentences or cycles, or what
        `pybamm.Experiment.to_config` writes.
    name : str
        Name of the file without its extension.
    label : str
        How messages name it: the path, or ``<stdin>``.
    notes : tuple of str
        What of the file of a cycler a protocol cannot hold.
    """

    protocol: str | list[Any] | dict[str, Any]
    name: str
    label: str
    notes: tuple[str, ...] = ()

    def parsed(self) -> ucp.ParseResult:
        """Return the protocol with its problems.

        Raises
        ------
        ValueError
            If it is an experiment that cannot be read.
        """
        if isinstance(self.protocol, str):
            return ucp.parse(self.protocol)
        return ucp.parse(ucp.experiment_document(self.protocol))


def read_text(name: str) -> str:
    """Return the text of a file, or that of standard input for ``-``.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not text in UTF-8.
    """
    try:
        if name == STANDARD_INPUT:
            return sys.stdin.read()
        return Path(name).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is not text in UTF-8: {error}") from None


def read_protocol(arguments: Sequence[str]) -> Source:
    """Return the protocol that is given on the command line.

    Parameters
    ----------
    arguments : sequence of str
        What `read_protocol_file` takes, or sentences such as ``Discharge at 1C until 2.5 V``.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read, or an argument is neither a file nor a sentence.
    """
    if len(arguments) == 1 and (arguments[0] == STANDARD_INPUT or Path(arguments[0]).is_file()):
        return read_protocol_file(arguments[0])
    for argument in arguments:
        if " " not in argument.strip():
            raise ValueError(
                f"there is no file {argument!r}: give the file of one protocol, '-' for standard"
                " input, or sentences in quotation marks, such as 'Discharge at 1C until 2.5 V'"
            )
    return Source(protocol=[*arguments], name=_UNNAMED, label="the protocol")


def read_protocol_file(name: str) -> Source:
    """Return the protocol in a file.

    Parameters
    ----------
    name : str
        The path of a file in UCP, in JSON (also of an experiment) or, if its extension is of
        another kind, in the format of a cycler; ``-`` for standard input.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.
    """
    if name == STANDARD_INPUT:
        return Source(protocol=read_text(name), name=_UNNAMED, label="<stdin>")
    path = Path(name)
    if path.suffix.lower() in _TEXTS:
        text = read_text(name)
        # A document is kept as text, so that its problems have lines.
        found: Any = _json(text, name) if path.suffix.lower() == _JSON else None
        is_experiment = isinstance(found, list) or (isinstance(found, dict) and "cycles" in found)
        return Source(protocol=found if is_experiment else text, name=path.stem, label=name)
    read = ucp.parse_file(path)
    text = ucp.to_yaml(read.protocol)
    return Source(protocol=text, name=path.stem, label=name, notes=read.notes)


def read_configuration(name: str) -> dict[str, Any]:
    """Return a configuration in YAML or JSON, from a file or, for ``-``, from standard input.

    Numbers are read like those of protocols: ``1e-5`` is one, which YAML 1.1 takes for text.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not a mapping in YAML or JSON.
    """
    if name.lower().endswith(_JSON):
        found = _json(read_text(name), name)
        if not isinstance(found, dict):
            raise ValueError(f"{name} must be a JSON object, not {type(found).__name__}")
        return found
    text = read_text(name)
    try:
        return ucp.load(text)
    except ucp.UCPError as error:
        raise ValueError(f"{name} is not a configuration in YAML: {error}") from None


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
