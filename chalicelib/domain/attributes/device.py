"""What a visit was made with, read from the user agent: browser, operating system, device.

Unknown is None, not a guess. What a user agent does not tell, nobody can read from it:

    an iPad that asks for desktop sites, its default, says it is a Mac and is counted as one
    Brave, Arc, Vivaldi and the browsers of AI companies say they are Chrome
    macOS stops at 10.15 and Windows at 10: these mean "or later"
    Chrome on Android says "Android 10; K" for any version and model: the version is unknown
    iOS 26 and later still says 18, but Safari's own version tells which it is
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """Versions are what people say: a browser's "137", a system's "14", "10.15", "XP"."""

    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None  # desktop, mobile, tablet, tv, console, other
