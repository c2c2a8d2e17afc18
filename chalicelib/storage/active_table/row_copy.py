"""This process's copy of the rows of active sessions, for realtime.

A dashboard asks every few seconds, and few rows change meanwhile. So an update reads the
versions of all rows, a sixth of their bytes, and then the rows that are new or have changed.
DynamoDB charges for the whole rows either way, but most of the CPU is spent on their bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock
from typing import Any, TypeVar

from chalicelib.domain.collection.ids import is_session_id
from chalicelib.domain.sessions.live_rows import LiveRows
from chalicelib.storage.active_table.active_sessions import readable, row_key
from chalicelib.storage.aws.attribute_codec import Attributes, Item, from_attributes
from chalicelib.storage.aws.database import MAX_KEYS_PER_READ, Database, chunks

# Every write of a row that readers can see changes one of these.
VERSION = ("touched_at", "events", "expires_at", "later")
SEGMENTS = 8  # that are read at once
MAX_CHANGED_SHARE = 0.2  # if more rows have changed, all are read

_Versions = dict[str, tuple[Any, ...]]  # by row id
_Scan = Callable[..., Iterable[Attributes]]
_Get = Callable[[Iterable[str]], Iterable[Item]]
T = TypeVar("T")


class RowCopy:
    """Use it with `lock` held.

    rows          the copy
    has_all_rows  whether it has all rows; otherwise none
    is_large      whether the table has more than a page of rows
    read_at       when that was last known, in ms; 0 for never
    results       what readers have computed since then, by site
    """

    def __init__(self, database: Database, name: str, timeout_ms: int) -> None:
        self._database = database
        self._name = name
        self._timeout_ms = timeout_ms
        self._versions: _Versions = {}
        self._page_items = 0  # of the last page that had a next one
        self.lock = Lock()
        self.rows = LiveRows(timeout_ms)
        self.has_all_rows = False
        self.is_large = False
        self.read_at = 0
        self.results: dict[str, Any] = {}

    def update_small(self, now: int) -> bool:
        """Update from one page of the table, as it is now. Return False if it has more."""
        if not self.is_large:
            try:
                self._update(self._only_page, self._current_items, now)
            except _MorePages:
                self.is_large = True
        return not self.is_large

    def update_large(self, now: int) -> None:
        """Update from all pages, read in parallel. They may lack the changes of the last
        second, for half the price."""
        with ThreadPoolExecutor(SEGMENTS) as pool:

            def scan(only: Sequence[str] = ()) -> Iterator[Attributes]:
                return _in_parallel(
                    pool, lambda segment: self._segment(segment, only), range(SEGMENTS)
                )

            def get(ids: Iterable[str]) -> Iterator[Item]:
                return _in_parallel(pool, self._recent_items, chunks(ids, MAX_KEYS_PER_READ))

            self._update(scan, get, now)
        self.is_large = len(self._versions) > self._page_items

    def leave_out_rows(self, now: int) -> None:
        """Keep no copy: the table has too many rows."""
        self.rows = LiveRows(self._timeout_ms)
        self._versions = {}
        self._set_read(now, has_all_rows=False)

    def _update(self, scan: _Scan, get: _Get, now: int) -> None:
        versions = _versions(scan(only=("session_id", *VERSION))) if self._versions else {}
        changed = [id_ for id_ in versions if self._versions.get(id_) != versions[id_]]
        items: Iterable[Item]
        if versions and len(changed) <= MAX_CHANGED_SHARE * len(versions) + 1:
            items = list(get(changed))
        else:
            encoded = list(scan())
            versions = _versions(encoded)
            changed = list(versions)
            items = map(from_attributes, encoded)
        for session_id in [*(self._versions.keys() - versions.keys()), *changed]:
            self.rows.drop(session_id)
        for row in readable(item for item in items if is_session_id(item["session_id"])):
            self.rows.put(row)
        self._versions = versions
        self._set_read(now, has_all_rows=True)

    def _set_read(self, now: int, *, has_all_rows: bool) -> None:
        self.read_at, self.has_all_rows = now, has_all_rows
        self.results.clear()

    def _only_page(self, only: Sequence[str] = ()) -> list[Attributes]:
        items, is_last = next(self._database.scan_encoded(self._name, only=only))
        if not is_last:
            self._page_items = len(items)
            raise _MorePages
        return items

    def _segment(self, segment: int, only: Sequence[str]) -> list[Attributes]:
        pages = self._database.scan_encoded(
            self._name, segment=segment, segments=SEGMENTS, consistent=False, only=only
        )
        return [item for items, _ in pages for item in items]

    def _current_items(self, ids: Iterable[str]) -> Iterator[Item]:
        for some in chunks(ids, MAX_KEYS_PER_READ):
            keys = {self._name: list(map(row_key, some))}
            yield from self._database.get_many(keys)[self._name]

    def _recent_items(self, ids: Iterable[str]) -> list[Item]:
        keys = {self._name: list(map(row_key, ids))}
        return self._database.get_many(keys, eventually_consistent=[self._name])[self._name]


class _MorePages(Exception):
    """The table has more than one page."""


def _versions(items: Iterable[Attributes]) -> _Versions:
    return {
        item["session_id"]["S"]: tuple(
            [next(iter(item[name].values())) if name in item else None for name in VERSION]
        )
        for item in items
    }


def _in_parallel(
    pool: Executor, read: Callable[[Any], list[T]], parts: Iterable[Any]
) -> Iterator[T]:
    """Yield the items of all parts. Each thread has the deadline of this one."""
    reading = [pool.submit(copy_context().run, read, part) for part in parts]
    for result in reading:
        yield from result.result()
