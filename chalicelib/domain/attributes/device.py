"""The device of a session, read from the user agent: browser, operating system, device type.

Unknown is None, not a guess. Known limits of user-agent data:

    an iPad that requests desktop sites, its default, claims to be a Mac and counts as one
    Brave, Arc, Vivaldi and the browsers of AI companies claim to be Chrome
    macOS stops at 10.15 and Windows at 10: these mean "or later"
    Chrome on Android says "Android 10; K" for any version and model: the version is unknown
    iOS 26 and later still says 18, but Safari's own version reveals it
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """Versions are as people write them: a browser's "137", a system's "14", "10.15", "XP"."""

    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None  # desktop, mobile, tablet, tv, console, other
