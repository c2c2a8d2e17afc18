"""Writes closed sessions as the bytes of a pack; `pack.read_pack` reads them."""

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
from chalicelib.domain.packs.encoding import ByteWriter, Numbers, frame, zigzag
from chalicelib.domain.packs.pack import (
    ID_BYTES,
    LOCATION_FIELDS,
    PACK_VERSION,
    SESSION_COLUMNS,
    STEP_COLUMNS,
    TEXT_COLUMNS,
    TEXT_LISTS,
    Acquisition,
    acquisition_of,
)
from chalicelib.domain.sessions.session import Session, Step

MAX_PACK_BYTES = 300_000  # an item of DynamoDB has at most 400 KB
MAX_TRUNCATED_CHARACTERS = (
    100  # characters kept of each path, in a session that is too large alone
)

_FOREIGN_ID = (0, bytes(ID_BYTES))

_location_fields = attrgetter(*LOCATION_FIELDS)


@dataclass(slots=True)
class _Columns:
    """Columns, and the lists that they refer to, by name."""

    codes: dict[str, Numbers] = field(default_factory=dict)
    values: dict[str, list[Any]] = field(default_factory=dict)

    def put(self, name: str, values: Sequence[Hashable]) -> None:
        """Assign numbers to the values, most frequent first, so that most numbers are small."""
        self.values[name] = [value for value, _ in Counter(values).most_common()]
        codes = {value: code for code, value in enumerate(self.values[name])}
        self.codes[name] = [codes[value] for value in values]


def write_pack(sessions: Iterable[Session]) -> bytes:
    """Write the sessions as one pack of any size, by start, then id."""
    rows = sorted(sessions, key=lambda session: (session.started_at, session.session_id))
    steps = [step for row in rows for step in row.steps]
    columns = _columns(rows, steps)
    ids = [_split_id(row) for row in rows]
    columns.codes["id_day"] = [days for days, _ in ids]
    visitors, again, columns.codes["is_returning"] = _deduplicate_visitors(
        [row.visitor for row in rows]
    )

    content = ByteWriter()
    for number in (len(rows), len(steps), *_span(rows)):
        content.write_number(number)
    for name in SESSION_COLUMNS + STEP_COLUMNS:
        content.write_column(columns.codes[name])
    content.write_number(len(again))
    content.write_column(again)
    content.write_bytes(b"".join(digits for _, digits in ids))
    content.write_bytes(bytes.fromhex("".join(visitors)))
    for table, fields in (("acquisition", Acquisition._fields), ("location", LOCATION_FIELDS)):
        content.write_number(len(columns.values[table]))
        for name in fields:
            content.write_column(columns.codes[name])
    content.write_document([columns.values[name] for name in TEXT_LISTS])
    content.write_document([json.loads(text) for text in columns.values["props"]])
    content.write_document(
        [(n, row.session_id) for n, row in enumerate(rows) if ids[n] == _FOREIGN_ID]
    )
    return frame(PACK_VERSION, content.to_bytes())


def write_packs(sessions: Iterable[Session], limit_bytes: int = MAX_PACK_BYTES) -> list[bytes]:
    """Yield packs of at most the given size, oldest first.

    A session that is too large alone loses its props, and the ends of its paths.
    """
    rows = sorted(sessions, key=lambda session: (session.started_at, session.session_id))
    whole = write_pack(rows)
    if len(whole) <= limit_bytes or not rows:
        return [whole] if rows else []
    if len(rows) == 1:
        return [write_pack([_truncate_session(rows[0])])]
    pieces = min(len(whole) * 21 // (limit_bytes * 20) + 1, len(rows))
    cuts = [len(rows) * piece // pieces for piece in range(pieces + 1)]
    return [
        packed
        for start, end in pairwise(cuts)
        for packed in write_packs(rows[start:end], limit_bytes)
    ]


def _columns(rows: Sequence[Session], steps: Sequence[Step]) -> _Columns:
    columns = _Columns()
    for name in TEXT_COLUMNS:
        columns.put(name, [getattr(row, name) for row in rows])
    columns.put("acquisition", [acquisition_of(row) for row in rows])
    columns.put("location", [_location_fields(row.location) for row in rows])
    columns.put("event_type", [step.event_type for step in steps])
    columns.put("page", [step.page for step in steps])
    columns.put("props", [_json(step.props) for step in steps])
    for table, fields in (("acquisition", Acquisition._fields), ("location", LOCATION_FIELDS)):
        for index, name in enumerate(fields):
            columns.put(name, [entry[index] for entry in columns.values[table]])
    times = [[step.at for step in row.steps] for row in rows]
    columns.codes |= {
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
    """Return the first start, and how much later the last one is."""
    return (rows[0].started_at, rows[-1].started_at - rows[0].started_at) if rows else (0, 0)


def _gaps(times: Sequence[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(times)]


def _deduplicate_visitors(visitors: Sequence[str]) -> tuple[list[str], list[int], list[int]]:
    """Store each visitor once: `returning` numbers refer to a visitor's first session.

    visitors of the sessions   ann  bob  ann  ann  eve
    distinct visitors          ann  bob  eve
    returning                  0, 0          # sessions 2 and 3 are ann's again
    is_returning               0    0    1    1    0
    """
    numbers: dict[str, int] = {}
    returning: list[int] = []
    is_returning: list[int] = []
    for visitor in visitors:
        new = len(numbers)
        number = numbers.setdefault(visitor, new)
        is_returning.append(int(number < new))
        if number < new:
            returning.append(number)
    return list(numbers), returning, is_returning


def _split_id(session: Session) -> tuple[int, bytes]:
    """Return the days from the session's start to the date in its id, and the random bytes.

    An id of another form gives _FOREIGN_ID; the pack keeps such an id as text.
    """
    session_id = session.session_id
    if not is_session_id(session_id):
        return _FOREIGN_ID
    try:
        day = date(int(session_id[5:9]), int(session_id[9:11]), int(session_id[11:13]))
    except ValueError:
        return _FOREIGN_ID
    started = datetime.fromtimestamp(session.started_at // 1000, UTC).date()
    return zigzag((day - started).days), bytes.fromhex(session_id[14:])


def _json(props: Mapping[str, Any]) -> str:
    return json.dumps(props, sort_keys=True) if props else "{}"


def _truncate_session(session: Session) -> Session:
    steps = (
        replace(
            step,
            props={},
            page=step.page[:MAX_TRUNCATED_CHARACTERS],
            event_type=step.event_type[:MAX_TRUNCATED_CHARACTERS],
        )
        for step in session.steps
    )
    return replace(session, steps=tuple(steps))
