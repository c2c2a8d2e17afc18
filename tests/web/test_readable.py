"""What is accepted can be read: whatever events are stored, every route answers 200, every
value that it shows finds itself again as a filter, exports hold what lists show, and lists end.

`make test` tries the same events each time; more of them, and others, with

    READABLE=2000 .venv/bin/pytest tests/web/test_readable.py --hypothesis-seed=SEED
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

from chalice.config import Config
from chalice.local import LocalGateway
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import app
from chalicelib.domain.collection.props import clean_props, clean_text, truncate_bytes
from chalicelib.domain.query.dimensions import DIMENSIONS
from chalicelib.presentation.session_file import FORMULA_STARTS
from chalicelib.web import dependencies
from tests.openapi import check_answer
from tests.web.hard_events import HOSTS, engagement_of, events
from tests.world import CHROME, START, TABLES, TOKEN, TOKEN_HASH, World, new_world

DAY_MS = 86_400_000
FIGURES = ("visitors", "sessions", "bounce_rate", "session_duration", "views_per_session")
_asked_for = os.environ.get("READABLE")
EXAMPLES = settings(
    max_examples=int(_asked_for or 12),
    derandomize=_asked_for is None,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)


@dataclass
class Reader:
    """Sends requests to the app, as the gateway does, at its own time."""

    gateway: LocalGateway
    world: World

    def send(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, str]:
        sent = {"user-agent": CHROME, "content-type": "application/json", **headers}
        reply = self.gateway.handle_request(method, path, sent, body)
        received = {name.lower(): value for name, value in reply["headers"].items()}
        check_answer(method, path, reply["statusCode"], received, reply["body"])
        return reply["statusCode"], reply["body"]

    def text(self, path: str, **parameters: str) -> str:
        query = urlencode(parameters)
        asked = f"{path}?{query}" if query else path
        status, body = self.send("GET", asked, authorization=f"Bearer {TOKEN}")
        assert status == 200, (asked, body)
        return body

    def get(self, path: str, **parameters: str) -> Any:
        return json.loads(self.text(path, **parameters))["data"]

    def stats(self, site: str, **parameters: str) -> Any:
        return self.get("/api/stats", site=site, period="7d", limit="1000", **parameters)

    def pages(self, path: str, name: str, **parameters: str) -> list[Any]:
        """Return all pages of a list, two items at a time."""
        results: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            page = self.get(path, limit="2", **parameters, **more)
            assert page[name] or page["cursor"] is None
            results += page[name]
            cursor = page["cursor"]
        return results


@contextmanager
def reader(now: list[int]) -> Iterator[Reader]:
    """Return the app on empty tables; the time is `now[0]`."""
    changes = {"SITES": "*", "READ_TOKEN_HASHES": TOKEN_HASH, "VISITOR_KEY": "of tests"}
    world = new_world(**changes)
    randbytes = Random(0).randbytes  # the same events have the same ids again
    with (
        patch("os.urandom", randbytes),
        patch("chalicelib.services.collect.session_assignment.urandom", randbytes),
        patch("chalicelib.services.collect.collect.urandom", randbytes),
        patch.dict(os.environ, {**TABLES, **changes, "LOG_LEVEL": "ERROR"}),
        patch.object(dependencies, "connect", lambda _: world.tables),
        patch.object(app, "now", lambda: now[0]),
    ):
        dependencies.settings.cache_clear()
        dependencies.tables.cache_clear()
        try:
            yield Reader(LocalGateway(app.app, Config()), world)
        finally:
            dependencies.settings.cache_clear()
            dependencies.tables.cache_clear()


@st.composite
def requests(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw events of one host, and sometimes how long one of them was read."""
    host = draw(st.sampled_from(HOSTS))
    bodies = draw(st.lists(events(st.just(host)), min_size=1, max_size=3))
    known = [body for body in bodies if "event_id" in body]
    if not known:
        return bodies
    viewed = st.lists(st.sampled_from(known).flatmap(engagement_of), max_size=1)
    return bodies + draw(viewed)


