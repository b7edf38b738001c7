"""The YAML document of a protocol as a tree whose nodes know their line and column.

The tree is built from YAML events, no Python objects are constructed: scalars stay text, tags of
other languages and aliases are refused, and size and depth are limited while reading.
A mapping that was parsed elsewhere (JSON) becomes the same tree.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import Factory, define

from ionworks.ucp.expressions import number_text
from ionworks.ucp.problems import MAX_PROBLEMS, Place, Problem, shown

if TYPE_CHECKING:
    import yaml

MAX_CHARACTERS: Final = 2_000_000
MAX_NODES: Final = 300_000
MAX_DEPTH: Final = 50

_NO_PLACE: Final[Place] = (None, None)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS: Final = {
    word: lower in ("yes", "true", "on")
    for lower in ("yes", "no", "true", "false", "on", "off")
    for word in (lower, lower.capitalize(), lower.upper())
}
"""The booleans of YAML 1.1; other mixtures of case are text."""

_TAG: Final = "tag:yaml.org,2002:"
_SCALAR_TAGS: Final = ("str", "int", "float", "bool", "null")


class DocumentError(Exception):
    """A document that cannot be read; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@define(eq=False)
class _Placed:
    """Base of all nodes: place in the text, parent, and key or index in the parent."""

    place: Place
    parent: _Placed | None = None
    key: str | int = ""

    @property
    def path(self) -> str:
        """Return the path from the root, ``steps[2].Charge.ends[0]``."""
        parts: list[str] = []
        node: _Placed = self
        while node.parent is not None:
            parts.append(f"[{node.key}]" if isinstance(node.key, int) else f".{shown(node.key)}")
            node = node.parent
        return "".join(reversed(parts)).removeprefix(".")


@define(eq=False)
class Scalar(_Placed):
    """A word or number.

    Attributes
    ----------
    value : str, float, bool or None
        The text as written; a number only if the document was a mapping.
    tag : str or None
        The YAML tag without its prefix, such as ``int``; None for plain (unquoted) text without a
        tag, ``str`` for quoted text.
    """

    value: str | float | bool | None = None
    tag: str | None = None

    @property
    def text(self) -> str:
        """Return the value as text, empty for null."""
        if self.value is None:
            return ""
        return number_text(self.value) if isinstance(self.value, float) else str(self.value)


@define(eq=False)
class Listing(_Placed):
    """A list of nodes."""

    items: list[Node] = Factory(list)


@define(eq=False)
class Table(_Placed):
    """A mapping, as pairs of key and node in document order; a key has the path of its node."""

    entries: list[tuple[Scalar, Node]] = Factory(list)

    @property
    def keys(self) -> list[str]:
        """Return the keys as text."""
        return [key.text for key, _ in self.entries]

    def get(self, name: str) -> Node | None:
        """Return the node under a key, or None."""
        for key, node in self.entries:
            if key.text == name:
                return node
        return None

    def given(self, name: str) -> Node | None:
        """Return the node under a key; None also if the key has no value."""
        node = self.get(name)
        return None if isinstance(node, Scalar) and node.value is None else node


Node: TypeAlias = Scalar | Listing | Table


def scalars(root: Node | None) -> Iterator[Scalar]:
    """Yield all keys and scalars of a tree in document order."""
    waiting: list[Node] = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        match node:
            case Scalar():
                yield node
            case Listing():
                waiting.extend(reversed(node.items))
            case Table():
                for key, child in reversed(node.entries):
                    waiting.extend((child, key))


@define
class _Builder:
    """Adds nodes to their parents in document order, and checks limits and keys."""

    root: Node | None = None
    open: list[Listing | Table] = Factory(list)
    keys: list[Scalar | None] = Factory(list)
    seen: list[set[str]] = Factory(list)
    count: int = 0
    problems: list[Problem] = Factory(list)

    def add(self, node: Node) -> None:
        """Add a node to the innermost open collection."""
        self.count += 1
        if self.count > MAX_NODES:
            raise _refusal(f"the document has more than {MAX_NODES} values", node.place)
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        node.parent = parent
        if isinstance(parent, Listing):
            node.key = len(parent.items)
            parent.items.append(node)
        elif (key := self.keys[-1]) is None:
            self.keys[-1] = self._key(node, parent)
        else:
            node.key = key.text
            parent.entries.append((key, node))
            self.keys[-1] = None

    def start(self, node: Listing | Table) -> None:
        """Add a collection and open it."""
        if self.open and isinstance(self.open[-1], Table) and self.keys[-1] is None:
            raise _refusal("a key must be text, not a list or mapping; quote it", node.place)
        self.add(node)
        if len(self.open) >= MAX_DEPTH:
            raise _refusal(f"the document is nested deeper than {MAX_DEPTH} levels", node.place)
        self.open.append(node)
        self.keys.append(None)
        self.seen.append(set())

    def end(self) -> None:
        """Close the innermost collection."""
        self.open.pop()
        self.keys.pop()
        self.seen.pop()

    def _key(self, node: Node, parent: Table) -> Scalar:
        if not isinstance(node, Scalar):
            raise TypeError("start() refuses collections as keys")
        if isinstance(node.value, bool) or node.value is None:
            word = "null" if node.value is None else node.text
            hint = "quote it (YAML reads Yes, No, On and Off as booleans)"
            self._problem(parent, f"the key {word} is not text; {hint}", node.place)
        if node.text in self.seen[-1]:
            self._problem(parent, f"the key {shown(node.text)!r} is given twice", node.place)
        self.seen[-1].add(node.text)
        node.key = node.text
        return node

    def _problem(self, parent: Table, message: str, place: Place) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem("E-key", parent.path, message, *place))


