"""The environment of the tracker's tests: a recorder, and a new browser.

    world = pytest.fixture(open_world)

With LIVEINSIGHT_APP set to the URL of a running app, that app answers instead of the recorder.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

from .recorder import Delivery, Fact, Recorder, more_source, recording, tracker_source, until

# Without "Headless" in it, which tells a collector that nobody is there.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36"
)

# Nothing in the request itself tells a beacon from what fetch sends.
MARK_BEACONS = """const send = navigator.sendBeacon.bind(navigator)
  navigator.sendBeacon = (url, body) => send(url + '?beacon', body)"""


@dataclass(slots=True)
class Served:
    """What a page of a fictional host has sent."""

    events: list[Fact] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [event["event_type"] for event in self.events]


@dataclass(slots=True)
class World:
    """A visitor's browser with one tab, and the website that it visits."""

    recorder: Recorder
    browser: Browser
    context: BrowserContext
    tab: Page
    errors: list[str]  # that any host page saw

    def visitor(self, **options: Any) -> Page:
        """Open a tab of another visitor, whose browser has other options."""
        context = self.browser.new_context(user_agent=USER_AGENT, **options)
        context.add_init_script(MARK_BEACONS)
        return self.watch(context.new_page())

    def watch(self, tab: Page) -> Page:
        tab.on("pageerror", lambda error: self.errors.append(str(error)))
        return tab

    def visit(self, path: str, attributes: str = "", **options: Any) -> None:
        """Make a page and open it in the first tab."""
        self.tab.goto(self.recorder.page(path, attributes, **options))

    def serve(self, host: str, body: str, attributes: str = "", path: str = "/") -> Served:
        """Open a page of any host in the first tab; no request leaves the browser."""
        served = Served()

        def answer(route: Route) -> None:
            url = route.request.url
            if route.request.method == "POST":
                served.events.extend(json.loads(route.request.post_data or "[]"))
                route.fulfill(json={"session_id": "sess_1", "results": []})
            elif url.endswith("/tracker.js"):
                route.fulfill(body=tracker_source(), content_type="text/javascript")
            elif url.endswith("/static/tracker_more.js"):
                route.fulfill(body=more_source(), content_type="text/javascript")
            else:
                tag = f"<script defer src=/tracker.js {attributes}></script>"
                html = f"<!doctype html><meta charset=utf-8>{tag}{body}"
                route.fulfill(body=html, content_type="text/html")

        self.context.route("**/*", answer)
        self.tab.goto(f"http://{host}{path}")
        return served

    def warnings(self, tab: Page | None = None, kind: str = "warning") -> list[str]:
        """Return a list that fills with the tracker's warnings in the console."""
        results: list[str] = []

        def listen(message: ConsoleMessage) -> None:
            if message.type == kind and re.search("^liveinsight|tracker_more", message.text):
                results.append(message.text)

        (tab or self.tab).on("console", listen)
        return results

    def wait_for(self, event_type: str, count: int = 1) -> list[Fact]:
        """Wait for this many events of that type and return them; fail if there are more."""
        until(lambda: len(self.recorder.events(event_type)) >= count, page=self.tab)
        events = self.recorder.events(event_type)
        assert len(events) == count, [delivery.types for delivery in self.recorder.deliveries]
        return events

    def wait_for_paths(self, *paths: str) -> None:
        """Wait until the page views have exactly these paths, in this order."""
        until(lambda: len(self.recorder.paths()) >= len(paths), page=self.tab)
        assert self.recorder.paths() == list(paths)

    def wait_for_attempts(self, count: int) -> list[Delivery]:
        """Wait for this many requests, and return them."""
        until(lambda: len(self.recorder.deliveries) >= count, page=self.tab)
        assert len(self.recorder.deliveries) >= count
        return self.recorder.deliveries

    def wait_for_answer(self) -> None:
        """Wait until the tracker has a response for everything."""
        assert until(lambda: self.recorder.deliveries and not kept(self.tab)[0], page=self.tab)

    def has_sent_nothing(self) -> bool:
        """Return whether no request arrived, though there was time for one."""
        self.tab.wait_for_timeout(400)
        return not self.recorder.deliveries


def open_world(browser: Browser) -> Iterator[World]:
    with recording(os.environ.get("LIVEINSIGHT_APP")) as recorder:
        before = list(browser.contexts)
        context = browser.new_context(user_agent=USER_AGENT)
        context.add_init_script(MARK_BEACONS)
        world = World(recorder, browser, context, context.new_page(), [])
        world.watch(world.tab)
        yield world
        for made in set(browser.contexts) - set(before):
            made.close()
        assert world.errors == []


def hide(tab: Page) -> None:
    """Put the tab in the background; headless Chromium never does so on its own."""
    set_hidden(tab, True)


def show(tab: Page) -> None:
    """Bring the tab back to the foreground."""
    set_hidden(tab, False)


def set_hidden(tab: Page, hidden: bool) -> None:
    tab.evaluate(
        """hidden => {
            Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
            Object.defineProperty(document, 'visibilityState',
              { value: hidden ? 'hidden' : 'visible', configurable: true })
            document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
        }""",
        hidden,
    )


def kept(tab: Page) -> list[Any]:
    """Return what the tracker stores in sessionStorage: queue, retry time, session, user."""
    return tab.evaluate("JSON.parse(sessionStorage.liveinsight || '[[]]')")
