"""How many requests API Gateway accepts for each method, from all callers together.

The gateway counts each method of the stage separately, so one limit for all 35 of them would
let a flood of every method cost 35 times that limit. The limits are shares of
RATE_LIMIT_PER_MINUTE: the three ways to collect divide it among them, and everything else gets
what it needs next to that much collecting. A method that is not listed, such as HEAD or OPTIONS
of a read route, gets `OTHERS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limit:
    """`share` of RATE_LIMIT_PER_MINUTE, at least `min_per_minute` requests. A burst may have
    `burst` requests, or those of BURST_SECONDS if they are more."""

    share: float
    min_per_minute: float = 0
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Throttle:
    """`rate` is in requests per second, as in API Gateway."""

    rate: float
    burst: int


Method = tuple[str, str]  # such as ("POST", "/events")

BURST_SECONDS = 3
ALL_METHODS = ("*", "*")
DEFAULT_LIMIT = Limit(0.01, min_per_minute=6, burst=20)

_PREFLIGHT = Limit(0.1, min_per_minute=12, burst=20)
_LIST = Limit(0.06, min_per_minute=30, burst=20)

LIMITS: dict[Method, Limit] = {
    # These three add up to RATE_LIMIT_PER_MINUTE. The tracker and the snippets use the first.
    ("POST", "/events"): Limit(0.8),
    ("POST", "/api/events"): Limit(0.1),
    ("GET", "/pixel.gif"): Limit(0.1),
    # Pages that send JSON preflight their first event; the tracker sends text and does not.
    ("OPTIONS", "/events"): _PREFLIGHT,
    ("OPTIONS", "/api/events"): _PREFLIGHT,
    # Once per visitor, who sends at least two requests: a page view and its engagement.
    ("GET", "/tracker.js"): Limit(0.5, min_per_minute=30, burst=20),
    # A dashboard loads its page, its files and the metrics, then realtime twelve times a
    # minute.
    ("GET", "/"): Limit(0.03, min_per_minute=30, burst=20),
    ("GET", "/static/{name}"): Limit(0.12, min_per_minute=60, burst=100),
    ("GET", "/api/realtime"): Limit(0.3, min_per_minute=60, burst=60),
    ("GET", "/api/stats"): Limit(0.12, min_per_minute=60, burst=60),
    ("GET", "/api/sites"): _LIST,
    ("GET", "/api/sessions"): _LIST,
    ("GET", "/api/sessions/{session_id}"): _LIST,
    ("GET", "/api/users/{user_id}/sessions"): _LIST,
    ("GET", "/api/users/{user_id}/events"): _LIST,
    ("GET", "/api/events"): _LIST,
    ("GET", "/api/export"): Limit(0.12, min_per_minute=60, burst=60),
    ("GET", "/health"): Limit(0.02, min_per_minute=20, burst=10),
    ALL_METHODS: DEFAULT_LIMIT,
}


def method_throttles(requests_a_minute: int) -> dict[Method, Throttle]:
    """Return the throttle of each listed method, and of ALL_METHODS for the others."""
    return {method: _throttle(limit, requests_a_minute) for method, limit in LIMITS.items()}


def stage_patch(different: dict[Method, Throttle]) -> list[dict[str, str]]:
    """Return the patch operations for UpdateStage."""
    return [
        {"op": "replace", "path": f"/{setting_key(method)}/throttling/{name}", "value": value}
        for method, throttle in different.items()
        for name, value in (
            ("rateLimit", str(throttle.rate)),
            ("burstLimit", str(throttle.burst)),
        )
    ]


def method_settings(requests_a_minute: int) -> list[dict[str, Any]]:
    """Return the MethodSettings of a stage for CloudFormation."""
    return [
        {
            "ResourcePath": _resource_path(path),
            "HttpMethod": verb,
            "ThrottlingRateLimit": throttle.rate,
            "ThrottlingBurstLimit": throttle.burst,
        }
        for (verb, path), throttle in method_throttles(requests_a_minute).items()
    ]


def setting_key(method: Method) -> str:
    """Return the key of a method in GetStage's methodSettings, such as ~1api~1events/POST."""
    verb, path = method
    return f"{_escaped(path)}/{verb}"


def parse_throttle(settings: dict[str, Any]) -> Throttle | None:
    """Return the throttle in a method's settings from GetStage, if it has one."""
    if "throttlingRateLimit" not in settings or "throttlingBurstLimit" not in settings:
        return None
    return Throttle(settings["throttlingRateLimit"], settings["throttlingBurstLimit"])


def _throttle(limit: Limit, requests_a_minute: int) -> Throttle:
    rate = round(max(limit.share * requests_a_minute, limit.min_per_minute) / 60, 2)
    return Throttle(max(rate, 0.01), max(limit.burst, round(rate * BURST_SECONDS)))


def _resource_path(path: str) -> str:
    """Escape the path with a slash before it, as CloudFormation requires; the root is a single
    slash."""
    return path if path == "/" else f"/{_escaped(path)}"


def _escaped(path: str) -> str:
    return path.replace("/", "~1")
