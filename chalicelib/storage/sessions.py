"""The sessions table: closed sessions without their events.

    session_id                           UserIndex: user_id, start_time; keys only
    sess_...                             one closed session
    sess_... with `moved_to`             became part of that session

Reads   get(session_id)                  one item, or two if the id has moved
        of_user(user_id)                 one Query of the index, newest first
        get_many(session_ids)            up to 100 per call
        user_ids(session_ids)            the same, only their user_ids
Writes  put_many(summaries)              the same session again changes nothing
        put_moved(ids)                   an id that was returned once can be read forever
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chalicelib.domain.collection.event import Location
from chalicelib.domain.sessions.session_summary import SessionSummary
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import MAX_KEYS_PER_READ, Database, chunks

SCHEMA_VERSION = 1
USER_INDEX = "UserIndex"

# Attributes with the name of their field; `_to_item` has the others.
_SAME = (
    "session_id", "site", "start_time", "last_activity", "page_count", "events", "visitor",
    "user_id", "ended_by", "entry_page", "exit_page", "hostname", "utm_source", "utm_medium",
    "utm_campaign", "utm_term", "utm_content", "click_id", "language", "screen",
)  # fmt: skip


class SessionTable:
    def __init__(self, database: Database, name: str, retention_days: int) -> None:
        self._database = database
        self.name = name
        self._retention_seconds = retention_days * 86_400

    def get(self, session_id: str) -> SessionSummary | None:
        item = self._database.get(self.name, session_key(session_id))
        if item and "moved_to" in item:
            item = self._database.get(self.name, session_key(item["moved_to"]))
        return from_item(item) if item and "moved_to" not in item else None

    def get_many(self, session_ids: Iterable[str]) -> dict[str, SessionSummary]:
        """Return the sessions that exist, by their ids."""
        items = self._items(session_ids)
        return {i["session_id"]: from_item(i) for i in items if "moved_to" not in i}

    def user_ids(self, session_ids: Iterable[str]) -> dict[str, str]:
        """Return the user_ids of those sessions that have one, by the session's id."""
        items = self._items(session_ids, only=("session_id", "user_id"))
        return {item["session_id"]: item["user_id"] for item in items if "user_id" in item}

    def of_user(self, user_id: str, *, until: int | None = None) -> Iterator[tuple[int, str]]:
        """Start and id of each session of the user that started up to `until` (ms), newest
        first; sessions with the same start are in no particular order. The index follows the
        table within a second."""
        values: Item = {":user": user_id}
        condition = "user_id = :user"
        if until is not None:
            condition += " AND start_time <= :until"
            values[":until"] = until
        items = self._database.query(
            self.name, condition, values, index=USER_INDEX, newest_first=True
        )
        return ((item["start_time"], item["session_id"]) for item in items)

    def _items(self, session_ids: Iterable[str], *, only: Sequence[str] = ()) -> Iterator[Item]:
        for some in chunks(session_ids, MAX_KEYS_PER_READ):
            keys = {self.name: list(map(session_key, some))}
            yield from self._database.get_many(keys, only=only)[self.name]

    def put_many(self, summaries: Sequence[SessionSummary]) -> None:
        self._database.put_many(self.name, [self._to_item(summary) for summary in summaries])

    def kept_until(self, last_activity: int) -> int | None:
        """When a session with that last activity (ms) is deleted, in seconds; None for
        never."""
        if not self._retention_seconds:
            return None
        return last_activity // 1000 + self._retention_seconds

    def is_kept(self, summary: SessionSummary, *, now: int) -> bool:
        """Whether it is not to be deleted yet at `now` (ms)."""
        until = self.kept_until(summary.last_activity)
        return until is None or now < until * 1000

    def put_moved(self, moved: Mapping[str, str], *, site: str, at: int) -> None:
        """Note which session each id became part of at `at` (ms), of one site."""
        items = [
            {
                "v": SCHEMA_VERSION,
                "session_id": old,
                "site": site,
                "moved_to": new,
                "moved_at": at,
                "ttl": self.kept_until(at),
            }
            for old, new in sorted(moved.items())
        ]
        self._database.put_many(self.name, items)

    def _to_item(self, summary: SessionSummary) -> Item:
        item: Item = {name: getattr(summary, name) for name in _SAME}
        return item | {
            "v": SCHEMA_VERSION,
            "engaged_ms": summary.engaged_ms or None,
            "events_under": summary.storage_session_id,
            "initial_referrer": summary.referrer,
            "user_agent": summary.user_agent or None,
            "country": summary.location.country,
            "region": summary.location.region,
            "city": summary.location.city,
            "ttl": self.kept_until(summary.last_activity),
        }


def session_key(session_id: str) -> Item:
    return {"session_id": session_id}


def from_item(item: Item) -> SessionSummary:
    return SessionSummary(
        **{name: item[name] for name in _SAME if name in item},
        engaged_ms=item.get("engaged_ms", 0),
        storage_session_id=item.get("events_under"),
        referrer=item.get("initial_referrer"),
        user_agent=item.get("user_agent", ""),
        location=Location(item.get("country"), item.get("region"), item.get("city")),
    )