@given(requests(), st.sampled_from(["array", "single", "pixel"]))
@EXAMPLES
def test_accepted_events_can_be_read_back(bodies: list[dict[str, Any]], way: str):
    now = [START]
    with reader(now) as asking:
        stored = list(collect(asking, bodies, way, now))
        for moment in (START + 60_000, START + 3 * 3_600_000):
            now[0] = moment
            if moment > START + 60_000:
                asking.world.close(at=moment)
                assert asking.world.rows() == []
            check_routes(asking)
            for site in asking.get("/api/sites")["sites"]:
                check_lists(asking, site)
                check_values(asking, site, stored)
            if way != "pixel":
                check_stored(asking, stored)


def collect(
    asking: Reader, bodies: list[dict[str, Any]], way: str, now: list[int]
) -> Iterator[dict[str, Any]]:
    """Send the events; return those that were stored, with their ids."""
    if way == "pixel":
        for body in bodies:
            url = quote(clean_text(body["page_url"]), safe="")
            now[0] += 1
            assert asking.send("GET", f"/pixel.gif?page_url={url}")[0] in (200, 400)
        return
    if way == "array":
        status, text = asking.send("POST", "/events", json.dumps(bodies).encode())
        assert status == 200, text
        results = json.loads(text)["results"]
    else:
        results = []
        for body in bodies:
            now[0] += 1
            status, text = asking.send("POST", "/api/events", json.dumps(body).encode())
            assert status in (200, 202, 400), text
            results.append({"status": {200: "stored"}.get(status, "none"), **json.loads(text)})
    for body, result in zip(bodies, results, strict=True):
        if result["status"] == "invalid":
            assert any(name in result["message"] for name in body), result
        if result["status"] == "stored" and body["event_type"] != "engagement":
            yield body | {"event_id": result["event_id"]}


def check_routes(asking: Reader) -> None:
    """Check every route with every id that could be meant."""
    for site in asking.get("/api/sites")["sites"]:
        sessions = asking.pages("/api/sessions", "sessions", site=site, period="7d")
        users = {one["user_id"] for one in sessions} - {None}
        for path, methods in app.app.routes.items():
            if "GET" not in methods or path == "/pixel.gif":  # which collects
                continue
            needed = {} if path == "/api/sites" else {"site": site}
            for session_id in [one["session_id"] for one in sessions][:3]:
                for user_id in [*users, "nobody"] if "{user_id}" in path else [""]:
                    filled = path.format(
                        session_id=session_id,
                        user_id=quote(user_id, safe=""),
                        name="tracker_more.js",
                    )
                    asking.text(filled, **needed)


def check_lists(asking: Reader, site: str) -> None:
    """Check that lists, exports and timelines contain the same sessions and events."""
    parameters = {"site": site, "period": "7d"}
    sessions = asking.pages("/api/sessions", "sessions", **parameters)
    ids = [one["session_id"] for one in sessions]
    assert len(set(ids)) == len(ids)
    lines = asking.text("/api/export", format="ndjson", **parameters).split("\n")
    assert [json.loads(line) for line in lines if line] == sessions
    rows = list(
        csv.DictReader(io.StringIO(asking.text("/api/export", **parameters), newline=""))
    )
    assert [dict(row) for row in rows] == [as_cells(one) for one in sessions]
    timelines = [asking.get(f"/api/sessions/{session_id}", site=site) for session_id in ids]
    assert [one["session"] for one in timelines] == sessions
    assert all(one["timeline_complete"] for one in timelines)
    listed = asking.pages("/api/events", "events", site=site)
    told = [event["event_id"] for one in timelines for event in one["timeline"]]
    assert sorted(event["event_id"] for event in listed) == sorted(told)
    for event_type in {event["event_type"] for event in listed}:
        some = asking.pages("/api/events", "events", site=site, event_type=event_type)
        assert some == [event for event in listed if event["event_type"] == event_type]
    for user_id in {one["user_id"] for one in sessions} - {None}:
        path = f"/api/users/{quote(user_id, safe='')}"
        own = asking.pages(f"{path}/sessions", "sessions", site=site)
        assert own == [one for one in sessions if one["user_id"] == user_id]
        asking.pages(f"{path}/events", "events", site=site)


