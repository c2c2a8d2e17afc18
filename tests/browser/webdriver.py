"""Firefox and WebKit, each by what it brings itself: no driver is downloaded.

Firefox listens for Marionette, the protocol below geckodriver: JSON on a socket, each message
with its length before it. WebKitGTK comes with WebKitWebDriver: WebDriver over HTTP. Both take
the same commands, so one driver is enough.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from .drivers import CLICKABLE, FIELD
from .recorder import LOCAL_HOSTS

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE_SECONDS = 20.0
LOADED = "innerHeight > 0 && document.readyState == 'complete'"
# As in a view transition, which takes the clicks of the page for itself.
SHOW = """
const element = arguments[0]
element.scrollIntoView({ block: 'nearest' })
const box = element.getClientRects()[0]
const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
return element.contains(hit)
"""
PRESS = ({"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0})
KEYS = {"Enter": "\ue007"}
MINI_BROWSERS = (
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
)
# Name: how WebDriver spells it over HTTP.
COMMANDS = {
    "NewSession": ("POST", "/session"),
    "DeleteSession": ("DELETE", ""),
    "Navigate": ("POST", "/url"),
    "Refresh": ("POST", "/refresh"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "FindElement": ("POST", "/element"),
    "ElementClick": ("POST", "/element/{id}/click"),
    "ElementSendKeys": ("POST", "/element/{id}/value"),
    "PerformActions": ("POST", "/actions"),
    "SwitchToFrame": ("POST", "/frame"),
    "SwitchToWindow": ("POST", "/window"),
    "NewWindow": ("POST", "/window/new"),
    "CloseWindow": ("DELETE", "/window"),
    "GetWindowHandle": ("GET", "/window"),
    "DeleteAllCookies": ("DELETE", "/cookie"),
}
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class WebDriverError(Exception):
    """The browser returned an error instead of a value."""


class Connection(Protocol):
    def send(self, command: str, parameters: dict[str, Any]) -> Any: ...


class Marionette:
    """A session of Firefox."""

    def __init__(self, port: int) -> None:
        self.socket = _connect(port)
        self.number = 0
        self._receive()  # It says what it is.
        self.send("NewSession", {"pageLoadStrategy": "none"})

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        self.number += 1
        name = command if ":" in command else f"WebDriver:{command}"
        text = json.dumps([0, self.number, name, parameters])
        self.socket.sendall(f"{len(text.encode())}:{text}".encode())
        _, _, error, value = self._receive()
        if error:
            raise WebDriverError(f"{error['error']}: {error['message']}")
        return value["value"] if isinstance(value, dict) and "value" in value else value

    def _receive(self) -> Any:
        digits = b""
        while not digits.endswith(b":"):
            digits += self._read(1)
        return json.loads(self._read(int(digits[:-1])))

    def _read(self, size: int) -> bytes:
        text = b""
        while len(text) < size:
            part = self.socket.recv(size - len(text))
            if not part:
                raise WebDriverError("Firefox has gone")
            text += part
        return text


class OverHttp:
    """A session of a WebDriver server."""

    def __init__(self, port: int, capabilities: dict[str, Any]) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.session = ""
        _connect(port).close()
        requested = {"alwaysMatch": {"pageLoadStrategy": "none", **capabilities}}
        answer = self.send("NewSession", {"capabilities": requested})
        self.session = f"/session/{answer['sessionId']}"

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        method, path = COMMANDS[command]
        url = self.root + self.session + path.format(**parameters)
        body = json.dumps(parameters).encode() if method == "POST" else None
        request = urllib.request.Request(url, body, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                value = json.load(error)["value"]
            raise WebDriverError(f"{value['error']}: {value['message']}") from None


class WebDriver:
    """A browser in which each story has its own tab, next to one that stays empty."""

    hosts = LOCAL_HOSTS

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.empty = self._window(connection.send("GetWindowHandle", {}))
        self.is_open = False

    def open(self, url: str) -> None:
        if self.is_open:
            self.connection.send("Navigate", {"url": url})
        else:
            self.tab(url)

    def tab(self, url: str) -> None:
        # A new tab of WebKit's small browser stays in the background.
        kind = "window" if isinstance(self.connection, OverHttp) else "tab"
        made = self.connection.send("NewWindow", {"type": kind})
        self._switch(made["handle"])
        self.is_open = True
        self.connection.send("Navigate", {"url": url})

    def evaluate(self, script: str, frame: str = "") -> Any:
        try:
            self._enter(frame)
            return self.connection.send(
                "ExecuteScript", {"script": f"return {script}", "args": []}
            )
        except WebDriverError as error:
            # The page went away before it answered, or is not there yet: then Firefox reports
            # an error of its own.
            is_gone = any(word in str(error) for word in ("unload", "NS_ERROR"))
            if "javascript error" in str(error) and not is_gone:
                raise
            return None

    def click(self, name: str, frame: str = "") -> None:
        self._with_element(CLICKABLE, name, frame, self._click)

    def hover(self, name: str, frame: str = "") -> None:
        self._with_element(CLICKABLE, name, frame, self._point)

    def fill(self, label: str, text: str, frame: str = "") -> None:
        self._with_element(
            FIELD,
            label,
            frame,
            lambda element: self._send("ElementSendKeys", element, text=text),
        )

    def press(self, label: str, key: str, frame: str = "") -> None:
        self.fill(label, KEYS[key], frame)

    def reload(self) -> None:
        self.connection.send("Refresh", {})

    def close(self) -> None:
        if self.is_open:
            # A page that has just been loaded has no height yet to be seen any of.
            self._wait_until(LOADED)
            self.wait(0.1)
            if isinstance(self.connection, Marionette):
                # It ends the tab's process, at times before the process could send its beacons.
                self.connection.send("Navigate", {"url": "about:blank"})
                self._wait_until("location.href == 'about:blank'")
                self.wait(0.1)
            self.connection.send("CloseWindow", {})
            self._switch(self.empty)
        self.is_open = False

    def clean(self) -> None:
        """Prepare for the next story, however the last one ended."""
        with suppress(WebDriverError):
            self.close()
        with suppress(WebDriverError):
            self._switch(self.empty)
        self.is_open = False

    def set_offline(self, offline: bool) -> None:
        raise NotImplementedError("Only Chromium can be told to be offline.")

    def block(self, pattern: str) -> None:
        raise NotImplementedError("Only Chromium can be told to block requests.")

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def is_closed(self) -> bool:
        return True  # `until` need not wait with the page: events flow by themselves.

    def _click(self, element: str) -> None:
        if isinstance(self.connection, OverHttp):
            self._send("ElementClick", element)
        else:
            # Firefox's own command listens for `unload`, which keeps pages out of its cache.
            self._point(element, *PRESS)

    def _point(self, element: str, *then: dict[str, Any]) -> None:
        target = {ELEMENT: element}
        if not self.connection.send("ExecuteScript", {"script": SHOW, "args": [target]}):
            raise WebDriverError("Something else is in front of it.")
        steps = [{"type": "pointerMove", "x": 0, "y": 0, "origin": target}, *then]
        mouse = {"type": "pointer", "id": "mouse", "actions": steps}
        self.connection.send("PerformActions", {"actions": [mouse]})

    def _wait_until(self, question: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.evaluate(question) and time.monotonic() < end:
            self.wait(0.02)

    def _send(self, command: str, element: str, **parameters: Any) -> None:
        self.connection.send(command, {"id": element, **parameters})

    def _with_element(
        self, pattern: str, name: str, frame: str, act: Callable[[str], None]
    ) -> None:
        """Find the element with that text and act on it; retry until that is possible."""
        end = time.monotonic() + PATIENCE_SECONDS
        path = pattern.replace("{name}", json.dumps(name))
        while True:
            try:
                self._enter(frame)
                result = self.connection.send("FindElement", {"using": "xpath", "value": path})
                return act(result[ELEMENT])
            except WebDriverError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def _enter(self, frame: str) -> None:
        self.connection.send("SwitchToFrame", {"id": None})
        if frame:
            path = f"//iframe[@name={json.dumps(frame)}]"
            result = self.connection.send("FindElement", {"using": "xpath", "value": path})
            self.connection.send("SwitchToFrame", {"id": result, "element": result[ELEMENT]})

    def _switch(self, handle: str) -> None:
        self.connection.send("SwitchToWindow", {"handle": handle, "focus": True})

    def _window(self, handle: Any) -> str:
        return str(handle)


def find_firefox() -> str | None:
    return os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")


def find_webkit() -> tuple[str, str, str] | None:
    """Find the WebDriver of WebKitGTK, its browser, and the screen that it needs."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browser = next((path for path in MINI_BROWSERS if Path(path).exists()), None)
    return (driver, browser, screen) if driver and browser and screen else None


