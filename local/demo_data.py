"""Fills an empty product with a month of a demo site, through the real collecting and closing.

The clock is passed in, so a month takes a minute. traffic_model/model.py says who comes and
what they do: always 4,000 sessions of 2,352 people, with 10,032 page views and 560 other
events, from 18 origins and on three kinds of device; 42 % of the sessions bounce. Fourteen are
still open.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from botocore import UNSIGNED
from botocore.config import Config

from chalicelib.domain.collection.event import Place
from chalicelib.domain.collection.request_client import Sender
from chalicelib.services.collect.collect import OutcomeStatus, collect
from chalicelib.services.context import Context
from chalicelib.services.jobs.compact import compact
from chalicelib.services.jobs.expire import expire_sessions
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables, connect
from devkit.emulated_aws.emulated_stack import aws_client
from traffic_model.model import OLDEST_OPEN_MS, PlannedSession, plan_traffic

SESSIONS = 4_000
OPEN_NOW = 14
DAYS = 30

THREADS = 4  # more find the emulator busy
SESSIONS_A_CLOSING = 95  # as many as one transaction takes
BAR = 40  # characters

# Checking and signing each of 30,000 requests would take a sixth of the time.
QUICK = Config(parameter_validation=False, signature_version=UNSIGNED)


class DemoFailed(Exception):
    """The product refused an event of the demo; the message says which and why."""


def is_empty(environment: Mapping[str, str]) -> bool:
    """Whether nothing has ever been counted: no event and no closed session."""
    client = aws_client("dynamodb", environment)
    names = [environment[name] for name in ("EVENTS_TABLE", "SESSIONS_TABLE", "ROLLUPS_TABLE")]
    return all(client.scan(TableName=name, Limit=1)["Count"] == 0 for name in names)


def now() -> int:
    """Milliseconds since 1970 in UTC."""
    return time.time_ns() // 1_000_000


def fill_demo(
    environment: Mapping[str, str], over: threading.Event, clock: Callable[[], int] = now
) -> None:
    """Up to the moment that `clock` tells. Stop in the middle when `over` is set.

    To DynamoDB's own deletion much of this would look overdue, but ministack leaves
    TimeToLiveSpecification out when CloudFormation makes a table: nothing is deleted by time.
    """
    settings = Settings.from_environment(environment)
    tables = connect(settings, aws_client("dynamodb", environment, QUICK))
    until = clock()
    planned = plan_traffic(SESSIONS, until=until, days=DAYS, open_now=OPEN_NOW)
    past = [session for session in planned if session.sent_at <= until - OLDEST_OPEN_MS]
    with ThreadPoolExecutor(THREADS) as pool:
        closing: Future[object] = pool.submit(bool)
        for first in range(0, len(past), SESSIONS_A_CLOSING):
            if over.is_set():
                return
            show_progress(first / len(past))
            some = past[first : first + SESSIONS_A_CLOSING]
            send(some, tables, settings, pool)
            closing.result()
            closing = pool.submit(expire_sessions, Context(tables, settings, some[-1].sent_at))
        closing.result()
        # Who is still there has not waited for the rest to be filled in.
        waited = clock() - until
        still_there = [session.later(waited) for session in planned[len(past) :]]
        send(still_there, tables, settings, pool)
        expire_sessions(Context(tables, settings, clock()))
    compact(Context(tables, settings, clock()))
    show_progress(1)


def send(
    planned: Sequence[PlannedSession],
    tables: Tables,
    settings: Settings,
    pool: ThreadPoolExecutor,
) -> None:
    """Collect sessions side by side, but those of one person one after the other."""
    by_person: dict[int, list[PlannedSession]] = {}
    for session in planned:
        by_person.setdefault(session.person.number, []).append(session)

    def send_those_of_one(sessions: list[PlannedSession]) -> None:
        for session in sessions:
            send_one(session, tables, settings)

    for _ in pool.map(send_those_of_one, by_person.values()):
        pass


def send_one(session: PlannedSession, tables: Tables, settings: Settings) -> None:
    """As one request that the tracker makes when its page is left."""
    person = session.person
    sender = Sender(person.address, person.user_agent, Place(person.country.code))
    context = Context(tables, settings, session.sent_at)
    for outcome in collect(session.bodies, sender, context):
        if outcome.status is not OutcomeStatus.STORED:
            raise DemoFailed(
                f"The demo's event {outcome.event_id} was not stored: {outcome.message}"
            )


def show_progress(share: float) -> None:
    """A bar that grows in place; where nobody watches, a line for each tenth or so."""
    bar = "#" * round(share * BAR)
    line = f"Filling demo.example with {DAYS} days of traffic  [{bar:<{BAR}}] {share:4.0%}"
    if sys.stdout.isatty():
        print(f"\r{line}", end="\n" if share == 1 else "", flush=True)
    elif share in (0, 1):
        print(line, flush=True)