def _refusal(message: str, place: Place) -> DocumentError:
    return DocumentError(Problem("E-yaml", "", message, *place))


def read_tree(source: object) -> tuple[Node | None, list[Problem]]:
    """Read one YAML (or JSON) document, or a document that was parsed already.

    Returns
    -------
    tuple
        The tree, None for an empty text, and the problems of its keys. The nodes of a parsed
        document have no line and column.

    Raises
    ------
    DocumentError
        If the text is not YAML, a value is not a mapping, list, text, number, boolean or None, or
        the document is refused for its size, depth, tags or aliases.
    TypeError
        If ``source`` is neither text nor a mapping.
    """
    builder = _Builder()
    if isinstance(source, str):
        _add_text(builder, source)
    elif isinstance(source, Mapping):
        _add_value(builder, source)
    else:
        name = type(source).__name__
        raise TypeError(f"a protocol must be text or a mapping, not {name}; pass its YAML")
    return builder.root, builder.problems


def check_length(text: str) -> None:
    """Raise :class:`DocumentError` if a text is too long to be read."""
    if len(text) > MAX_CHARACTERS:
        raise _refusal(f"the document is longer than {MAX_CHARACTERS} characters", _NO_PLACE)


def _add_text(builder: _Builder, text: str) -> None:
    check_length(text)
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(_without_tabs(text), Loader=loader):
            _feed(builder, event)
    except yaml.YAMLError as error:
        raise DocumentError(_syntax_problem(error, text)) from None
    except UnicodeError:
        raise _refusal("the text cannot be encoded as UTF-8", _NO_PLACE) from None


def _without_tabs(text: str) -> str:
    """Return JSON text with spaces for indentation: YAML accepts no tabs there."""
    if not text.lstrip().startswith("{") or "\t" not in text:
        return text
    lines = text.splitlines(keepends=True)
    return "".join(_indented(line) for line in lines)


def _indented(line: str) -> str:
    rest = line.lstrip("\t ")
    return " " * (len(line) - len(rest)) + rest


def _feed(builder: _Builder, event: yaml.Event) -> None:
    import yaml

    mark = event.start_mark
    place = _NO_PLACE if mark is None else (mark.line + 1, mark.column + 1)
    match event:
        case yaml.AliasEvent():
            # Nested aliases can expand a small text to billions of values.
            raise _refusal(
                f"the alias *{event.anchor} is not accepted; repeat the content, or use a named "
                "block with 'repeat'",
                place,
            )
        case yaml.DocumentStartEvent() if builder.root is not None:
            raise _refusal("the text contains more than one YAML document; keep one", place)
        case yaml.ScalarEvent():
            _check_tag(event, _SCALAR_TAGS, place)
            builder.add(_scalar(event, place))
        case yaml.SequenceStartEvent():
            _check_tag(event, ("seq",), place)
            builder.start(Listing(place))
        case yaml.MappingStartEvent():
            _check_tag(event, ("map",), place)
            builder.start(Table(place))
        case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
            builder.end()


def _check_tag(event: Any, allowed: Sequence[str], place: Place) -> None:
    if event.tag in (None, "!"):
        return
    if event.tag not in [f"{_TAG}{name}" for name in allowed]:
        raise _refusal(f"the tag {event.tag!r} is not accepted here; remove it", place)


def _scalar(event: Any, place: Place) -> Scalar:
    if event.tag not in (None, "!"):
        return Scalar(place, value=event.value, tag=event.tag.removeprefix(_TAG))
    if not event.implicit[0]:
        return Scalar(place, value=event.value, tag="str")
    if event.value in _NULLS:
        return Scalar(place, value=None)
    return Scalar(place, value=BOOLEANS.get(event.value, event.value))


def _syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable text"
    if mark is None:
        return Problem("E-yaml", "", f"the text is not YAML: {reason}")
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return Problem(
        "E-yaml",
        "",
        f"the text is not YAML: {reason}{_syntax_hint(line)}",
        mark.line + 1,
        mark.column + 1,
    )


def _syntax_hint(line: str) -> str:
    if line.strip().startswith(("- >", "- |")):
        return "; '>' and '|' start a block of text: write the quantity first, 'Voltage > 4.2'"
    if "\t" in line:
        return "; indent with spaces, not tabs"
    if line.count('"') > 2 and "input[" in line:
        return "; use single quotes inside double quotes: \"Voltage < input['name']\""
    if any(sign in line for sign in "{}[]:"):
        return "; quote text that contains [ ] { } or ': '"
    return ""


def _add_value(builder: _Builder, value: object) -> None:
    match value:
        case None | bool() | str():
            builder.add(Scalar(_NO_PLACE, value=_encodable(value)))
        case numbers.Real():
            builder.add(Scalar(_NO_PLACE, value=_as_float(value)))
        case Mapping():
            builder.start(Table(_NO_PLACE))
            for key, child in value.items():
                _add_value(builder, key)
                _add_value(builder, child)
            builder.end()
        case Sequence() if not isinstance(value, bytes | bytearray):
            builder.start(Listing(_NO_PLACE))
            for child in value:
                _add_value(builder, child)
            builder.end()
        case _:
            name = type(value).__name__
            raise _refusal(
                f"a value of type {name} is not accepted; use text, numbers, lists and mappings",
                _NO_PLACE,
            )


def _encodable(value: str | bool | None) -> str | bool | None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeError:
            raise _refusal("the text cannot be encoded as UTF-8", _NO_PLACE) from None
    return value


def _as_float(value: numbers.Real) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")
