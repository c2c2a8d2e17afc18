"""The archive: closed sessions as files in a bucket, and the list of days that are to go there.

    bucket          sessions/site=SITE/day=YYYY-MM-DD/part-0000.ndjson.gz

    rollups table   site      sort_key
                    (sites)   export#DAY#SITE    `marked_at` (ms), `next_part`

A day is marked again when it has changed; its files are then written again, under the same
names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import ConditionFailed, Database
from chalicelib.storage.site_registry import SITE as OF_ALL_SITES

SCHEMA_VERSION = 1
FOLDER = "sessions"


@dataclass(frozen=True, slots=True)
class Marked:
    """A day (YYYY-MM-DD) of a site whose files are to be written, from `next_part` on."""

    site: str
    day: str
    marked_at: int
    next_part: int = 0


class ExportList:
    """In the rollups table; `name` is that table's."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def mark(self, site: str, day: str, now: int) -> None:
        """Have the day written, from its beginning. `now` in ms."""
        item = {"v": SCHEMA_VERSION, "marked_at": now, "next_part": 0}
        self._database.put(self.name, _key(site, day) | item)

    def marked(self) -> Iterator[Marked]:
        items = self._database.query(
            self.name,
            "site = :site AND begins_with(sort_key, :export)",
            {":site": OF_ALL_SITES, ":export": "export#"},
        )
        return map(_marked, items)

    def go_on(self, marked: Marked, next_part: int) -> None:
        """Say how far it has come. Nothing where the day has been marked again since."""
        with suppress(ConditionFailed):
            self._database.update(
                self.name,
                _key(marked.site, marked.day),
                "SET next_part = :next",
                values={":next": next_part, ":marked": marked.marked_at},
                condition="marked_at = :marked",
            )

    def done(self, marked: Marked) -> None:
        """All of it is written. Nothing where the day has been marked again since."""
        with suppress(ConditionFailed):
            self._database.delete(
                self.name,
                _key(marked.site, marked.day),
                condition="marked_at = :marked",
                values={":marked": marked.marked_at},
            )


class Bucket:
    def __init__(self, name: str, client: Any = None) -> None:
        self._client = client or s3_client()
        self.name = name

    def put_part(self, site: str, day: str, number: int, content: bytes) -> None:
        """Compressed lines. The same part again takes its place."""
        self._client.put_object(
            Bucket=self.name,
            Key=f"{FOLDER}/site={site}/day={day}/part-{number:04}.ndjson.gz",
            Body=content,
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )


def s3_client() -> Any:
    """Made where there is something to write: it takes a tenth of a second."""
    return get_session().create_client("s3", config=Config(connect_timeout=2, read_timeout=10))


def _key(site: str, day: str) -> Item:
    return {"site": OF_ALL_SITES, "sort_key": f"export#{day}#{site}"}


def _marked(item: Item) -> Marked:
    _, day, site = item["sort_key"].split("#")
    return Marked(site, day, item["marked_at"], item["next_part"])
