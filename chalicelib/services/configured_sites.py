"""The sites that can be read."""

from __future__ import annotations

from chalicelib.domain.urls.site_patterns import VERIFY_SITE, explicit_sites, is_allowed
from chalicelib.services.context import Context
from chalicelib.settings import Settings


def sites(context: Context) -> list[str]:
    """Return the sites that the configuration names, and sites matching its patterns that had
    visitors."""
    named = explicit_sites(context.settings.sites)
    if named == list(context.settings.sites):
        return sorted(named)
    open_sites = {row.site for row in context.tables.active_scan.read().rows}
    seen = {
        site
        for site in open_sites | context.tables.site_registry.sites()
        if site != VERIFY_SITE and is_allowed(site, context.settings.sites)
    }
    return sorted(seen | set(named))


def only_site(settings: Settings) -> str | None:
    """Return the site if the configuration names exactly one and no pattern."""
    is_one = len(settings.sites) == 1 and settings.sites == tuple(
        explicit_sites(settings.sites)
    )
    return settings.sites[0] if is_one else None
