"""A page can be on any host that a browser accepts: it is counted, and every route reads it,
while its session is active and after it is closed."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest

from tests.web.conftest import Api
from tests.world import new_world, page_view

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        pytest.param("http://[2001:db8::7]:8080", "2001:db8::7", id="IPv6"),
        pytest.param("https://[2001:DB8:0:0::0007]", "2001:db8::7", id="IPv6 with zeros"),
        pytest.param("http://[::ffff:192.0.2.1]", "::ffff:c000:201", id="IPv4 in IPv6"),
        pytest.param("http://[fe80::1%25eth0]:80", "fe80::1", id="IPv6 with a zone"),
        pytest.param("http://[::1]", "::1", id="loopback"),
        pytest.param("http://ann:pw@[::1]:3000", "::1", id="userinfo"),
        pytest.param("http://2130706433", "127.0.0.1", id="IPv4 as a number"),
        pytest.param("http://0x7f.1:81", "127.0.0.1", id="IPv4 in parts"),
        pytest.param("https://WWW.Example.COM.:8443", "example.com", id="dot at the end"),
        pytest.param("https://my_site.example", "my_site.example", id="underscore"),
        pytest.param("https://faß.example", "xn--fa-hia.example", id="Unicode"),
        pytest.param("http://localhost:3000", "localhost", id="one label"),
    ],
)
def test_page_on_any_kind_of_host_is_counted(api: Api, origin: str, site: str):
    referrer = {"referrer": "http://[2001:db8::99]/start"}
    api.post(page_view(f"{origin}/intranet", event_id="first", user_id="ann", **referrer))
    second = api.post(page_view(f"{origin}/intranet/2", user_id="ann"))[2]
    api.post({"event_type": "engagement", "event_id": "first", "user_id": "ann",
              "page_url": f"{origin}/intranet", "engaged_ms": 5000})  # fmt: skip

    for end in ("open", "closed"):
        if end == "closed":
            api.world.close(at=time.time_ns() // 1_000_000 + HOUR_MS)
        told = {route: reads(api, route, site) for route in routes(second["session_id"], site)}
        stats = told["/api/stats"]
        assert (stats["totals"]["sessions"], stats["totals"]["pageviews"]) == (1, 2)
        assert [row["value"] for row in stats["breakdowns"]["source"]["rows"]] == [
            "2001:db8::99"
        ]
        assert told["/api/sites"]["sites"] == [site]
        assert len(told[f"/api/sessions/{second['session_id']}"]["timeline"]) == 2
        assert len(told["/api/events"]["events"]) == 2


def routes(session_id: str, site: str) -> list[str]:
    return [
        "/api/sites", "/api/stats", "/api/realtime", "/api/sessions", "/api/events",
        "/api/export", f"/api/sessions/{session_id}", "/api/users/ann/sessions",
        "/api/users/ann/events",
    ]  # fmt: skip


def reads(api: Api, route: str, site: str):
    query = "" if route == "/api/sites" else f"?site={quote(site)}"
    period = "&period=7d" if route in ("/api/stats", "/api/sessions", "/api/export") else ""
    status, body = api.read(f"{route}{query}{period}")
    assert status == 200, (route, body)
    return body["data"] if isinstance(body, dict) else body


@pytest.mark.parametrize("site", ["[2001:db8::7]", "2001:DB8:0::7", "2001:db8::7"])
def test_site_with_an_ip_address_matches_every_notation(api: Api, site: str):
    api.post(page_view("http://[2001:db8::7]/"))

    assert reads(api, "/api/stats", site)["site"] == "2001:db8::7"


@pytest.mark.parametrize(
    "sites", ["2001:db8::7", "[2001:DB8:0:0::7]", "example.com, [2001:db8::0007]"]
)
def test_sites_setting_accepts_every_notation(sites: str):
    one = new_world(SITES=sites)
    own, other = one.send(
        page_view("http://[2001:db8::7]:8080/"), page_view("http://[2001:db8::8]/")
    )

    assert (own.status, other.status) == ("stored", "dropped")


@pytest.mark.parametrize("environment", [{"SITES": "[2001:db8::7]"}])
def test_event_without_a_page_counts_for_the_only_site_even_if_it_is_an_address(api: Api):
    api.post({"event_type": "page_view"})
    status, _, _ = api.send("GET", "/pixel.gif?site=2001:db8::7")

    assert status == 200
    assert reads(api, "/api/stats", "2001:db8::7")["totals"]["pageviews"] == 2


def test_referrer_on_the_same_address_is_not_a_source(api: Api):
    api.post(page_view("http://[2001:db8::7]/a", referrer="http://[2001:DB8:0::7]:80/b"))

    rows = reads(api, "/api/stats", "2001:db8::7")["breakdowns"]["source"]["rows"]
    assert [row["value"] for row in rows] == [None]


@pytest.mark.parametrize("name", ["bücher.example", "xn--bcher-kva.example"])
def test_international_names_are_found_in_either_form(api: Api, name: str):
    api.post(page_view("https://faß.example/", referrer="https://xn--bcher-kva.example/a"))
    query = f"site=xn--fa-hia.example&filters={quote(f'source=={name}')}"
    stats = api.read(f"/api/stats?{query}")[1]["data"]
    (listed,) = api.read(f"/api/sessions?{query}")[1]["data"]["sessions"]

    assert [row["value"] for row in stats["breakdowns"]["source"]["rows"]] == ["bücher.example"]
    assert [row["value"] for row in stats["breakdowns"]["hostname"]["rows"]] == ["faß.example"]
    assert (listed["site"], listed["source"]) == ("xn--fa-hia.example", "bücher.example")
