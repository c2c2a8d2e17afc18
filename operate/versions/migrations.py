"""Migrations of stored items, each from one version to the next.

Each item has its version in `v`. A release that changes the form of items adds a migration
here. Its code reads both forms, so that metrics stay correct while `make upgrade` runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.storage import events, sessions
from chalicelib.storage.active_table import active_sessions
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.rollup_table import rollup_items
from operate.errors import CommandError

FIRST_VERSION = 1

# By table, as Settings names it, the version of the items that this code writes.
CURRENT_VERSIONS = {
    "events": events.SCHEMA_VERSION,
    "sessions": sessions.SCHEMA_VERSION,
    "active_sessions": active_sessions.SCHEMA_VERSION,
    "rollups": rollup_items.SCHEMA_VERSION,
}

# By table, the newest version of items that this code reads. A release can read a version
# before a later release writes it, so that the later release can be rolled back.
READABLE_VERSIONS = dict(CURRENT_VERSIONS)


@dataclass(frozen=True, slots=True)
class Migration:
    """A step to version `to`. `change` gets an item of version `to` - 1 and returns it in the
    new form, without `v`. It does not change the key and depends on nothing but the item.
    `summary` tells operators what they cannot roll back: "events keep the page's title"."""

    table: str
    to: int
    change: Callable[[Item], Item]
    summary: str


MIGRATIONS: tuple[Migration, ...] = ()  # version 1 is the first


def migration_path(table: str, since: int, migrations: Sequence[Migration]) -> list[Migration]:
    """Return the migrations from version `since` to the newest, in order."""
    steps = {migration.to: migration for migration in migrations if migration.table == table}
    newest = max(steps, default=since)
    missing = [version for version in range(since + 1, newest + 1) if version not in steps]
    if missing:
        raise CommandError(
            f"There is no migration of {table} from version {missing[0] - 1} to {missing[0]}."
        )
    return [steps[version] for version in range(since + 1, newest + 1)]


def apply_migrations(item: Item, migrations: Sequence[Migration]) -> Item:
    """Return the item after all of these migrations."""
    for migration in migrations:
        item = {**migration.change(item), "v": migration.to}
    return item
