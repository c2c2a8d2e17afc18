"""Events other than page views: by call, by attribute, and automatic ones."""

from __future__ import annotations

from typing import Any

import pytest

from .tracker_world import World, open_world

world = pytest.fixture(open_world)

# Nothing on these pages leads away, so that one page can be clicked again and again.
STAY = "<script>addEventListener('click', event => event.preventDefault())</script>"
AWAY = "<script>addEventListener('submit', event => event.preventDefault())</script>"


@pytest.mark.parametrize(
    ("call", "props"),
    [
        pytest.param("liveinsight('bought')", None, id="no props"),
        pytest.param("liveinsight('bought', { plan: 'pro' })", {"plan": "pro"}, id="props"),
        pytest.param("liveinsight('bought', { props: { n: 1 } })", {"n": 1}, id="by name"),
        pytest.param("liveinsight('bought', { revenue: 9.5, currency: 'EUR', first: true })",
                     {"revenue": 9.5, "currency": "EUR", "first": True}, id="revenue"),
    ],
)  # fmt: skip
def test_call_sends_an_event(world: World, call: str, props: dict[str, Any] | None) -> None:
    world.visit("/a")
    world.tab.evaluate(call)

    [event] = world.wait_for("bought")
    assert event.get("props") == props
    assert event["page_url"] == f"{world.recorder.url}/a"
    assert event["event_id"] != world.wait_for("page_view")[0]["event_id"]


def test_properties_changed_after_the_call_have_no_effect(world: World) -> None:
    world.visit("/a")
    world.tab.evaluate("const cart = { items: 1 }; liveinsight('cart', cart); cart.items = 2")

    assert world.wait_for("cart")[0]["props"] == {"items": 1}


def test_simultaneous_events_are_sent_in_one_request(world: World) -> None:
    world.visit("/a")
    world.wait_for("page_view")
    world.tab.evaluate("for (const n of [1, 2, 3]) liveinsight('step', { n })")

    assert [event["props"]["n"] for event in world.wait_for("step", 3)] == [1, 2, 3]
    assert len(world.recorder.deliveries) == 2


def test_click_on_a_tagged_element_sends_an_event(world: World) -> None:
    world.visit(
        "/a",
        body="""<button data-liveinsight-event=signup
          data-liveinsight-props='{"plan": "pro", "revenue": 29.9}'><b>Sign up</b></button>
          <i data-liveinsight-event=plain>plain</i>""",
    )
    world.tab.click("b")
    world.tab.click("i")

    assert world.wait_for("signup")[0]["props"] == {"plan": "pro", "revenue": 29.9}
    assert world.wait_for("plain")[0]["props"] is None


def test_tagged_form_sends_an_event_on_submit_and_not_on_click(world: World) -> None:
    world.visit(
        "/a",
        body=AWAY + "<form data-liveinsight-event=asked><input><button>go</button></form>",
    )
    world.tab.click("input")
    world.tab.click("button")

    world.wait_for("asked")
    world.wait_for("form_submit")


@pytest.mark.parametrize(
    ("link", "event_type", "url"),
    [
        ("href=https://other.example/x?y=1", "outbound_link", "https://other.example/x?y=1"),
        ("href=https://other.example/x target=_blank", "outbound_link", "https://other.example/x"),
        ("href=/files/plan.PDF", "file_download", "{url}/files/plan.PDF"),
        ("href=/files/all.tar.gz", "file_download", "{url}/files/all.tar.gz"),
        ("href=/report download", "file_download", "{url}/report"),
        ("href=https://cdn.example/a.zip?v=2", "file_download", "https://cdn.example/a.zip?v=2"),
        ("href=/other", None, ""),
        ("href=/zip", None, ""),
        ("href=mailto:a@b.example", None, ""),
        ("href=tel:123", None, ""),
        ("href='javascript:void 0'", None, ""),
        ("href='data:text/plain,secret' download", None, ""),
        ("href=#part", None, ""),
        ("name=anchor", None, ""),
    ],
)  # fmt: skip
def test_link_types_are_distinguished(
    world: World, link: str, event_type: str | None, url: str
) -> None:
    world.visit("/a", body=f"{STAY}<a {link}><span>go</span></a>")
    world.wait_for("page_view")
    world.tab.click("span")
    world.tab.evaluate("liveinsight('after')")

    world.wait_for("after")
    events = [event for event in world.recorder.events() if "url" in event.get("props", {})]
    if event_type is None:
        assert events == []
    else:
        [event] = events
        assert event["event_type"] == event_type
        assert event["props"] == {"url": url.format(url=world.recorder.url)}


def test_middle_click_counts_and_right_click_does_not(world: World) -> None:
    world.visit("/a", body=f"{STAY}<a href=https://other.example/>go</a>")
    stay = "addEventListener('auxclick', event => event.preventDefault())"
    world.tab.evaluate(stay)
    world.tab.click("a", button="right")
    world.tab.click("a", button="middle")

    world.wait_for("outbound_link")


