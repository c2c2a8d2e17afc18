"""From event to screen: the time until a page view appears on the dashboard.

    python -m benchmarks.suites.work.event_to_screen

The app, the emulator and a real Chromium each run in their own process. Events are sent at
different points of the five seconds between two polls; a wait lasts from sending an event until
its page is on the screen.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from statistics import mean

from playwright.sync_api import Page, sync_playwright

from benchmarks.harness.lambda_events import CHROME
from benchmarks.harness.result import Result
from benchmarks.load.load_target import running_target
from benchmarks.targets.in_process_app import TOKEN
from devkit.chromium import find_chromium, launch_options
from traffic_model.session_script import SITE

MAX_SECONDS = 6.0
TIMES = 8
POLL_INTERVAL_MS = 5_000
MAX_WAIT_MS = 60_000


def measure() -> Iterator[Result]:
    chromium = find_chromium()
    if chromium is None:
        print("  found no Chromium: the figures of the screen are kept")
        return
    with running_target() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(chromium))
        page = browser.new_page()
        page.goto(f"{product.url}/?site={SITE}&view=realtime#token={TOKEN}")
        page.locator("#live:not([data-state=waiting])").wait_for()
        waits = [_wait(product.url, page, number) for number in range(TIMES)]
        browser.close()
    yield Result("realtime, from event to screen, longest", max(waits), "s", MAX_SECONDS)
    yield Result("realtime, from event to screen, mean", mean(waits), "s")


def _wait(url: str, page: Page, number: int) -> float:
    """Send an event; return the seconds until it is on the screen."""
    page.wait_for_timeout(number * POLL_INTERVAL_MS / TIMES)
    path = f"/screen-{number}"
    began = time.perf_counter()
    _send(url, path, number)
    page.locator(".visit", has_text=path).first.wait_for(timeout=MAX_WAIT_MS)
    return time.perf_counter() - began


def _send(url: str, path: str, visitor: int) -> None:
    body = {
        "event_type": "page_view",
        "page_url": f"https://{SITE}{path}",
        "session_id": f"visitor {visitor}",
    }
    headers = {"Content-Type": "application/json", "User-Agent": CHROME}
    request = urllib.request.Request(f"{url}/events", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


if __name__ == "__main__":
    for result in measure():
        print(result)
