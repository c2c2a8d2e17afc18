"""Valid events, and the batches that they are stored in: one per visitor of a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.attributes.location import country_from_timezone
from chalicelib.domain.collection import ids
from chalicelib.domain.collection.event import Engagement, Event, Location, with_engagement
from chalicelib.domain.collection.event_payload import EventPayload, parse_payload
from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.domain.collection.visitor import VisitorIdentity
from chalicelib.domain.urls.hostname import hostname_in_url
from chalicelib.domain.urls.page_url import parse_page_url, site_for_hostname
from chalicelib.domain.urls.site_patterns import first_site
from chalicelib.domain.urls.url_privacy import (
    DEFAULT_PRIVATE_PARAMETERS,
    strip_private_parameters,
)
from chalicelib.services.collect.daily_salts import salt_for
from chalicelib.services.context import Context
from chalicelib.settings import Settings


@dataclass(frozen=True, slots=True)
class ValidEvent:
    """A payload within all limits, and what the request and the settings add to it. Its stored
    event has a visitor and a session besides.

    position    its place in the request
    event_id    the tracker's, or a new one
    page_url    without private parameters, as is the referrer
    """

    payload: EventPayload
    position: int
    event_id: str
    page_url: str
    referrer: str | None
    site: str

    @property
    def at(self) -> int:
        return self.payload.at

    @property
    def has_own_id(self) -> bool:
        """Whether the tracker gave its id. Only such an event is recognized if it is delivered
        again."""
        return self.payload.event_id is not None

    @property
    def is_engagement(self) -> bool:
        return self.payload.is_engagement

    @property
    def engagement(self) -> Engagement:
        payload = self.payload
        return Engagement(payload.at, payload.engaged_ms, payload.scroll_depth)


def validate(payload: object, position: int, random: bytes, context: Context) -> ValidEvent:
    """Raise InvalidEvent if the payload breaks a limit. `random` are the 4 bytes of a new
    id."""
    settings = context.settings
    parsed = parse_payload(payload, now=context.now)
    private = private_parameters(settings)
    page_url = parsed.page_url or f"https://{hostname_in_url(first_site(settings.sites))}/"
    page_url = strip_private_parameters(page_url, private)
    return ValidEvent(
        payload=parsed,
        position=position,
        event_id=parsed.event_id or ids.new_event_id(parsed.at, random),
        page_url=page_url,
        referrer=parsed.referrer and strip_private_parameters(parsed.referrer, private),
        site=site_for_hostname(parse_page_url(page_url).hostname),
    )


def private_parameters(settings: Settings) -> frozenset[str]:
    """Return the query parameters that are not stored."""
    if settings.removed_query_parameters is None:
        return DEFAULT_PRIVATE_PARAMETERS
    return settings.removed_query_parameters


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brings of one visitor, each list in the order of the request.

    named_session    the session id that the events carry, if the server made it
    events           to be stored, each event id once
    repeats          events whose id an event before them has
    engagement       with page views of this request or of earlier ones
    """

    client: RequestClient
    visitor: VisitorIdentity
    named_session: str | None
    events: tuple[ValidEvent, ...]
    repeats: tuple[ValidEvent, ...]
    engagement: tuple[ValidEvent, ...]

    @property
    def own_ids(self) -> frozenset[str]:
        """The ids of the events that may have been delivered before."""
        return frozenset(event.event_id for event in self.events if event.has_own_id)

    def in_session(self, event: ValidEvent, session_id: str, context: Context) -> Event:
        """Return the event as it is stored in that session, with the engagement that came along
        with it."""
        payload, client = event.payload, self.client
        country = (
            country_from_timezone(payload.timezone) if not client.location.country else None
        )
        stored = Event(
            session_id=session_id,
            event_id=event.event_id,
            event_type=payload.event_type,
            at=payload.at,
            received_at=context.now,
            site=event.site,
            visitor_id=self.visitor.visitor_id(salt_for(payload.at, context)),
            page_url=event.page_url,
            user_id=payload.user_id,
            referrer=event.referrer,
            user_agent=client.user_agent,
            title=payload.title,
            language=payload.language or client.language,
            screen=payload.screen,
            timezone=payload.timezone,
            location=client.location if client.location.country else Location(country),
            props=payload.props,
            position=event.position,
        )
        own = [
            one.engagement
            for one in self.engagement
            if one.event_id == stored.event_id and stored.is_page_view
        ]
        if not own:
            return stored
        return with_engagement(stored, own, timeout_ms=context.settings.session_timeout_ms)


def batches(events: Iterable[ValidEvent], client: RequestClient) -> Iterator[Batch]:
    """One batch per visitor of a request. Events without a user_id belong to the user whom
    others name, if these name only one: a visitor has signed in."""
    visits: dict[tuple[str, str | None], dict[str | None, list[ValidEvent]]] = {}
    for event in events:
        users = visits.setdefault((event.site, event.payload.session_id), {})
        users.setdefault(event.payload.user_id, []).append(event)
    for (site, session_id), users in visits.items():
        if len(users) == 2 and None in users:
            anonymous = users.pop(None)
            next(iter(users.values())).extend(anonymous)
        is_ours = session_id is not None and ids.is_session_id(session_id)
        for user_id, of_user in users.items():
            visitor = VisitorIdentity(
                site,
                client.address,
                client.user_agent,
                user_id,
                client_session_name=None if is_ours else session_id,
            )
            yield _batch(client, visitor, session_id if is_ours else None, of_user)


def _batch(
    client: RequestClient,
    visitor: VisitorIdentity,
    named_session: str | None,
    events: Iterable[ValidEvent],
) -> Batch:
    first: dict[str, ValidEvent] = {}
    repeats, engagement = [], []
    for event in events:
        if event.is_engagement:
            engagement.append(event)
        elif event.event_id in first:
            repeats.append(event)
        else:
            first[event.event_id] = event
    return Batch(
        client, visitor, named_session, tuple(first.values()), tuple(repeats), tuple(engagement)
    )
