r"""Text with marks in it, such as `;` between filters or `,` in a list.

A backslash takes the next character as it is: `prop:price\, EUR` has no mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple


class Token(NamedTuple):
    """A piece of the text without its backslash; `mark` is empty where it means just itself."""

    text: str
    delimiter: str


def tokenize(text: str, marks: str) -> list[Token]:
    """`marks` is a regular expression."""
    found = re.findall(rf"\\(.)|({marks})|(.)", text, re.DOTALL)
    return [Token(escaped or mark or plain, mark) for escaped, mark, plain in found]


def split_tokens(tokens: Sequence[Token], mark: str) -> list[list[Token]]:
    """The parts between these marks."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.delimiter == mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def strip_spaces(tokens: Sequence[Token]) -> list[Token]:
    """Where spaces are marks."""
    kept = [number for number, token in enumerate(tokens) if not token.delimiter.isspace()]
    return list(tokens[kept[0] : kept[-1] + 1]) if kept else []


def join_text(tokens: Sequence[Token]) -> str:
    return "".join(token.text for token in tokens)
