"""Values of a request as error messages show them: at most `LONGEST_VALUE` characters of each."""

from __future__ import annotations

import json
import re
from typing import Any

#: Most characters of a value in an error reply.
LONGEST_VALUE = 200
#: Most characters of a message about one place; a longer one is cut in its middle.
LONGEST_MESSAGE = 2000

# An apostrophe within a word is not a quote.
_OPENING = re.compile(r"(?<!\w)['\"]|[\[{](?=['\"\[{])")
_BRACKETS = {"[": "]", "{": "}"}
_CLOSING = {
    quote: re.compile(rf"(?:\\.|[^\\{quote}]|{quote}(?=\w))*{quote}", re.DOTALL) for quote in "'\""
}
_LONG_WORD = re.compile(rf"(\S{{{LONGEST_VALUE}}})\S+")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def shown(value: Any) -> str:
    """Return the beginning of a value as JSON."""
    text = ""
    for part in _ENCODER.iterencode(value):
        text += part[: LONGEST_VALUE + 1]
        if len(text) > LONGEST_VALUE:
            return f"{text[:LONGEST_VALUE]}..."
    return text


def cut(text: str) -> str:
    """Return the beginning of a text that a request contains."""
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def abridged(message: str) -> str:
    """Return a message with the beginning of each long value in it.

    Parameters
    ----------
    message
        With values quoted, as ``repr`` or JSON writes them; a long word is taken for a value too.
    """
    if len(message) <= LONGEST_VALUE:
        return message
    # Values are searched in twice the length, so that a large one takes no time.
    text = "".join(_parts(_without_middle(message, 2 * LONGEST_MESSAGE)))
    return _without_middle(_LONG_WORD.sub(r"\1...", text), LONGEST_MESSAGE)


def _without_middle(text: str, length: int) -> str:
    """Return a text without what exceeds a length; a message has its remedy at its end."""
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} ... {text[-half:]}"


def _parts(message: str) -> list[str]:
    """Return the parts of a message: long values cut, and what is between them."""
    parts = []
    done = position = 0
    while (opening := _OPENING.search(message, position)) is not None:
        start, end = opening.end(), _end(message, opening)
        if end is None:
            position = start
            continue
        if end - start > LONGEST_VALUE:
            parts += [message[done : start + LONGEST_VALUE], "..."]
            done = end
        position = end + 1
    return [*parts, message[done:]]


def _end(message: str, opening: re.Match[str]) -> int | None:
    """Return where a value ends that opens with a quote or bracket, None if it does not end."""
    quote = opening.group()
    if quote in _BRACKETS:
        level = 1
        for bracket in re.finditer(r"[\[\]]" if quote == "[" else "[{}]", message[opening.end() :]):
            level += 1 if bracket.group() == quote else -1
            if level == 0:
                return opening.end() + bracket.start()
        # A long value without its middle has lost brackets.
        last = message.rfind(_BRACKETS[quote])
        return last if last > opening.end() else None
    closing = _CLOSING[quote].match(message, opening.end())
    return None if closing is None else closing.end() - 1
