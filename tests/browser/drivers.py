"""The browsers that run stories. This one is Chromium, driven by Playwright."""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import BrowserContext, Error, Frame, Page

from devkit import chromium

from .recorder import PUBLIC_HOSTS

# What one clicks on, by the text that it shows.
CLICKABLE = (
    "//*[self::a or self::button or self::summary or self::label]"
    "[normalize-space()={name}]|//input[@type='submit'][@value={name}]"
)
FIELD = "//*[@name={name} or @aria-label={name}]"


def launch_options(executable: str) -> dict[str, Any]:
    """Return options that make Chromium use this machine for public websites."""
    options = chromium.launch_options(executable)
    options["args"] = [*options["args"], "--host-resolver-rules=MAP *.example 127.0.0.1"]
    return options


class ChromiumDriver:
    """Also what `until` waits with, as it does with a page."""

    hosts = PUBLIC_HOSTS

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page | None = None
        self.errors: list[str] = []  # that any page of the site saw

    def open(self, url: str) -> None:
        if self.page is None:
            self.tab(url)
        else:
            self.page.goto(url, wait_until="commit")

    def tab(self, url: str) -> None:
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url, wait_until="commit")

    def evaluate(self, script: str, frame: str = "") -> Any:
        try:
            return self._frame(frame).evaluate(f"() => {{ return {script} }}")
        except Error as error:
            # The page went away before it answered.
            if "context was destroyed" in str(error) or "detached" in str(error):
                return None
            raise
        except LookupError:
            return None

    def click(self, name: str, frame: str = "") -> None:
        self._locate(CLICKABLE, name, frame).click(no_wait_after=True)

    def hover(self, name: str, frame: str = "") -> None:
        self._locate(CLICKABLE, name, frame).hover()

    def fill(self, label: str, text: str, frame: str = "") -> None:
        self._locate(FIELD, label, frame).fill(text)

    def press(self, label: str, key: str, frame: str = "") -> None:
        self._locate(FIELD, label, frame).press(key, no_wait_after=True)

    def reload(self) -> None:
        assert self.page
        self.page.reload(wait_until="commit")

    def close(self) -> None:
        if self.page:
            # A process that has just begun may be ended before it could ask to be told.
            self.page.wait_for_timeout(100)
            self.page.close()
        self.page = None

    def set_offline(self, offline: bool) -> None:
        self.context.set_offline(offline)

    def block(self, pattern: str) -> None:
        self.context.route(pattern, lambda route: route.abort("blockedbyclient"))

    def wait(self, seconds: float) -> None:
        if self.page:
            self.page.wait_for_timeout(seconds * 1000)
        else:
            time.sleep(seconds)

    def is_closed(self) -> bool:
        return self.page is None

    def wait_for_timeout(self, milliseconds: float) -> None:
        self.wait(milliseconds / 1000)

    def _frame(self, name: str) -> Frame:
        assert self.page
        if not name:
            return self.page.main_frame
        result = self.page.frame(name=name)
        if result is None:
            raise LookupError(f"There is no frame `{name}`.")
        return result

    def _locate(self, pattern: str, name: str, frame: str) -> Any:
        path = pattern.replace("{name}", json.dumps(name))
        return self._frame(frame).locator(f"xpath={path}").first
