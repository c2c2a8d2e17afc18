"""The sites whose events are taken: host names, `*.example.com` for all below, `*` for any.

`www.` is folded on both sides. `*.example.com` does not take example.com itself.
"""

from __future__ import annotations

from collections.abc import Sequence

ANY_SITE = "*"
DEFAULT_SITE = "default"
# `make verify` sends its event to this site, which no list shows and nobody can own. Only a
# request with a read token may send events to it.
VERIFY_SITE = "verify.invalid"


def is_allowed(site: str, patterns: Sequence[str]) -> bool:
    return site == VERIFY_SITE or any(_matches(site, pattern) for pattern in patterns)


def explicit_sites(patterns: Sequence[str]) -> list[str]:
    """The sites that the configuration names in full, in its order."""
    return [pattern for pattern in patterns if not pattern.startswith(ANY_SITE)]


def first_site(patterns: Sequence[str]) -> str:
    """The site of an event that names no page."""
    return next(iter(explicit_sites(patterns)), DEFAULT_SITE)


def _matches(site: str, pattern: str) -> bool:
    if pattern == ANY_SITE:
        return True
    if pattern.startswith("*."):
        return site.endswith(pattern[1:])
    return site == pattern
