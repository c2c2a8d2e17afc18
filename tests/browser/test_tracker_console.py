"""What the tracker prints in the console for the site's owner. An invalid value affects nothing
else."""

from __future__ import annotations

import pytest

from .recorder import LOCAL_HOSTS, until
from .tracker_world import World, hide, open_world

world = pytest.fixture(open_world)

MORE = "/static/tracker_more.js"


@pytest.mark.parametrize(
    "user_id",
    [
        pytest.param("tenant/42", id="slash"),
        pytest.param("a\nb", id="control character"),
        pytest.param("a\u2028b", id="separator"),
        pytest.param("x" * 129, id="too long"),
        pytest.param({"id": 42}, id="object"),
    ],
)
def test_rejected_user_id_is_omitted(world: World, user_id: object) -> None:
    warnings = world.warnings()
    world.recorder.page("/b")
    world.visit("/a")
    world.wait_for_answer()
    world.tab.evaluate(
        "id => { liveinsight.identify(id); liveinsight.identify(id); liveinsight('x') }",
        user_id,
    )
    world.wait_for("x")
    assert until(lambda: warnings, page=world.tab)
    world.tab.evaluate("location.href = '/b'")

    world.wait_for_paths("/a", "/b")
    assert not any(event["user_id"] for event in world.recorder.events("x"))
    assert not any(event.get("user_id") for event in world.recorder.events("page_view"))
    assert "user_id must be" in warnings[0]
    assert len(warnings) == 1


def test_event_of_a_rejected_user_keeps_its_time_and_the_next_user_is_kept(
    world: World,
) -> None:
    world.visit("/a")
    world.wait_for_answer()
    world.recorder.fail("hold", times=1)
    world.tab.evaluate("liveinsight.identify('a/b'); liveinsight('x')")
    world.tab.wait_for_timeout(200)
    world.tab.evaluate("liveinsight.identify('42'); liveinsight('y')")
    world.tab.wait_for_timeout(500)
    world.recorder.recover()

    [y] = world.wait_for("y")
    [x] = world.wait_for("x")
    assert (x["user_id"], y["user_id"]) == (None, "42")
    assert x["happened_at"] < y["happened_at"] + 100
    world.tab.evaluate("liveinsight('z')")
    assert world.wait_for("z")[0]["user_id"] == "42"


@pytest.mark.parametrize(
    ("call", "user_id"),
    [("42", "42"), ("'anna@b.example'", "anna@b.example"), ("'김 서'", "김 서"),
     ("'😀'.repeat(128)", "😀" * 128), ("10n", "10")],
)  # fmt: skip
def test_accepted_user_id_is_kept(world: World, call: str, user_id: str) -> None:
    world.visit("/a")
    world.tab.evaluate(f"liveinsight.identify({call}); liveinsight('x')")

    assert world.wait_for("x")[0]["user_id"] == user_id


def test_tab_of_an_older_tracker_recovers(world: World) -> None:
    world.recorder.page("/first", "data-manual")
    world.tab.goto(f"{world.recorder.url}/first")
    world.tab.evaluate(
        "sessionStorage.liveinsight = JSON.stringify([[], 0, 'sess_20261121_0000000f', 'a/b'])"
    )
    warnings = world.warnings()
    world.visit("/a")

    assert world.wait_for("page_view")[0]["user_id"] is None
    assert until(lambda: warnings, page=world.tab)


def test_rejected_user_id_of_the_tag_is_omitted_on_each_page(world: World) -> None:
    world.recorder.page("/b", "data-user-id=tenant/42")
    world.visit("/a", "data-user-id=tenant/42", body="<a href=/b>b</a>")
    world.wait_for("page_view")
    world.tab.click("a")

    world.wait_for_paths("/a", "/b")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        pytest.param("liveinsight(404)", "event_type must be", id="number"),
        pytest.param("liveinsight('')", "event_type must be", id="empty"),
        pytest.param("liveinsight(undefined)", "event_type must be", id="undefined"),
        pytest.param("liveinsight({})", "event_type must be", id="object"),
        pytest.param("liveinsight('x'.repeat(121))", "event_type must be", id="too long"),
        pytest.param(
            "liveinsight('engagement', { a: 1 })",
            "Choose another name for an event of your own",
            id="taken",
        ),
    ],
)
def test_invalid_event_name_prints_a_warning_and_breaks_nothing(
    world: World, call: str, says: str
) -> None:
    warnings = world.warnings()
    world.visit("/a")
    world.tab.evaluate(f"{call}; liveinsight('after')")

    world.wait_for("after")
    assert until(lambda: warnings, page=world.tab)
    assert says in warnings[0]


def test_overlong_url_from_the_site_breaks_nothing(world: World) -> None:
    warnings = world.warnings()
    head = """<script>const edit = event => event.event_type == 'long'
      ? { ...event, page_url: event.page_url + '?' + 'ü'.repeat(1000) } : event</script>"""
    world.visit("/a", "data-before-send=edit", head=head.replace("const", "var"))
    world.tab.evaluate("liveinsight('long'); liveinsight('after')")

    world.wait_for("after")
    assert until(lambda: warnings, page=world.tab)
    assert "page_url must be" in warnings[0]


@pytest.mark.parametrize(
    ("reason", "says"),
    [("unknown_site", "Add this host name to SITES"), ("bot", "user agent belongs to a bot"),
     ("excluded_path", "EXCLUDED_PATHS")],
)  # fmt: skip
def test_dropped_events_print_one_warning(world: World, reason: str, says: str) -> None:
    warnings = world.warnings()
    world.recorder.drop(reason)
    world.visit("/a")
    world.wait_for_attempts(1)
    assert until(lambda: warnings, page=world.tab)
    world.tab.evaluate("liveinsight('again')")
    world.wait_for_attempts(2)
    world.tab.wait_for_timeout(200)

    assert len(warnings) == 1
    assert f"Not counted: {reason}" in warnings[0]
    assert says in warnings[0]


