"""The whole active sessions table, read in pages of 1 MB: rows, and everything beside them.

The job reads it each minute, and so does every view of the open sessions. A large table is
divided into segments, one of which is read at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from chalicelib.domain.collection.ids import is_session_id
from chalicelib.domain.sessions.active_session import ActiveSession
from chalicelib.storage.active_table import (
    active_sessions,
    pending_closes,
    quarantine,
    salts,
)
from chalicelib.storage.active_table.active_sessions import UNREADABLE
from chalicelib.storage.active_table.pending_closes import PendingClose
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database

MAX_PAGES_PER_READER = 8  # MB that a reader waits for: some 15,000 open sessions


@dataclass(frozen=True, slots=True)
class TablePage:
    """The items of one page, or of several.

    unreadable     keys of rows that cannot be read
    salts          by day, when each is to be deleted, in seconds
    quarantined    by key, when each row was quarantined, in ms
    is_complete    whether no page follows
    """

    rows: list[ActiveSession] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    pending_closes: list[PendingClose] = field(default_factory=list)
    salts: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    is_complete: bool = True

    def __add__(self, next_page: TablePage) -> TablePage:
        return TablePage(
            self.rows + next_page.rows,
            self.unreadable + next_page.unreadable,
            self.pending_closes + next_page.pending_closes,
            self.salts | next_page.salts,
            self.quarantined | next_page.quarantined,
            next_page.is_complete,
        )


class TableScan:
    """Of the active sessions table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name

    def pages(
        self, *, segment: int = 0, segments: int = 1, consistent: bool = True
    ) -> Iterator[TablePage]:
        """All pages of the table, or of one of several equal segments. If not consistent, they
        may lack the changes of the last second."""
        pages = self._database.scan_pages(
            self._name, segment=segment, segments=segments, consistent=consistent
        )
        return (_page(items, is_complete=is_last) for items, is_last in pages)

    def first_page(self) -> TablePage:
        """Return what one call reads."""
        return next(self.pages())

    def read(self) -> TablePage:
        """All items, or those of the first MAX_PAGES_PER_READER pages: see `is_complete`."""
        contents = TablePage()
        for page in islice(self.pages(), MAX_PAGES_PER_READER):
            contents = contents + page
        return contents


def _page(items: Iterable[Item], *, is_complete: bool) -> TablePage:
    page = TablePage(is_complete=is_complete)
    for item in items:
        key = str(item["session_id"])
        if key.startswith(salts.PREFIX):
            page.salts[key.removeprefix(salts.PREFIX)] = item["delete_at"]
        elif key.startswith(pending_closes.PREFIX):
            page.pending_closes.append(pending_closes.from_item(item))
        elif key.startswith(quarantine.PREFIX):
            page.quarantined[key.removeprefix(quarantine.PREFIX)] = item["aside_at"]
        elif is_session_id(key):
            try:
                page.rows.append(active_sessions.from_item(item))
            except UNREADABLE:
                page.unreadable.append(key)
        else:
            page.unreadable.append(key)
    return page
