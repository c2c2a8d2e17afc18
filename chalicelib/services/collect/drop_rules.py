"""Say why an event is not counted, or that it is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache

from chalicelib.domain.collection.event_payload import IncomingEvent
from chalicelib.domain.collection.request_client import Sender
from chalicelib.domain.exclusions.common_browsers import is_plain_browser
from chalicelib.domain.exclusions.drop_reason import Refusal
from chalicelib.domain.exclusions.referrer_spam import is_referrer_spam
from chalicelib.domain.urls.page_url import parse_page
from chalicelib.domain.urls.paths import readable_part, readable_path
from chalicelib.domain.urls.site_patterns import VERIFY_SITE, is_configured
from chalicelib.settings import Network, Settings


def refusal_of(
    incoming: IncomingEvent, page_url: str, site: str, sender: Sender, settings: Settings
) -> Refusal | None:
    """The first reason that holds; cheap ones come first."""
    # An event that names no page is of the configured site, whatever that is called.
    if incoming.page_url is not None and not _may_send(site, sender, settings):
        return Refusal.UNKNOWN_SITE
    if sender.opted_out:
        return Refusal.OPTED_OUT
    if sender.is_prefetch:
        return Refusal.PREFETCH
    if _is_among(sender.address, settings.excluded_addresses):
        return Refusal.EXCLUDED_ADDRESS
    if settings.excluded_paths and _matches(parse_page(page_url).path, settings.excluded_paths):
        return Refusal.EXCLUDED_PATH
    if incoming.is_automated or _is_bot(sender.user_agent):
        return Refusal.BOT
    if is_referrer_spam(incoming.referrer):
        return Refusal.REFERRER_SPAM
    return None


def _may_send(site: str, sender: Sender, settings: Settings) -> bool:
    return sender.has_token if site == VERIFY_SITE else is_configured(site, settings.sites)


def _is_bot(user_agent: str) -> bool:
    if is_plain_browser(user_agent):
        return False
    from chalicelib.domain.exclusions.bots import (
        is_bot,  # its list takes a tenth of a cold start
    )

    return is_bot(user_agent)


def _is_among(address: str, networks: Sequence[Network]) -> bool:
    if not networks:
        return False
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return _pattern(patterns).fullmatch(readable_path(path)) is not None


@lru_cache(maxsize=4)
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """`*` stands for any text, slashes included; `%2A` for an asterisk."""
    return re.compile("|".join(map(_expression, patterns)), re.DOTALL)


def _expression(pattern: str) -> str:
    *parts, last = pattern.split("*")
    texts = [*map(readable_part, parts), readable_path(last)]
    return ".*".join(map(re.escape, texts))
