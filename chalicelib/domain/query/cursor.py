"""A cursor is where the next page of a list goes on: after a moment, and after an id there.

Lists are newest first by time, then by id from the last to the first. A cursor names a place in
that order and no page number, so what is added, closed or deleted between two pages moves
nothing. Callers see it as a text that means nothing to them.
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

from chalicelib.domain.query.invalid_query import InvalidQuery

MAX_CURSOR_CHARACTERS = 1_000  # characters
MAX_TIMESTAMP_MS = 10**14  # ms: beyond all calendars
_MESSAGE = "cursor must be the unchanged cursor of the previous page"


class Cursor(NamedTuple):
    """`at` in ms. What follows is smaller: `(at, key) < cursor`."""

    at: int
    key: str = ""

    def text(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at}.{self.key}".encode()).decode().rstrip("=")


def parse_cursor(text: str | None) -> Cursor | None:
    """None stands for the first page, and so does an empty text. Raise InvalidQuery for what
    is no cursor."""
    if not text:
        return None
    try:
        if len(text) > MAX_CURSOR_CHARACTERS:
            raise ValueError(text)
        padded = text + "=" * (-len(text) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        at, dot, key = plain.partition(".")
        if not (dot and at.isascii() and at.isdigit() and int(at) < MAX_TIMESTAMP_MS):
            raise ValueError(text)
        cursor = Cursor(int(at), key)
    except (ValueError, binascii.Error):
        raise InvalidQuery("cursor", _MESSAGE) from None
    if cursor.text() != text or not (key.isprintable()):
        raise InvalidQuery("cursor", _MESSAGE)
    return cursor
