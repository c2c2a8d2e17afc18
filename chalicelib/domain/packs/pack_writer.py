"""Packing puts closed sessions into the bytes of a segment; `segment.unpack` reads them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from operator import attrgetter
from typing import Any

from chalicelib.domain.collection.ids import is_session_id
from chalicelib.domain.packs.encoding import Numbers, Writer, sealed, zigzag
from chalicelib.domain.packs.pack import (
    ID_BYTES,
    PLACE_FIELDS,
    SESSION_COLUMNS,
    STEP_COLUMNS,
    TEXT_LISTS,
    TEXTS,
    VERSION,
    Arrival,
    arrival_of,
)
from chalicelib.domain.sessions.session import Session, Step

LARGEST_SEGMENT = 300_000  # bytes; an item of DynamoDB has at most 400 KB
LONGEST_PAGE = 100  # characters kept of each path, in a session that is too large alone

_OTHER_ID = (0, bytes(ID_BYTES))

_place_fields = attrgetter(*PLACE_FIELDS)


@dataclass(slots=True)
class _Columns:
    """Columns and the lists that they number into, by name."""

    numbers: dict[str, Numbers] = field(default_factory=dict)
    lists: dict[str, list[Any]] = field(default_factory=dict)

    def put(self, name: str, values: Sequence[Hashable]) -> None:
        """Number the values, the most frequent first: so most numbers are small."""
        self.lists[name] = [value for value, _ in Counter(values).most_common()]
        codes = {value: code for code, value in enumerate(self.lists[name])}
        self.numbers[name] = [codes[value] for value in values]


def pack(sessions: Iterable[Session]) -> bytes:
    """The sessions as one segment of any size, in order of start, then id."""
    rows = sorted(sessions, key=lambda session: (session.started_at, session.session_id))
    steps = [step for row in rows for step in row.steps]
    columns = _columns(rows, steps)
    ids = [_parsed_id(row) for row in rows]
    columns.numbers["id_day"] = [days for days, _ in ids]
    visitors, again, columns.numbers["comes_again"] = _each_once([row.visitor for row in rows])

    content = Writer()
    for number in (len(rows), len(steps), *_span(rows)):
        content.number(number)
    for name in SESSION_COLUMNS + STEP_COLUMNS:
        content.column(columns.numbers[name])
    content.number(len(again))
    content.column(again)
    content.blob(b"".join(digits for _, digits in ids))
    content.blob(bytes.fromhex("".join(visitors)))
    for table, fields in (("arrival", Arrival._fields), ("place", PLACE_FIELDS)):
        content.number(len(columns.lists[table]))
        for name in fields:
            content.column(columns.numbers[name])
    content.document([columns.lists[name] for name in TEXT_LISTS])
    content.document([json.loads(text) for text in columns.lists["props"]])
    content.document([(n, row.session_id) for n, row in enumerate(rows) if ids[n] == _OTHER_ID])
    return sealed(VERSION, content.content())


def split_packed(
    sessions: Iterable[Session], limit_bytes: int = LARGEST_SEGMENT
) -> list[bytes]:
    """The sessions as segments of at most that size each, oldest first.

    A session that is larger alone loses its props, and the ends of its paths.
    """
    rows = sorted(sessions, key=lambda session: (session.started_at, session.session_id))
    whole = pack(rows)
    if len(whole) <= limit_bytes or not rows:
        return [whole] if rows else []
    if len(rows) == 1:
        return [pack([_shortened(rows[0])])]
    pieces = min(len(whole) * 21 // (limit_bytes * 20) + 1, len(rows))
    cuts = [len(rows) * piece // pieces for piece in range(pieces + 1)]
    return [
        packed
        for start, end in pairwise(cuts)
        for packed in split_packed(rows[start:end], limit_bytes)
    ]


def _columns(rows: Sequence[Session], steps: Sequence[Step]) -> _Columns:
    columns = _Columns()
    for name in TEXTS:
        columns.put(name, [getattr(row, name) for row in rows])
    columns.put("arrival", [arrival_of(row) for row in rows])
    columns.put("place", [_place_fields(row.place) for row in rows])
    columns.put("event_type", [step.event_type for step in steps])
    columns.put("page", [step.page for step in steps])
    columns.put("props", [_json(step.props) for step in steps])
    for table, fields in (("arrival", Arrival._fields), ("place", PLACE_FIELDS)):
        for place, name in enumerate(fields):
            columns.put(name, [entry[place] for entry in columns.lists[table]])
    times = [[step.at for step in row.steps] for row in rows]
    columns.numbers |= {
        "start": [0, *_gaps([row.started_at for row in rows])][: len(rows)],
        "gap": [gap for one in times for gap in _gaps(one)],
        "steps": [len(row.steps) for row in rows],
        "engaged_ms": [step.engaged_ms for step in steps],
        "scroll_depth": [
            0 if step.scroll_depth is None else step.scroll_depth + 1 for step in steps
        ],
    }
    return columns


def _span(rows: Sequence[Session]) -> tuple[int, int]:
    """The first start, and how much later the last one is."""
    return (rows[0].started_at, rows[-1].started_at - rows[0].started_at) if rows else (0, 0)


def _gaps(times: Sequence[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(times)]


def _each_once(visitors: Sequence[str]) -> tuple[list[str], list[int], list[int]]:
    """The visitors in the order in which they come; which of them it is, for each session that
    is not its visitor's first; and 1 for those sessions."""
    numbers: dict[str, int] = {}
    again: list[int] = []
    comes_again: list[int] = []
    for visitor in visitors:
        known = numbers.setdefault(visitor, len(numbers))
        is_known = len(comes_again) - len(again) > known
        comes_again.append(int(is_known))
        if is_known:
            again.append(known)
    return list(numbers), again, comes_again


def _parsed_id(session: Session) -> tuple[int, bytes]:
    """How many days the id's date is from the start's, and its random part; _OTHER_ID for an id
    of another form, which is kept as text."""
    session_id = session.session_id
    if not is_session_id(session_id):
        return _OTHER_ID
    try:
        day = date(int(session_id[5:9]), int(session_id[9:11]), int(session_id[11:13]))
    except ValueError:
        return _OTHER_ID
    started = datetime.fromtimestamp(session.started_at // 1000, UTC).date()
    return zigzag((day - started).days), bytes.fromhex(session_id[14:])


def _json(props: Mapping[str, Any]) -> str:
    return json.dumps(props, sort_keys=True) if props else "{}"


def _shortened(session: Session) -> Session:
    steps = (
        replace(
            step,
            props={},
            page=step.page[:LONGEST_PAGE],
            event_type=step.event_type[:LONGEST_PAGE],
        )
        for step in session.steps
    )
    return replace(session, steps=tuple(steps))
