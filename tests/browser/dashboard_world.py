"""A made-up website: the sessions that the stand-in API of the dashboard's tests counts.

The same seed gives the same visitors. Times are milliseconds since 1970 in UTC.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

PAGES = {
    "/": 30,
    "/pricing": 14,
    "/docs": 11,
    "/docs/getting-started": 9,
    "/blog": 8,
    "/blog/sessions-in-dynamodb": 12,
    "/blog/what-is-a-bounce": 6,
    "/changelog": 4,
    "/about": 3,
    "/docs/api": 5,
    "/docs/api/stats": 3,
    "/contact": 2,
    "/blog/서버리스-분석": 2,
}
TITLES = {"/": "Home", "/pricing": "Pricing", "/docs": "Documentation"}
# source, channel, referrer, campaign, weight
SOURCES: list[tuple[str | None, str, str | None, str | None, int]] = [
    (None, "Direct", None, None, 34),
    ("Google", "Organic Search", "https://www.google.com/", None, 26),
    ("Hacker News", "Organic Social", "https://news.ycombinator.com/", None, 11),
    ("GitHub", "Referral", "https://github.com/", None, 8),
    ("ChatGPT", "AI Assistants", "https://chatgpt.com/", None, 6),
    ("Naver", "Organic Search", "https://search.naver.com/", None, 6),
    ("newsletter", "Email", None, "november-issue", 5),
    ("Bluesky", "Organic Social", "https://bsky.app/", None, 4),
    ("Google Ads", "Paid Search", "https://www.google.com/", "autumn", 4),
    ("Reddit", "Organic Social", "https://www.reddit.com/", None, 3),
    ("DuckDuckGo", "Organic Search", "https://duckduckgo.com/", None, 3),
    ("dev.to", "Referral", "https://dev.to/", None, 2),
]
PLACES = [
    ("DE", "DE-BE", "Berlin", "de-DE", 20),
    ("US", "US-CA", "San Francisco", "en-US", 26),
    ("KR", "KR-11", "Seoul", "ko-KR", 17),
    ("GB", "GB-ENG", "London", "en-GB", 9),
    ("FR", "FR-IDF", "Paris", "fr-FR", 7),
    ("IN", "IN-KA", "Bengaluru", "en-IN", 6),
    ("JP", "JP-13", "Tokyo", "ja-JP", 5),
    ("BR", "BR-SP", "São Paulo", "pt-BR", 4),
    ("NL", "NL-NH", "Amsterdam", "nl-NL", 4),
    ("CA", "CA-ON", "Toronto", "en-CA", 3),
    ("SE", "SE-AB", "Stockholm", "sv-SE", 2),
    (None, None, None, None, 1),
]
MACHINES = [
    ("desktop", "Chrome", "137", "Windows", "11", "1920x1080", 30),
    ("desktop", "Chrome", "136", "macOS", "15", "1512x982", 16),
    ("desktop", "Safari", "18", "macOS", "15", "1728x1117", 10),
    ("desktop", "Firefox", "139", "Linux", None, "2560x1440", 9),
    ("desktop", "Edge", "137", "Windows", "11", "1536x864", 7),
    ("mobile", "Chrome", "137", "Android", "15", "412x915", 19),
    ("mobile", "Safari", "18", "iOS", "18", "393x852", 22),
    ("mobile", "Samsung Internet", "27", "Android", "14", "360x800", 5),
    ("tablet", "Safari", "18", "iPadOS", "18", "820x1180", 3),
]
EVENTS = ["signup", "outbound_link", "file_download", "copy_snippet"]
PLANS = ["free", "team", "business"]
# Visitors per hour of the day, as a share of the busiest.
DAYTIME = [2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 12, 13, 14, 14, 13, 11, 10, 9, 9, 8, 6, 4]


@dataclass(frozen=True, slots=True)
class Step:
    at: int
    event_type: str
    page: str
    engaged_ms: int
    props: dict[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One session of the made-up website."""

    session_id: str
    visitor: str
    steps: tuple[Step, ...]
    dimensions: dict[str, str | None]

    @property
    def start(self) -> int:
        return self.steps[0].at

    @property
    def end(self) -> int:
        return self.steps[-1].at

    @property
    def pages(self) -> list[str]:
        return [step.page for step in self.steps if step.event_type == "page_view"]

    @property
    def own_events(self) -> list[Step]:
        return [step for step in self.steps if step.event_type != "page_view"]

    @property
    def engaged_ms(self) -> int:
        return sum(step.engaged_ms for step in self.steps)


