"""Every reason to drop an event, with the name that metrics and responses use."""

from __future__ import annotations

from enum import StrEnum


class DropReason(StrEnum):
    BOT = "bot"
    PREFETCH = "prefetch"
    OPTED_OUT = "opted_out"
    UNKNOWN_SITE = "unknown_site"
    EXCLUDED_ADDRESS = "excluded_address"
    EXCLUDED_PATH = "excluded_path"
    REFERRER_SPAM = "referrer_spam"
    NO_PAGE_VIEW = "no_page_view"  # engagement with a page view that is not there, or closed

    @property
    def message(self) -> str:
        """The message to the sender: the reason, and what to do about it."""
        return f"Not counted: {self}. {_ADVICE[self]}"


_ADVICE = {
    DropReason.BOT: "This user agent belongs to a bot.",
    DropReason.PREFETCH: "The browser prefetched the page.",
    DropReason.OPTED_OUT: "The browser asks not to be tracked.",
    DropReason.UNKNOWN_SITE: "Add this host name to SITES of your deployment.",
    DropReason.EXCLUDED_ADDRESS: "EXCLUDED_ADDRESSES of your deployment contains this address.",
    DropReason.EXCLUDED_PATH: "EXCLUDED_PATHS of your deployment contains this page.",
    DropReason.REFERRER_SPAM: "The referrer is on the spam list.",
    DropReason.NO_PAGE_VIEW: "Engagement needs a page view of an open session. "
    "Choose another name for an event of your own.",
}
