"""Looks up sources by tag, host or Android app.

The table of names is read on the first lookup: collecting does not need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from chalicelib.domain.attributes.channel import (
    AI_SITE,
    EMAIL_SITE,
    SEARCH_SITE,
    SHOPPING_SITE,
    SOCIAL_SITE,
    VIDEO_SITE,
)
from chalicelib.domain.urls.parent_domains import extract_hostname, parent_domains

_ADVERTISING = re.compile(r"(?:ad(?:word)?s?|cpc|paid|ppc)\Z")
_SECOND_LEVELS = frozenset({"ac", "co", "com", "ne", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A known source; `kind` is its kind of site for channels, or None."""

    name: str
    kind: str | None = None
    is_advertiser: bool = False  # what it sends has been paid for


def source_for_tag(tag: str) -> KnownSource | None:
    """Look up a utm_source: a name, a short form or a host, perhaps with `ads`."""
    word = _normalize_tag(tag)
    known = _catalog().tags.get(word) or source_for_host(extract_hostname(tag.lower()) or "")
    if known:
        return known
    advertiser = _catalog().tags.get(_ADVERTISING.sub("", word))
    return replace(advertiser, is_advertiser=True) if advertiser else None


def source_for_host(host: str) -> KnownSource | None:
    """Return the most specific entry for the host: mail.google.com before google.com."""
    hosts = _catalog().hosts
    for name in (*parent_domains(host), *parent_domains(_dot_com_host(host))):
        if name in hosts:
            return hosts[name]
    return None


def source_for_app(package: str) -> KnownSource | None:
    """Look up an app by its whole package name: com.google.android.gm."""
    return _catalog().hosts.get(package)


def _dot_com_host(host: str) -> str:
    """Map `news.google.co.uk` to `news.google.com`, for brands with a host per country."""
    *front, last = host.split(".")
    if len(last) == 2 and front and front[-1] in _SECOND_LEVELS:
        front.pop()
    is_of_country = len(last) == 2 and front and front[-1] in _catalog().country_brands
    return ".".join((*front, "com")) if is_of_country else ""


def _normalize_tag(tag: str) -> str:
    """`Hacker News`, `hacker_news` and `hackernews` are one tag."""
    return re.sub(r"[\W_]+", "", tag.lower())


@dataclass(frozen=True, slots=True)
class _Catalog:
    hosts: dict[str, KnownSource]  # and packages of Android apps
    tags: dict[str, KnownSource]
    country_brands: frozenset[str]


@lru_cache(maxsize=1)
def _catalog() -> _Catalog:
    from chalicelib.domain.attributes import source_names as names

    hosts: dict[str, KnownSource] = {}
    tags: dict[str, KnownSource] = {}
    for kind, text in (
        (SEARCH_SITE, names.SEARCH),
        (AI_SITE, names.AI),
        (SOCIAL_SITE, names.SOCIAL),
        (VIDEO_SITE, names.VIDEO),
        (SHOPPING_SITE, names.SHOPPING),
        (EMAIL_SITE, names.EMAIL),
        (None, names.OTHER),
    ):
        for name, words in _parse_lines(text):
            sender = KnownSource(name, kind)
            if name.lower() not in names.COMMON_WORDS:
                tags.setdefault(_normalize_tag(name), sender)
            for word in words:
                if word.endswith("$"):
                    tags.setdefault(word[:-1], replace(sender, is_advertiser=True))
                else:
                    (hosts if "." in word else tags).setdefault(word, sender)
    return _Catalog(hosts, tags, names.COUNTRY_BRANDS)


def _parse_lines(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.strip().replace("\n  ", " ").split("\n"):
        name, _, words = line.partition(": ")
        yield name, words.split()
