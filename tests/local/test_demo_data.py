"""The demo's traffic, collected and closed by the product, is counted as planned."""

from __future__ import annotations

import sys
import threading

import pytest

from chalicelib.storage.tables import connect
from local import demo_data
from tests.world import TABLES, World
from traffic_model.model import plan_traffic, traffic_totals

ENVIRONMENT = {**TABLES, "SITES": "*", "VISITOR_KEY": "a key"}
SESSIONS, OPEN_NOW = 60, 4


@pytest.mark.slow
def test_every_session_is_counted_once(world: World, monkeypatch: pytest.MonkeyPatch):
    planned = traffic_totals(plan_traffic(SESSIONS, until=demo_data.now(), open_now=OPEN_NOW))
    monkeypatch.setattr(demo_data, "SESSIONS", SESSIONS)
    monkeypatch.setattr(demo_data, "OPEN_SESSIONS", OPEN_NOW)
    monkeypatch.setattr(demo_data, "aws_client", lambda *_: world.tables.database.client)
    assert demo_data.is_empty(ENVIRONMENT)

    demo_data.fill_demo(ENVIRONMENT, threading.Event())

    closed, rows = world.items("sessions"), world.rows()
    assert len(closed) + len(rows) == planned.sessions
    assert len(rows) >= OPEN_NOW
    seen = sum(session["page_count"] for session in closed) + sum(
        len(row.views) for row in rows
    )
    assert seen == planned.pageviews
    done = sum(session["events"] for session in closed) + sum(
        len(row.other_events) for row in rows
    )
    assert done == planned.events
    assert world.close(at=demo_data.now()).rows_due == 0
    assert not demo_data.is_empty(ENVIRONMENT)


def test_filling_can_be_stopped(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(demo_data, "aws_client", lambda *_: world.tables.database.client)
    over = threading.Event()
    over.set()

    demo_data.fill_demo(ENVIRONMENT, over)

    assert world.items("events") == []


def test_rejected_event_stops_filling(world: World):
    (session, *_) = plan_traffic(1, until=demo_data.now())
    settings = world.settings.from_environment({**ENVIRONMENT, "SITES": "other.example"})

    with pytest.raises(demo_data.DemoFailed, match="was not stored: Not counted: unknown_site"):
        demo_data.send_session(
            session, connect(settings, world.tables.database.client), settings
        )


@pytest.mark.parametrize(
    "is_terminal",
    [pytest.param(False, id="in a log"), pytest.param(True, id="in a terminal")],
)
def test_progress_is_shown(is_terminal: bool, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)

    for share in (0, 0.5, 1):
        demo_data.show_progress(share)

    lines = capsys.readouterr().out
    assert lines.count("\r") == (3 if is_terminal else 0)
    assert lines.count("\n") == (1 if is_terminal else 2)
    assert lines.endswith("100%\n")
