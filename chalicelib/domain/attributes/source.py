"""The source of a session ("Hacker News") and its channel.

    utm_source    first: what the site's owner wrote on the link
    click id      then: whose advertisement was clicked, unless the referrer is more precise
    referrer      then: its known name, or its host

The site's own pages are never a source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from chalicelib.domain.attributes.channel import (
    EMAIL_SITE,
    SEARCH_SITE,
    SOCIAL_SITE,
    VIDEO_SITE,
    TrafficSource,
    channel_for,
)
from chalicelib.domain.attributes.source_catalog import (
    KnownSource,
    source_for_app,
    source_for_host,
    source_for_tag,
)
from chalicelib.domain.urls.page_url import site_for_hostname
from chalicelib.domain.urls.parent_domains import extract_hostname, is_android_app
from chalicelib.domain.urls.readable_host import readable_host

MAX_NAME_CHARACTERS = 255

_UTM_PLACEHOLDERS = frozenset({"", "(direct)", "(none)", "(not set)"})

# What providers, companies and universities call the host of their mail: `mail`, `webmail2`,
# `webmail1m`, `upcmail`, `lightmailer`, `mailbusiness`, `owa`. `voicemail`, `mailinglist` and
# `gmail-tips` are something else.
_WEBMAIL_LABEL = re.compile(
    r"(?:[a-z]{1,4}-?|light|secure-?|smarter|squirrel)?mail"
    r"(?:-?(?:app|box|business|center|centre|client|cloud|er|login|plus|portal|premium|pro"
    r"|secure|server|service))?-?\d*[a-z]?"
    r"|(?:correo|courriel|horde|messagerie|owa|poczta|posta|postfach|rainloop|roundcube|zimbra)\d*"
)
# Hosts by which mail services of one provider lead to the links in a message.
_WEBMAIL_REDIRECT = re.compile(r"deref-(?:1and1|1und1|gmx|ionos|mail|strato|web)[\w-]*")
_SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "gob", "gov", "ne", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class Source:
    """`name` is None if the source is unknown."""

    name: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class _ClickId:
    """A click id in the URL, its network, and the medium that it implies.

    `preferred_referrer_kinds` are the kinds of referrers that are more precise: a link on
    Instagram has Facebook's click id, one on DuckDuckGo that of Microsoft Advertising."""

    source: KnownSource
    preferred_referrer_kinds: tuple[str, ...] = ()
    medium: str = ""


_GOOGLE_ADS = _ClickId(KnownSource("Google", SEARCH_SITE, True), (SEARCH_SITE, VIDEO_SITE))

# Facebook and Pinterest mark every link that leaves them: theirs is no proof of payment.
_CLICK_IDS = {
    "gclid": _GOOGLE_ADS,
    "gbraid": _GOOGLE_ADS,
    "wbraid": _GOOGLE_ADS,
    "dclid": _ClickId(KnownSource("Google"), medium="display"),
    "msclkid": _ClickId(KnownSource("Bing", SEARCH_SITE, True), (SEARCH_SITE,)),
    "yclid": _ClickId(KnownSource("Yandex", SEARCH_SITE, True), (SEARCH_SITE,)),
    "fbclid": _ClickId(KnownSource("Facebook", SOCIAL_SITE), (SOCIAL_SITE,)),
    "epik": _ClickId(KnownSource("Pinterest", SOCIAL_SITE), (SOCIAL_SITE,)),
    "ttclid": _ClickId(KnownSource("TikTok", SOCIAL_SITE, True), (SOCIAL_SITE,)),
    "twclid": _ClickId(KnownSource("X (Twitter)", SOCIAL_SITE, True), (SOCIAL_SITE,)),
    "li_fat_id": _ClickId(KnownSource("LinkedIn", SOCIAL_SITE, True), (SOCIAL_SITE,)),
    "rdt_cid": _ClickId(KnownSource("Reddit", SOCIAL_SITE, True), (SOCIAL_SITE,)),
    "sccid": _ClickId(KnownSource("Snapchat", SOCIAL_SITE, True), (SOCIAL_SITE,)),
}


@lru_cache(maxsize=8192)
def classify_source(
    referrer: str | None,
    *,
    utm_source: str | None = None,
    utm_medium: str | None = None,
    utm_campaign: str | None = None,
    click_id: str | None = None,
    site: str = "",
) -> Source:
    """Return the source of a session on `site`; `click_id` is the parameter's name, such as
    "gclid".

    Accepts any text and never raises.
    """
    tag = _clean_utm(utm_source)
    click = _CLICK_IDS.get((click_id or "").lower())
    sender = _choose_source(tag, click, _source_of_referrer(referrer, site))
    arrival = TrafficSource(
        name=sender.name if sender else None,
        kind=sender.kind if sender else None,
        utm_source=tag.lower(),
        utm_medium=_clean_utm(utm_medium).lower() or (click.medium if click else ""),
        utm_campaign=_clean_utm(utm_campaign).lower(),
        has_paid_click=bool(sender and sender.is_advertiser)
        or bool(click and click.source.is_advertiser),
    )
    return Source(arrival.name, channel_for(arrival))


class HasAcquisition(Protocol):
    """What says where a session came from: a session, its summary, or an `Acquisition`."""

    @property
    def site(self) -> str: ...
    @property
    def referrer(self) -> str | None: ...
    @property
    def utm_source(self) -> str | None: ...
    @property
    def utm_medium(self) -> str | None: ...
    @property
    def utm_campaign(self) -> str | None: ...
    @property
    def click_id(self) -> str | None: ...


def source_of(session: HasAcquisition) -> Source:
    """Return the source of a session."""
    return classify_source(
        session.referrer,
        utm_source=session.utm_source,
        utm_medium=session.utm_medium,
        utm_campaign=session.utm_campaign,
        click_id=session.click_id,
        site=session.site,
    )


def _choose_source(
    tag: str, click: _ClickId | None, referring: KnownSource | None
) -> KnownSource | None:
    if tag:
        # Links of other sites can name them by their address: `?ref=https://blog.example/`.
        address = extract_hostname(tag) if "//" in tag else None
        return source_for_tag(tag) or KnownSource(
            readable_host(site_for_hostname(address)) if address else tag[:MAX_NAME_CHARACTERS]
        )
    if click and not (referring and referring.kind in click.preferred_referrer_kinds):
        return click.source
    return referring


def _source_of_referrer(referrer: str | None, site: str) -> KnownSource | None:
    host = extract_hostname(referrer)
    if host is None or site_for_hostname(host) == site:
        return None
    if is_android_app(referrer):
        return source_for_app(host) or KnownSource(host)
    known = source_for_host(host)
    return known or KnownSource(
        readable_host(site_for_hostname(host)), _kind_of_unlisted_host(host)
    )


def _kind_of_unlisted_host(host: str) -> str | None:
    """`webmail.example.org` is a mail service. The domain's own name says nothing:
    `mail.example` can be a newspaper."""
    labels = host.split(".")
    has_second_level = len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in _SECOND_LEVELS
    domain = len(labels) - (3 if has_second_level else 2)
    is_email = any(map(_WEBMAIL_LABEL.fullmatch, labels[: max(0, domain)])) or any(
        map(_WEBMAIL_REDIRECT.fullmatch, labels)
    )
    return EMAIL_SITE if is_email else None


def _clean_utm(text: str | None) -> str:
    clean = (text or "").strip()
    return "" if clean.lower() in _UTM_PLACEHOLDERS else clean