def as_cells(session: dict[str, Any]) -> dict[str, str]:
    """Return a session as in CSV, where text that would be a formula is escaped."""
    cells = {}
    for name, value in session.items():
        text = "" if value is None else str(value)
        text = text.lower() if isinstance(value, bool) else text
        is_formula = isinstance(value, str) and text.startswith(FORMULA_STARTS)
        cells[name] = f"'{text}" if is_formula else text
    return cells


def check_values(asking: Reader, site: str, stored: list[dict[str, Any]]) -> None:
    """Check that the metrics of a row equal those of a filter on its value."""
    names = {name for body in stored for name in clean_props(body.get("props")).props}
    props = [name for name in sorted(names) if name]
    asked = [*DIMENSIONS, *map(as_dimension, props)]
    everything = asking.stats(site, dimensions=",".join(asked))
    for dimension in [*DIMENSIONS, *(f"prop:{name}" for name in props)]:
        for row in everything["breakdowns"][dimension]["rows"]:
            check_value(asking, site, dimension, row, everything["totals"]["sessions"])


def as_dimension(name: str) -> str:
    """Return a property as in `dimensions`, where commas and spaces in names are escaped."""
    hard = [f"\\{char}" if char in "\\," or char.isspace() else char for char in name]
    return f"prop:{''.join(hard)}"


def check_value(
    asking: Reader, site: str, dimension: str, row: dict[str, Any], sessions: int
) -> None:
    value = "" if row["value"] is None else str(row["value"])
    if dimension == "hour_of_week" and not row["sessions"]:
        return

    def totals(operator: str) -> dict[str, Any]:
        condition = f"{escaped(dimension)}{operator}{escaped(value)}"
        result = asking.stats(site, filters=condition, dimensions="device")
        figures: dict[str, Any] = result["totals"]
        return figures

    is_ = totals("==")
    assert {name: is_[name] for name in FIGURES if not differs(name, dimension)} == {
        name: row[name] for name in FIGURES if not differs(name, dimension)
    }, (dimension, row)
    assert totals("!=")["sessions"] == sessions - row["sessions"], (dimension, row)
    if value:
        containing = totals("=~")["sessions"]
        assert row["sessions"] <= containing <= sessions, (dimension, row)
        assert totals("!~")["sessions"] == sessions - containing, (dimension, row)
        name = dimension.removeprefix("prop:")
        named = dimension if name == dimension else as_dimension(name)
        result = asking.stats(site, dimensions=named, search=value)
        assert row in result["breakdowns"][dimension]["rows"], (dimension, row)


def differs(figure: str, dimension: str) -> bool:
    """Return whether the row has its own value: a page row counts the page's views."""
    return figure == "views_per_session" and dimension == "page"


def escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\|;=!~" else char for char in text)


def check_stored(asking: Reader, stored: list[dict[str, Any]]) -> None:
    """Check that each event is returned as it was sent, within the documented limits."""
    result: dict[str, list[dict[str, Any]]] = {}
    for site in asking.get("/api/sites")["sites"]:
        for event in asking.pages("/api/events", "events", site=site):
            result.setdefault(event["event_id"], []).append(event)
    for body in stored:
        sent = {
            "event_type": clean_text(body["event_type"]),
            "title": clean_text(body.get("title") or "")[:500] or None,
            "props": clean_props(body.get("props")).props,
        }
        told = [{name: event[name] for name in sent} for event in result[body["event_id"]]]
        assert sent in told
        referrers = [event["referrer"] for event in result[body["event_id"]]]
        if "?" not in str(body.get("referrer")) and "#" not in str(body.get("referrer")):
            assert (
                truncate_bytes(clean_text(body.get("referrer") or ""), 2_000) or None
            ) in referrers
