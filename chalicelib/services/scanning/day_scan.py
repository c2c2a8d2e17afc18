"""Scans days whose sessions are all in packs, one after the other, so that a year needs the
memory of a day.

    scan_days(request, context)       the summary of each day
    answer_scan(payload, context)     the same as JSON, for the function that scans

A response of Lambda has at most 6 MB. The days that do not fit, or for which there is no time
left, are missing from the answer, and its caller requests them again.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from chalicelib.domain.metrics.aggregate import MAX_DAY_VALUES, aggregate
from chalicelib.domain.metrics.summary import Summary
from chalicelib.domain.metrics.summary_codec import encode_summary
from chalicelib.domain.packs.pack import Pack, read_pack
from chalicelib.domain.query.calendar import Day
from chalicelib.domain.query.scan_request import ScanRequest
from chalicelib.services.context import Context
from chalicelib.services.report_days import consecutive_days, report_days_of
from chalicelib.storage.aws.retries import has_time_left
from chalicelib.storage.rollup_table.rollup_items import StoredPack

MAX_ANSWER_BYTES = 4_000_000  # 5.4 MB in base64


def scan_days(request: ScanRequest, context: Context) -> Iterator[tuple[Day, Summary]]:
    """Yield the summary of each day, until no time is left for the next one."""
    window = _PackWindow(request, context)
    for day in request.days:
        if not has_time_left():
            return
        packs = window.of_day(day)
        yield (
            day,
            aggregate(
                packs,
                [day],
                request.zone,
                dimensions=request.dimensions,
                filters=request.filters,
            ),
        )


def answer_scan(payload: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return the encoded summaries of as many days as fit, by date."""
    days: dict[str, str] = {}
    size = 0
    for day, summary in scan_days(ScanRequest.from_json(payload), context):
        encoded = encode_day(summary)
        size += len(encoded)
        if days and size > MAX_ANSWER_BYTES:
            break
        days[day.date.isoformat()] = b64encode(encoded).decode()
    return {"days": days}


def encode_day(summary: Summary) -> bytes:
    """Encode the summary with all its values. One that is too large for an answer keeps those
    with the most visitors, and names the dimensions that it truncated."""
    return encode_summary(summary, MAX_ANSWER_BYTES, max_values=MAX_DAY_VALUES)


class _PackWindow:
    """The packs of one day of the request at a time. Its days are in order; in another time
    zone, they share days of the reports."""

    def __init__(self, request: ScanRequest, context: Context) -> None:
        self._settings = context.settings
        names = dict.fromkeys(
            name
            for day in request.days
            for name in report_days_of(day.start, day.end, context.settings)
        )
        self._unread: Iterator[StoredPack] = chain.from_iterable(
            context.tables.rollups.packs(request.site, first, last)
            for first, last in consecutive_days(names)
        )
        self._next = next(self._unread, None)
        self._held: list[tuple[str, Pack]] = []

    def of_day(self, day: Day) -> list[Pack]:
        names = report_days_of(day.start, day.end, self._settings)
        self._held = [(name, pack) for name, pack in self._held if name >= names[0]]
        while self._next is not None and self._next.day <= names[-1]:
            self._held.append((self._next.day, read_pack(self._next.packed)))
            self._next = next(self._unread, None)
        return [pack for _, pack in self._held]
