"""The sessions table: the outlines of closed sessions, each written once or again the same.

    session_id                           UserIndex: user_id, start_time; keys only

Reads   get(session_id)                  one item
Writes  put_many(outlines)               the same session again changes nothing
"""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.event import Place
from chalicelib.domain.outline import Outline
from chalicelib.storage.dynamodb import Database
from chalicelib.storage.items import Item

SCHEMA_VERSION = 1
USER_INDEX = "UserIndex"

# Attributes that have the name of their field; the others are named in `_to_item`.
_SAME = (
    "session_id", "site", "start_time", "last_activity", "page_count", "events", "visitor",
    "user_id", "ended_by", "entry_page", "exit_page", "hostname", "utm_source", "utm_medium",
    "utm_campaign", "utm_term", "utm_content", "click_id", "language", "screen", "events_under",
)  # fmt: skip


class SessionTable:
    def __init__(self, database: Database, name: str, retention_days: int) -> None:
        self._database = database
        self.name = name
        self._retention_seconds = retention_days * 86_400

    def get(self, session_id: str) -> Outline | None:
        item = self._database.get(self.name, session_key(session_id))
        return from_item(item) if item else None

    def put_many(self, outlines: Sequence[Outline]) -> None:
        self._database.put_many(self.name, [self._to_item(outline) for outline in outlines])

    def _to_item(self, outline: Outline) -> Item:
        item: Item = {name: getattr(outline, name) for name in _SAME}
        kept_until = outline.last_activity // 1000 + self._retention_seconds
        return item | {
            "v": SCHEMA_VERSION,
            "engaged_ms": outline.engaged_ms or None,
            "initial_referrer": outline.referrer,
            "user_agent": outline.user_agent or None,
            "country": outline.place.country,
            "region": outline.place.region,
            "city": outline.place.city,
            "ttl": kept_until if self._retention_seconds else None,
        }


def session_key(session_id: str) -> Item:
    return {"session_id": session_id}


def from_item(item: Item) -> Outline:
    return Outline(
        **{name: item[name] for name in _SAME if name in item},
        engaged_ms=item.get("engaged_ms", 0),
        referrer=item.get("initial_referrer"),
        user_agent=item.get("user_agent", ""),
        place=Place(item.get("country"), item.get("region"), item.get("city")),
    )
