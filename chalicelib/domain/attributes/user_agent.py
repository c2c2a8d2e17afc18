"""The device that a user agent describes. User agents repeat, so results are cached."""

from __future__ import annotations

from functools import lru_cache

from chalicelib.domain.attributes.device import Device

MAX_USER_AGENT_CHARACTERS = 1000


@lru_cache(maxsize=8192)
def parse_user_agent(user_agent: str | None) -> Device:
    """Parse any text; never raise. The user agent of a visitor is parsed repeatedly."""
    text = (user_agent or "").strip()[:MAX_USER_AGENT_CHARACTERS]
    if not text:
        return Device()
    # The parser takes 0.14 s to import, and collecting does not need it.
    from chalicelib.domain.attributes.user_agent_parser import detect_device

    return detect_device(text)