def test_click_stopped_by_the_page_is_counted(world: World) -> None:
    world.visit(
        "/a",
        body="<a href=https://other.example/ onclick='event.stopPropagation()' target=x>go</a>",
    )
    world.tab.click("a")

    world.wait_for("outbound_link")


def test_outbound_click_in_the_same_tab_is_not_lost(world: World) -> None:
    world.visit("/a", body=f"<a href={world.recorder.other_url}/away>go</a>")
    world.tab.click("a")
    world.tab.wait_for_url("**/away")

    world.wait_for("outbound_link")


def test_download_extensions_can_be_configured(world: World) -> None:
    world.visit(
        "/a",
        "data-downloads='gpx, mp*'",
        body=STAY
        + "<a id=x href=/a.pdf>1</a><a id=y href=/a.gpx>2</a><a id=z href=/a.mp4>3</a>",
    )
    for link in "xyz":
        world.tab.click(f"#{link}")

    events = world.wait_for("file_download", 2)
    assert [event["props"]["url"][-5:] for event in events] == ["a.gpx", "a.mp4"]


def test_form_event_has_its_action_and_no_input(world: World) -> None:
    # Its inputs are called as the form's own properties are.
    world.visit(
        "/a",
        body=f"""{AWAY}<form id=contact action=/send?to=us>
          <input name=action><input name=id value=secret><button>go</button></form>""",
    )
    world.tab.click("button")

    [event] = world.wait_for("form_submit")
    assert event["props"] == {"url": f"{world.recorder.url}/send?to=us"}


def test_form_event_before_a_page_load_is_not_lost(world: World) -> None:
    world.recorder.page("/next")
    world.visit(
        "/a", body="<form action=/next><input name=q value=secret><button>go</button></form>"
    )
    world.tab.click("button")

    world.wait_for_paths("/a", "/next")
    [event] = world.wait_for("form_submit")
    assert event["props"] == {"url": f"{world.recorder.url}/next"}


def test_not_found_page_sends_an_event(world: World) -> None:
    world.visit("/missing", "data-not-found", status=404)

    world.wait_for_paths("/missing")
    [event] = world.wait_for("not_found")
    assert event["page_url"].endswith("/missing")
    assert world.recorder.deliveries[0].types == ["page_view", "not_found"]


def test_automatic_events_can_be_disabled(world: World) -> None:
    world.visit(
        "/a",
        "data-not-found data-off='outbound_link,file_download form_submit not_found'",
        body=f"{STAY}{AWAY}<a href=/a.zip>1</a><p><a href=https://other.example/>2</a>"
        "<form><button type=button onclick='form.requestSubmit()'>go</button></form>",
    )
    world.tab.click("a")
    world.tab.click("p a")
    world.tab.click("button")
    world.tab.evaluate("liveinsight('form', {})")

    world.wait_for("form")
    assert {event["event_type"] for event in world.recorder.events()} == {"page_view", "form"}


def test_site_function_can_change_each_event_before_it_is_sent(world: World) -> None:
    world.visit(
        "/secret",
        "data-before-send=cleanEvent",
        title="Anna's page",
        head="""<script>
          function cleanEvent(event) {
            if (event.event_type === 'private') return
            delete event.title
            return { ...event, page_url: event.page_url.replace('secret', 'page') }
          }
        </script>""",
    )
    world.wait_for("page_view")
    world.tab.evaluate("liveinsight('private'); liveinsight('public')")
    world.tab.close()

    [public] = world.recorder.events("public") or world.wait_for("public")
    world.wait_for("engagement")
    assert public["page_url"].endswith("/page")
    assert all("secret" not in event["page_url"] for event in world.recorder.events())
    assert "title" not in world.recorder.events("page_view")[0]
    assert world.recorder.events("private") == []


def test_nothing_is_sent_if_the_site_function_is_missing(world: World) -> None:
    world.visit("/a", "data-before-send=missing")

    assert world.has_sent_nothing()


def test_identified_user_is_kept_on_the_next_page(world: World) -> None:
    world.recorder.page("/b")
    world.visit("/a", body="<a href=/b>b</a>")
    world.wait_for("page_view")
    world.tab.evaluate("liveinsight.identify(42); liveinsight('bought')")
    world.wait_for("bought")
    world.tab.click("a")

    world.wait_for_paths("/a", "/b")
    first, second = world.recorder.events("page_view")
    assert "user_id" not in first
    assert world.recorder.events("bought")[0]["user_id"] == "42"
    assert second["user_id"] == "42"


def test_user_id_in_the_tag_is_sent_from_the_start(world: World) -> None:
    world.visit("/a", "data-user-id=anna")

    assert world.wait_for("page_view")[0]["user_id"] == "anna"


def test_another_user_starts_another_session(world: World) -> None:
    world.visit("/a", "data-user-id=anna")
    world.wait_for_answer()
    world.tab.evaluate("liveinsight.identify(''); liveinsight('left')")
    [left] = world.wait_for("left")
    world.tab.evaluate("liveinsight.identify('ben'); liveinsight('came')")
    [came] = world.wait_for("came")

    assert left["user_id"] is None
    assert left["session_id"] is None
    assert came["user_id"] == "ben"
