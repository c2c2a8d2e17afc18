"""A session without its steps, for lists of sessions and the Sessions table."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.collection.event import UNKNOWN_LOCATION, Location
from chalicelib.domain.sessions.session import Session


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """Times and durations are in ms. `ended_by` is None while the session is active;
    `current_page` is set only then."""

    session_id: str
    site: str
    start_time: int
    last_activity: int
    page_count: int
    events: int
    engaged_ms: int
    visitor: str
    user_id: str | None = None
    ended_by: str | None = None
    entry_page: str | None = None
    exit_page: str | None = None
    current_page: str | None = None
    hostname: str | None = None
    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    click_id: str | None = None
    user_agent: str = ""
    language: str | None = None
    screen: str | None = None
    location: Location = UNKNOWN_LOCATION
    storage_session_id: str | None = None
    active_until: int | None = None  # as of a session

    @property
    def duration_ms(self) -> int:
        return self.last_activity - self.start_time

    @property
    def is_active(self) -> bool:
        return self.ended_by is None


def summarize_session(session: Session) -> SessionSummary:
    return SessionSummary(
        session_id=session.session_id,
        site=session.site,
        start_time=session.started_at,
        last_activity=session.last_activity,
        page_count=session.pageviews,
        events=session.events,
        engaged_ms=session.engaged_ms,
        visitor=session.visitor,
        user_id=session.user_id,
        ended_by=session.ended_by,
        entry_page=session.entry_page,
        exit_page=session.exit_page,
        current_page=session.steps[-1].page if session.ended_by is None else None,
        hostname=session.hostname,
        referrer=session.referrer,
        utm_source=session.utm_source,
        utm_medium=session.utm_medium,
        utm_campaign=session.utm_campaign,
        utm_term=session.utm_term,
        utm_content=session.utm_content,
        click_id=session.click_id,
        user_agent=session.user_agent,
        language=session.language,
        screen=session.screen,
        location=session.location,
        storage_session_id=session.storage_session_id,
        active_until=session.active_until,
    )
