"""However a path is sent, it is one page: shown decoded, and found in either form, in every
response, while its session is active and after it is closed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.services.jobs.compact import compact
from tests.web.conftest import Api, open_api
from tests.world import page_view

DAY_MS = 86_400_000
KOREAN = "/%ED%95%9C%EA%B5%AD%EC%96%B4"


@pytest.fixture(params=["open", "closed", "compacted"], scope="module")
def visited(request: pytest.FixtureRequest) -> Iterator[Api]:
    with open_api() as api:
        yield visit(api, request.param)


def visit(api: Api, state: str) -> Api:
    """Send two visitors, of whom ann views each page in several forms."""
    for path in (KOREAN, "/caf%C3%A9", "/caf%c3%a9", "/a%2fb", "/a%2Fb", "/a/b"):
        api.post(page_view(path, user_id="ann"))
    api.post(page_view("/café", user_id="bob"))
    now = time.time_ns() // 1_000_000
    if state != "open":
        api.world.close(at=now + DAY_MS // 24)
    if state == "compacted":
        compact(api.world.context(now + 2 * DAY_MS))
    return api


def stats(api: Api, query: str = "") -> dict[str, Any]:
    status, body = api.read(f"/api/stats?site=example.com&period=7d{query}")
    assert status == 200
    return body["data"]


def rows(answer: dict[str, Any], name: str = "page") -> dict[str, tuple[int, int]]:
    """Return page views and visitors of each row."""
    result = answer["breakdowns"][name]["rows"]
    return {row["value"]: (row["pageviews"], row["visitors"]) for row in result}


def test_stats_show_each_page_once_with_a_decoded_path(visited: Api):
    result = stats(visited)

    assert rows(result) == {
        "/café": (3, 2), "/한국어": (1, 1), "/a%2Fb": (2, 1), "/a/b": (1, 1),
    }  # fmt: skip
    assert list(rows(result, "entry_page")) == ["/café", "/한국어"]
    assert list(rows(result, "exit_page")) == ["/a/b", "/café"]
    assert (
        sum(views for views, _ in rows(result).values()) == result["totals"]["pageviews"] == 7
    )


@pytest.mark.parametrize("search", ["한국", "%ED%95%9C%EA%B5%AD", "%ed%95%9c", KOREAN])
def test_search_finds_either_form(visited: Api, search: str):
    assert list(rows(stats(visited, f"&search={quote(search)}"))) == ["/한국어"]


@pytest.mark.parametrize(
    ("filters", "sessions"),
    [
        ("page=~한국", 1),
        ("page=~%ED%95%9C%ea%b5%ad", 1),
        (f"page=={KOREAN}", 1),
        ("page==/한국어", 1),
        ("page==/caf%C3%A9", 2),
        ("page==/caf%c3%a9", 2),
        ("page==/café", 2),
        ("entry_page==/caf%c3%a9", 1),
        ("exit_page==/café", 1),
        ("page==/a%2fb", 1),
        ("page!=/a%2Fb", 1),
        ("page!~한", 1),
        ("page=~%2f", 1),
        ("page==/a?b", 0),
    ],
)
def test_filters_accept_either_form(visited: Api, filters: str, sessions: int):
    result = stats(visited, f"&filters={quote(filters)}")
    listed = visited.read(f"/api/sessions?site=example.com&period=7d&filters={quote(filters)}")[
        1
    ]["data"]["sessions"]

    assert result["totals"]["sessions"] == len(listed) == sessions


def test_sessions_and_exports_show_decoded_paths(visited: Api):
    sessions = visited.read("/api/sessions?site=example.com&period=7d")[1]["data"]["sessions"]
    by_user = {one["user_id"]: one for one in sessions}
    file = visited.read("/api/export?site=example.com&period=7d")[1]

    assert by_user["ann"]["entry_page"] == "/한국어"
    assert by_user["bob"]["exit_page"] == "/café"
    assert by_user["bob"]["current_page"] in ("/café", None)
    assert ",/한국어,/a/b," in file
    assert "%ED" not in file


def test_timelines_and_events_show_decoded_paths_and_the_original_url(visited: Api):
    events = visited.read("/api/events?site=example.com")[1]["data"]["events"]
    session_id = next(one["session_id"] for one in events if one["user_id"] == "ann")
    timeline = visited.read(f"/api/sessions/{session_id}")[1]["data"]["timeline"]

    for told in (events, timeline):
        assert {one["page"] for one in told} <= {"/한국어", "/café", "/a%2Fb", "/a/b"}
        assert f"https://example.com{KOREAN}" in {one["page_url"] for one in told}
