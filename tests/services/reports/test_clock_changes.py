"""When clocks change, a day has 23 or 25 hours, and a visitor remains the same."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.world import new_world, page_view

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"


def moment(text: str, zone: str) -> int:
    """Return the time in ms of a text such as 2027-03-14 23:50 in the time zone."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        pytest.param(NEW_YORK, "2027-03-14 23:50", "2027-03-15 00:10", id="after 23 hours"),
        pytest.param(BERLIN, "2026-10-25 23:50", "2026-10-26 00:10", id="after 25 hours"),
        pytest.param(BERLIN, "2026-10-24 23:50", "2026-10-25 00:10", id="before 25 hours"),
    ],
)
def test_session_continues_past_midnight(zone: str, before: str, after: str):
    world = new_world(REPORT_TIMEZONE=zone)
    (first,) = world.send(page_view("/"), at=moment(before, zone))
    (second,) = world.send(page_view("/b"), at=moment(after, zone))

    assert second.session_id == first.session_id


@pytest.mark.parametrize(
    ("zone", "sent", "again"),
    [
        # A whole day of 23 hours lies between the two.
        pytest.param(NEW_YORK, "2027-03-13 23:50", "2027-03-15 00:40", id="23 hours"),
        # 48 hours after a day of 25 hours began, less than 24 after it ended.
        pytest.param(BERLIN, "2026-10-25 23:50", "2026-10-26 23:40", id="25 hours"),
    ],
)
def test_duplicate_is_recognized_for_24_hours(zone: str, sent: str, again: str):
    world = new_world(REPORT_TIMEZONE=zone)
    (first,) = world.send(page_view("/", event_id="e1"), at=moment(sent, zone))
    world.close(at=moment(again, zone))
    later = moment(again, zone) - moment(sent, zone)
    (second,) = world.restarted().send(
        page_view("/", event_id="e1", age=later), at=moment(again, zone)
    )

    assert (second.status, second.session_id) == ("duplicate", first.session_id)
