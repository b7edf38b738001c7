"""Reading value expressions: a tokenizer and a recursive-descent parser of our own.

::

    expr  := or ;  or := and ("or" and)* ;  and := not ("and" not)* ;  not := ["not"] cmp
    cmp   := sum (("<"|">"|"<="|">="|"=="|"!=") sum)?
    sum   := term (("+"|"-") term)* ;  term := sign (("*"|"/"|"%") sign)*
    sign  := ["-"|"+"] pow ;  pow := atom (("**"|"^") sign)?
    atom  := NUMBER | STRING | "input" "[" STRING "]" | NAME | "(" expr ")"
           | NAME "(" expr ("," expr)* ")"
"""

from __future__ import annotations

import re
from typing import Final

from attrs import define, frozen

from ionworks.ucp.expressions import (
    FUNCTION_ARGUMENTS,
    RESERVED_NAMES,
    Binary,
    Call,
    Expr,
    Input,
    Name,
    Number,
    Text,
    Unary,
)
from ionworks.ucp.inputs import scan_input
from ionworks.ucp.problems import ExpressionError, suggestion

MAX_CHARACTERS: Final = 4000
MAX_TOKENS: Final = 250
MAX_DEPTH: Final = 30

_SPACE: Final = re.compile(r"\s*")
_NUMBER: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NAME: Final = re.compile(r"total +time\b|[A-Za-z_][A-Za-z0-9_]*", re.IGNORECASE)
_STRING: Final = re.compile(r"\"[^\"\r\n]*\"|'[^'\r\n]*'")
_SIGN: Final = re.compile(r"\*\*|<=|>=|==|!=|[-+*/%^<>(),]")
_COMPARISONS: Final = frozenset({"<", ">", "<=", ">=", "==", "!="})
_KEYWORDS: Final = frozenset({"and", "or", "not"})
_FUNCTIONS: Final = {
    **dict.fromkeys(("if", "iif", "where"), "; did you mean 'ifelse'?"),
    "ln": "; did you mean 'log'?",
    "pow": "; write a ** b",
}
"""What functions of other languages are called here."""

_HINTS: Final = {
    "&": "write 'and'",
    "|": "write 'or'; for a magnitude write abs(...)",
    "=": "compare with '=='",
    "!": "write 'not' or '!='",
    "\u2264": "write '<='",
    "\u2265": "write '>='",
    "\u00d7": "write '*'",
    ";": "separate arguments with ','",
    "[": 'only input["name"] takes square brackets',
}


@frozen
class _Token:
    """``kind`` is number, text, input, name, sign, or end; ``text`` what was read."""

    kind: str
    text: str


_END: Final = _Token("end", "")


def _tokens(text: str) -> list[_Token]:
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"the expression is longer than {MAX_CHARACTERS} characters")
    found: list[_Token] = []
    position = _skip_space(text, 0)
    while position < len(text):
        token, position = _token(text, position)
        found.append(token)
        if len(found) > MAX_TOKENS:
            raise ExpressionError(f"the expression has more than {MAX_TOKENS} parts")
        position = _skip_space(text, position)
    found.append(_END)
    return found


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _token(text: str, position: int) -> tuple[_Token, int]:
    placeholder = scan_input(text, position)
    if placeholder is not None:
        name, end = placeholder
        return _Token("input", name), end
    for kind, pattern in (("number", _NUMBER), ("name", _NAME), ("text", _STRING), ("sign", _SIGN)):
        match = pattern.match(text, position)
        if match:
            word = match.group()
            return _Token(kind, word[1:-1] if kind == "text" else word), match.end()
    character = text[position]
    hint = _HINTS.get(character, "")
    raise ExpressionError(f"{character!r} has no meaning here" + (f"; {hint}" if hint else ""))


