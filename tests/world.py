"""A world for tests: the four tables, as infra/resources.yaml makes them, in a fake
DynamoDB, and short ways to send events and to let time pass.

    world.send(page_view("/"), at=minutes(0))
    world.close(at=minutes(40))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.domain.collection.event import Location
from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.services.collect.collect import Outcome, collect
from chalicelib.services.context import Context
from chalicelib.services.jobs.expire import expire_sessions
from chalicelib.services.jobs.job_report import Report
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables, connect
from devkit.user_agent_header import CHROME as CHROME
from testing.fake_dynamodb.fake_tables import fake_dynamodb
from tests.builders import START as START
from tests.builders import custom as custom
from tests.builders import minutes as minutes
from tests.builders import page_view as page_view

TABLES = {
    "EVENTS_TABLE": "LiveInsight-Events-dev",
    "SESSIONS_TABLE": "LiveInsight-Sessions-dev",
    "ACTIVE_SESSIONS_TABLE": "LiveInsight-ActiveSessions-dev",
    "ROLLUPS_TABLE": "LiveInsight-Rollups-dev",
}
TOKEN = "a-token-for-tests"
TOKEN_HASH = "9237b94c86ee59b8e51197999c04d4570522a9bfb16047aa5b59613faefa515d"


def visitor(number: int = 1, **changes: Any) -> RequestClient:
    """Return a client with its own address."""
    return replace(RequestClient(f"192.0.2.{number}", CHROME, Location()), **changes)


def settings(**changes: str) -> Settings:
    return Settings.from_environment({**TABLES, "SITES": "*", **changes})


@dataclass
class World:
    tables: Tables
    settings: Settings
    calls: list[str] = field(default_factory=list)  # the DynamoDB operations, in order

    def send(
        self, *bodies: object, at: int = START, sender: RequestClient | None = None
    ) -> list[Outcome]:
        """Send these events in one request."""
        return collect(bodies, sender or visitor(), self.context(at))

    def context(self, now: int = START) -> Context:
        return Context(self.tables, self.settings, now)

    def close(self, at: int) -> Report:
        """Run the job once."""
        return expire_sessions(self.context(at))

    def items(self, table: str) -> list[Mapping[str, Any]]:
        """Return all items of a table, named as in `Settings`."""
        return list(self.tables.database.scan(getattr(self.settings, f"{table}_table")))

    def rows(self) -> Sequence[Any]:
        return self.tables.active_scan.read().rows

    def restarted(self) -> World:
        """Return the same tables for a process with an empty cache."""
        return replace(self, tables=connect(self.settings, self.tables.database.client))


def new_world(**changes: str) -> World:
    """Return empty tables; `changes` are environment variables."""
    client: Any = fake_dynamodb()
    chosen = settings(**changes)
    made = World(connect(chosen, client), chosen)
    client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: made.calls.append(model.name)
    )
    return made
