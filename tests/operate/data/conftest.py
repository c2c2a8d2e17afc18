"""Days of traffic on which the commands operate."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.services.jobs.compact import compact
from operate.data.session_sources import SessionSources
from tests.world import World, custom, minutes, new_world, page_view, visitor

SITE = "example.com"
DAY = 24 * 60  # minutes
NEXT_DAY = minutes(DAY - 8 * 60)
LATER = minutes(3 * DAY)


@pytest.fixture
def world() -> World:
    """Saturday 2026-09-05 has been compacted, Sunday has not; user ann has two sessions."""
    made = new_world(VISITOR_KEY="a-key")
    for number in range(4):
        made.send(page_view("/a"), at=minutes(30 * number), sender=visitor(number))
        made.send(
            page_view("/b", user_id="ann" if number == 2 else None),
            custom("signup", props={"plan": "team"}),
            at=minutes(30 * number + 2),
            sender=visitor(number),
        )
        made.close(at=minutes(30 * number + 60))
    compact(made.context(NEXT_DAY))
    made.send(page_view("/c", user_id="ann"), at=minutes(DAY), sender=visitor(8))
    made.send(page_view("/d"), at=minutes(DAY), sender=visitor(9))
    made.close(at=minutes(DAY + 60))
    return made


@pytest.fixture
def sources(world: World) -> Iterator[SessionSources]:
    with ThreadPoolExecutor(2) as pool:
        yield SessionSources(SITE, world.context(), pool)