@define
class _Reader:
    tokens: list[_Token]
    position: int = 0
    depth: int = 0

    @property
    def current(self) -> _Token:
        return self.tokens[self.position]

    def take(self) -> _Token:
        token = self.current
        self.position += 1
        return token

    def accept(self, *words: str) -> str | None:
        """Take and return the current sign or keyword if it is one of ``words``."""
        token = self.current
        word = token.text.lower()
        if token.kind in ("sign", "name") and word in words:
            self.position += 1
            return word
        return None

    def expression(self) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested deeper than {MAX_DEPTH} levels")
        left = self.conjunction()
        while self.accept("or"):
            left = Binary("or", left, self.conjunction())
        self.depth -= 1
        return left

    def conjunction(self) -> Expr:
        left = self.negation()
        while self.accept("and"):
            left = Binary("and", left, self.negation())
        return left

    def negation(self) -> Expr:
        if self.accept("not"):
            return Unary("not", self.comparison())
        return self.comparison()

    def comparison(self) -> Expr:
        left = self.sum()
        operator = self.accept(*_COMPARISONS)
        if operator is None:
            return left
        compared = Binary(operator, left, self.sum())
        if self.current.text in _COMPARISONS:
            raise ExpressionError("comparisons cannot be chained; join two of them with 'and'")
        return compared

    def sum(self) -> Expr:
        left = self.term()
        while operator := self.accept("+", "-"):
            left = Binary(operator, left, self.term())
        return left

    def term(self) -> Expr:
        left = self.signed()
        while operator := self.accept("*", "/", "%"):
            left = Binary(operator, left, self.signed())
        return left

    def signed(self) -> Expr:
        sign = self.accept("-", "+")
        operand = self.power()
        if sign != "-":
            return operand
        # A negative literal is one number, so that "-5" and the YAML number -5 are the same tree.
        if isinstance(operand, Number) and operand.value >= 0:
            return Number(-operand.value)
        return Unary("-", operand)

    def power(self) -> Expr:
        base = self.atom()
        if not self.accept("**", "^"):
            return base
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested deeper than {MAX_DEPTH} levels")
        exponent = self.signed()
        self.depth -= 1
        return Binary("**", base, exponent)

    def atom(self) -> Expr:
        token = self.take()
        match token.kind:
            case "number":
                return _number(token.text)
            case "text":
                return Text(token.text)
            case "input":
                return Input(token.text)
            case "name":
                return self.named(token.text)
        if token.text == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        raise ExpressionError(f"a value is missing before {_shown(token)}")

    def named(self, word: str) -> Expr:
        if word.lower() in _KEYWORDS:
            raise ExpressionError(f"a value is missing before {word!r}")
        if word == "input":
            raise ExpressionError('a placeholder is written input["name"]')
        if self.accept("("):
            return self.call(word)
        canonical = RESERVED_NAMES.get(" ".join(word.lower().split()))
        return Name(canonical or word)

    def call(self, word: str) -> Expr:
        function = word.lower()
        if function not in FUNCTION_ARGUMENTS:
            known = f"; there are {', '.join(FUNCTION_ARGUMENTS)}"
            near = _FUNCTIONS.get(function) or suggestion(word, FUNCTION_ARGUMENTS) or known
            raise ExpressionError(f"{word!r} is not a function{near}")
        arguments = [self.expression()]
        while self.accept(","):
            arguments.append(self.expression())
        self.expect(")")
        fewest, most = FUNCTION_ARGUMENTS[function]
        if not fewest <= len(arguments) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise ExpressionError(f"{function} takes {wanted} arguments, not {len(arguments)}")
        return Call(function, tuple(arguments))

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            hint = "; inside {...} quote what has commas" if self.current is _END else ""
            raise ExpressionError(f"{sign!r} is missing before {_shown(self.current)}{hint}")


def _shown(token: _Token) -> str:
    return "the end of the expression" if token.kind == "end" else repr(token.text)


def _number(text: str) -> Number:
    value = float(text)
    if value == float("inf"):
        raise ExpressionError(f"{text} is too large")
    return Number(value)


def parse_expression(text: str) -> Expr:
    """Read a value expression.

    Parameters
    ----------
    text : str
        For example ``ifelse(VAR_LAPS > 10, 0.5, input["C-rate"])``.

    Returns
    -------
    Expr
        The tree; reserved names and functions in their canonical spelling.

    Raises
    ------
    ExpressionError
        With one sentence on what is wrong.
    """
    reader = _Reader(_tokens(text))
    if reader.current is _END:
        raise ExpressionError("the expression is empty")
    tree = reader.expression()
    if reader.current is not _END:
        raise ExpressionError(f"an operator is missing before {_shown(reader.current)}")
    return tree
