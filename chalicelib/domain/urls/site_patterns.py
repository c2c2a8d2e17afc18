"""The sites whose events are accepted: hostnames, `*.example.com` for subdomains, `*` for any.

`www.` is ignored on both sides. `*.example.com` does not match example.com itself.
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
    """Return the sites that the configuration names in full, in order."""
    return [pattern for pattern in patterns if not pattern.startswith(ANY_SITE)]


def first_site(patterns: Sequence[str]) -> str:
    """Return the site of an event without a page URL."""
    return next(iter(explicit_sites(patterns)), DEFAULT_SITE)


def _matches(site: str, pattern: str) -> bool:
    if pattern == ANY_SITE:
        return True
    if pattern.startswith("*."):
        return site.endswith(pattern[1:])
    return site == pattern
