"""Scans the settled days of a period: from the cache, in this process, or in parallel.

    few sessions     in this process
    many sessions    divided by day among up to MAX_PARTS invocations of the function that scans

A part that fails or is late is requested again while the request has time. Days that are still
missing then are named in the result. Where there is no such function, as in `make run`, all
days are scanned in this process.

A day that is settled changes only if its stored summary does, so the result is cached under
that summary's version.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.metrics.summary import Summary, sum_summaries
from chalicelib.domain.metrics.summary_codec import decode_summary
from chalicelib.domain.query.calendar import Day
from chalicelib.domain.query.scan_request import ScanRequest
from chalicelib.services.context import Context
from chalicelib.services.scanning.day_scan import encode_day, scan_days
from chalicelib.storage.aws.retries import Unavailable, current_deadline, stop_at
from chalicelib.storage.aws.scan_function import FunctionMissing, ScanFunction

MIN_SESSIONS_TO_SPLIT = 100_000
MIN_SESSIONS_PER_PART = 25_000
MAX_PARTS = 32


@dataclass(frozen=True, slots=True)
class SettledDay:
    """A day with closed sessions only: their number, and the version of their summaries."""

    day: Day
    sessions: int
    version: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    summary: Summary
    missing_days: tuple[date, ...] = ()


def scan_settled(
    request: ScanRequest, settled: Sequence[SettledDay], context: Context
) -> ScanResult:
    """Return the sum of the settled days, which replace those of the request."""
    key, cache = request.query_key, context.tables.scan_cache
    keys = {one.day: (key, one.day.start, one.day.end, one.version) for one in settled}
    found = {one.day: cache.get(keys[one.day]) for one in settled}
    encoded = {day: content for day, content in found.items() if content is not None}
    rest = [one for one in settled if one.day not in encoded]
    for day, content in _scan(request, rest, context):
        cache.put(keys[day], content)
        encoded[day] = content
    return ScanResult(
        sum_summaries(map(decode_summary, encoded.values())),
        tuple(one.day.date for one in settled if one.day not in encoded),
    )


def _scan(
    request: ScanRequest, settled: Sequence[SettledDay], context: Context
) -> Iterator[tuple[Day, bytes]]:
    function = context.tables.scan_function
    if function and sum(one.sessions for one in settled) > MIN_SESSIONS_TO_SPLIT:
        try:
            yield from _scan_in_parallel(request, split(settled), function).items()
            return
        except FunctionMissing:
            pass
    for day, summary in scan_days(request.of_days([one.day for one in settled]), context):
        yield day, encode_day(summary)


def split(settled: Sequence[SettledDay]) -> list[list[Day]]:
    """Divide the days into at most MAX_PARTS parts with about equally many sessions, in
    order."""
    sessions = sum(one.sessions for one in settled)
    number = min(MAX_PARTS, -(-sessions // MIN_SESSIONS_PER_PART))
    parts: dict[int, list[Day]] = {}
    before = 0
    for one in settled:
        middle = before + one.sessions / 2
        parts.setdefault(int(middle * number / sessions), []).append(one.day)
        before += one.sessions
    return list(parts.values())


def _scan_in_parallel(
    request: ScanRequest, parts: Sequence[Sequence[Day]], function: ScanFunction
) -> Mapping[Day, bytes]:
    """Raise FunctionMissing if there is no such function, or it may not be invoked."""
    threads = ThreadPoolExecutor(MAX_PARTS, initializer=stop_at, initargs=(current_deadline(),))
    with threads:
        answers: Iterable[Mapping[Day, bytes]] = threads.map(
            lambda days: _scan_part(request.of_days(days), function), parts
        )
        return {day: content for answer in answers for day, content in answer.items()}


def _scan_part(request: ScanRequest, function: ScanFunction) -> Mapping[Day, bytes]:
    """Return the days of the part. Days that an answer leaves out are requested again."""
    found: dict[Day, bytes] = {}
    missing = list(request.days)
    while missing:
        try:
            answer = function.scan(request.of_days(missing).to_json())["days"]
        except Unavailable:
            break
        if not answer:
            break
        for day in missing:
            if day.date.isoformat() in answer:
                found[day] = b64decode(answer[day.date.isoformat()])
        missing = [day for day in missing if day not in found]
    return found
