"""The name of an Android device in the user agent can be anything, including words of bots: "M
bot 60", "ScanPal EDA50" or "Black Spider X1"."""

from __future__ import annotations

import re

_DEVICE = re.compile(
    r"\(Linux; (?:U; )?Android [\d.]+; (?:[a-z]{2}[-_][a-z]{2}; )?"
    r"([\w .+-]{2,40}?)( (?:Build|MIUI)/[\w.-]+)?(?:; wv)?\) AppleWebKit/",
    re.IGNORECASE,
)
# What only programs call themselves: "Examplebot", but neither "M bot 60" nor "Cubot".
_PROGRAM = re.compile(
    r"(?<=\w\w)(?<!\bcu)bots?\b|\wspiders?\b|crawl|\.(?:com|org|net)\b", re.IGNORECASE
)


def mask_phone_name(user_agent: str) -> str:
    """Replace the name with `K`, as Chrome does. Keep a name that a program could have, and a
    single word without a build."""
    match = _DEVICE.search(user_agent)
    if match is None or _PROGRAM.search(match[1]) or not (match[2] or " " in match[1]):
        return user_agent
    return user_agent.replace(match[1], "K").replace(match[1].replace(" ", "_"), "K")
