"""Return the reason to drop an event, if there is one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache

from chalicelib.domain.collection.request_client import RequestClient
from chalicelib.domain.exclusions.common_browsers import is_common_browser
from chalicelib.domain.exclusions.drop_reason import DropReason
from chalicelib.domain.exclusions.referrer_spam import is_referrer_spam
from chalicelib.domain.urls.page_url import parse_page_url
from chalicelib.domain.urls.paths import readable_path, readable_path_part
from chalicelib.domain.urls.site_patterns import VERIFY_SITE, is_allowed
from chalicelib.services.collect.batch import ValidEvent
from chalicelib.settings import Network, Settings


def drop_reason(
    event: ValidEvent, client: RequestClient, settings: Settings
) -> DropReason | None:
    """Return the first reason that holds; cheap ones are first."""
    # An event without a page belongs to the configured site, whatever that is called.
    if event.payload.page_url is not None and not _may_send(event.site, client, settings):
        return DropReason.UNKNOWN_SITE
    if client.opted_out:
        return DropReason.OPTED_OUT
    if client.is_prefetch:
        return DropReason.PREFETCH
    if _is_in(client.address, settings.excluded_addresses):
        return DropReason.EXCLUDED_ADDRESS
    if _matches(parse_page_url(event.page_url).path, settings.excluded_paths):
        return DropReason.EXCLUDED_PATH
    if event.payload.is_automated or _is_bot(client.user_agent):
        return DropReason.BOT
    if is_referrer_spam(event.payload.referrer):
        return DropReason.REFERRER_SPAM
    return None


def _may_send(site: str, client: RequestClient, settings: Settings) -> bool:
    return client.has_token if site == VERIFY_SITE else is_allowed(site, settings.sites)


def _is_bot(user_agent: str) -> bool:
    if is_common_browser(user_agent):
        return False
    from chalicelib.domain.exclusions.bots import (
        is_bot,  # its list takes a tenth of a cold start
    )

    return is_bot(user_agent)


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    if not networks:
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return bool(patterns) and _pattern(patterns).fullmatch(readable_path(path)) is not None


@lru_cache(maxsize=4)
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """`*` stands for any text, slashes included; `%2A` for an asterisk."""
    return re.compile("|".join(map(_expression, patterns)), re.DOTALL)


def _expression(pattern: str) -> str:
    *parts, last = pattern.split("*")
    texts = [*map(readable_path_part, parts), readable_path(last)]
    return ".*".join(map(re.escape, texts))
