"""The grants of the policy files, and a run of the job that uses every one of its grants."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from chalicelib.services.jobs import minute_job
from chalicelib.services.jobs.job_report import Report
from tests.world import World, minutes, page_view, visitor

CHALICE = Path(__file__).parent.parent / ".chalice"

Grant = tuple[str, str]  # an action of DynamoDB, and the table it is for
Policy = dict[str, Any]


def policy(stage: str, function: str) -> Policy:
    document: Policy = json.loads(
        (CHALICE / f"policy-{stage}-{function}.json").read_text("utf-8")
    )
    return document


def of_service(document: Policy, service: str) -> list[dict[str, Any]]:
    """Return the statements about a service."""
    return [
        statement
        for statement in document["Statement"]
        if all(action.startswith(f"{service}:") for action in statement["Action"])
    ]


def granted(stage: str, function: str) -> set[Grant]:
    """Yield the grants; tables are named without the account and `table/`."""
    return {
        (action.removeprefix("dynamodb:"), statement["Resource"].split("table/")[1])
        for statement in of_service(policy(stage, function), "dynamodb")
        for action in statement["Action"]
    }


def without(document: Policy, grant: Grant) -> Policy:
    """Return a copy of the policy without the grant."""
    name, table = grant
    changed = copy.deepcopy(document)
    (statement,) = [s for s in changed["Statement"] if s["Resource"].endswith(f"table/{table}")]
    statement["Action"].remove(f"dynamodb:{name}")
    if not statement["Action"]:
        changed["Statement"].remove(statement)
    return changed


def send_visits(world: World, **fields: Any) -> None:
    """Send a session, and three of another visitor of which two turn out to be one, at
    START."""
    world.send(page_view("/", **fields))
    for age_minutes in (0, 100, 50, 75):
        view = page_view("/", age=age_minutes * 60_000, **fields)
        world.send(view, sender=visitor(2))


def run_minute_job(world: World) -> None:
    """Run everything that the job does from time to time, on the events of `send_visits`."""

    def run(at: int) -> Report:
        return minute_job.run_minute_job(world.context(at), remaining_ms=lambda: 60_000)

    assert run(minutes(10)).sessions_closed == 1
    assert run(minutes(60)).sessions_closed == 2
    unreadable = {"session_id": "sess_20260905_00000001"}
    world.tables.database.put(world.settings.active_sessions_table, unreadable)
    aside = [run(minutes(60 + number)).rows_quarantined for number in range(3)]
    assert aside == [0, 0, 1]
    run(minutes(72 * 60))  # the salts have had their time, the row is tried again
    run(minutes(30 * 24 * 60))  # the month is over
