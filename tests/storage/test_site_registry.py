"""The register of all sites, on tables in this process."""

from __future__ import annotations

import pytest

from chalicelib.storage.site_registry import SITE, Register
from tests.world import World

SITES = frozenset({"one.example", "two.example"})


@pytest.fixture
def register(world: World) -> Register:
    """With what was written before it lay in parts."""
    register = world.tables.register
    for sort_key in ("seen", "due#2026-09-06#2026-09-05"):
        item = {"site": SITE, "sort_key": sort_key, "v": 1, "sites": SITES}
        world.tables.database.put(register.name, item)
    return register


def test_sites_of_old_are_there_and_can_be_removed(register: Register):
    register.add_sites(frozenset({"three.example", "one.example"}))
    assert register.sites() == SITES | {"three.example"}

    register.remove_site("one.example")
    assert register.sites() == {"two.example", "three.example"}


def test_what_is_due_of_old_is_done_where_it_is(register: Register):
    [due] = register.due()
    assert (due.on, due.days, due.sites) == ("2026-09-06", "2026-09-05", SITES)

    register.done(due, "one.example")
    [left] = register.due()
    assert left.sites == {"two.example"}

    register.done(left, "two.example")
    assert list(register.due()) == []


def test_a_new_site_costs_the_same_however_many_there_are(world: World):
    register = Register(world.tables.database, world.tables.rollups.name)
    before = len(world.calls)
    register.add_sites(frozenset({"new.example"}))
    register.add_sites(frozenset({"new.example"}))

    assert world.calls[before:] == ["GetItem", "UpdateItem"]
