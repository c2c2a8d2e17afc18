"""From a tracker's POST to the metrics, on real parts, before and after closing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from tests.end_to_end.product import CHROME, Product
from tests.end_to_end.waiting import until


def page_view(site: str, path: str = "/", **fields: Any) -> dict[str, Any]:
    return {"event_type": "page_view", "page_url": f"https://{site}{path}", **fields}


def rows(stats: dict[str, Any], dimension: str) -> dict[str | None, int]:
    return {row["value"]: row["sessions"] for row in stats["breakdowns"][dimension]["rows"]}


@pytest.fixture(scope="module")
def patient(serve_product) -> Product:
    """With sessions long enough to look at while they are open."""
    return serve_product(SESSION_TIMEOUT_SECONDS="5", expire_seconds=0.5)


def known_clicks(product: Product, site: str) -> None:
    """Two pages and a signup; then another visitor who sees one page."""
    first = product.post(
        page_view(site, "/?utm_source=news", language="de", screen="1920x1080")
    )
    named = {"session_id": first.json["session_id"]}
    product.post(page_view(site, "/pricing", **named))
    product.post({**page_view(site, "/pricing", **named), "event_type": "signup"})
    product.post(page_view(site, "/blog", user_id="another"))


def check_figures(stats: dict[str, Any]) -> None:
    totals = stats["totals"]
    assert totals["visitors"] == totals["sessions"] == 2
    assert (totals["pageviews"], totals["events"]) == (3, 1)
    assert (totals["views_per_session"], totals["bounce_rate"]) == (1.5, 0.5)
    assert rows(stats, "page") == {"/": 1, "/pricing": 1, "/blog": 1}
    assert rows(stats, "entry_page") == {"/": 1, "/blog": 1}
    assert rows(stats, "exit_page") == {"/pricing": 1, "/blog": 1}
    assert rows(stats, "utm_source") == {"news": 1, None: 1}
    assert rows(stats, "language") == {"de": 1, None: 1}
    assert sum(row["sessions"] for row in stats["series"]) == 2


def test_metrics_are_the_same_before_and_after_closing(patient: Product):
    known_clicks(patient, "clicks.example")
    path = "/api/stats?site=clicks.example&period=24h"

    live = patient.read(path)
    assert live["meta"]["open_sessions"] == 2
    check_figures(live)
    check_figures(until(lambda: patient.read(path), lambda s: s["meta"]["open_sessions"] == 0))


def test_sessions_are_counted_once_while_they_close(product: Product):
    for number in range(20):
        product.post(page_view("busy.example", user_id=f"user{number}"))
    path = "/api/stats?site=busy.example&period=24h"

    def read() -> dict[str, Any]:
        stats = product.read(path)
        assert stats["totals"]["sessions"] == 20
        return stats

    until(read, lambda stats: stats["meta"]["open_sessions"] == 0)


def test_retry_after_closing_changes_nothing(product: Product):
    event = page_view("again.example", event_id="e1")
    first = product.post(event).json
    path = "/api/stats?site=again.example&period=24h"
    until(lambda: product.read(path), lambda s: s["meta"]["open_sessions"] == 0)

    assert product.post({**event, "age": 4000}).json == first
    assert product.read(path)["totals"]["pageviews"] == 1


def test_two_users_from_one_address_are_two_sessions(product: Product):
    one = product.post(page_view("users.example", user_id="ann")).json
    other = product.post(page_view("users.example", user_id="bob")).json

    assert one["session_id"] != other["session_id"]


def test_parallel_first_events_of_a_visitor_are_one_session(patient: Product):
    with ThreadPoolExecutor(8) as pool:
        replies = list(
            pool.map(lambda n: patient.post(page_view("many.example", f"/{n}")), range(8))
        )

    assert {reply.status for reply in replies} == {200}
    assert len({reply.json["session_id"] for reply in replies}) == 1
    live = patient.read("/api/realtime?site=many.example")
    assert (live["open_sessions"], live["pageviews"]) == (1, 8)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"nonsense", 400), (b'"text"', 400), (b'{"event_type": 5}', 400), (b" " * 300_000, 413)],
)
def test_invalid_bodies_are_rejected_and_nothing_is_stored(
    product: Product, body: bytes, status: int
):
    names = ("aws_access_key_id", "aws_secret_access_key", "region_name", "endpoint_url")
    keys = (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
    )
    dynamodb = boto3.client(
        "dynamodb", **{n: product.environment[k] for n, k in zip(names, keys, strict=True)}
    )
    table = product.environment["EVENTS_TABLE"]
    before = dynamodb.scan(TableName=table)["Count"]
    reply = product.send("POST", "/events", body, Content_Type="application/json")

    assert reply.status == status
    assert reply.json["status"] == "error"
    assert dynamodb.scan(TableName=table)["Count"] == before


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_reading_requires_a_token(product: Product, headers: dict[str, Any]):
    reply = product.send("GET", "/api/stats?site=clicks.example", **headers)

    assert reply.status == 401
    assert "data" not in reply.json


def test_preflight_is_answered(product: Product):
    reply = product.send("OPTIONS", "/events", Origin="https://example.com")

    assert reply.status == 200
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_bot_gets_the_drop_reason(product: Product):
    reply = product.post(page_view("bots.example"), User_Agent="Googlebot/2.1")

    assert (reply.status, reply.headers["x-liveinsight-dropped"]) == (202, "bot")
    assert CHROME not in reply.text
