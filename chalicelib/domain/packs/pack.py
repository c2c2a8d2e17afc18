"""A pack is closed sessions of one site, oldest first, in columns; `pack_writer` writes it.

A pack keeps everything about a session except its user_id, and times to the millisecond. A
repeated value is stored as a code: its index in a list of the values, most frequent first.

    10:00   ann, de    /a, 20 s later /b
    10:01   bob, en    /a
    10:05   ann, de    /a

    column("start")          0, 60_000, 240_000   ms since the previous session
    column("steps")          2, 1, 1
    column("language")       0, 1, 0              texts()["language"] is ["de", "en"]
    column("is_returning")   0, 0, 1              ann has an earlier session in the pack
    column("returning")      0                    ... as visitor 0 of [ann, bob]
    column("page")           0, 1, 0, 0           texts()["page"] is ["/a", "/b"]
    column("gap")            20_000               ms since the previous step of the session

The bytes, in this order:

    version, checksum of the rest
    number of sessions, of steps; first start; last start - first
    a column each, one number a session   SESSION_COLUMNS
    a column each, one number a step      STEP_COLUMNS; gaps: without each session's first
    returning                             one number a session that is not its visitor's first
    ids, visitors                         4 bytes a session, 6 bytes a visitor
    number of acquisitions, their columns; number of locations, their columns
    lists of texts, list of props, ids of another form: JSON
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, chain, islice, starmap
from operator import attrgetter
from typing import Any, NamedTuple

from chalicelib.domain.collection.event import Location, PropValue
from chalicelib.domain.collection.ids import id_random_bytes, new_session_id
from chalicelib.domain.packs.encoding import (
    Numbers,
    decode_column,
    read_document,
    read_fixed_width,
    unframe,
    unzigzag,
)
from chalicelib.domain.sessions.session import Session, Step

PACK_VERSION = 1
DAY_MS = 24 * 60 * 60 * 1000
ID_BYTES = 4
VISITOR_BYTES = 6

TEXT_COLUMNS = (
    "user_agent",
    "hostname",
    "language",
    "screen",
    "ended_by",
    "storage_session_id",
)
SESSION_COLUMNS = (
    "start",
    "id_day",
    "steps",
    "is_returning",
    "acquisition",
    "location",
    *TEXT_COLUMNS,
)
STEP_COLUMNS = ("gap", "event_type", "page", "engaged_ms", "scroll_depth", "props")


class Acquisition(NamedTuple):
    """The site, referrer, tags and click id of a session's first event."""

    site: str
    referrer: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    click_id: str | None


def acquisition_of(session: Session) -> Acquisition:
    return Acquisition(*_acquisition_fields(session))


