"""The deployment store: what commands need to know about a stage, stored in the account so that
every machine can read it.

It is part of the Rollups table, which is backed up and supports conditional writes:

    site           sort_key
    (deployment)   prod#lock         who is changing the stage, and until when
    (deployment)   prod#chalice      Chalice's own record of what it deployed
    (deployment)   prod#deployed     a fingerprint of the last deployment
    (deployment)   prod#tokens       the read tokens: names and SHA-256
    (deployment)   prod#schema       the version that `make upgrade` has migrated each table to
    (deployment)   prod#written      the newest version of items that any release has written
    (deployment)   prod#release#N    what a release consists of, for `make rollback`

The key contains the stage because a table can be restored into another stage.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from chalicelib.storage.aws.attribute_codec import Item
from chalicelib.storage.aws.database import Database
from chalicelib.storage.aws.retries import ConditionFailed
from operate.aws.account import Account, error_code
from operate.aws.stage import Stage
from operate.console import pluralize
from operate.errors import CommandError

SITE = "(deployment)"  # no host name has parentheses
LOCK_SECONDS = 15 * 60  # longer than any single step takes; each step renews the lock
_IS_FREE = "attribute_not_exists(site) OR lock_id = :owner OR taken_until < :now"


@dataclass(frozen=True, slots=True)
class DeploymentStore:
    database: Database
    table: str
    stage: str

    def exists(self) -> bool:
        """Whether the stage has its table yet."""
        try:
            self.database.client.describe_table(TableName=self.table)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return False
            raise
        return True

    def get(self, name: str) -> Any:
        """Return the value, or None if there is none, or no table."""
        try:
            item = self.database.get(self.table, self._key(name))
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise
        return json.loads(item["kept"]) if item else None

    def put(self, name: str, value: Any) -> None:
        text = json.dumps(value, sort_keys=True)
        self.database.put(self.table, {**self._key(name), "kept": text})

    def delete(self, name: str) -> None:
        self.database.delete(self.table, self._key(name))

    def list_prefix(self, prefix: str) -> dict[str, Any]:
        """Return the values whose names begin with the prefix, by name and in order."""
        values: Item = {":site": SITE, ":prefix": f"{self.stage}#{prefix}"}
        items = self.database.query(
            self.table, "site = :site AND begins_with(sort_key, :prefix)", values
        )
        start = len(self.stage) + 1
        return {item["sort_key"][start:]: json.loads(item["kept"]) for item in items}

    @contextmanager
    def lock(self, command: str, user: str) -> Iterator[Lock]:
        """Keep other commands from changing the stage. Raise CommandError if one does."""
        lock = Lock(self, str(uuid4()), f"{user} ({command})")
        lock.acquire()
        try:
            yield lock
        finally:
            lock.release()

    def _key(self, name: str) -> Item:
        return {"site": SITE, "sort_key": f"{self.stage}#{name}"}


@dataclass(frozen=True, slots=True)
class Lock:
    store: DeploymentStore
    owner: str
    holder: str  # named to others who try to acquire it

    def acquire(self) -> None:
        """Acquire the lock, or renew it. Raise CommandError if another command has it."""
        now = int(time())
        store = self.store
        item = {
            **store._key("lock"),
            "lock_id": self.owner,
            "holder": self.holder,
            "taken_until": now + LOCK_SECONDS,
        }
        try:
            store.database.put(
                store.table,
                item,
                condition=_IS_FREE,
                values={":owner": self.owner, ":now": now},
            )
        except ConditionFailed as failure:
            raise CommandError(_locked_message(failure.item, now)) from None

    def release(self) -> None:
        store = self.store
        try:
            store.database.delete(
                store.table,
                store._key("lock"),
                condition="lock_id = :owner",
                values={":owner": self.owner},
            )
        except ConditionFailed:
            return  # it has expired, and another command has acquired it
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":  # destroyed with its table
                raise


def open_store(stage: Stage, account: Account) -> DeploymentStore:
    return DeploymentStore(
        Database(account.client("dynamodb")), stage.rollups_table, stage.name
    )


def _locked_message(item: Mapping[str, Any] | None, now: int) -> str:
    holder = (item or {}).get("holder", "another command")
    until = (item or {}).get("taken_until", now)
    minutes = max(1, -(-(until - now) // 60))
    return (
        f"The stage is being changed by {holder}. Wait until that is done. If it was "
        f"interrupted, its lock expires in {pluralize(minutes, 'minute')}."
    )
