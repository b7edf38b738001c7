"""Tokens and operator precedence of infix text.

Protocol expressions (:mod:`ionworks.ucp.parser.expressions`) and the formulas of a model's
variables (:mod:`ionworks.ucp.formulas`) are read with this module. Both come from outside, so
the reader is bounded in depth and never hands text to Python.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar, Final, Generic, NoReturn, TypeAlias, TypeVar

from attrs import frozen

Value = TypeVar("Value")
Scanner: TypeAlias = Callable[[str, int], tuple[str, int] | None]
"""Takes a text and a position; returns a token's text and the position behind it, or None."""

OPERATOR: Final = "operator"
"""Kind of the tokens that are operators, brackets and commas."""

END: Final = "end"
UNKNOWN: Final = "unknown"
"""Kind of a character that starts no token."""


@frozen
class Token:
    """A piece of text; ``start`` is its position, and ``text`` is without quotes."""

    kind: str
    text: str
    start: int


def scanner(pattern: str, flags: int = 0) -> Scanner:
    """Return the scanner of a regular expression; the text is its last group, if it has any."""
    compiled = re.compile(pattern, flags)

    def scan(text: str, position: int) -> tuple[str, int] | None:
        match = compiled.match(text, position)
        return None if match is None else (match[match.lastindex or 0], match.end())

    return scan


NUMBER: Final = scanner(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def tokens(text: str, scanners: Mapping[str, Scanner]) -> Iterator[Token]:
    """Yield the tokens of a text and its end; the first scanner that matches gives the kind."""
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        token, position = _scanned(text, position, scanners)
        yield token
    yield Token(END, "", len(text))


def _scanned(text: str, position: int, scanners: Mapping[str, Scanner]) -> tuple[Token, int]:
    for kind, scan in scanners.items():
        found = scan(text, position)
        if found is not None:
            return Token(kind, found[0], position), found[1]
    return Token(UNKNOWN, text[position], position), position + 1


class InfixReader(ABC, Generic[Value]):
    """Reads infix text by operator precedence.

    Binary operators are left-associative, the power ``**`` or ``^`` is right-associative. A sign
    binds tighter than every binary operator and looser than a power: ``-2 ** 2`` is -4.

    Parameters
    ----------
    found : iterable of Token
        As `tokens` yields them.

    Attributes
    ----------
    subject : str
        What messages call the text.
    deepest : int
        Limit on nested brackets, arguments and exponents. Every level is a recursion, so the limit
        keeps hostile text below Python's own.
    precedence : mapping of str to int
        Binary operators without the power, from 1; higher binds tighter.
    """

    subject: ClassVar[str]
    deepest: ClassVar[int]
    precedence: ClassVar[Mapping[str, int]]

    def __init__(self, found: Iterable[Token]) -> None:
        self._rest = iter(found)
        self.current = next(self._rest)
        self._depth = 0

    def read(self) -> Value:
        """Read the whole text."""
        value = self.expression()
        if self.current.kind != END:
            self.refuse_here("an operator is missing")
        return value

    @abstractmethod
    def atom(self) -> Value:
        """Read a number, a name, a function or a bracket."""

    @abstractmethod
    def combine(self, operator: str, left: Value, right: Value) -> Value:
        """Return the value of a binary operator; every power is given as ``**``."""

    @abstractmethod
    def negate(self, value: Value) -> Value:
        """Return the value with a minus sign before it."""

    @abstractmethod
    def refuse(self, message: str) -> NoReturn:
        """Raise the error of the language."""

    @abstractmethod
    def here(self) -> str:
        """Return how a message names the place of the current token."""

    def refuse_here(self, problem: str) -> NoReturn:
        """Raise an error that says what is wrong before the current token."""
        self.refuse(f"{problem} before {self.here()}")

    def take(self) -> Token:
        """Return the current token and move on to the next."""
        token = self.current
        if token.kind != END:
            self.current = next(self._rest)
        return token

    def accept(self, *operators: str) -> str | None:
        """Take the current token if it is one of some operators, and return it in lower case."""
        operator = self.current.text.lower()
        if self.current.kind != OPERATOR or operator not in operators:
            return None
        self.take()
        return operator

    def expect(self, operator: str) -> None:
        """Take an operator, or raise an error that it is missing."""
        if not self.accept(operator):
            self.refuse_here(f"{operator!r} is missing")

    def expression(self) -> Value:
        """Read an expression, as deep inside others as the limit allows."""
        return self._deeper(lambda: self.binary(1))

    def arguments(self) -> list[Value]:
        """Read the arguments of a function and the bracket that closes them."""
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        self.expect(")")
        return found

    def binary(self, least: int) -> Value:
        """Read operands joined by binary operators of at least some precedence."""
        left = self.operand(least)
        while True:
            rank = self._rank()
            if rank < least:
                return left
            operator = self.take().text.lower()
            left = self.combine(operator, left, self.binary(rank + 1))

    def operand(self, least: int) -> Value:  # noqa: ARG002 - for languages with prefix operators
        """Read the left operand of binary operators of at least some precedence."""
        return self.signed()

    def signed(self) -> Value:
        """Read a power with at most one sign before it."""
        sign = self.accept("-", "+")
        value = self.power()
        return self.negate(value) if sign == "-" else value

    def power(self) -> Value:
        """Read an operand, or a power of one."""
        base = self.atom()
        if not self.accept("**", "^"):
            return base
        return self.combine("**", base, self._deeper(self.signed))

    def _rank(self) -> int:
        """Return the precedence of the current token, 0 if it is not a binary operator."""
        if self.current.kind != OPERATOR:
            return 0
        return self.precedence.get(self.current.text.lower(), 0)

    def _deeper(self, read: Callable[[], Value]) -> Value:
        self._depth += 1
        if self._depth > self.deepest:
            self.refuse(f"the {self.subject} is nested deeper than {self.deepest} levels")
        value = read()
        self._depth -= 1
        return value
