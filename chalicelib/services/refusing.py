"""Say why an event is not counted, or that it is."""

from __future__ import annotations

from chalicelib.domain.incoming import IncomingEvent
from chalicelib.domain.refusal import Refusal
from chalicelib.domain.sender import Sender
from chalicelib.domain.sites import is_configured
from chalicelib.settings import Settings


def refusal_of(
    incoming: IncomingEvent, page_url: str, site: str, sender: Sender, settings: Settings
) -> Refusal | None:
    """The first reason that holds; cheap ones come first."""
    if incoming.page_url is not None and not is_configured(site, settings.sites):
        return Refusal.UNKNOWN_SITE
    if sender.opted_out:
        return Refusal.OPTED_OUT
    if sender.is_prefetch:
        return Refusal.PREFETCH
    if incoming.is_automated or not sender.user_agent:
        return Refusal.BOT
    return None
