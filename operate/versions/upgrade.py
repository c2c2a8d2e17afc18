"""Migrate the tables of an earlier version, item by item, while the app runs.

Each item is updated on condition that the changed attributes are as they were read. If the app
has written the item in between, it is read again. A second run resumes an interrupted one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.settings import Settings
from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import ConditionFailed
from operate.aws.account import Account
from operate.aws.deployment_store import DeploymentStore, open_store
from operate.aws.stage import Stage, connect_stage
from operate.console import current_user, pluralize
from operate.errors import CommandError
from operate.versions.migrations import (
    CURRENT_VERSIONS,
    FIRST_VERSION,
    MIGRATIONS,
    Migration,
    apply_migrations,
    migration_path,
)
from operate.versions.releases import Release, Releases
from operate.versions.retention import Retention, is_applied, save_applied

MAX_ATTEMPTS = 5  # for an item that the app writes at the same time


@dataclass(frozen=True, slots=True)
class Upgrade:
    """`tables` has the name of each table, by its name in Settings."""

    database: Database
    tables: Mapping[str, str]
    migrations: Sequence[Migration] = MIGRATIONS

    def run(self) -> dict[str, int]:
        """Migrate the tables that have migrations. Return the number of changed items by
        table."""
        table_names = sorted({migration.table for migration in self.migrations})
        return {table: self._upgrade(table) for table in table_names}

    def _upgrade(self, table: str) -> int:
        name = self.tables[table]
        key = self._key_of(name)
        done = 0
        for item in self.database.scan(name):
            done += self._migrate(table, name, key, item)
        return done

    def _migrate(self, table: str, name: str, key: Sequence[str], item: Item) -> bool:
        """Return whether the item was migrated. Items without `v` never change their form:
        pointers, salts, locks."""
        for _ in range(MAX_ATTEMPTS):
            if not isinstance(item.get("v"), int):
                return False
            steps = migration_path(table, item["v"], self.migrations)
            if not steps:
                return False
            target = apply_migrations(item, steps)
            own_key = {part: item[part] for part in key}
            if {part: target.get(part) for part in key} != own_key:
                raise CommandError(f"A migration of {table} would change the key of {own_key}.")
            try:
                self._write(name, own_key, item, target)
            except ConditionFailed as failure:
                if failure.item is None:
                    return False  # deleted since it was read
                item = failure.item
                continue
            return True
        raise CommandError(f"The app kept writing an item of {table}. Run make upgrade again.")

    def _write(self, name: str, key: Item, item: Item, target: Item) -> None:
        """Write only what differs, to keep what the app adds at the same time."""
        different = sorted(
            part for part in {*item, *target} if item.get(part) != target.get(part)
        )
        names = {f"#{at}": part for at, part in enumerate(different)}
        puts = [at for at, part in enumerate(different) if part in target]
        drops = [at for at, part in enumerate(different) if part not in target]
        values: dict[str, Any] = {f":new{at}": target[different[at]] for at in puts}
        conditions = []
        for at, part in enumerate(different):
            if part in item:
                conditions.append(f"#{at} = :old{at}")
                values[f":old{at}"] = item[part]
            else:
                conditions.append(f"attribute_not_exists(#{at})")
        expression = f"SET {', '.join(f'#{at} = :new{at}' for at in puts)}"
        if drops:
            expression += f" REMOVE {', '.join(f'#{at}' for at in drops)}"
        self.database.update(
            name,
            key,
            expression,
            values=values,
            condition=" AND ".join(conditions),
            names=names,
        )

    def _key_of(self, name: str) -> list[str]:
        table = self.database.client.describe_table(TableName=name)["Table"]
        return [part["AttributeName"] for part in table["KeySchema"]]


def after_deploying(stage: Stage, store: DeploymentStore, settings: Settings) -> list[str]:
    """Return what the operator should do: about tables of an earlier version, and about
    sessions that were stored with another retention. New tables are recorded as current."""
    kept = store.get("schema")
    if kept is None:
        store.put("schema", CURRENT_VERSIONS)
        save_applied(store, settings)
        return []
    sentences = []
    behind = [
        table for table, version in CURRENT_VERSIONS.items() if kept.get(table, 1) < version
    ]
    if behind:
        sentences.append(
            f"Items of {', '.join(behind)} have an earlier version, which is still readable. "
            f"To migrate them: make upgrade STAGE={stage.name}"
        )
    if not is_applied(store, settings):
        days = settings.outline_retention_days
        kept_for = f"deleted {days} days after they end" if days else "kept forever"
        sentences.append(
            f"Sessions are now {kept_for}. To apply this to the sessions that are already "
            f"stored: make upgrade STAGE={stage.name}"
        )
    return sentences


def check_deployed_code(release: Release | None) -> None:
    """Raise CommandError if the deployed code cannot read the migrated items. A stage of a
    single stack has no release."""
    behind = [
        t
        for t in CURRENT_VERSIONS
        if release and CURRENT_VERSIONS[t] > release.reads.get(t, FIRST_VERSION)
    ]
    if release and behind:
        raise CommandError(
            f"The deployed release {release.number} (version {release.app_version}) does not "
            f"read the new version of {', '.join(behind)}. Run make deploy first."
        )


def upgrade_stage(stage: Stage, account: Account) -> Iterator[str]:
    """Migrate the items of the stage and yield what was done, in sentences."""
    connected, store = connect_stage(stage, account), open_store(stage, account)
    names = {table: getattr(connected.settings, f"{table}_table") for table in CURRENT_VERSIONS}
    with store.lock("upgrade", current_user()):
        check_deployed_code(Releases(stage, account, store).current())
        done = Upgrade(connected.tables.database, names).run()
        store.put("schema", CURRENT_VERSIONS)
        outlines = 0
        if not is_applied(store, connected.settings):
            outlines = Retention(connected.tables).apply()
            save_applied(store, connected.settings)
    for table, number in done.items():
        version = CURRENT_VERSIONS[table]
        yield f"{table}: {pluralize(number, 'item')} migrated to version {version}."
    if outlines:
        yield f"sessions: {pluralize(outlines, 'session')} got a new expiry."
    if not any(done.values()) and not outlines:
        yield "All items are of the current version."