@lru_cache(maxsize=8)
def world(now: int, days: int, per_day: int, live: int, seed: int = 7) -> tuple[Visit, ...]:
    """The visits of the last days, oldest first; `live` more each half hour, also ahead."""
    chance = random.Random(seed)
    starts: list[int] = []
    midnight = now - now % DAY
    for day in range(days):
        begin = midnight - day * DAY
        weekday = (begin // DAY + 3) % 7
        busy = per_day * (0.62 if weekday > 4 else 1) * (1 - 0.5 * day / days)
        for _ in range(int(busy * chance.uniform(0.85, 1.15))):
            hour = chance.choices(range(24), DAYTIME)[0]
            starts.append(begin + hour * HOUR + chance.randrange(HOUR))
    starts = [start for start in starts if start < now]
    starts += [now + int(90 * MINUTE * chance.random()) - 30 * MINUTE for _ in range(live * 3)]
    return tuple(_visit(chance, number, start) for number, start in enumerate(sorted(starts)))


def until(visits: tuple[Visit, ...], now: int) -> list[Visit]:
    """What had happened by then."""
    return [
        replace(visit, steps=tuple(step for step in visit.steps if step.at <= now))
        if visit.end > now
        else visit
        for visit in visits
        if visit.start <= now
    ]


def _visit(chance: random.Random, number: int, start: int) -> Visit:
    source = chance.choices(SOURCES, [row[-1] for row in SOURCES])[0]
    place = chance.choices(PLACES, [row[-1] for row in PLACES])[0]
    machine = chance.choices(MACHINES, [row[-1] for row in MACHINES])[0]
    visitor = f"{number if chance.random() < 0.8 else chance.randrange(number + 1):012x}"
    dimensions: dict[str, str | None] = {
        "hostname": "example.com" if chance.random() < 0.8 else "www.example.com",
        "source": source[0],
        "channel": source[1],
        "referrer": source[2],
        "utm_source": source[0] if source[3] else None,
        "utm_medium": ("cpc" if source[1] == "Paid Search" else "email") if source[3] else None,
        "utm_campaign": source[3],
        "utm_term": "serverless analytics" if source[3] == "autumn" else None,
        "utm_content": None,
        **dict(zip(("country", "region", "city", "language"), place, strict=False)),
        **dict(
            zip(
                ("device", "browser", "browser_version", "os", "os_version", "screen"),
                machine,
                strict=False,
            )
        ),
    }
    return Visit(f"sess_20261121_{number:08x}", visitor, _steps(chance, start), dimensions)


def _steps(chance: random.Random, start: int) -> tuple[Step, ...]:
    steps: list[Step] = []
    at = start
    names, weights = list(PAGES), list(PAGES.values())
    for _ in range(1 if chance.random() < 0.46 else chance.randint(2, 7)):
        page = chance.choices(names, weights)[0]
        engaged = int(chance.lognormvariate(3.3, 0.8) * 1000)
        steps.append(Step(at, "page_view", page, engaged, {}))
        if chance.random() < 0.12:
            name = chance.choices(EVENTS, [5, 4, 2, 3])[0]
            props = {"plan": chance.choices(PLANS, [6, 3, 1])[0]} if name == "signup" else {}
            steps.append(Step(at + engaged // 2, name, page, 0, props))
        at += engaged + chance.randrange(20_000)
    return tuple(sorted(steps, key=lambda step: step.at))


def session_form(visit: Visit, site: str, now: int, iso: Any) -> dict[str, Any]:
    """The documented form of a session; `iso` writes a time."""
    is_open = now - visit.end < 30 * MINUTE
    known = (
        *(
            "referrer",
            "source",
            "channel",
            "country",
            "device",
            "browser",
            "os",
            "language",
            "screen",
        ),
        *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    )
    return {
        "session_id": visit.session_id,
        "user_id": None,
        "site": site,
        "start_time": iso(visit.start),
        "last_activity": iso(visit.end),
        "expires_at": iso(visit.end + 30 * MINUTE),
        "is_active": is_open,
        "ended_by": None if is_open else "timeout",
        "page_count": len(visit.pages),
        "events": len(visit.own_events),
        "duration": (visit.end - visit.start) // 1000,
        "engaged_time": visit.engaged_ms // 1000,
        "entry_page": visit.pages[0],
        "exit_page": visit.pages[-1],
        "current_page": visit.pages[-1] if is_open else None,
        **{name: visit.dimensions[name] for name in known},
    }


ATTACKS = [
    "<img src=x onerror=window.hacked=1>",
    '"><script>window.hacked=1</script>',
    "javascript:window.hacked=1",
    '=HYPERLINK("http://evil.example")',
    "\u202egnp.exe",
    "a" * 400,
    "{{constructor.constructor('window.hacked=1')()}}",
    "__proto__",
]


def hostile(visits: list[Visit]) -> list[Visit]:
    """The same visits, with attacks for values."""
    attacked = []
    for number, visit in enumerate(visits):
        attack = ATTACKS[number % len(ATTACKS)]
        attacked.append(
            replace(
                visit,
                steps=tuple(replace(step, page="/" + attack) for step in visit.steps),
                dimensions=dict.fromkeys(visit.dimensions, attack),
            )
        )
    return attacked
