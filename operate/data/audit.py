"""Recounting computes the sessions of a period from the stored events, and reports each
difference from what Rollups and Sessions have stored. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from chalicelib.domain.metrics.aggregate import aggregate
from chalicelib.domain.metrics.summary import Summary, sum_summaries
from chalicelib.domain.metrics.summary_codec import decode_summary, encode_summary
from chalicelib.domain.packs.pack import Pack
from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.sessions.session_summary import summarize_session
from chalicelib.services.closed_sessions import read_days
from chalicelib.services.report_days import day_of, days_of_month, month_of, report_day
from operate.data.session_sources import SessionSources


@dataclass(frozen=True, slots=True)
class Recount:
    """`differences` are sentences."""

    sessions: int
    differences: Sequence[str]


def recount(sources: SessionSources, first_day: str, last_day: str, *, now: int) -> Recount:
    """Recount the days from the first to the last (YYYY-MM-DD), whose events must still be
    stored. `now` in ms."""
    busy = sources.open_session_ids()
    closed = {
        day.day: day.packs
        for day in read_days(sources.site, first_day, last_day, sources.context)
    }
    ids = sources.session_ids_with_events()
    expected = _by_day(sources, sources.sessions_from_events(ids - busy), first_day, last_day)
    # A session that has closed in between may be in only one of the two.
    busy |= sources.open_session_ids()
    differences: list[str] = []
    number = 0
    for day in sorted({*closed, *expected}):
        stored = [one for part in closed.get(day, []) for one in part.sessions()]
        made = [one for one in expected.get(day, []) if _group(one) not in busy]
        number += len(made)
        differences += _compared(day, made, [s for s in stored if _group(s) not in busy])
        differences += _outlines(sources, made, now)
        differences += _summary(sources, day, closed.get(day, []))
    differences += _months(sources, sorted({month_of(day) for day in closed}))
    return Recount(number, differences)


def _group(session: Session) -> str:
    """Return the id under which its events are stored."""
    return session.storage_session_id or session.session_id


def _by_day(
    sources: SessionSources, sessions: Iterator[Session], first_day: str, last_day: str
) -> dict[str, list[Session]]:
    by_day: dict[str, list[Session]] = {}
    for session in sessions:
        day = day_of(session.started_at, sources.settings)
        if session.site == sources.site and first_day <= day <= last_day:
            by_day.setdefault(day, []).append(session)
    return by_day


def _compared(day: str, made: Sequence[Session], stored: Sequence[Session]) -> Iterator[str]:
    expected = {session.session_id: session for session in made}
    kept: dict[str, Session] = {}
    for session in stored:
        if session.session_id in kept:
            yield f"{day}: {session.session_id} is stored twice in Rollups."
        kept[session.session_id] = session
    for session_id in sorted(expected.keys() - kept.keys()):
        yield f"{day}: {session_id} has events but is missing in Rollups."
    for session_id in sorted(kept.keys() - expected.keys()):
        yield f"{day}: {session_id} is in Rollups but has no events."
    for session_id in sorted(kept.keys() & expected.keys()):
        # A pack has everything of a session except its user_id.
        different = _different(replace(expected[session_id], user_id=None), kept[session_id])
        if different:
            yield f"{day}: {session_id} differs in Rollups: {', '.join(different)}."


def _outlines(sources: SessionSources, made: Sequence[Session], now: int) -> Iterator[str]:
    table = sources.tables.sessions
    for session in made:
        if not table.is_kept(summarize_session(session), now=now):
            continue  # it has expired, and DynamoDB deletes it within days
        outline = table.get(session.session_id)
        if outline is None:
            yield f"{session.session_id} is missing in Sessions."
        elif outline != summarize_session(session):
            different = ", ".join(_different(outline, summarize_session(session)))
            yield f"{session.session_id} differs in Sessions: {different}."


def _different(one: object, other: object) -> list[str]:
    """Return the names of the fields in which two dataclasses differ."""
    names = [field.name for field in fields(one)]  # type: ignore[arg-type]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def _summary(sources: SessionSources, day: str, packs: Sequence[Pack]) -> Iterator[str]:
    kept = next(iter(sources.tables.rollups.summaries(sources.site, day, day)), None)
    recents = any(True for _ in sources.tables.rollups.recents(sources.site, day, day))
    if kept is None or recents:
        return  # the day's metrics are computed from its sessions
    made = aggregate(
        packs,
        [report_day(day, sources.settings)],
        sources.settings.report_timezone,
        dimensions=tuple(DIMENSIONS.values()),
    )
    for part in _parts(decode_summary(kept.packed), decode_summary(encode_summary(made))):
        yield f"{day}: the {part} of the summary differ from those of its sessions."


def _months(sources: SessionSources, months: Sequence[str]) -> Iterator[str]:
    rollups = sources.tables.rollups
    for kept in rollups.months(sources.site, list(months)):
        days = days_of_month(kept.month)
        if kept.packed is None:
            continue
        made = sum_summaries(
            decode_summary(day.packed)
            for day in rollups.summaries(sources.site, days[0], days[-1])
        )
        stored, again = decode_summary(kept.packed), decode_summary(encode_summary(made))
        for part in _parts(stored, again):
            yield f"{kept.month}: the {part} of the summary differ from those of its days."


def _parts(one: Summary, other: Summary) -> list[str]:
    """Return the names of the parts in which two summaries differ."""
    parts = [name for name in ("days", "hours") if getattr(one, name) != getattr(other, name)]
    rows: tuple[Mapping[str, object], Mapping[str, object]] = (one.rows, other.rows)
    names = sorted({*rows[0], *rows[1]})
    return parts + [name for name in names if rows[0].get(name) != rows[1].get(name)]
