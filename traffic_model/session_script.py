"""What a person does in a session: pages, durations, and clicks, without dates."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from traffic_model.distributions import PAGE_EXPONENT, PAGES, Origin
from traffic_model.person import Person

Value = TypeVar("Value")

SITE = "demo.example"
MAX_PAGES = 16
MAX_OTHER_EVENTS = 12  # with MAX_PAGES, at most the 50 events of a request

MORE_PAGES_MEAN, MORE_PAGES_SHAPE = 2.2, 2.6  # beyond the second page
DWELL_SCALE_MS, DWELL_SHAPE = 42_000, 0.75
MIN_DWELL_MS, MAX_DWELL_MS = 2_500, 12 * 60_000

PRODUCTS = [(("marigold", 4.50), 3), (("herbs", 6.90), 5), (("salad", 5.20), 4)]


@dataclass(slots=True)
class Script:
    """Events as the tracker sends them, each with its offset in ms from the start."""

    events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    pageviews: int = 0
    other_events: int = 0
    duration_ms: int = 0

    @property
    def is_bounce(self) -> bool:
        return self.pageviews == 1 and self.other_events == 0


def draw(rng: random.Random, table: Sequence[tuple[Value, float]]) -> Value:
    return rng.choices([value for value, _ in table], [weight for _, weight in table])[0]


def write_script(rng: random.Random, origin: Origin, person: Person) -> Script:
    writer = _Writer(rng, person)
    page = _entry_page(rng, origin)
    writer.view(page, referrer=origin.referrer, query=origin.query)
    for _ in range(_pages(rng, origin) - 1):
        page = _next_page(rng, page)
        writer.view(page)
    return writer.script


class _Writer:
    def __init__(self, rng: random.Random, person: Person) -> None:
        self.script = Script()
        self._rng = rng
        self._last_url: str | None = None
        self._always = {
            "language": person.country.language,
            "screen": person.screen,
            "timezone": person.country.timezone,
        } | ({"user_id": person.user_id} if person.user_id else {})

    def view(self, page: SitePage, *, referrer: str | None = None, query: str = "") -> None:
        """Add a page view, the events on the page, and its engagement."""
        url = f"https://{SITE}{page.path}" + (f"?{query}" if query else "")
        view = self._event(
            "page_view", url, title=page.title, referrer=referrer or self._last_url
        )
        self.script.pageviews += 1
        began = self.script.duration_ms
        drawn = self._rng.weibullvariate(DWELL_SCALE_MS, DWELL_SHAPE)
        stayed = int(min(MIN_DWELL_MS + drawn, MAX_DWELL_MS))
        for event_type, props in self._actions_on(page):
            self.script.duration_ms = began + int(stayed * self._rng.uniform(0.4, 0.9))
            self._event(event_type, url, props=props)
            self.script.other_events += 1
        self.script.duration_ms = began + stayed
        self._event(
            "engagement",
            url,
            event_id=view["event_id"],
            engaged_ms=int(stayed * self._rng.uniform(0.55, 0.95)),
            scroll_depth=min(100, int(20 + 90 * self._rng.random() ** 0.8)),
        )
        self._last_url = url

    def _event(self, event_type: str, url: str, **more: Any) -> dict[str, Any]:
        event = {
            "event_type": event_type,
            "event_id": f"{self._rng.getrandbits(64):016x}",
            "page_url": url,
            **self._always,
            **{name: value for name, value in more.items() if value is not None},
        }
        self.script.events.append((self.script.duration_ms, event))
        return event

    def _actions_on(self, page: SitePage) -> list[tuple[str, dict[str, Any]]]:
        """Return at most one event per page: its type and props."""
        if self.script.other_events >= MAX_OTHER_EVENTS:
            return []
        chance = self._rng.random()
        if page.kind == "shop" and chance < 0.05:
            product, price = draw(self._rng, PRODUCTS)
            return [("purchase", {"product": product, "revenue": price, "currency": "EUR"})]
        if page.kind == "shop" and chance < 0.09:
            return [("compare", {"boxes": 3})]
        if page.kind == "article" and chance < 0.03:
            return [("file_download", {"url": f"https://{SITE}/calendar.pdf"})]
        if page.kind == "article" and chance < 0.06:
            return [("outbound_link", {"url": "https://www.rhs.org.uk/"})]
        if page.kind == "home" and chance < 0.03:
            return [("signup", {"list": "newsletter"})]
        if page.path == "/contact.html" and chance < 0.30:
            return [("form_submit", {"url": f"https://{SITE}/thanks.html", "form": "contact"})]
        return []


@dataclass(frozen=True, slots=True)
class SitePage:
    path: str
    title: str
    kind: str
    weight: float


_PAGES = [
    SitePage(path, title, kind, rank**-PAGE_EXPONENT)
    for rank, (path, title, kind) in enumerate(PAGES, 1)
]


def _entry_page(rng: random.Random, origin: Origin) -> SitePage:
    """Choose the entry page: nine in ten sessions enter on a page of the kind that the origin
    leads to."""
    if rng.random() < 0.9:
        return _drawn_page(rng, [page for page in _PAGES if page.kind == origin.entry])
    return _drawn_page(rng, _PAGES)


def _next_page(rng: random.Random, page: SitePage) -> SitePage:
    return _drawn_page(rng, [other for other in _PAGES if other is not page])


def _drawn_page(rng: random.Random, pages: Sequence[SitePage]) -> SitePage:
    return rng.choices(pages, [page.weight for page in pages])[0]


def _pages(rng: random.Random, origin: Origin) -> int:
    if rng.random() < origin.bounce_rate:
        return 1
    more = _inverse_gaussian(rng, MORE_PAGES_MEAN, MORE_PAGES_SHAPE)
    return min(2 + int(more), MAX_PAGES)


def _inverse_gaussian(rng: random.Random, mean: float, shape: float) -> float:
    """Sample by the method of Michael, Schucany and Haas (1976)."""
    normal = rng.gauss(0, 1)
    square = normal * normal
    root = math.sqrt(4 * mean * shape * square + (mean * square) ** 2)
    smaller = mean + mean * mean * square / (2 * shape) - mean / (2 * shape) * root
    return smaller if rng.random() <= mean / (mean + smaller) else mean * mean / smaller
