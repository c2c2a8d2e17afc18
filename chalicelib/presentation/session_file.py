"""Sessions as a file: CSV or JSON lines, newest first, a page at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.query.calendar import local_date
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.scan.session_page import SessionQuery
from chalicelib.domain.sessions.session_summary import SessionSummary
from chalicelib.presentation.serializers import (
    MAX_RESPONSE_BYTES,
    SESSION_FIELDS,
    encoded_size,
    serialize_session,
)
from chalicelib.settings import Settings

# The full-width ones are formulas to spreadsheets in Chinese, Japanese and Korean.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionFile:
    """A page of an export. `cursor` is that of the next page, None after the last."""

    text: str
    content_type: str
    filename: str
    cursor: str | None


def session_file(
    site: str,
    query: SessionQuery,
    sessions: Iterable[SessionSummary],
    cursor: Cursor | None,
    form: str,
    settings: Settings,
) -> SessionFile:
    """Return sessions in one of the FORMATS. The page ends early if they are too large for one
    response."""
    content_type, line = FORMATS[form]
    lines = [_header()] if form == "csv" and query.after is None else []
    cursor = _write(lines, sessions, line, settings) or cursor
    return SessionFile(
        text="".join(lines),
        content_type=content_type,
        filename=_filename(site, query, form),
        cursor=cursor.text() if cursor else None,
    )


def _write(
    lines: list[str],
    sessions: Iterable[SessionSummary],
    line: Callable[[Row], str],
    settings: Settings,
) -> Cursor | None:
    """Add a line per session. If there is no more room, return the cursor of the last one."""
    size = 0
    last = None
    for one in sessions:
        written = line(serialize_session(one, settings))
        size += encoded_size(written)
        if size > MAX_RESPONSE_BYTES and last:
            return Cursor(last.start_time, last.session_id)
        lines.append(written)
        last = one
    return None


def _filename(site: str, query: SessionQuery, form: str) -> str:
    period = query.period
    first, last = local_date(period.start, period.zone), local_date(period.end - 1, period.zone)
    return f"{site}-{first}-{last}-sessions.{form}"


def _csv_line(row: Row) -> str:
    return _csv_text([_cell(value) for value in row.values()])


def _header() -> str:
    return _csv_text(SESSION_FIELDS)


def _csv_text(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()


def _cell(value: Any) -> str:
    """Prefix text that a spreadsheet would run as a formula with an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def _json_line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


FORMATS: Mapping[str, tuple[str, Callable[[Row], str]]] = {
    "csv": ("text/csv; charset=utf-8", _csv_line),
    "ndjson": ("application/x-ndjson; charset=utf-8", _json_line),
}
