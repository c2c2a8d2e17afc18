"""The channel of a session: Google Analytics' default channel groups, in their documented
order.

The rules are those that GA4 publishes for manual traffic ("Default channel group" in its help,
with the AI Assistant of May 2026). Case is ignored. Additions to GA4, marked `+` below:

    a paid click id in the URL, or a tag such as `fb-ads`, counts as paid without a medium
    a mail service as referrer is Email, and so are newsletters
    a source without a medium that no other rule matches is a Referral

GA4's rules for linked advertising accounts have no counterpart here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

CROSS_NETWORK = "Cross-network"
PAID_SHOPPING = "Paid Shopping"
PAID_SEARCH = "Paid Search"
PAID_SOCIAL = "Paid Social"
PAID_VIDEO = "Paid Video"
DISPLAY = "Display"
PAID_OTHER = "Paid Other"
ORGANIC_SHOPPING = "Organic Shopping"
ORGANIC_SOCIAL = "Organic Social"
ORGANIC_VIDEO = "Organic Video"
AI_ASSISTANT = "AI Assistant"
ORGANIC_SEARCH = "Organic Search"
REFERRAL = "Referral"
EMAIL = "Email"
AFFILIATES = "Affiliates"
SMS = "SMS"
AUDIO = "Audio"
MOBILE_PUSH = "Mobile Push Notifications"
DIRECT = "Direct"
UNASSIGNED = "Unassigned"

# What kind of site a source is.
SEARCH_SITE = "search"
SOCIAL_SITE = "social"
VIDEO_SITE = "video"
SHOPPING_SITE = "shopping"
AI_SITE = "ai"
EMAIL_SITE = "mail"

_DISPLAY_MEDIUMS = ("display", "banner", "expandable", "interstitial", "cpm")
_SOCIAL_MEDIUMS = (
    *("social", "social-network", "social-media"),
    *("sm", "social network", "social media"),
)

_PAID_MEDIUM = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_SHOPPING_CAMPAIGN = re.compile(r"(?:[^a-df-z]|^)shop|shopping")
_EMAIL = re.compile(r"e[-_ ]?mail|newsletter")


@dataclass(frozen=True, slots=True)
class TrafficSource:
    """Where a session came from: the source, its kind of site, and the campaign tags.

    `tag`, `medium` and `campaign` are utm_source, utm_medium and utm_campaign in lower case, ""
    if missing. `has_paid_click` is evidence of an advertisement besides the medium."""

    name: str | None = None
    kind: str | None = None
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    has_paid_click: bool = False

    @property
    def is_paid(self) -> bool:
        return self.has_paid_click or _PAID_MEDIUM.fullmatch(self.utm_medium) is not None

    @property
    def is_shopping(self) -> bool:
        return (
            self.kind == SHOPPING_SITE
            or _SHOPPING_CAMPAIGN.search(self.utm_campaign) is not None
        )

    @property
    def is_email(self) -> bool:
        tagged = _EMAIL.search(self.utm_source) or _EMAIL.search(self.utm_medium)
        return self.kind == EMAIL_SITE or tagged is not None

    @property
    def is_push(self) -> bool:
        words = ("mobile", "notification")
        return (
            self.utm_medium.endswith("push")
            or any(word in self.utm_medium for word in words)
            or self.utm_source == "firebase"
        )


Rule = Callable[[TrafficSource], bool]

RULES: tuple[tuple[str, Rule], ...] = (
    (CROSS_NETWORK, lambda a: "cross-network" in a.utm_campaign),
    (PAID_SHOPPING, lambda a: a.is_paid and a.is_shopping),
    (PAID_SEARCH, lambda a: a.is_paid and a.kind == SEARCH_SITE),
    (PAID_SOCIAL, lambda a: a.is_paid and a.kind == SOCIAL_SITE),
    (PAID_VIDEO, lambda a: a.is_paid and a.kind == VIDEO_SITE),
    (DISPLAY, lambda a: a.utm_medium in _DISPLAY_MEDIUMS),
    (PAID_OTHER, lambda a: a.is_paid),
    (ORGANIC_SHOPPING, lambda a: a.is_shopping),
    (ORGANIC_SOCIAL, lambda a: a.kind == SOCIAL_SITE or a.utm_medium in _SOCIAL_MEDIUMS),
    (ORGANIC_VIDEO, lambda a: a.kind == VIDEO_SITE or "video" in a.utm_medium),
    (AI_ASSISTANT, lambda a: a.kind == AI_SITE or a.utm_medium == "ai-assistant"),
    (ORGANIC_SEARCH, lambda a: a.kind == SEARCH_SITE or a.utm_medium == "organic"),
    (REFERRAL, lambda a: a.utm_medium in ("referral", "app", "link")),
    (EMAIL, lambda a: a.is_email),  # + GA4 knows the words email, e-mail, e_mail, e mail alone
    (AFFILIATES, lambda a: a.utm_medium in ("affiliate", "affiliates")),  # + plural
    (AUDIO, lambda a: a.utm_medium == "audio"),
    (SMS, lambda a: "sms" in (a.utm_source, a.utm_medium)),
    (MOBILE_PUSH, lambda a: a.is_push),
    (
        REFERRAL,
        lambda a: a.name is not None and not a.utm_medium,
    ),  # + GA4 sets the medium itself
    (DIRECT, lambda a: a.name is None and not a.utm_medium),
)


def channel_for(arrival: TrafficSource) -> str:
    """Return the channel of the first matching rule; an unknown medium is Unassigned."""
    return next((channel for channel, fits in RULES if fits(arrival)), UNASSIGNED)
