"""The pictures in docs/images, taken of the real app with the demo's traffic.

    python -m local.screenshots [FOLDER]

The demo, the app and the browser all live at MOMENT, so the pictures show the same figures
whenever they are taken.
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
from local.app_server import app_server, serve, stop
from local.demo_data import fill_demo

MOMENT = datetime(2026, 9, 2, 14, 40, 20, tzinfo=UTC)  # a Wednesday afternoon
FOLDER = ROOT / "docs" / "images"
DESKTOP, PHONE = (1280, 1140), (360, 780)
SETTLED_MS = 400  # after the last row is there: charts and bars have their size


@dataclass(frozen=True, slots=True)
class Picture:
    """`seen` is what the page has when there is everything to see; `opens` is clicked then."""

    query: str
    seen: str
    size: tuple[int, int] = DESKTOP
    theme: str = "light"
    opens: str = ""


OVERVIEW = ("?site=demo.example&period=7d", "#card-hours .busiest:not(:empty)")
REALTIME = ("?site=demo.example&view=realtime", ".visit")
SESSIONS = ("?site=demo.example&period=7d&view=sessions", ".sessions-table .open")

PICTURES = {
    "overview-light": Picture(*OVERVIEW),
    "overview-dark": Picture(*OVERVIEW, theme="dark"),
    "overview-phone-light": Picture(*OVERVIEW, size=PHONE),
    "overview-phone-dark": Picture(*OVERVIEW, size=PHONE, theme="dark"),
    "realtime-light": Picture(*REALTIME, size=(1280, 900)),
    "realtime-dark": Picture(*REALTIME, size=(1280, 900), theme="dark"),
    "realtime-phone-dark": Picture(*REALTIME, size=PHONE, theme="dark"),
    "sessions-light": Picture(*SESSIONS, size=(1280, 900)),
    "session-light": Picture(
        *SESSIONS, size=(1280, 900), opens="tr:has-text('Instagram') .open"
    ),
}


def main(folder: Path) -> None:
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Found no Chromium: set CHROMIUM to its path, or install one.")
    with demo_app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(chromium))
        for name, picture in PICTURES.items():
            take(browser, address, picture, folder / f"{name}.png", MOMENT)
        browser.close()
    print(f"{len(PICTURES)} pictures are in {folder}.")


@contextlib.contextmanager
def demo_app() -> Iterator[str]:
    """The address of the app, with its token; everything of it is gone afterwards."""
    with tempfile.TemporaryDirectory() as given, contextlib.ExitStack() as started:
        state = Path(given)
        emulator = start_emulator(state / "aws")
        started.callback(emulator.stop)
        deploy_stack(RESOURCES, STAGE, emulator.environment)
        environment = app_environment(state, emulator.environment)
        fill_demo(environment, threading.Event(), standing_clock)
        os.environ.update(environment)
        import app as product

        product.now = standing_clock
        # Where Lambda would log its requests.
        started.enter_context(contextlib.redirect_stdout(io.StringIO()))
        server = app_server(product.app, 0)
        started.callback(stop, server, serve(server))
        yield f"http://127.0.0.1:{server.server_port}/#token={read_token(state)}"


def standing_clock() -> int:
    return int(MOMENT.timestamp() * 1000)


def take(
    browser: Browser, address: str, picture: Picture, path: Path, moment: datetime | None
) -> None:
    """Take one picture, in a browser that believes it is `moment`, if one is given."""
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
    see(page, picture.seen)
    if picture.opens:
        page.locator(picture.opens).first.click()
        see(page, ".steps li")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    context.close()


def see(page: Page, selector: str) -> None:
    page.locator(selector).first.wait_for()
    page.locator("#live:not([data-state=waiting])").wait_for()
    page.wait_for_timeout(SETTLED_MS)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
