"""Sessions to take away: CSV or JSON lines, newest first, a page at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.query.calendar import date_of
from chalicelib.domain.query.cursor import Cursor
from chalicelib.domain.query.invalid_query import InvalidQuery
from chalicelib.domain.scan.session_page import Wanted
from chalicelib.domain.sessions.session_summary import Outline
from chalicelib.presentation.serializers import (
    MOST_BYTES,
    SESSION_FIELDS,
    session_reply,
    travelling_bytes,
)
from chalicelib.services.configured_sites import site_asked_for
from chalicelib.services.context import Context
from chalicelib.services.parameters import check_known
from chalicelib.services.reports.session_list import CHOICE, outlines_of, read_page, wanted_by
from chalicelib.settings import Settings

PARAMETERS = CHOICE | {"format"}
MOST_SESSIONS = 5_000
# The full-width ones are formulas to spreadsheets in Chinese, Japanese and Korean.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """A page: its text, and the cursor of the next one, None after the last."""

    text: str
    content_type: str
    filename: str
    cursor: str | None


def export(parameters: Mapping[str, str], context: Context) -> Export:
    """Export, as in docs/reference/api.md.

    Raise InvalidQuery for a bad parameter.
    """
    check_known(parameters, PARAMETERS)
    form = parameters.get("format", "csv")
    if form not in _FORMS:
        raise InvalidQuery("format", f"format takes one of {', '.join(_FORMS)}")
    content_type, line = _FORMS[form]
    site = site_asked_for(parameters.get("site"), context.settings)
    wanted = wanted_by(site, parameters, MOST_SESSIONS, context)
    page = read_page(site, wanted, context)
    outlines = outlines_of(page.sessions, context)
    lines = [_header()] if form == "csv" and wanted.after is None else []
    cut_at = _write(lines, outlines, line, context.settings)
    cursor = cut_at or page.cursor
    return Export(
        text="".join(lines),
        content_type=content_type,
        filename=_filename(site, wanted, form),
        cursor=cursor.text() if cursor else None,
    )


def _write(
    lines: list[str],
    outlines: Iterable[Outline],
    line: Callable[[Row], str],
    settings: Settings,
) -> Cursor | None:
    """Add a line a session; where there is no more room, the cursor of the last one."""
    size = 0
    last = None
    for one in outlines:
        written = line(session_reply(one, settings))
        size += travelling_bytes(written)
        if size > MOST_BYTES and last:
            return Cursor(last.start_time, last.session_id)
        lines.append(written)
        last = one
    return None


def _filename(site: str, wanted: Wanted, form: str) -> str:
    period = wanted.period
    first, last = date_of(period.start, period.zone), date_of(period.end - 1, period.zone)
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
    """A text that a spreadsheet would take for a formula gets an apostrophe, which makes it
    text there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def _json_line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


_FORMS: Mapping[str, tuple[str, Callable[[Row], str]]] = {
    "csv": ("text/csv; charset=utf-8", _csv_line),
    "ndjson": ("application/x-ndjson; charset=utf-8", _json_line),
}