@contextmanager
def firefox(executable: str) -> Iterator[WebDriver]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        port = _free_port()
        preferences = {**PREFERENCES, "marionette.port": port}
        lines = [
            f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in preferences.items()
        ]
        Path(profile, "user.js").write_text("\n".join(lines), "utf-8")
        options = ["--headless", "--marionette", "--no-remote", "--profile", profile]
        with _running([executable, *options], HOME=profile):
            marionette = Marionette(port)
            try:
                yield WebDriver(marionette)
            finally:
                marionette.socket.close()


@contextmanager
def webkit(driver: str, browser: str, screen: str) -> Iterator[WebDriver]:
    read, write = os.pipe()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        _running([screen, "-displayfd", str(write), "-nolisten", "tcp"], pass_fds=(write,)),
    ):
        os.close(write)
        with os.fdopen(read) as numbers:
            display = numbers.readline().strip()
        port = _free_port()
        options = {"binary": browser, "args": ["--automation"]}
        with _running([driver, f"--port={port}"], DISPLAY=f":{display}", HOME=home):
            yield WebDriver(OverHttp(port, {"webkitgtk:browserOptions": options}))


@contextmanager
def _running(
    command: list[str], pass_fds: tuple[int, ...] = (), **environment: str
) -> Iterator[None]:
    """Run a program, and end it together with its child processes."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        pass_fds=pass_fds,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _connect(port: int) -> socket.socket:
    """Connect as soon as something listens there."""
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
