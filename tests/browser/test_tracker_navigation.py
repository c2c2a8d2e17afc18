"""How an app changes its URL, by any method; and paths in any script."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Route

from .recorder import until
from .tracker_world import World, open_world

world = pytest.fixture(open_world)

INTERCEPT = """<script>navigation.addEventListener('navigate', event => {
  if (event.canIntercept && !event.hashChange) event.intercept({ handler: async () => {} })
})</script>"""


def settle(world: World) -> None:
    world.tab.wait_for_timeout(300)


def test_navigation_api_counts_each_page_once(world: World) -> None:
    world.visit("/a", head=INTERCEPT, body="<a href=/two>two</a>")
    world.wait_for("page_view")
    for step in (
        "navigation.navigate('/one').finished",
        "document.querySelector('a').click()",
        "navigation.navigate('/three', { history: 'replace' }).finished",
        "navigation.navigate('/three?tab=1').finished",
        "history.pushState({}, '', '/four')",
        "navigation.back().finished",
    ):
        world.tab.evaluate(f"async () => {{ await {step} }}")
        settle(world)

    world.wait_for_paths("/a", "/one", "/two", "/three", "/four", "/three")


def test_older_browsers_count_pages_of_an_app(world: World) -> None:
    world.context.add_init_script("Object.defineProperty(window, 'navigation', {})")
    world.visit("/a")
    world.wait_for("page_view")
    world.tab.evaluate("history.pushState({}, '', '/b'); liveinsight('bought')")
    settle(world)
    world.tab.evaluate("history.replaceState({}, '', '/c')")
    until(lambda: len(world.recorder.paths()) == 3, page=world.tab)
    world.tab.go_back()

    world.wait_for_paths("/a", "/b", "/c", "/a")
    assert world.wait_for("bought")[0]["page_url"].endswith("/b")


def test_intermediate_redirect_of_an_app_is_not_counted(world: World) -> None:
    world.visit("/a")
    world.wait_for("page_view")
    redirect = "history.pushState({}, '', '/guarded'); history.replaceState({}, '', '/login')"
    world.tab.evaluate(redirect)
    settle(world)
    world.tab.evaluate("history.replaceState({}, '', '/welcome')")

    world.wait_for_paths("/a", "/login", "/welcome")


def test_methods_of_the_page_are_unchanged(world: World) -> None:
    world.visit("/a")

    assert world.tab.evaluate("Object.keys(history).length") == 0
    assert "native code" in world.tab.evaluate("String(history.pushState)")


def test_first_manual_page_view_has_the_referrer_of_the_tab(
    world: World,
) -> None:
    world.tab.goto(
        world.recorder.page("/a", "data-manual", body="<button>x</button>"),
        referer="https://news.example/x",
    )
    world.tab.evaluate("liveinsight.page(); liveinsight.page('/b')")

    world.wait_for_paths("/a", "/b")
    first, second = (view["referrer"] for view in world.recorder.events("page_view"))
    assert (first, second) == ("https://news.example/x", f"{world.recorder.url}/a")


@pytest.mark.parametrize("attributes", ["", "data-off=signup"])
def test_redirect_after_loading_is_two_views_and_the_first_has_the_campaign(
    world: World, attributes: str
) -> None:
    def slowly(route: Route) -> None:
        time.sleep(0.3)  # the app is long elsewhere
        route.continue_()

    world.context.route("**/tracker_more.js", slowly)
    world.visit("/?utm_source=news", attributes, head="<script>addEventListener('load', "
                "() => history.replaceState({}, '', '/home'))</script>")  # fmt: skip

    world.wait_for_paths("/", "/home")
    assert world.recorder.events("page_view")[0]["page_url"].endswith("/?utm_source=news")


@pytest.mark.parametrize(
    ("attribute", "path", "counted"),
    [
        ("exclude", "/관리/a", None),
        ("exclude", "/%EA%B4%80%EB%A6%AC/a", None),
        ("exclude", "/%ea%b4%80%eb%a6%ac/a", None),
        ("exclude", "/관광/a", "/%EA%B4%80%EA%B4%91/a"),
        ("include", "/%ea%b4%80%eb%a6%ac/a", "/%EA%B4%80%EB%A6%AC/a"),
        ("mask", "/%EA%B4%80%EB%A6%AC/a/b", "/%EA%B4%80%EB%A6%AC/**"),
    ],
)
@pytest.mark.parametrize(
    "pattern", ["/관리/**", "/%EA%B4%80%EB%A6%AC/**", "/%ea%b4%80%EB%a6%ac/**"]
)
def test_patterns_and_paths_are_compared_decoded(
    world: World, attribute: str, path: str, counted: str | None, pattern: str
) -> None:
    served = world.serve("shop.example", "", f'data-{attribute}="{pattern}"', path)
    until(lambda: served.events, page=world.tab, seconds=8 if counted else 0.5)

    paths = [event["page_url"].removeprefix("http://shop.example") for event in served.events]
    assert [path.lower() for path in paths] == ([counted.lower()] if counted else [])
    assert all(path.isascii() for path in paths)


@pytest.mark.parametrize("path", ["/100%", "/%E0%A4%A", "/%ff"])
def test_undecodable_paths_are_compared_unchanged(world: World, path: str) -> None:
    served = world.serve("shop.example", "", "data-mask=/x data-exclude=/100%", path)
    until(lambda: served.events, page=world.tab, seconds=0.5 if path == "/100%" else 8)

    assert len(served.events) == (path != "/100%")


def test_masked_url_has_at_most_2000_bytes(world: World) -> None:
    mask = "/" + "ü" * 1000
    served = world.serve("shop.example", "", f"data-mask=/**,{mask}".replace("/**,", ""), mask)
    until(lambda: served.events, page=world.tab)

    assert len(served.events[0]["page_url"].encode()) == 2000


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("[2001:db8::7]", False),
        ("[::1]:8080", False),
        ("[::ffff:7f00:1]", False),
        ("10.0.0.7", False),
        ("0x7f.1", False),
        ("2001.example", True),
    ],
)
def test_bare_host_names_and_addresses_are_local(
    world: World, host: str, counted: bool
) -> None:
    served = world.serve(host, "")
    until(lambda: served.events, page=world.tab, seconds=8 if counted else 0.5)

    assert bool(served.events) == counted


@pytest.mark.parametrize(
    "library",
    [
        "Array.prototype.toJSON = function () { return '[' + this.map(JSON.stringify) + ']' }",
        "Object.prototype.toJSON = function () { return String(this) }",
        "Array.prototype.toJSON = Object.prototype.toJSON = () => 'x'",
    ],
)
def test_libraries_that_patch_json_do_not_affect_events(world: World, library: str) -> None:
    world.recorder.page("/b", head=f"<script>{library}</script>")
    world.visit("/a", head=f"<script>{library}</script>", body="<a href=/b>b</a>")
    world.tab.evaluate("liveinsight('bought', { list: [1, { a: 2 }], at: new Date(0) })")
    world.wait_for("bought")
    world.tab.evaluate("document.querySelector('a').click()")

    world.wait_for_paths("/a", "/b")
    world.wait_for("engagement")
    [bought] = world.wait_for("bought")
    assert bought["props"] == {"list": [1, {"a": 2}], "at": "1970-01-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("props", "kept"),
    [
        ("{ revenue: 29.9, coupon: null }", {"revenue": 29.9, "coupon": None}),
        ("{ n: NaN, i: Infinity, ok: 1 }", {"n": None, "i": None, "ok": 1}),
        ("{ list: [1, 2], object: { a: 1 } }", {"list": [1, 2], "object": {"a": 1}}),
        ("{ big: 10n, ok: 1 }", {"ok": 1}),
        ("{ f () {}, s: Symbol('x'), u: undefined, ok: 1 }", {"ok": 1}),
        ("(() => { const self = { ok: 1 }; self.self = self; return self })()", {"ok": 1}),
        ("{ get bad () { throw new Error() }, ok: 1 }", {"ok": 1}),
        ("Object.fromEntries([...Array(31).keys()].map(n => ['k' + n, n]))",
         {f"k{n}": n for n in range(31)}),
        ("null", None),
    ],
)  # fmt: skip
def test_invalid_properties_do_not_lose_the_event(
    world: World, props: str, kept: dict[str, object] | None
) -> None:
    world.visit("/a")
    world.tab.evaluate(f"liveinsight('bought', {props})")

    [bought] = world.wait_for("bought")
    assert bought.get("props") == kept
