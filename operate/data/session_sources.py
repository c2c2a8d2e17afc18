"""What sessions can be recomputed from: the stored events, and the summaries in Sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from chalicelib.domain.sessions.session import Session, Step, build_sessions
from chalicelib.domain.sessions.session_summary import SessionSummary
from chalicelib.services.context import Context
from chalicelib.settings import Settings
from chalicelib.storage import sessions as stored
from chalicelib.storage.tables import Tables

UNKNOWN_EVENT_TYPE = "(unknown)"  # a custom event that has expired


@dataclass(frozen=True, slots=True)
class SessionSources:
    """The stored data of one site. `pool` reads the events of several sessions at a time."""

    site: str
    context: Context
    pool: Executor

    @property
    def tables(self) -> Tables:
        return self.context.tables

    @property
    def settings(self) -> Settings:
        return self.context.settings

    def open_session_ids(self) -> set[str]:
        """Return the ids of sessions that are not closed: active, quarantined or being
        closed."""
        ids: set[str] = set()
        for page in self.tables.active_scan.pages():
            ids |= {row.session_id for row in page.rows}
            ids.update(page.unreadable, page.quarantined)
            ids.update(*(closing.row_ids for closing in page.pending_closes))
        return ids

    def session_ids_with_events(self) -> set[str]:
        """Return the ids under which events of the site are stored."""
        return {
            item["session_id"]
            for item in self.tables.database.scan(self.tables.events.name)
            if item.get("site") == self.site and "moved_to" not in item
        }

    def sessions_from_events(self, ids: Iterable[str]) -> Iterator[Session]:
        """Compute the sessions from the events that are stored under these ids."""
        for sessions in self.pool.map(self._sessions_under, sorted(ids)):
            yield from sessions

    def summaries(self) -> Iterator[SessionSummary]:
        """Read the site's sessions from Sessions."""
        for item in self.tables.database.scan(self.tables.sessions.name):
            if item.get("site") == self.site and "moved_to" not in item:
                yield stored.from_item(item)

    def _sessions_under(self, session_id: str) -> list[Session]:
        events = list(self.tables.events.of_session(session_id))
        return build_sessions(
            events,
            visitor_key=self.tables.visitor_key.for_users(one.user_id for one in events),
            timeout_ms=self.settings.session_timeout_ms,
        )


def session_from_summary(summary: SessionSummary) -> Session:
    """Return a session with these metrics. Its events have expired, so the pages between the
    first and the last are unknown: the entry page is used for them."""
    views = [summary.entry_page or "/"] * summary.page_count
    if views:
        views[-1] = summary.exit_page or views[-1]
    count = summary.page_count + summary.events
    times = [
        summary.start_time + summary.duration_ms * place // max(count - 1, 1)
        for place in range(count)
    ]
    page = summary.entry_page or "/"
    kinds = [("page_view", view) for view in views[:-1]]
    kinds += [(UNKNOWN_EVENT_TYPE, page)] * summary.events
    kinds += [("page_view", view) for view in views[-1:]]
    steps = [Step(at, kind, page) for at, (kind, page) in zip(times, kinds, strict=True)]
    steps[0] = replace(steps[0], engaged_ms=summary.engaged_ms)
    return Session(
        session_id=summary.session_id,
        site=summary.site,
        visitor=summary.visitor,
        steps=tuple(steps),
        user_id=summary.user_id,
        hostname=summary.hostname,
        referrer=summary.referrer,
        utm_source=summary.utm_source,
        utm_medium=summary.utm_medium,
        utm_campaign=summary.utm_campaign,
        utm_term=summary.utm_term,
        utm_content=summary.utm_content,
        click_id=summary.click_id,
        user_agent=summary.user_agent,
        language=summary.language,
        screen=summary.screen,
        location=summary.location,
        ended_by=summary.ended_by,
        storage_session_id=summary.storage_session_id,
    )
