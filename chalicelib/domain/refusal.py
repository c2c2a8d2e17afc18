"""Every reason not to count an event, by the name under which it is counted and told to the
caller."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    BOT = "bot"
    PREFETCH = "prefetch"
    OPTED_OUT = "opted_out"
    UNKNOWN_SITE = "unknown_site"
    EXCLUDED_ADDRESS = "excluded_address"
    EXCLUDED_PATH = "excluded_path"
    REFERRER_SPAM = "referrer_spam"
    NO_PAGE_VIEW = "no_page_view"  # engagement with a page view that is not there, or closed
