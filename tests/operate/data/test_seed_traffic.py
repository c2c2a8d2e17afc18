"""Sample traffic over HTTP: accepted, from several visitors, on one site that can be erased."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chalice.config import Config
from chalice.local import LocalGateway

from operate.aws.http_client import Reply
from operate.data import seed_traffic
from operate.errors import CommandError
from tests.builders import START
from tests.world import TABLES, new_world

URL = "https://api.example/prod"


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return `feed(sites, site)`, which sends traffic to an app with those sites; it returns
    the app's world and what was stored."""
    import app
    from chalicelib.web import dependencies

    def send_to_app(sites: str, site: str) -> Any:
        for name, value in {**TABLES, "SITES": sites}.items():
            monkeypatch.setenv(name, value)
        world = new_world(SITES=sites)
        dependencies.settings.cache_clear()
        dependencies.tables.cache_clear()
        monkeypatch.setattr(dependencies, "connect", lambda _: world.tables)
        gateway = LocalGateway(app.app, Config())

        def send(method: str, url: str, body: object, **headers: str) -> Reply:
            named = {name.lower().replace("_", "-"): v for name, v in headers.items()}
            named["content-type"] = "application/json"
            path = url.removeprefix(URL)
            answer = gateway.handle_request(method, path, named, json.dumps(body).encode())
            given = {name.lower(): str(v) for name, v in answer["headers"].items()}
            return Reply(answer["statusCode"], given, answer["body"])

        stored = seed_traffic.send_traffic(
            URL, site, 12, now=app.now(), send=send, pause=lambda _: None
        )
        return stored, list(world.rows())

    yield send_to_app
    dependencies.settings.cache_clear()
    dependencies.tables.cache_clear()


def test_traffic_counts_as_several_visitors_of_the_given_site(feed):
    stored, rows = feed("try.example", "try.example")

    assert stored > 12
    assert {row.site for row in rows} == {"try.example"}
    assert len({row.visitor_id for row in rows}) >= 6


def test_site_that_is_not_configured_is_named(feed):
    with pytest.raises(CommandError, match="does not accept events of this site"):
        feed("shop.example", "demo.example")


def test_throttled_request_is_retried_after_the_given_time():
    waited: list[float] = []
    answers = [
        Reply(429, {"retry-after": "2"}, ""),
        Reply(200, {}, '{"results": [{"status": "stored", "message": ""}]}'),
    ]

    def send(*_: object, **__: str) -> Reply:
        return answers.pop(0) if answers else Reply(200, {}, '{"results": []}')

    assert seed_traffic.send_traffic(
        URL, "try.example", 1, now=START, send=send, pause=waited.append
    )
    assert waited[0] == 2.0


def test_rejected_event_is_reported():
    with pytest.raises(CommandError, match="answered 403"):
        seed_traffic.send_traffic(
            URL,
            "try.example",
            1,
            now=START,
            send=lambda *_, **__: Reply(403, {}, "Forbidden"),
            pause=lambda _: None,
        )
