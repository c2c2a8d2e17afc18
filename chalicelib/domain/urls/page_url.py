"""A page is identified by its path as the browser sent it: case and trailing slash kept, query
and fragment removed. Campaign parameters of the query are parsed here too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urlsplit

from chalicelib.domain.urls.hostname import clean_hostname

UTM_PARAMETERS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

# What sites that link to one another write instead of utm_source, the first one first.
SOURCE_PARAMETERS = ("ref", "source")

# The parameters by which advertisers recognise a click of theirs, each from its own
# documentation.
CLICK_ID_PARAMETERS = (
    "gclid", "gbraid", "wbraid", "dclid", "msclkid", "fbclid", "ttclid", "twclid", "li_fat_id",
    "epik", "rdt_cid", "sccid", "yclid",
)  # fmt: skip

MAX_UTM_CHARACTERS = 255
_WWW = re.compile(r"\A(?:www\.)+")


class InvalidUrl(ValueError):
    """Not an absolute http(s) URL with a host."""


@dataclass(frozen=True, slots=True)
class PageUrl:
    hostname: str
    path: str
    query: str = ""

    @property
    def utm_parameters(self) -> dict[str, str]:
        """Return the utm parameters with a value, trimmed; the first of each counts. Without
        utm_source, one of SOURCE_PARAMETERS is used."""
        given: dict[str, str] = {}
        for name, value in _query_pairs(self.query):
            name, value = name.lower(), value.strip()[:MAX_UTM_CHARACTERS]
            if value:
                given.setdefault(name, value)
        tags = {name: given[name] for name in UTM_PARAMETERS if name in given}
        source = next((given[name] for name in SOURCE_PARAMETERS if name in given), None)
        return {"utm_source": source, **tags} if source else tags

    @property
    def click_id(self) -> str | None:
        """Return the name of the first click id in the query. Its value identifies a person."""
        names = {name.lower() for name, value in _query_pairs(self.query) if value}
        return next((name for name in CLICK_ID_PARAMETERS if name in names), None)


@lru_cache(maxsize=4096)
def parse_page_url(url: str) -> PageUrl:
    """Parse an absolute http(s) URL with a host; raise InvalidUrl for others."""
    try:
        parts = urlsplit(url)
        hostname = clean_hostname(parts.hostname or "")
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError as error:
        raise InvalidUrl(str(error)) from None
    if parts.scheme not in ("http", "https"):
        raise InvalidUrl("not an http(s) URL")
    return PageUrl(hostname, parts.path or "/", _query_with_fragment_tags(parts))


def site_for_hostname(hostname: str) -> str:
    """Return the site: `www.example.com` and `example.com` are one site. Repeated `www.` is
    removed, so the site of a site is itself."""
    return _WWW.sub("", hostname)


def is_same_site(url: str | None, site: str) -> bool:
    """Return whether the URL is on the site itself; such a referrer is not a source."""
    if not url:
        return False
    try:
        return site_for_hostname(parse_page_url(url).hostname) == site
    except InvalidUrl:
        return False


def _query_with_fragment_tags(parts: SplitResult) -> str:
    """Return the query with campaign tags of the fragment, `#utm_source=news` or
    `#/route?utm_source=news`. Those of the query come first."""
    if "utm_" not in parts.fragment.lower():
        return parts.query
    tags = re.findall(r"(?:^|[?&])(utm_[^&?]*)", parts.fragment, re.IGNORECASE)
    return "&".join((parts.query, *tags))


def _query_pairs(query: str) -> list[tuple[str, str]]:
    return (
        parse_qsl(query, keep_blank_values=False, max_num_fields=None) if "=" in query else []
    )
