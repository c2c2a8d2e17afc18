"""A story: what a visitor does on a site, line by line, and exactly which events that gives.

    open /                       click About              see Our team
    back  forward  reload        fill Name = Ada          press Name = Enter
    hover About                  run history.back()       scroll 0.5
    in FRAME ...  a step inside of a frame, by its name   tab /path     another tab
    wait 300      milliseconds                            close         the tab that is open
    offline  online              collector cut | hold | 503 | ok
    block **/events              as ad blockers do

    = page_view /about from / titled About us   what has arrived by then, in this order
    = signup /about {"plan": "pro"}
    ~ page_view /inner from /                   lines with ~ may have come in any order

A path is below the site's own; `other:/path` is on the other origin, `host:/path` on the site's
origin but outside. After each list, and when the tab is closed at the end, nothing else may
have arrived, save the engagement with each page view, exactly once: that is expected of itself.

Before the first step: `tag data-hash` (attributes of the tracker's tag; `tag none` for no tag),
`browsers chromium firefox webkit` (chromium when left out), `no engagement`, and
`back-forward cache` for a story in Chromium that needs it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import ndiff
from pathlib import Path
from typing import Any, Protocol

import pytest
from _pytest.mark import ParameterSet

from .museum import PAGES
from .recorder import LOCAL_HOSTS, Fact, Recorder, recording, until
from .site import Site

EXPECTED = re.compile(
    r"(?P<type>\S+) (?P<path>\S+)(?: from (?P<referrer>\S+))?(?: titled (?P<title>[^{]+))?"
    r"(?: (?P<props>\{.*\}))?$"
)
SETTLE_SECONDS = 0.4  # the tracker waits 250 ms for a title
PATIENCE_SECONDS = 20.0  # of which a healthy run needs a fraction


def stories(browser: str) -> list[ParameterSet]:
    """Return the stories for a browser, as parameters of a test."""
    files = sorted(PAGES.glob("*/*.story"))
    results = [Story.read(file) for file in files]
    return [
        pytest.param(story, id=f"{story.site}/{story.name}")
        for story in results
        if browser in story.browsers
    ]


@contextmanager
def on_site(story: Story, folder: Path, driver: Driver) -> Iterator[StoryRun]:
    """Prepare the story on its own server."""
    with recording() as recorder:
        recorder.hosts = driver.hosts
        local = "data-local" if driver.hosts == LOCAL_HOSTS else ""
        tag = story.tag if story.tag == "none" else f"{local} {story.tag}".strip()
        recorder.site = Site(story.site, folder, recorder.other_url, tag)
        yield StoryRun(story, recorder, recorder.site, driver)


class LateTitle(AssertionError):
    """The events are the expected ones, except for the title of a page that a busy machine set
    later than the quarter of a second for which the tracker waits."""


def untitled(lines: list[str]) -> list[str]:
    return [re.sub(r" titled [^{]+?(?= \{|$)", "", line) for line in lines]


class Driver(Protocol):
    """A browser with one window, new and empty when the story starts."""

    hosts: tuple[str, str]  # the names of two sites that are this machine to it

    def open(self, url: str) -> None: ...
    def evaluate(self, script: str, frame: str = "") -> Any: ...
    def click(self, name: str, frame: str = "") -> None: ...
    def hover(self, name: str, frame: str = "") -> None: ...
    def fill(self, label: str, text: str, frame: str = "") -> None: ...
    def press(self, label: str, key: str, frame: str = "") -> None: ...
    def reload(self) -> None: ...
    def tab(self, url: str) -> None: ...
    def close(self) -> None: ...
    def set_offline(self, offline: bool) -> None: ...
    def block(self, pattern: str) -> None: ...
    def wait(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Story:
    """One parsed file."""

    site: str
    name: str
    steps: list[str]
    tag: str = ""
    browsers: tuple[str, ...] = ("chromium",)
    engagement: bool = True
    caching: bool = False  # whether it needs the back-forward cache

    @classmethod
    def read(cls, file: Path) -> Story:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
        told: dict[str, Any] = {}
        steps = []
        for line in lines:
            verb, _, rest = line.partition(" ")
            if not line or line.startswith("#"):
                continue
            if verb == "tag":
                told["tag"] = rest
            elif verb == "browsers":
                told["browsers"] = tuple(rest.split())
            elif line == "no engagement":
                told["engagement"] = False
            elif line == "back-forward cache":
                told["caching"] = True
            else:
                steps.append(line)
        return cls(file.parent.name, file.stem, steps, **told)


@dataclass(slots=True)
class StoryRun:
    """A run of a story in one browser."""

    story: Story
    recorder: Recorder
    site: Site
    driver: Driver
    titles: bool = True  # whether they are compared
    expected: list[str] = field(default_factory=list)
    unordered: list[range] = field(default_factory=list)

    def play(self) -> None:
        was_expecting = False
        for number, step in enumerate(self.story.steps, 1):
            is_expecting = step.startswith(("= ", "~ "))
            if was_expecting and not is_expecting:
                self._compare(f"before step {number}, `{step}`")
            if is_expecting:
                self._expect(step)
            else:
                self._do(step)
            was_expecting = is_expecting
        self._compare("at the end")
        self.driver.close()
        if self.story.engagement:
            until(self._engagement_is_complete, seconds=PATIENCE_SECONDS)
        self.driver.wait(SETTLE_SECONDS)
        self._compare("after it was closed")
        views = {view["event_id"]: view["page_url"] for view in self._events("page_view")}
        engagement = {e["event_id"]: e["page_url"] for e in self._events("engagement")}
        expected = views if self.story.engagement else {}
        missing = [url for key, url in expected.items() if key not in engagement]
        extra = [url for key, url in engagement.items() if key not in expected]
        assert engagement == expected, (
            f"no engagement: {missing}, no view: {extra}; {self._log()}"
        )

    def _expect(self, step: str) -> None:
        place = len(self.expected)
        self.expected.append(self._normal(step[2:]))
        if step.startswith("~"):
            if self.unordered and self.unordered[-1].stop == place:
                place = self.unordered.pop().start
            self.unordered.append(range(place, len(self.expected)))

    def _compare(self, when: str) -> None:
        """Wait for the events that are expected so far, and fail if others arrive."""
        until(
            lambda: len(self._seen()) >= len(self.expected),
            page=self.driver,
            seconds=PATIENCE_SECONDS,
        )
        seen = self._seen()
        for group in self.unordered:
            expected = self.expected[group.start : group.stop]
            if sorted(seen[group.start : group.stop]) == sorted(expected):
                seen[group.start : group.stop] = expected
        if seen == self.expected:
            return
        told = "\n".join(
            [f"{when} (- expected, + seen)", *ndiff(self.expected, seen), self._log()]
        )
        if untitled(seen) == untitled(self.expected):
            raise LateTitle(told)
        raise AssertionError(told)

    def _seen(self) -> list[str]:
        """Return what has arrived so far, without titles where the story names none."""
        lines = [self._line(event) for event in self._events()]
        titled = [" titled " in line for line in self.expected]
        return [
            line if place < len(titled) and titled[place] else line.split(" titled ")[0]
            for place, line in enumerate(lines)
        ]

    def _events(self, event_type: str | None = None) -> list[Fact]:
        events = self.recorder.events(event_type)
        return [e for e in events if event_type or e["event_type"] != "engagement"]

    def _engagement_is_complete(self) -> bool:
        views = {view["event_id"] for view in self._events("page_view")}
        return views <= {event["event_id"] for event in self._events("engagement")}

    def _line(self, event: Fact) -> str:
        """Return an event as stories write it."""
        line = f"{event['event_type']} {self._short(event['page_url'])}"
        if event["event_type"] == "page_view":
            line += f" from {self._short(event['referrer'])}" if event.get("referrer") else ""
            line += f" titled {event.get('title', '')}"
        if event.get("props"):
            line += f" {self._short(json.dumps(event['props'], sort_keys=True))}"
        return line

    def _normal(self, line: str) -> str:
        """Return an expected event in the form of `_line`."""
        match = EXPECTED.match(line)
        assert match, f"This is no event: {line}"
        text = f"{match['type']} {match['path']}"
        text += f" from {match['referrer']}" if match["referrer"] else ""
        text += f" titled {match['title']}" if match["title"] and self.titles else ""
        if match["props"]:
            text += f" {json.dumps(json.loads(match['props']), sort_keys=True)}"
        return text

    def _short(self, text: str) -> str:
        for origin, name in ((self.recorder.url, "host:"), (self.recorder.other_url, "other:")):
            text = text.replace(origin, name)
        return text.replace(f"host:/{self.site.name}/", "/").replace(f"/{self.site.name}/", "/")

    def _url(self, path: str) -> str:
        origin = self.recorder.url
        if path.startswith("other:"):
            origin, path = self.recorder.other_url, path.removeprefix("other:")
        if path.startswith("host:"):
            return origin + path.removeprefix("host:")
        return f"{origin}/{self.site.name}{path}"

    def _log(self) -> str:
        deliveries = [(d.types, d.status) for d in self.recorder.deliveries]
        return f"{self.story.site}/{self.story.name}; requests: {deliveries}"

    def _do(self, step: str) -> None:  # noqa: C901, PLR0912, PLR0915  (a case for each verb)
        verb, _, rest = step.partition(" ")
        driver, frame = self.driver, ""
        if verb == "in":
            frame, verb, rest = [*rest.split(" ", 2), ""][:3]
        label, _, text = rest.partition(" = ")
        match verb:
            case "open":
                driver.open(self._url(rest))
            case "tab":
                driver.tab(self._url(rest))
            case "click":
                driver.click(rest, frame)
            case "hover":
                driver.hover(rest, frame)
            case "fill":
                driver.fill(label, text, frame)
            case "press":
                driver.press(label, text, frame)
            case "see":
                shown = until(
                    lambda: self._shows(rest, frame), page=driver, seconds=PATIENCE_SECONDS
                )
                assert shown, f"There is no `{rest}` to see: {self._log()}"
            case "back" | "forward":
                driver.evaluate(f"setTimeout(() => history.{verb}())")
            case "reload":
                driver.reload()
            case "run":
                driver.evaluate(rest, frame)
            case "scroll":
                height = "(document.documentElement.scrollHeight - innerHeight)"
                driver.evaluate(f"scrollTo(0, {rest} * {height})")
            case "wait":
                driver.wait(float(rest) / 1000)
            case "close":
                driver.close()
            case "offline" | "online":
                driver.set_offline(verb == "offline")
            case "collector":
                if rest == "ok":
                    self.recorder.recover()
                else:
                    self.recorder.fail(int(rest) if rest.isdigit() else rest)
            case "block":
                driver.block(rest)
            case _:
                raise ValueError(f"No step begins with `{verb}`: {step}")

    def _shows(self, text: str, frame: str) -> bool:
        """Return whether the page shows the text and has loaded, so that the tracker, too, sees
        the next click."""
        loaded = "!!document.body && document.readyState == 'complete'"
        shows = f"document.body.innerText.includes({json.dumps(text)})"
        return bool(self.driver.evaluate(f"{loaded} && {shows}", frame))
