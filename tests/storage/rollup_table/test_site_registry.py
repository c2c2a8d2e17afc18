"""The registry of all sites, on in-memory tables."""

from __future__ import annotations

import pytest

from chalicelib.storage.rollup_table.site_registry import ALL_SITES, SiteRegistry
from tests.world import World

SITES = frozenset({"one.example", "two.example"})


@pytest.fixture
def register(world: World) -> SiteRegistry:
    """Return a registry with items from before it was split into parts."""
    register = world.tables.site_registry
    for sort_key in ("seen", "due#2026-09-06#2026-09-05"):
        item = {"site": ALL_SITES, "sort_key": sort_key, "v": 1, "sites": SITES}
        world.tables.database.put(register.name, item)
    return register


def test_sites_of_older_releases_are_listed_and_can_be_removed(register: SiteRegistry):
    register.add_sites(frozenset({"three.example", "one.example"}))
    assert register.sites() == SITES | {"three.example"}

    register.remove_site("one.example")
    assert register.sites() == {"two.example", "three.example"}


def test_tasks_of_older_releases_are_completed_in_place(world: World, register: SiteRegistry):
    queue = world.tables.compaction_queue
    [task] = queue.tasks()
    assert (task.on, task.target, task.sites) == ("2026-09-06", "2026-09-05", SITES)

    queue.complete(task, "one.example")
    [left] = queue.tasks()
    assert left.sites == {"two.example"}

    queue.complete(left, "two.example")
    assert list(queue.tasks()) == []


def test_cost_of_a_new_site_does_not_depend_on_their_number(world: World):
    register = SiteRegistry(world.tables.database, world.tables.rollups.name)
    before = len(world.calls)
    register.add_sites(frozenset({"new.example"}))
    register.add_sites(frozenset({"new.example"}))

    assert world.calls[before:] == ["GetItem", "UpdateItem"]