_acquisition_fields = attrgetter(*Acquisition._fields)
LOCATION_FIELDS = tuple(field.name for field in fields(Location))
TEXT_LISTS = (*TEXT_COLUMNS, "event_type", "page", *Acquisition._fields, *LOCATION_FIELDS)


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """Reads columns on demand, and caches none. Starts are in ms."""

    size: int  # bytes
    count: int
    step_count: int
    first_start: int
    last_start: int
    _parts: Mapping[str, memoryview]
    _counts: Mapping[str, int]

    def column(self, name: str) -> Numbers:
        """Return a column of SESSION_COLUMNS or STEP_COLUMNS."""
        return decode_column(self._parts[name], self._counts[name])

    def starts(self) -> list[int]:
        gaps = self.column("start")
        return list(accumulate(islice(gaps, 1, None), initial=self.first_start)) if gaps else []

    def visitors(self) -> list[int]:
        """Return a number per session; sessions of one visitor have the same one."""
        distinct = read_fixed_width(self._parts["visitors"], VISITOR_BYTES)
        returning = map(distinct.__getitem__, self.column("returning"))
        next_visitor = (iter(distinct).__next__, returning.__next__)
        return [next_visitor[is_returning]() for is_returning in self.column("is_returning")]

    def texts(self) -> Mapping[str, list[str | None]]:
        """Return the lists that the columns refer to, by name."""
        return dict(zip(TEXT_LISTS, read_document(self._parts["texts"]), strict=True))

    def acquisitions(self, texts: Mapping[str, list[str | None]]) -> list[Acquisition]:
        return [Acquisition(*row) for row in self._table(Acquisition._fields, texts)]

    def locations(self, texts: Mapping[str, list[str | None]]) -> list[Location]:
        return [Location(*row) for row in self._table(LOCATION_FIELDS, texts)]

    def props(self) -> list[dict[str, PropValue]]:
        props: list[dict[str, PropValue]] = read_document(self._parts["props_list"])
        return props

    def session_ids(self, indices: Iterable[int] | None = None) -> list[str]:
        """Return the ids of all sessions, or of those at these indices."""
        starts, days = self.starts(), list(unzigzag(self.column("id_day")))
        ids = bytes(self._parts["ids"])
        others = dict(read_document(self._parts["other_ids"]))
        return [
            others.get(index)
            or new_session_id(
                starts[index] + days[index] * DAY_MS,
                ids[index * ID_BYTES : (index + 1) * ID_BYTES],
            )
            for index in (range(self.count) if indices is None else indices)
        ]

    def contained_ids(self, ids: Iterable[str]) -> set[str]:
        """Return which of the session ids are in the pack. Usually none is: the random bytes
        show it, without building the ids."""
        candidates = set(ids)
        stored = set(read_fixed_width(self._parts["ids"], ID_BYTES))
        if stored.isdisjoint(
            int.from_bytes(id_random_bytes(id_), "little") for id_ in candidates
        ):
            return set()
        return candidates.intersection(self.session_ids())

    def sessions(self) -> list[Session]:
        """Return the packed sessions, by start, then id."""
        texts = self.texts()
        acquisitions, locations = self.acquisitions(texts), self.locations(texts)
        steps = self._steps(texts)
        rows = zip(
            self.session_ids(),
            (visitor.to_bytes(VISITOR_BYTES, "little").hex() for visitor in self.visitors()),
            self.column("steps"),
            map(acquisitions.__getitem__, self.column("acquisition")),
            map(locations.__getitem__, self.column("location")),
            zip(
                *(map(texts[name].__getitem__, self.column(name)) for name in TEXT_COLUMNS),
                strict=True,
            ),
            strict=True,
        )
        return [
            Session(
                session_id=session_id,
                visitor=visitor,
                steps=tuple(starmap(Step, islice(steps, count))),
                location=location,
                **acquisition._asdict(),
                **dict(zip(TEXT_COLUMNS, others, strict=True)),
            )
            for session_id, visitor, count, acquisition, location, others in rows
        ]

    def _steps(self, texts: Mapping[str, list[Any]]) -> Iterator[tuple[Any, ...]]:
        """Return the fields of each step."""
        props = self.props()
        gaps = iter(self.column("gap"))
        times = (
            accumulate(islice(gaps, count - 1), initial=start)
            for start, count in zip(self.starts(), self.column("steps"), strict=True)
        )
        return zip(
            chain.from_iterable(times),
            map(texts["event_type"].__getitem__, self.column("event_type")),
            map(texts["page"].__getitem__, self.column("page")),
            self.column("engaged_ms"),
            (depth - 1 if depth else None for depth in self.column("scroll_depth")),
            (dict(props[number]) for number in self.column("props")),
            strict=True,
        )

    def _table(
        self, columns: Sequence[str], texts: Mapping[str, list[str | None]]
    ) -> Iterator[tuple[Any, ...]]:
        return zip(
            *([texts[column][code] for code in self.column(column)] for column in columns),
            strict=True,
        )


def read_pack(content: bytes) -> Pack:
    """Read a pack. Raise DecodeError with the reason if this release cannot read it."""
    reader = unframe(PACK_VERSION, content)
    count, steps, first_start, span = (reader.read_number() for _ in range(4))
    parts: dict[str, memoryview] = {}
    counts: dict[str, int] = {}

    def read_columns(names: Sequence[str], length: int) -> None:
        for name in names:
            parts[name], counts[name] = reader.read_bytes(), length

    read_columns(SESSION_COLUMNS, count)
    read_columns(STEP_COLUMNS, steps)
    counts["gap"] = steps - count
    read_columns(["returning"], reader.read_number())
    read_columns(["ids", "visitors"], 0)
    read_columns(Acquisition._fields, reader.read_number())
    read_columns(LOCATION_FIELDS, reader.read_number())
    read_columns(["texts", "props_list", "other_ids"], 0)
    return Pack(len(content), count, steps, first_start, first_start + span, parts, counts)
