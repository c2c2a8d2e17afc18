"""Fills an empty installation with a month of the demo site, by collecting and closing.

Time is passed in, so a month takes a minute. traffic_model/model.py plans the traffic, which is
always the same: 4,000 sessions of 2,352 people, with 10,032 page views and 560 other events,
from 18 origins on three types of device; 42% of the sessions bounce. Fourteen are still active.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from botocore import UNSIGNED
from botocore.config import Config

from chalicelib.domain.collection.event import Location
from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.services.collect.collect import OutcomeStatus, collect
from chalicelib.services.context import Context
from chalicelib.services.jobs.compact import compact
from chalicelib.services.jobs.expire import expire_sessions
from chalicelib.settings import Settings
from chalicelib.storage.tables import Tables, connect
from devkit.emulated_aws.emulated_stack import aws_client
from traffic_model.model import MAX_OPEN_AGE_MS, PlannedSession, plan_traffic

SESSIONS = 4_000
OPEN_SESSIONS = 14
DAYS = 30

THREADS = 4  # with more, the emulator is the bottleneck
SESSIONS_PER_CLOSE = 95  # as many as fit one transaction
BAR_WIDTH = 40  # characters

# Validating and signing 30,000 requests would take a sixth of the time.
FAST_CONFIG = Config(parameter_validation=False, signature_version=UNSIGNED)


class DemoFailed(Exception):
    """An event of the demo was not stored; the message says which and why."""


def is_empty(environment: Mapping[str, str]) -> bool:
    """Return whether there are no events and no closed sessions."""
    client = aws_client("dynamodb", environment)
    names = [environment[name] for name in ("EVENTS_TABLE", "SESSIONS_TABLE", "ROLLUPS_TABLE")]
    return all(client.scan(TableName=name, Limit=1)["Count"] == 0 for name in names)


def now() -> int:
    """Return the time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def fill_demo(
    environment: Mapping[str, str], stopping: threading.Event, clock: Callable[[], int] = now
) -> None:
    """Send the month of traffic before `clock()`; return early if `stopping` is set.

    Some items are past their TTL. ministack does not delete them, as it ignores the
    TimeToLiveSpecification of a table that CloudFormation creates.
    """
    settings = Settings.from_environment(environment)
    tables = connect(settings, aws_client("dynamodb", environment, FAST_CONFIG))
    until = clock()
    planned = plan_traffic(SESSIONS, until=until, days=DAYS, open_now=OPEN_SESSIONS)
    past = [session for session in planned if session.sent_at <= until - MAX_OPEN_AGE_MS]
    with ThreadPoolExecutor(THREADS) as pool:
        closing: Future[object] = pool.submit(bool)
        for first in range(0, len(past), SESSIONS_PER_CLOSE):
            if stopping.is_set():
                return
            show_progress(first / len(past))
            some = past[first : first + SESSIONS_PER_CLOSE]
            send_sessions(some, tables, settings, pool)
            closing.result()
            closing = pool.submit(expire_sessions, Context(tables, settings, some[-1].sent_at))
        closing.result()
        # Active sessions are as recent as when filling began.
        waited = clock() - until
        still_there = [session.shifted(waited) for session in planned[len(past) :]]
        send_sessions(still_there, tables, settings, pool)
        expire_sessions(Context(tables, settings, clock()))
    compact(Context(tables, settings, clock()))
    show_progress(1)


def send_sessions(
    planned: Sequence[PlannedSession],
    tables: Tables,
    settings: Settings,
    pool: ThreadPoolExecutor,
) -> None:
    """Collect sessions in parallel, but those of one person in order."""
    by_person: dict[int, list[PlannedSession]] = {}
    for session in planned:
        by_person.setdefault(session.person.number, []).append(session)

    def send_those_of_one(sessions: list[PlannedSession]) -> None:
        for session in sessions:
            send_session(session, tables, settings)

    for _ in pool.map(send_those_of_one, by_person.values()):
        pass


def send_session(session: PlannedSession, tables: Tables, settings: Settings) -> None:
    """Send a session's events in one request, as the tracker does on leaving a page."""
    person = session.person
    sender = RequestClient(person.address, person.user_agent, Location(person.country.code))
    context = Context(tables, settings, session.sent_at)
    for outcome in collect(session.bodies, sender, context):
        if outcome.status is not OutcomeStatus.STORED:
            raise DemoFailed(
                f"The demo's event {outcome.event_id} was not stored: {outcome.message}"
            )


def show_progress(share: float) -> None:
    """Draw a progress bar on a terminal; otherwise print a line at the start and the end."""
    bar = "#" * round(share * BAR_WIDTH)
    line = (
        f"Filling demo.example with {DAYS} days of traffic  [{bar:<{BAR_WIDTH}}] {share:4.0%}"
    )
    if sys.stdout.isatty():
        print(f"\r{line}", end="\n" if share == 1 else "", flush=True)
    elif share in (0, 1):
        print(line, flush=True)
