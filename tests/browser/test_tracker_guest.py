"""The tracker never affects its host page, whatever happens to it."""

from __future__ import annotations

import pytest

from .tracker_world import World, hide, open_world

world = pytest.fixture(open_world)


def test_tracker_works_under_a_strict_content_security_policy(world: World) -> None:
    url = world.recorder.url
    policy = (
        f"default-src 'none'; script-src {url}; connect-src {url}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    world.context.add_init_script(
        """window.violations = []
           addEventListener('securitypolicyviolation',
             event => violations.push(event.effectiveDirective))"""
    )
    world.visit(
        "/a", head="<link rel=icon href=/x>", headers={"Content-Security-Policy": policy}
    )
    world.tab.evaluate("history.pushState({}, '', '/b'); liveinsight('bought')")
    world.wait_for("bought")
    world.wait_for_paths("/a", "/b")

    assert set(world.tab.evaluate("violations")) <= {"img-src"}


@pytest.mark.parametrize(
    "missing",
    [
        "Object.defineProperty(window, 'crypto', { value: undefined })",
        "crypto.randomUUID = undefined",
        "navigator.sendBeacon = undefined",
        "window.Intl = undefined",
        "window.fetch = undefined",
        "window.fetch = () => { throw new Error('blocked') }",
        "URL.createObjectURL = undefined",
        "performance.getEntriesByType = undefined",
        "history.pushState = Object.freeze(history.pushState)",
        "document.addEventListener = () => { throw 1 }",
        "console.debug = () => {}",
    ],
)
def test_missing_browser_features_raise_no_error_in_the_page(
    world: World, missing: str
) -> None:
    world.context.add_init_script(missing)
    world.visit(
        "/a", body="<a href='#x' data-liveinsight-event=x data-liveinsight-props={>x</a>"
    )
    world.tab.click("a")
    world.tab.evaluate(
        """history.pushState({}, '', '/b')
           liveinsight('bought', { at: 1 })
           liveinsight.identify('anna')
           liveinsight.page('/c')
           setTimeout(() => {
             liveinsight.opt_out()
             liveinsight.opt_in()
           }, 50)"""
    )
    world.tab.wait_for_timeout(100)
    hide(world.tab)
    world.tab.wait_for_timeout(50)

    # open_world fails the test when the page saw an error.
    if "crypto" in missing:
        events = [event for delivery in world.recorder.deliveries for event in delivery.events]
        views = [event["event_id"] for event in events if event["event_type"] == "page_view"]
        assert len(set(views)) >= 3


def test_invalid_calls_break_neither_the_page_nor_the_next_event(world: World) -> None:
    world.visit("/a")
    world.tab.evaluate(
        """const circle = {}
           circle.circle = circle
           liveinsight()
           liveinsight('circle', circle)
           liveinsight('big', { n: 10n })
           liveinsight('getter', { get n () { throw new Error() } })
           liveinsight('text', 'props')
           liveinsight('function', () => {})
           liveinsight.identify(Symbol('anna'))
           liveinsight.page('http://[')
           document.dispatchEvent(new MouseEvent('click'))
           liveinsight('bought')"""
    )

    world.wait_for("bought")
    # No event is lost for its properties.
    for name, count in (("circle", 1), ("big", 1), ("getter", 1), ("text", 1), ("function", 1)):
        world.wait_for(name, count)


def test_errors_and_responses_of_the_page_are_untouched(world: World) -> None:
    world.visit("/a")
    world.tab.evaluate(
        """try {
             history.pushState({}, '', 'https://other.example/')
           } catch (error) {
             window.caught = error.name
           }"""
    )

    assert world.tab.evaluate("caught") == "SecurityError"
    assert world.tab.evaluate("history.pushState({ n: 1 }, '', '/b')") is None
    assert world.tab.evaluate("history.state") == {"n": 1}


def test_tracker_defines_one_global(world: World) -> None:
    world.recorder.page("/plain", script="/nothing.js")
    world.tab.goto(f"{world.recorder.url}/plain")
    before = set(world.tab.evaluate("Object.getOwnPropertyNames(window)"))
    world.visit("/a")
    world.wait_for("page_view")

    assert set(world.tab.evaluate("Object.getOwnPropertyNames(window)")) - before == {
        "liveinsight"
    }


def test_wrong_endpoint_or_module_script_breaks_no_page(world: World) -> None:
    world.visit("/a", "data-endpoint=http://")
    world.visit("/b", "type=module")
    world.tab.wait_for_timeout(200)

    assert world.recorder.deliveries == []
