"""How items of an earlier version become those of today's, one step a version.

Each item says its version in `v`. A release that changes the form of items adds a migration
here, and its code reads both forms, so that figures stay right while `make upgrade` is at work
and old and new items lie side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.storage import events, sessions
from chalicelib.storage.active_table import active_sessions
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.rollup_table import rollups
from operate.errors import CommandError

FIRST_VERSION = 1

# The tables, as Settings calls them, and the version in which the code here writes items.
CURRENT_VERSIONS = {
    "events": events.SCHEMA_VERSION,
    "sessions": sessions.SCHEMA_VERSION,
    "active_sessions": active_sessions.SCHEMA_VERSION,
    "rollups": rollups.SCHEMA_VERSION,
}

# The newest version of items that the code here reads. A release can read a version before a
# later release writes it; then the later one can be rolled back.
READABLE_VERSIONS = dict(CURRENT_VERSIONS)


@dataclass(frozen=True, slots=True)
class Migration:
    """`change` takes an item of version `to` - 1 and returns it as version `to` has it, without
    `v`; it leaves the key alone, and depends on nothing but the item. `summary` says what
    changes, for an operator who cannot roll back past it: "events keep the page's title"."""

    table: str
    to: int
    change: Callable[[Item], Item]
    summary: str


MIGRATIONS: tuple[Migration, ...] = ()  # version 1 is the first


def migration_path(table: str, since: int, migrations: Sequence[Migration]) -> list[Migration]:
    """The steps that take an item of version `since` to the newest, in order."""
    steps = {migration.to: migration for migration in migrations if migration.table == table}
    newest = max(steps, default=since)
    missing = [version for version in range(since + 1, newest + 1) if version not in steps]
    if missing:
        raise CommandError(
            f"Nothing takes {table} from version {missing[0] - 1} to {missing[0]}."
        )
    return [steps[version] for version in range(since + 1, newest + 1)]


def apply_migrations(item: Item, migrations: Sequence[Migration]) -> Item:
    """The item after all of these steps."""
    for migration in migrations:
        item = {**migration.change(item), "v": migration.to}
    return item
