"""Takes the screenshots of docs/images from the real app with demo traffic.

    python -m local.screenshots [FOLDER]

The demo, the app and the browser all run at SCREENSHOT_TIME, so every run gives the same
screenshots.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from devkit.chromium import find_chromium, launch_options
from devkit.emulated_aws.emulated_stack import deploy_stack
from devkit.emulated_aws.emulator import start_emulator
from devkit.local_secrets import read_token
from devkit.project_paths import RESOURCES, ROOT
from devkit.stage_environment import STAGE, app_environment
from local.app_server import app_server, serve, stop_server
from local.demo_data import fill_demo

SCREENSHOT_TIME = datetime(2026, 9, 2, 14, 40, 20, tzinfo=UTC)  # a Wednesday afternoon
FOLDER = ROOT / "docs" / "images"
DESKTOP, PHONE = (1280, 1140), (360, 780)
SETTLED_MS = 400  # after the last row is drawn, so that charts and bars have their size


@dataclass(frozen=True, slots=True)
class Screenshot:
    """The page is complete when `ready_selector` matches; then `click_selector` is clicked."""

    query: str
    ready_selector: str
    size: tuple[int, int] = DESKTOP
    theme: str = "light"
    click_selector: str = ""


OVERVIEW = ("?site=demo.example&period=7d", "#card-hours .busiest:not(:empty)")
REALTIME = ("?site=demo.example&view=realtime", ".session-row")
SESSIONS = ("?site=demo.example&period=7d&view=sessions", ".sessions-table .open")

SCREENSHOTS = {
    "overview-light": Screenshot(*OVERVIEW),
    "overview-dark": Screenshot(*OVERVIEW, theme="dark"),
    "overview-phone-light": Screenshot(*OVERVIEW, size=PHONE),
    "overview-phone-dark": Screenshot(*OVERVIEW, size=PHONE, theme="dark"),
    "realtime-light": Screenshot(*REALTIME, size=(1280, 900)),
    "realtime-dark": Screenshot(*REALTIME, size=(1280, 900), theme="dark"),
    "realtime-phone-dark": Screenshot(*REALTIME, size=PHONE, theme="dark"),
    "sessions-light": Screenshot(*SESSIONS, size=(1280, 900)),
    "session-light": Screenshot(
        *SESSIONS, size=(1280, 900), click_selector="tr:has-text('Instagram') .open"
    ),
}


def main(folder: Path) -> None:
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Found no Chromium. Install one, or set CHROMIUM to its path.")
    with demo_app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(chromium))
        for name, picture in SCREENSHOTS.items():
            take_screenshot(browser, address, picture, folder / f"{name}.png", SCREENSHOT_TIME)
        browser.close()
    print(f"Wrote {len(SCREENSHOTS)} screenshots to {folder}.")


@contextlib.contextmanager
def demo_app() -> Iterator[str]:
    """Run the app with demo data and yield its URL with the token."""
    with tempfile.TemporaryDirectory() as given, contextlib.ExitStack() as started:
        state = Path(given)
        emulator = start_emulator(state / "aws")
        started.callback(emulator.stop)
        deploy_stack(RESOURCES, STAGE, emulator.environment)
        environment = app_environment(state, emulator.environment)
        fill_demo(environment, threading.Event(), fixed_clock)
        os.environ.update(environment)
        import app as product

        product.now = fixed_clock
        # The app logs its requests to standard output.
        started.enter_context(contextlib.redirect_stdout(io.StringIO()))
        server = app_server(product.app, 0)
        started.callback(stop_server, server, serve(server))
        yield f"http://127.0.0.1:{server.server_port}/#token={read_token(state)}"


def fixed_clock() -> int:
    return int(SCREENSHOT_TIME.timestamp() * 1000)


def take_screenshot(
    browser: Browser, address: str, picture: Screenshot, path: Path, moment: datetime | None
) -> None:
    """Take one screenshot, in a browser whose clock is fixed at `moment`, if given."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if picture.size == PHONE else 1,
        color_scheme="dark" if picture.theme == "dark" else "light",
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if moment:
        page.clock.set_fixed_time(moment)
    base, _, token = address.partition("#")
    page.goto(f"{base}{picture.query}#{token}")
    wait_until_drawn(page, picture.ready_selector)
    if picture.click_selector:
        page.locator(picture.click_selector).first.click()
        wait_until_drawn(page, ".timeline li")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    context.close()


def wait_until_drawn(page: Page, selector: str) -> None:
    page.locator(selector).first.wait_for()
    page.locator("#live:not([data-state=waiting])").wait_for()
    page.wait_for_timeout(SETTLED_MS)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
