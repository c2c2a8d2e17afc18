"""What is known of a stage's deployment, kept in the account so that every machine knows it.

It lies in the rollups table, which each stage has anyway, which is backed up, and which can
write on a condition:

    site           sort_key
    (deployment)   prod#lock         who is changing the stage, until when
    (deployment)   prod#chalice      Chalice's own record of what it deployed
    (deployment)   prod#deployed     what the last deployment was made of
    (deployment)   prod#tokens       the read tokens: names and SHA-256
    (deployment)   prod#schema       the version that make upgrade has taken each table to
    (deployment)   prod#written      the newest version of items that any code has written
    (deployment)   prod#release#N    what a release consists of, for going back to it

The stage is in the key because a table can be restored as that of another stage.
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
from chalicelib.storage.aws.database import ConditionFailed, Database
from operate.aws.account import Account, error_code
from operate.aws.stage import Stage
from operate.errors import CommandError

SITE = "(deployment)"  # no host name has parentheses
LOCK_SECONDS = 15 * 60  # longer than any single step takes; each step begins it anew
_IS_FREE = "attribute_not_exists(site) OR lock_id = :owner OR taken_until < :now"


@dataclass(frozen=True, slots=True)
class DeploymentStore:
    database: Database
    table: str
    stage: str

    def exists(self) -> bool:
        """Whether there is a table to keep it in."""
        try:
            self.database.client.describe_table(TableName=self.table)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return False
            raise
        return True

    def get(self, name: str) -> Any:
        """What was kept under that name; None where nothing is, or no table."""
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
        """By name, in order."""
        values: Item = {":site": SITE, ":prefix": f"{self.stage}#{prefix}"}
        items = self.database.query(
            self.table, "site = :site AND begins_with(sort_key, :prefix)", values
        )
        start = len(self.stage) + 1
        return {item["sort_key"][start:]: json.loads(item["kept"]) for item in items}

    @contextmanager
    def lock(self, what: str, who: str) -> Iterator[Lock]:
        """Nobody else changes the stage meanwhile; raise Refused where somebody does."""
        taken = Lock(self, str(uuid4()), f"{who} ({what})")
        taken.acquire()
        try:
            yield taken
        finally:
            taken.release()

    def _key(self, name: str) -> Item:
        return {"site": SITE, "sort_key": f"{self.stage}#{name}"}


@dataclass(frozen=True, slots=True)
class Lock:
    store: DeploymentStore
    owner: str
    holder: str  # for whoever is refused

    def acquire(self) -> None:
        """Also prolong it, when it is ours already."""
        now = int(time())
        record = self.store
        item = {
            **record._key("lock"),
            "lock_id": self.owner,
            "holder": self.holder,
            "taken_until": now + LOCK_SECONDS,
        }
        try:
            record.database.put(
                record.table,
                item,
                condition=_IS_FREE,
                values={":owner": self.owner, ":now": now},
            )
        except ConditionFailed as failure:
            raise CommandError(_locked_message(failure.item, now)) from None

    def release(self) -> None:
        record = self.store
        try:
            record.database.delete(
                record.table,
                record._key("lock"),
                condition="lock_id = :owner",
                values={":owner": self.owner},
            )
        except ConditionFailed:
            return  # it ran out, and somebody else has it now
        except ClientError as error:
            if error_code(error) != "ResourceNotFoundException":  # destroyed with its table
                raise


def open_store(stage: Stage, account: Account) -> DeploymentStore:
    return DeploymentStore(
        Database(account.client("dynamodb")), stage.rollups_table, stage.name
    )


def _locked_message(item: Mapping[str, Any] | None, now: int) -> str:
    holder, until = (item or {}).get("holder", "somebody"), (item or {}).get("taken_until", now)
    minutes = max(1, -(-(until - now) // 60))
    return (
        f"The stage is being changed by {holder}. Wait until that is done; if it was broken "
        f"off, it lets go by itself in {minutes} minute{'s' if minutes > 1 else ''}."
    )
