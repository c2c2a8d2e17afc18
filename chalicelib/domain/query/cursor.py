"""A cursor is the position at which the next page of a list starts: a time and an id.

Lists are sorted newest first by time, then by id, descending. A cursor is a position in that
order, not a page number, so items that are added, closed or deleted between two pages change
nothing. It is opaque to callers.
"""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

from chalicelib.domain.query.invalid_query import InvalidQuery

MAX_CURSOR_CHARACTERS = 1_000
MAX_TIMESTAMP_MS = 10**14  # ms: beyond all calendars
_MESSAGE = "cursor must be the unchanged cursor of the previous page"


class Cursor(NamedTuple):
    """`at` is in ms. Later items are smaller: `(at, key) < cursor`."""

    at: int
    key: str = ""

    def text(self) -> str:
        return base64.urlsafe_b64encode(f"{self.at}.{self.key}".encode()).decode().rstrip("=")


def parse_cursor(text: str | None) -> Cursor | None:
    """Parse a cursor; None and an empty text are the first page. Raise InvalidQuery for
    others."""
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
