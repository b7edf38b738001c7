"""Reading value expressions.

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
from collections.abc import Mapping
from typing import ClassVar, Final, NoReturn

from ionworks.ucp.expressions import (
    FUNCTION_ARGUMENTS,
    PRECEDENCE,
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
from ionworks.ucp.infix import END, NUMBER, OPERATOR, UNKNOWN, InfixReader, Token, scanner, tokens
from ionworks.ucp.inputs import scan_input
from ionworks.ucp.problems import ExpressionError, suggestion

MAX_CHARACTERS: Final = 4000
MAX_TOKENS: Final = 250
MAX_DEPTH: Final = 30

_KEYWORD: Final = r"(?:and|or|not)(?![A-Za-z0-9_])"
_SCANNERS: Final = {
    "input": scan_input,
    "number": NUMBER,
    OPERATOR: scanner(rf"{_KEYWORD}|\*\*|<=|>=|==|!=|[-+*/%^<>(),]", re.IGNORECASE),
    "name": scanner(r"total +time\b|[A-Za-z_][A-Za-z0-9_]*", re.IGNORECASE),
    "text": scanner(r"\"([^\"\r\n]*)\"|'([^'\r\n]*)'"),
}
_COMPARISONS: Final = frozenset({"<", ">", "<=", ">=", "==", "!="})
_OTHER_NAMES: Final = {
    **dict.fromkeys(("if", "iif", "where"), "; did you mean 'ifelse'?"),
    "ln": "; did you mean 'log'?",
    "pow": "; write a ** b",
}
"""Functions of other languages, and what to write instead."""

_HINTS: Final = {
    "&": "; write 'and'",
    "|": "; write 'or'; for a magnitude write abs(...)",
    "=": "; compare with '=='",
    "!": "; write 'not' or '!='",
    "\u2264": "; write '<='",
    "\u2265": "; write '>='",
    "\u00d7": "; write '*'",
    ";": "; separate arguments with ','",
    "[": '; only input["name"] takes square brackets',
}


def _checked_tokens(text: str) -> list[Token]:
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"the expression is longer than {MAX_CHARACTERS} characters")
    found: list[Token] = []
    for token in tokens(text, _SCANNERS):
        if token.kind == UNKNOWN:
            hint = _HINTS.get(token.text, "")
            raise ExpressionError(f"{token.text!r} has no meaning here{hint}")
        if len(found) == MAX_TOKENS and token.kind != END:
            raise ExpressionError(f"the expression has more than {MAX_TOKENS} parts")
        found.append(token)
    return found


class _ExpressionReader(InfixReader[Expr]):
    subject = "expression"
    deepest = MAX_DEPTH
    precedence: ClassVar[Mapping[str, int]] = {
        operator: rank
        for operator, rank in PRECEDENCE.items()
        if operator not in {"not", "sign", "**"}
    }

    def refuse(self, message: str) -> NoReturn:
        raise ExpressionError(message)

    def here(self) -> str:
        token = self.current
        return "the end of the expression" if token.kind == END else repr(token.text)

    def operand(self, least: int) -> Expr:
        if least <= PRECEDENCE["not"] and self.accept("not"):
            return Unary("not", self.binary(PRECEDENCE["<"]))
        return self.signed()

    def combine(self, operator: str, left: Expr, right: Expr) -> Expr:
        if operator in _COMPARISONS and self.current.text in _COMPARISONS:
            self.refuse("comparisons cannot be chained; join two of them with 'and'")
        return Binary(operator, left, right)

    def negate(self, value: Expr) -> Expr:
        # A negative literal is one number, so that "-5" and the YAML number -5 are the same tree.
        if isinstance(value, Number) and value.value >= 0:
            return Number(-value.value)
        return Unary("-", value)

    def atom(self) -> Expr:
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if self.current.kind in {OPERATOR, END}:
            self.refuse_here("a value is missing")
        token = self.take()
        match token.kind:
            case "number":
                return _number(token.text)
            case "text":
                return Text(token.text)
            case "input":
                return Input(token.text)
        return self.named(token.text)

    def named(self, word: str) -> Expr:
        if word == "input":
            raise ExpressionError('a placeholder is written input["name"]')
        if self.accept("("):
            return self.call(word)
        canonical = RESERVED_NAMES.get(" ".join(word.lower().split()))
        return Name(canonical or word)

    def call(self, word: str) -> Expr:
        function = word.lower()
        if function not in FUNCTION_ARGUMENTS:
            known = f"; valid functions: {', '.join(FUNCTION_ARGUMENTS)}"
            near = _OTHER_NAMES.get(function) or suggestion(word, FUNCTION_ARGUMENTS) or known
            raise ExpressionError(f"{word!r} is not a function{near}")
        arguments = self.arguments()
        fewest, most = FUNCTION_ARGUMENTS[function]
        if not fewest <= len(arguments) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise ExpressionError(f"{function} takes {wanted} arguments, not {len(arguments)}")
        return Call(function, tuple(arguments))

    def expect(self, operator: str) -> None:
        if self.current.kind == END:
            # In YAML's {...} an unquoted comma ends the value, and with it the expression.
            self.refuse(
                f"{operator!r} is missing before the end of the expression; inside {{...}} quote "
                "expressions that contain commas"
            )
        super().expect(operator)


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
    found = _checked_tokens(text)
    if found[0].kind == END:
        raise ExpressionError("the expression is empty")
    return _ExpressionReader(found).read()
