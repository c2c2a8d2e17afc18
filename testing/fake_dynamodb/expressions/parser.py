"""The common syntax of conditions and updates: tokens, placeholders, attribute names.

Unsupported syntax raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from testing.fake_dynamodb.expressions.values import InvalidRequest, Unsupported, Wire, size

Operand = Callable[[Wire, Wire], Any]  # of an item and the values: an attribute, or None
Names = tuple[tuple[str, str], ...]

_TOKEN = re.compile(r"\s*(?:([A-Za-z_][\w-]*|#\w+|:\w+)|(<=|>=|<>|[=<>(),+-]))")
_RESERVED = frozenset(ReservedKeywords.get_reserved_keywords())


@dataclass(frozen=True)
class Expression:
    """`names` and `values` are the placeholders used, `paths` the attributes; `equal` has the
    operands of `=`, `bounds` those of BETWEEN."""

    run: Callable[..., Any]
    names: frozenset[str]
    values: frozenset[str]
    paths: frozenset[str]
    equal: Mapping[str, str]
    bounds: tuple[tuple[str, str], ...]
    targets: frozenset[str] = frozenset()  # the attributes that an update changes


@dataclass
class Parser:
    tokens: list[str]
    names: Mapping[str, str]
    names_used: set[str] = field(default_factory=set)
    values_used: set[str] = field(default_factory=set)
    equal: dict[str, str] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    bounds: list[tuple[str, str]] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)

    def expect(self, expected: str | None = None) -> str:
        if not self.tokens:
            raise InvalidRequest("Syntax error; token: <EOF>")
        token = self.tokens.pop(0)
        if expected is not None and token.upper() != expected:
            raise InvalidRequest(f"Syntax error; token: {token}, expected {expected}")
        return token

    def accept(self, word: str) -> bool:
        """Consume the next token if it is `word`."""
        if self.tokens and self.tokens[0].upper() == word:
            self.tokens.pop(0)
            return True
        return False

    def operand(self) -> Operand:
        if self.tokens and self.tokens[0].startswith(":"):
            value = self.value()
            return lambda _, values: values[value]
        if self.tokens and self.tokens[0] == "size":
            self.expect()
            self.expect("(")
            path = self.path()
            self.expect(")")
            return lambda item, _: size(item.get(path))
        path = self.path()
        return lambda item, _: item.get(path)

    def value(self) -> str:
        token = self.expect()
        if not token.startswith(":"):
            raise InvalidRequest(f"Syntax error; token: {token}, expected a value")
        self.values_used.add(token)
        return token

    def path(self) -> str:
        token = self.expect()
        if token.startswith("#"):
            if token not in self.names:
                raise InvalidRequest(
                    f"An expression attribute name used is not defined: {token}"
                )
            self.names_used.add(token)
            self.paths.add(self.names[token])
            return self.names[token]
        if not re.fullmatch(r"[A-Za-z_]\w*", token):
            raise InvalidRequest(f"Syntax error; token: {token}, expected a name")
        if token.upper() in _RESERVED:
            raise InvalidRequest(
                f"Attribute name is a reserved keyword; reserved keyword: {token}"
            )
        self.paths.add(token)
        return token

    def expression(self, run: Callable[..., Any]) -> Expression:
        """Return the parsed expression; raise if tokens are left."""
        if self.tokens:
            raise InvalidRequest(f"Syntax error; token: {self.tokens[0]}")
        return Expression(
            run,
            frozenset(self.names_used),
            frozenset(self.values_used),
            frozenset(self.paths),
            self.equal,
            tuple(self.bounds),
            frozenset(self.targets),
        )


def tokenize(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match:
            raise Unsupported(f"{text[at:]!r} in the expression {text!r}")
        tokens.append(match[1] or match[2])
        at = match.end()
    return tokens
