"""Referrer spam: fake page views, sent to advertise the site in the referrer."""

from __future__ import annotations

import re
from functools import lru_cache

from chalicelib.domain.urls.parent_domains import extract_hostname, parent_domains

# Names that come in series, of which the next is never in a list. Each fits a whole domain.
_SERIES = re.compile(
    r"""(?:\A|\.)(?:
        \d+-(?:best-seo|free-share-buttons|99seo)\.com | \d+-reasons-for-seo\.(?:com|net)
      | semalt(?:media)?\.\w+ | ilovevitaly\.\w+ | ranksonic\.\w+
      | (?:eu-)?cookie-law-enforcement[\w-]*\.xyz | law-(?:check|enforcement|six)[\w-]*\.xyz
      | compliance-[a-z]+\.(?:xyz|top)
      | (?:free-)?social-(?:buttons?|traffic|widget)[\w-]*\.(?:com|xyz)
      | get-more-free\w*-visitors\.info | (?:traffic2(?:cash|money)|xtraffic(?:plus)?)\.\w+
      | (?:website)?bot-?traffic\w*\.\w+
      | hydra(?:ruz?|2use|2zahod|-?20\d\d|market|mirror|\w*(?:onion|zerkalo))[\w-]*\.[\w.]+
      | (?:1x-?slots?|gk-casino|royal-ca[sz]inos?|superslot[sz]|v-ca[sz]ino|vavada)[\w-]*\.\w+
      | (?:1xbet|casino-(?:top3|x))[\w-]*\.(?:fun|host|online|ru|site|space|website)
    )\Z""",
    re.VERBOSE,
)


@lru_cache(maxsize=4096)
def is_referrer_spam(referrer_or_host: str | None) -> bool:
    """Return whether a referrer, or its host, is a known spammer or a subdomain of one."""
    host = extract_hostname(referrer_or_host)
    if host is None:
        return False
    return _SERIES.search(host) is not None or not _spam_hosts().isdisjoint(
        parent_domains(host)
    )


@lru_cache(maxsize=1)
def _spam_hosts() -> frozenset[str]:
    from chalicelib.domain.exclusions.spam_hosts import SPAM_HOSTS

    return frozenset(SPAM_HOSTS.split())
