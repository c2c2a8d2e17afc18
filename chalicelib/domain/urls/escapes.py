r"""Text with marks, such as `;` between filters or `,` in a list.

A backslash escapes the next character: `prop:price\, EUR` has no mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Token(NamedTuple):
    """A piece of the text without its backslash; `mark` is empty if it is literal text."""

    text: str
    delimiter: str


def tokenize(text: str, marks: str) -> list[Token]:
    """Split a text into tokens. `marks` is a regular expression."""
    tokens = re.findall(rf"\\(.)|({marks})|(.)", text, re.DOTALL)
    return [Token(escaped or mark or plain, mark) for escaped, mark, plain in tokens]


def split_tokens(tokens: Sequence[Token], mark: str) -> list[list[Token]]:
    """Return the parts between these marks."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.delimiter == mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def strip_spaces(tokens: Sequence[Token]) -> list[Token]:
    """Strip spaces where they are marks."""
    kept = [number for number, token in enumerate(tokens) if not token.delimiter.isspace()]
    return list(tokens[kept[0] : kept[-1] + 1]) if kept else []


def join_text(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)
