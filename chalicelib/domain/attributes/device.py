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
from functools import lru_cache

LONGEST_USER_AGENT = 1000  # characters


@dataclass(frozen=True, slots=True)
class Device:
    """Versions are what people say: a browser's "137", a system's "14", "10.15", "XP"."""

    browser: str | None = None
    browser_version: str | None = None
    os: str | None = None
    os_version: str | None = None
    device: str | None = None  # desktop, mobile, tablet, tv, console, other


@lru_cache(maxsize=8192)
def parse_user_agent(user_agent: str | None) -> Device:
    """Takes any text and never raises. The same visitor's agents are asked again and again."""
    text = (user_agent or "").strip()[:LONGEST_USER_AGENT]
    if not text:
        return Device()
    # The parser takes 0.14 s to import, which nobody who only collects should pay.
    from chalicelib.domain.attributes.user_agent import read_user_agent

    return read_user_agent(text)