def test_opt_out_prints_no_warning(world: World) -> None:
    warnings = world.warnings()
    world.recorder.drop("opted_out")
    world.visit("/a")
    world.wait_for_attempts(1)
    world.tab.wait_for_timeout(300)

    assert warnings == []


def test_engagement_of_a_closed_session_prints_no_warning(world: World) -> None:
    warnings = world.warnings()
    world.visit("/a", "data-exclude=/b")
    world.wait_for_answer()
    world.recorder.drop("no_page_view")
    world.tab.evaluate("history.pushState({}, '', '/b')")
    hide(world.tab)
    world.wait_for_attempts(2)
    world.tab.wait_for_timeout(300)

    assert warnings == []


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_error_responses_print_a_warning(world: World, status: int) -> None:
    warnings = world.warnings()
    world.recorder.fail(status, times=1)
    world.visit("/a")

    assert until(lambda: warnings, page=world.tab)
    assert f"Collector answered {status}" in warnings[0]


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        (
            "data-before-send=missing",
            "Nothing is sent: data-before-send is not a global function",
        ),
        ("data-endpoint=http://", "Nothing is sent: data-endpoint is not a URL"),
    ],
)
def test_invalid_attributes_print_a_warning(world: World, attributes: str, says: str) -> None:
    warnings = world.warnings()
    world.visit("/a", attributes)
    assert until(lambda: warnings, page=world.tab)
    world.tab.evaluate("liveinsight('x'); liveinsight('y')")
    world.tab.wait_for_timeout(200)

    assert len(warnings) == 1
    assert says in warnings[0]
    assert world.recorder.deliveries == []


def test_working_page_never_loads_the_messages(world: World) -> None:
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b>b</a>")
    world.tab.evaluate("liveinsight('bought', { coupon: null, revenue: NaN })")
    world.wait_for("bought")
    world.tab.click("a")
    world.wait_for_paths("/a", "/b")
    world.tab.wait_for_timeout(200)

    assert MORE not in world.recorder.requests


@pytest.mark.parametrize(
    ("attributes", "query"),
    [("data-debug", ""), ("", "?liveinsight_debug")],
)
def test_debug_option_prints_each_event_and_its_outcome(
    world: World, attributes: str, query: str
) -> None:
    printed = world.warnings(kind="log")
    world.visit(f"/a{query}", f"{attributes} data-off=off data-exclude=/b")
    world.tab.evaluate("liveinsight('bought'); liveinsight(''); liveinsight('off')")
    until(lambda: len(printed) >= 4, page=world.tab)
    world.tab.evaluate("history.pushState({}, '', '/b')")
    until(lambda: "page_view data-off" in printed[-1], page=world.tab)

    text = "\n".join(printed)
    assert "liveinsight: page_view stored" in text
    assert "liveinsight: bought stored" in text
    assert "invalid event_type must be a string" in text
    assert "liveinsight: Not counted: off data-off" in text
    assert "liveinsight: Not counted: page_view data-off, -exclude" in text


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("localStorage.liveinsight = 1", "opted out"),
        ("Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })",
         "privacy signal"),
        ("window.Cypress = {}", "automated"),
        ("", "page_view local"),
    ],
)  # fmt: skip
def test_debug_option_prints_why_a_visitor_is_not_counted(
    world: World, script: str, says: str
) -> None:
    printed = world.warnings(kind="log")
    world.context.add_init_script(script)
    if not script:
        world.recorder.hosts = LOCAL_HOSTS
    world.visit("/a", "data-debug")

    assert until(lambda: printed, page=world.tab)
    assert says in printed[0]
    assert world.recorder.deliveries == []


def test_duplicate_and_dropped_events_are_printed_as_such(world: World) -> None:
    printed = world.warnings(kind="log")
    world.recorder.drop("bot")
    world.visit("/a", "data-debug")

    assert until(lambda: printed, page=world.tab)
    assert "page_view dropped Not counted: bot" in printed[0]


def test_missing_messages_file_breaks_nothing_and_still_warns(world: World) -> None:
    warnings = world.warnings()
    # The site passes on the script and the endpoint only.
    world.recorder.pages["/stats/static/tracker_more.js"] = (404, "", {})
    world.visit("/b", script="/stats/tracker.js")
    world.tab.evaluate("liveinsight('a'.repeat(121)); liveinsight('b')")

    world.wait_for("page_view")
    world.wait_for("b")
    assert until(lambda: warnings, page=world.tab)
    assert "tracker_more.js" in warnings[0]


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("script-src 'nonce-abc'", id="nonce"),
        pytest.param("script-src 'nonce-abc' 'strict-dynamic'", id="strict-dynamic"),
        pytest.param("script-src {url}", id="host"),
        pytest.param(
            "script-src 'nonce-abc' 'strict-dynamic'; require-trusted-types-for 'script'; "
            "trusted-types 'none'", id="Trusted Types"),
    ],
)  # fmt: skip
def test_messages_load_under_a_strict_policy(world: World, policy: str) -> None:
    url = world.recorder.other_url
    warnings = world.warnings()
    policy = f"default-src 'none'; connect-src {url}; {policy.replace('{url}', url)}"
    world.visit(
        "/a", "data-user-id=a/b nonce=abc", script=f"{url}/tracker.js",
        headers={"Content-Security-Policy": policy},
    )  # fmt: skip

    world.wait_for("page_view")
    assert until(lambda: warnings, page=world.tab)
    assert "user_id must be" in warnings[0]
