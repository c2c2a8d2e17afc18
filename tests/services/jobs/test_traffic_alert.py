"""A site whose traffic triples, or falls to a third, is reported; normal traffic is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.services.jobs.compact import compact
from chalicelib.services.jobs.traffic_alert import TrafficChange, detect_changes, is_significant
from tests.world import World, minutes, page_view, visitor

WEEK = 7 * 24 * 60  # minutes
LOOK = WEEK + 60 + 50  # in the hour after the one that is looked at


def pageviews(world: World, number: int, at: float) -> None:
    """Send this many page views within a few minutes, from visitors with at most 50 each, and
    close them."""
    for place, done in enumerate(range(0, number, 50)):
        views = [page_view(f"/{page}") for page in range(done, min(done + 50, number))]
        world.send(*views, at=minutes(at + place), sender=visitor(place + 1))
    world.close(at=minutes(at + 45))


def seen(world: World, at: float) -> list[TrafficChange]:
    return list(detect_changes(world.context(minutes(at)), remaining_ms=lambda: 55_000))


@pytest.mark.parametrize(
    ("was", "pageviews", "expected"),
    [
        (100, 299, False),
        (100, 300, True),
        (33, 99, False),
        (33, 100, True),
        (0, 99, False),
        (0, 100, True),
        (300, 101, False),
        (300, 100, True),
        (99, 0, False),
        (100, 0, True),
    ],
)
def test_traffic_of_three_times_or_a_third_is_a_change(
    was: int, pageviews: int, expected: bool
):
    assert is_significant(was, pageviews) is expected


def test_drop_to_zero_is_detected(world: World):
    pageviews(world, 120, at=0)

    assert seen(world, LOOK) == [TrafficChange("example.com", 120, 0)]


def test_spike_is_detected(world: World):
    pageviews(world, 40, at=0)
    pageviews(world, 130, at=WEEK)

    assert seen(world, LOOK) == [TrafficChange("example.com", 40, 130)]


def test_change_is_detected_after_the_week_was_compacted(world: World):
    pageviews(world, 120, at=0)
    compact(world.context(minutes(24 * 60)))
    assert [i for i in world.items("rollups") if i["sort_key"].startswith("summary#")]

    assert seen(world, LOOK) == [TrafficChange("example.com", 120, 0)]


def test_ordinary_hour_is_not_reported(world: World):
    pageviews(world, 120, at=0)
    pageviews(world, 120, at=WEEK)

    assert seen(world, LOOK) == []


@pytest.mark.parametrize("minute", [-1, 1])
def test_traffic_is_checked_once_an_hour(world: World, minute: int):
    pageviews(world, 120, at=0)

    assert seen(world, LOOK + minute) == []


def test_first_week_of_a_site_is_not_compared(world: World):
    pageviews(world, 120, at=0)

    assert seen(world, 24 * 60 + 110) == []


def test_removed_site_is_not_checked(world: World):
    pageviews(world, 120, at=0)
    world.settings = replace(world.settings, sites=("other.example",))

    assert seen(world, LOOK) == []


def test_traffic_is_not_checked_without_time_left(world: World):
    pageviews(world, 120, at=0)
    looked = detect_changes(world.context(minutes(LOOK)), remaining_ms=lambda: 14_000)

    assert list(looked) == []
