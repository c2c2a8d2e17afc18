"""Prove a deployment with a real event that is removed again.

    python -m operate.inspect.smoke_test --stage prod [--url URL] [--token TOKEN]

The event belongs to the site verify.invalid, which no list of sites shows, so no figure of your
sites changes. Only a request with a read token may send events to it. The token can also be set
in LIVEINSIGHT_TOKEN; without one, neither collecting nor reading is checked.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.urls.site_patterns import VERIFY_SITE
from chalicelib.storage.active_table.active_sessions import row_key
from chalicelib.storage.events import event_key
from chalicelib.storage.session_pointers import pointer_key
from chalicelib.version import __version__
from operate.aws.account import Account
from operate.aws.deployment_store import open_record
from operate.aws.http_client import Reply, send
from operate.aws.region import account_of
from operate.aws.stage import OpenStage, Stage, open_stage, read_stage
from operate.build.chalice_app import App, api_url
from operate.console import parser, run, say
from operate.errors import Refused

REALTIME = f"/api/realtime?site={VERIFY_SITE}"


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    is_right: bool
    seen: str = ""  # what was found instead


def verify(url: str, opened: OpenStage, token: str) -> Iterator[Finding]:
    """Check by check; at the end the event is gone, whatever has failed before."""
    yield from _pages(url)
    yield from _refusals(url)
    event = {
        "event_type": "page_view",
        "event_id": f"verify-{secrets.token_hex(8)}",
        "page_url": f"https://{VERIFY_SITE}/",
    }
    yield _stranger(url, event)
    if not token:
        return
    allowed = {"Authorization": f"Bearer {token}"}
    answers = [send("POST", f"{url}/events", event, **allowed) for _ in range(2)]
    session_id = str((answers[0].json or {}).get("session_id", ""))
    try:
        yield from _collected(answers, event["event_id"], session_id, opened)
        yield _realtime(url, token)
    finally:
        if session_id:
            _remove(session_id, opened)
    if session_id:
        yield Finding("The event has been removed", not _events_of(session_id, opened))


def _pages(url: str) -> Iterator[Finding]:
    health = send("GET", f"{url}/health")
    version = ((health.json or {}).get("data") or {}).get("version")
    yield _answered("The app answers, and its tables do", health, 200)
    yield Finding(f"It is version {__version__}", version == __version__, f"version {version}")
    for path, what in [
        ("/", "The dashboard is there"),
        ("/tracker.js", "The tracker is there"),
    ]:
        yield _answered(what, send("GET", f"{url}{path}"), 200)


def _refusals(url: str) -> Iterator[Finding]:
    reply = send("GET", f"{url}{REALTIME}")
    yield _answered("Nobody reads without a token", reply, 401)
    reply = send("GET", f"{url}{REALTIME}", Authorization="Bearer wrong")
    yield _answered("Nobody reads with a wrong token", reply, 401)
    unknown = send("GET", f"{url}/nothing-here")
    if "x-amz-apigw-id" in unknown.headers:  # not where the app stands alone
        is_ours = (unknown.json or {}).get("status") == "error"
        is_open = "access-control-allow-origin" in unknown.headers
        yield Finding(
            "The gateway refuses in our form", is_ours and is_open, unknown.text[:200]
        )


def _stranger(url: str, event: dict[str, str]) -> Finding:
    reply = send("POST", f"{url}/events", event)
    dropped = ((reply.json or {}).get("data") or {}).get("dropped")
    return Finding(
        "An event of an unknown site is dropped", dropped == "unknown_site", _shown(reply)
    )


def _collected(
    answers: Sequence[Reply], event_id: str, session_id: str, opened: OpenStage
) -> Iterator[Finding]:
    first, again = answers
    yield Finding("An event is taken", first.status == 200 and bool(session_id), _shown(first))
    stored = [item["event_id"] for item in _events_of(session_id, opened)] if session_id else []
    yield Finding("It is in the table", stored == [event_id], f"{stored} there")
    yield Finding("Sent again, it is the same event", again.text == first.text, _shown(again))


def _realtime(url: str, token: str) -> Finding:
    reply = send("GET", f"{url}{REALTIME}", Authorization=f"Bearer {token}")
    pageviews = ((reply.json or {}).get("data") or {}).get("pageviews", 0)
    return Finding("It is seen at once", reply.status == 200 and pageviews >= 1, _shown(reply))


def _answered(what: str, reply: Reply, status: int) -> Finding:
    return Finding(what, reply.status == status, _shown(reply))


def _shown(reply: Reply) -> str:
    return f"{reply.status} {reply.text[:200]}"


def _events_of(session_id: str, opened: OpenStage) -> list[dict[str, Any]]:
    tables = opened.tables
    return list(
        tables.database.query(
            tables.events.name, "session_id = :session", {":session": session_id}
        )
    )


def _remove(session_id: str, opened: OpenStage) -> None:
    """The row, the events, and the pointer by which the visitor would be found again."""
    tables = opened.tables
    row = tables.active_sessions.get(session_id)
    keys = [event_key(session_id, item["event_id"]) for item in _events_of(session_id, opened)]
    if row:
        keys.append(pointer_key(row.pointer_id))
        tables.database.delete(tables.active_sessions.name, row_key(session_id))
    tables.database.delete_many(tables.events.name, keys)


def url_of(stage: Stage, account: Account) -> str:
    api_id = App(stage, account, open_record(stage, account)).api_id()
    if api_id is None:
        raise Refused(f"Stage {stage.name} is not deployed: make deploy STAGE={stage.name}.")
    return api_url(stage, account, api_id)


def tell(findings: Iterator[Finding], say: Callable[[str], None] = say) -> bool:
    """Say each; whether all are right."""
    all_right = True
    for finding in findings:
        say(f"{'ok ' if finding.is_right else 'NOT'}  {finding.what}")
        if not finding.is_right:
            all_right = False
            say(f"     {finding.seen}")
    return all_right


def main(arguments: Sequence[str]) -> None:
    options = parser("inspect.smoke_test", __doc__)
    options.add_argument("--url", default="", help="where it is; found out when left out")
    options.add_argument("--token", default=os.environ.get("LIVEINSIGHT_TOKEN", ""))
    chosen = options.parse_args(arguments)
    stage = read_stage(chosen.stage)
    account = account_of(stage, chosen.region)
    url = (chosen.url or url_of(stage, account)).rstrip("/")
    all_right = tell(verify(url, open_stage(stage, account), chosen.token))
    if not chosen.token:
        say(
            "Collecting and reading were not checked. Give a read token with TOKEN= or in "
            "LIVEINSIGHT_TOKEN."
        )
    if not all_right:
        raise Refused(f"{url} does not do all that it should.")
    say(f"{url} does what it should.")


if __name__ == "__main__":
    run(main)
