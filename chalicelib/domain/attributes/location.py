"""The location of a visitor: from the edge, or the country of the browser's time zone.

Unknown is None, never a guess. The viewer's address is not used, and there is no database of
locations. Senders can forge both values, so their form is checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from chalicelib.domain.collection.event import Location

MAX_CITY_CHARACTERS = 100  # the longest official name of a city in use has 85

# Assigned in ISO 3166-1 but without a time zone, and Kosovo, which the edge calls XK.
_COUNTRIES_WITHOUT_ZONE = frozenset({"BV", "HM", "XK"})

_REGION = re.compile(r"(?:[A-Z]{2}-)?([A-Z0-9]{1,3})")
_UNKNOWN_CITIES = frozenset({"unknown", "(unknown)", "none", "null", "undefined", "n/a"})


def location_from_headers(headers: Mapping[str, str]) -> Location:
    """Read the three headers that CloudFront adds; names are case-insensitive.

        CloudFront-Viewer-Country           DE
        CloudFront-Viewer-Country-Region    BE
        CloudFront-Viewer-City              Berlin, or Z%C3%BCrich

    An edge-optimized API passes only the first. Region and city need a country.
    """
    lowercase = {name.lower(): value for name, value in headers.items()}
    country = _clean_country(lowercase.get("cloudfront-viewer-country"))
    if country is None:
        return Location()
    region = _clean_region(lowercase.get("cloudfront-viewer-country-region"))
    return Location(
        country=country,
        region=f"{country}-{region}" if region else None,
        city=_clean_city(lowercase.get("cloudfront-viewer-city")),
    )


def country_from_timezone(name: str | None) -> str | None:
    """Return the country of an IANA time zone, by new or old name; None for UTC, Etc/GMT+5,
    EST."""
    return _country_by_zone().get((name or "").strip().lower())


def _clean_country(text: str | None) -> str | None:
    country = (text or "").strip().upper()
    return country if country in _countries() else None


def _clean_region(text: str | None) -> str | None:
    matched = _REGION.fullmatch((text or "").strip().upper())
    return matched[1] if matched else None


def _clean_city(text: str | None) -> str | None:
    name = unicodedata.normalize("NFC", _decoded((text or "")[: MAX_CITY_CHARACTERS * 12]))
    name = " ".join(name.split())[:MAX_CITY_CHARACTERS].strip()
    is_name = name.isprintable() and any(letter.isalpha() for letter in name)
    return name if is_name and name.lower() not in _UNKNOWN_CITIES else None


def _decoded(text: str) -> str:
    """Decode percent-encoding, and UTF-8 that a gateway has read as Latin-1 (`ZÃ¼rich`)."""
    try:
        raw = unquote_to_bytes(text.replace("+", " ").encode("latin-1"))
    except UnicodeEncodeError:  # letters beyond Latin-1: it has been decoded already
        raw = unquote_to_bytes(text.replace("+", " ").encode("utf-8", "replace"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


@lru_cache(maxsize=1)
def _country_by_zone() -> dict[str, str]:
    return {name.lower(): country for country, name in _zones()}


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return _COUNTRIES_WITHOUT_ZONE.union(country for country, _ in _zones())


def _zones() -> Iterator[tuple[str, str]]:
    from chalicelib.domain.attributes.timezone_countries import ZONES

    for area, groups in re.findall(r"^(\S+):\n((?:  .*\n)+)", ZONES, re.MULTILINE):
        for group in groups.split(";"):
            country, *names = group.split()
            for name in names:
                yield country, name if area == "-" else f"{area}/{name}"
