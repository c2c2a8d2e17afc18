"""Clients that are not people in a browser: crawlers, monitors, scripts, automated browsers.

The is-bot package finds most of them by words in the user agent. This module adds what it
misses and removes false matches. A browser that hides its automation is reported by the
tracker."""

from __future__ import annotations

from functools import lru_cache

import regex  # type: ignore[import-untyped]
from is_bot import Bots

from chalicelib.domain.exclusions.phone_name import mask_phone_name

MAX_USER_AGENT_CHARACTERS = 1000  # in-app browsers of today stay below 700

_EXCLUDED_PATTERNS = frozenset(
    {
        r"\|",  # Alipay tells the size of its view: "ws:390|844|3.0"
        "manager",  # "WebAppManager" is every television of LG
    }
)

_EXTRA_PATTERNS = frozenset(
    {
        r"(?<!webapp)manager",
        # browsers without a person: emulated, remote-controlled, rendering for a service
        r"\bjsdom/",
        r"\bhappydom/",
        r"\bhtmlunit",
        r"\bpuppeteer",
        r"\bzombie\.js",
        r"\bslimerjs",
        r"\bnightmare/",
        r"\bbrowserless",
        r"\brendertron",
        r"\bpercy/",
        r"\bchromatic\b",
        r"\bminiature\.io",
        r"\btsm-turingos",
        # measuring and monitoring
        r"\bgtmetrix",
        r"\bylt chrome",
        r"\bdebugbear",
        r"\bcalibre\b",
        r"\btreo\b",
        # libraries and shells
        r"^dart/",
        r"^dalvik/",
        r"\bcfnetwork/",
        r"powershell/",
        # readers for language models, scanners
        r"\bjinareader",
        r"\bnikto/",
    }
)

_patterns = (Bots().patterns - _EXCLUDED_PATTERNS) | _EXTRA_PATTERNS

# Three parts of the patterns match in a third of the time that one pattern of all takes.
_WORDS = tuple(word.lower() for word in _patterns if regex.fullmatch(r"[\w /-]+", word))
_STARTS = regex.compile("|".join(p for p in _patterns if p[0] == "^"), regex.IGNORECASE)
_OTHERS = regex.compile(
    "|".join(p for p in _patterns if p[0] != "^" and p.lower() not in _WORDS), regex.IGNORECASE
)


@lru_cache(maxsize=4096)
def is_bot(user_agent: str | None) -> bool:
    """Return whether a user agent is a bot's. A missing one counts as a bot's, as browsers
    always send one."""
    text = (user_agent or "").strip()[:MAX_USER_AGENT_CHARACTERS]
    return not text or (
        _matches_bot_pattern(text) and _matches_bot_pattern(mask_phone_name(text))
    )


def _matches_bot_pattern(text: str) -> bool:
    lowered = text.lower()
    return (
        any(word in lowered for word in _WORDS)
        or _STARTS.match(text) is not None
        or _OTHERS.search(text) is not None
    )
