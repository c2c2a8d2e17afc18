"""Check a deployment with a real event, which is removed again.

The event belongs to the site verify.invalid, which no list of sites shows, so your metrics do
not change. Only a request with a read token may send events to it. Without a token, neither
collecting nor reading is checked.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.urls.site_patterns import VERIFY_SITE
from chalicelib.storage.active_table.active_sessions import row_key
from chalicelib.storage.events import event_key
from chalicelib.storage.session_pointers import pointer_item_key
from chalicelib.version import __version__
from operate.aws.account import Account
from operate.aws.deployment_store import open_store
from operate.aws.http_client import Reply, send
from operate.aws.stage import ConnectedStage, Stage
from operate.build.chalice_app import ChaliceApp, api_url
from operate.console import echo
from operate.errors import CommandError

AT_FUNCTION_URL = "at the Function URL"
REALTIME = f"/api/realtime?site={VERIFY_SITE}"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    passed: bool
    detail: str = ""  # printed if it failed


def check_deployment(
    url: str, stage: ConnectedStage, token: str, function_url: str | None = None
) -> Iterator[Check]:
    """Yield one check after another. An event is always removed at the end. `url` is the API's
    address, without a slash at the end, as is `function_url`."""
    yield from _pages(url)
    yield from _rejections(url)
    yield _unknown_site(url)
    if function_url:
        tracker = send("GET", f"{function_url}/tracker.js")
        yield _status_check(f"The tracker is available {AT_FUNCTION_URL}", tracker, 200)
    if not token:
        return
    yield from _one_event(url, url, stage, token)
    if function_url:
        yield from _one_event(function_url, url, stage, token, f" {AT_FUNCTION_URL}")


def _one_event(
    collects: str, reads: str, stage: ConnectedStage, token: str, where: str = ""
) -> Iterator[Check]:
    """Send an event to one address, look for it at another, and remove it."""
    event, allowed = _event(), {"Authorization": f"Bearer {token}"}
    answers = [send("POST", f"{collects}/events", event, **allowed) for _ in range(2)]
    session_id = str((answers[0].json or {}).get("session_id", ""))
    try:
        yield from _collected(answers, event["event_id"], session_id, stage, where)
        yield _realtime(reads, token)
    finally:
        if session_id:
            _remove(session_id, stage)
    if session_id:
        yield Check("The event was removed", not _events_of(session_id, stage))


def _event() -> dict[str, str]:
    return {
        "event_type": "page_view",
        "event_id": f"verify-{secrets.token_hex(8)}",
        "page_url": f"https://{VERIFY_SITE}/",
    }


def _pages(url: str) -> Iterator[Check]:
    health = send("GET", f"{url}/health")
    version = ((health.json or {}).get("data") or {}).get("version")
    yield _status_check("The app and its tables are available", health, 200)
    yield Check(f"Its version is {__version__}", version == __version__, f"version {version}")
    for path, what in [
        ("/", "The dashboard is available"),
        ("/tracker.js", "The tracker is available"),
    ]:
        yield _status_check(what, send("GET", f"{url}{path}"), 200)


def _rejections(url: str) -> Iterator[Check]:
    reply = send("GET", f"{url}{REALTIME}")
    yield _status_check("Reading without a token is rejected", reply, 401)
    reply = send("GET", f"{url}{REALTIME}", Authorization="Bearer wrong")
    yield _status_check("Reading with a wrong token is rejected", reply, 401)
    unknown = send("GET", f"{url}/nothing-here")
    if "x-amz-apigw-id" in unknown.headers:  # absent if the app runs without API Gateway
        is_ours = (unknown.json or {}).get("status") == "error"
        is_open = "access-control-allow-origin" in unknown.headers
        yield Check(
            "API Gateway's own errors have our format", is_ours and is_open, unknown.text[:200]
        )


def _unknown_site(url: str) -> Check:
    reply = send("POST", f"{url}/events", _event())
    dropped = ((reply.json or {}).get("data") or {}).get("dropped")
    return Check(
        "An event of an unknown site is dropped", dropped == "unknown_site", _describe(reply)
    )


def _collected(
    answers: Sequence[Reply], event_id: str, session_id: str, stage: ConnectedStage, where: str
) -> Iterator[Check]:
    first, again = answers
    accepted = first.status == 200 and bool(session_id)
    yield Check(f"An event is accepted{where}", accepted, _describe(first))
    stored = [item["event_id"] for item in _events_of(session_id, stage)] if session_id else []
    yield Check("It is stored", stored == [event_id], f"stored: {stored}")
    yield Check("A second delivery is recognized", again.text == first.text, _describe(again))


def _realtime(url: str, token: str) -> Check:
    reply = send("GET", f"{url}{REALTIME}", Authorization=f"Bearer {token}")
    pageviews = ((reply.json or {}).get("data") or {}).get("pageviews", 0)
    return Check(
        "It is counted in realtime", reply.status == 200 and pageviews >= 1, _describe(reply)
    )


def _status_check(what: str, reply: Reply, status: int) -> Check:
    return Check(what, reply.status == status, _describe(reply))


def _describe(reply: Reply) -> str:
    return f"{reply.status} {reply.text[:200]}"


def _events_of(session_id: str, stage: ConnectedStage) -> list[dict[str, Any]]:
    tables = stage.tables
    return list(
        tables.database.query(
            tables.events.name, "session_id = :session", {":session": session_id}
        )
    )


def _remove(session_id: str, stage: ConnectedStage) -> None:
    """Delete the active session, the events and the visitor's pointer."""
    tables = stage.tables
    row = tables.active_sessions.get(session_id)
    keys = [event_key(session_id, item["event_id"]) for item in _events_of(session_id, stage)]
    if row:
        keys.append(pointer_item_key(row.pointer_key))
        tables.database.delete(tables.active_sessions.name, row_key(session_id))
    tables.database.delete_many(tables.events.name, keys)


def stage_url(stage: Stage, account: Account) -> str:
    api_id = ChaliceApp(stage, account, open_store(stage, account)).api_id()
    if api_id is None:
        raise CommandError(
            f"Stage {stage.name} is not deployed: make deploy STAGE={stage.name}."
        )
    return api_url(stage, account, api_id)


def print_checks(checks: Iterator[Check]) -> bool:
    """Print each check; return whether all passed."""
    all_passed = True
    for check in checks:
        echo(f"{'ok ' if check.passed else 'NOT'}  {check.name}")
        if not check.passed:
            all_passed = False
            echo(f"     {check.detail}")
    return all_passed
