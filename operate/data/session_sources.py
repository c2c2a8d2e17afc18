"""What sessions can be made of again: the stored events, and the outlines in Sessions."""

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

UNKNOWN_EVENT_TYPE = "(unknown)"  # a custom event of which an outline tells no more


@dataclass(frozen=True, slots=True)
class SessionSources:
    """Of one site. With a `pool` the events of several sessions are read at a time."""

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
        """What is still a row, or was one that is set aside or is being closed, is no closed
        session yet."""
        found: set[str] = set()
        for page in self.tables.active_scan.pages():
            found |= {row.session_id for row in page.rows}
            found.update(page.unreadable, page.quarantined)
            found.update(*(closing.row_ids for closing in page.pending_closes))
        return found

    def session_ids_with_events(self) -> set[str]:
        """Those under which events of the site are stored."""
        return {
            item["session_id"]
            for item in self.tables.database.scan(self.tables.events.name)
            if item.get("site") == self.site and "moved_to" not in item
        }

    def sessions_from_events(self, ids: Iterable[str]) -> Iterator[Session]:
        """The sessions that the events under these ids make."""
        for found in self.pool.map(self._sessions_under, sorted(ids)):
            yield from found

    def summaries(self) -> Iterator[SessionSummary]:
        """What Sessions has of the site."""
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


def session_from_summary(outline: SessionSummary) -> Session:
    """A session with the figures of an outline whose events are gone. Which pages it saw
    between the first and the last one nobody knows: the entry page stands for them."""
    views = [outline.entry_page or "/"] * outline.page_count
    if views:
        views[-1] = outline.exit_page or views[-1]
    count = outline.page_count + outline.events
    times = [
        outline.start_time + outline.duration_ms * place // max(count - 1, 1)
        for place in range(count)
    ]
    page = outline.entry_page or "/"
    kinds = [("page_view", view) for view in views[:-1]]
    kinds += [(UNKNOWN_EVENT_TYPE, page)] * outline.events
    kinds += [("page_view", view) for view in views[-1:]]
    steps = [Step(at, kind, page) for at, (kind, page) in zip(times, kinds, strict=True)]
    steps[0] = replace(steps[0], engaged_ms=outline.engaged_ms)
    return Session(
        session_id=outline.session_id,
        site=outline.site,
        visitor=outline.visitor,
        steps=tuple(steps),
        user_id=outline.user_id,
        hostname=outline.hostname,
        referrer=outline.referrer,
        utm_source=outline.utm_source,
        utm_medium=outline.utm_medium,
        utm_campaign=outline.utm_campaign,
        utm_term=outline.utm_term,
        utm_content=outline.utm_content,
        click_id=outline.click_id,
        user_agent=outline.user_agent,
        language=outline.language,
        screen=outline.screen,
        location=outline.location,
        ended_by=outline.ended_by,
        storage_session_id=outline.storage_session_id,
    )
