"""Who is behind a tag, a host or an Android app, as far as the table of names knows.

The table is read when the first visit is asked about: collecting does without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from chalicelib.domain.attributes.channel import (
    AI_SITE,
    MAIL_SITE,
    SEARCH_SITE,
    SHOPPING_SITE,
    SOCIAL_SITE,
    VIDEO_SITE,
)
from chalicelib.domain.urls.parent_domains import host_of, suffixes

_ADVERTISING = re.compile(r"(?:ad(?:word)?s?|cpc|paid|ppc)\Z")
_SECOND_LEVELS = frozenset({"ac", "co", "com", "ne", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever sends visitors; `kind` is a kind of site that channels know, or None."""

    name: str
    kind: str | None = None
    is_advertiser: bool = False  # what it sends has been paid for


def sender_of_tag(tag: str) -> Sender | None:
    """What people write into utm_source: a name, a short form or a host, perhaps with `ads`."""
    word = _word(tag)
    known = _tables().tags.get(word) or sender_of_host(host_of(tag.lower()) or "")
    if known:
        return known
    advertiser = _tables().tags.get(_ADVERTISING.sub("", word))
    return replace(advertiser, is_advertiser=True) if advertiser else None


def sender_of_host(host: str) -> Sender | None:
    """The most exact entry that the host lies in: mail.google.com before google.com."""
    hosts = _tables().hosts
    for name in (*suffixes(host), *suffixes(_international(host))):
        if name in hosts:
            return hosts[name]
    return None


def sender_of_app(package: str) -> Sender | None:
    """Packages are not hierarchies of anybody's: com.google.android.gm stands for itself."""
    return _tables().hosts.get(package)


def _international(host: str) -> str:
    """`news.google.co.uk` is `news.google.com`, for brands with a host in each country."""
    *front, last = host.split(".")
    if len(last) == 2 and front and front[-1] in _SECOND_LEVELS:
        front.pop()
    is_of_country = len(last) == 2 and front and front[-1] in _tables().country_brands
    return ".".join((*front, "com")) if is_of_country else ""


def _word(tag: str) -> str:
    """`Hacker News`, `hacker_news` and `hackernews` are one tag."""
    return re.sub(r"[\W_]+", "", tag.lower())


@dataclass(frozen=True, slots=True)
class _Tables:
    hosts: dict[str, Sender]  # and packages of Android apps
    tags: dict[str, Sender]
    country_brands: frozenset[str]


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    from chalicelib.domain.attributes import source_names as names

    hosts: dict[str, Sender] = {}
    tags: dict[str, Sender] = {}
    for kind, text in (
        (SEARCH_SITE, names.SEARCH),
        (AI_SITE, names.AI),
        (SOCIAL_SITE, names.SOCIAL),
        (VIDEO_SITE, names.VIDEO),
        (SHOPPING_SITE, names.SHOPPING),
        (MAIL_SITE, names.EMAIL),
        (None, names.OTHER),
    ):
        for name, words in _lines(text):
            sender = Sender(name, kind)
            if name.lower() not in names.COMMON_WORDS:
                tags.setdefault(_word(name), sender)
            for word in words:
                if word.endswith("$"):
                    tags.setdefault(word[:-1], replace(sender, is_advertiser=True))
                else:
                    (hosts if "." in word else tags).setdefault(word, sender)
    return _Tables(hosts, tags, names.COUNTRY_BRANDS)


def _lines(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.strip().replace("\n  ", " ").split("\n"):
        name, _, words = line.partition(": ")
        yield name, words.split()
