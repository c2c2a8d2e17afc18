from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attributes.channel import RULES, UNASSIGNED, TrafficSource, channel_for

SEARCH = TrafficSource("Google", "search", "google")
SOCIAL = TrafficSource("Facebook", "social", "facebook")
VIDEO = TrafficSource("YouTube", "video", "youtube")
SHOP = TrafficSource("Amazon", "shopping", "amazon")
ASSISTANT = TrafficSource("ChatGPT", "ai", "chatgpt")
PARTNER = TrafficSource("partner", None, "partner")


def tagged(sender: TrafficSource, medium: str = "", campaign: str = "") -> TrafficSource:
    return TrafficSource(sender.name, sender.kind, sender.utm_source, medium, campaign)


@pytest.mark.parametrize(
    ("arrival", "channel"),
    [
        pytest.param(tagged(SEARCH, "cpc", "cross-network"), "Cross-network", id="campaign"),
        pytest.param(
            tagged(PARTNER, "", "eu_cross-network_1"), "Cross-network", id="within it"
        ),
        pytest.param(tagged(SHOP, "cpc"), "Paid Shopping", id="paid shop"),
        pytest.param(tagged(SEARCH, "cpc", "shop-de"), "Paid Shopping", id="shopping campaign"),
        pytest.param(tagged(SEARCH, "cpc", "spring_shopping"), "Paid Shopping", id="shopping"),
        pytest.param(tagged(SEARCH, "cpc", "workshops"), "Paid Search", id="a workshop"),
        pytest.param(tagged(SEARCH, "cpc", "eshop"), "Paid Shopping", id="e-shop"),
        pytest.param(tagged(SEARCH, "ppc"), "Paid Search", id="ppc"),
        pytest.param(tagged(SEARCH, "cpm"), "Paid Search", id="cpm on search"),
        pytest.param(tagged(SEARCH, "paidsearch"), "Paid Search", id="paid and more"),
        pytest.param(tagged(SEARCH, "retargeting"), "Paid Search", id="retargeting"),
        pytest.param(tagged(SOCIAL, "cpc"), "Paid Social", id="paid social"),
        pytest.param(tagged(SOCIAL, "paid_social"), "Paid Social", id="paid_social"),
        pytest.param(tagged(VIDEO, "cpv-cpc"), "Paid Video", id="cp in the middle"),
        pytest.param(tagged(PARTNER, "display"), "Display", id="display"),
        pytest.param(tagged(PARTNER, "banner"), "Display", id="banner"),
        pytest.param(tagged(PARTNER, "cpm"), "Display", id="cpm elsewhere"),
        pytest.param(tagged(PARTNER, "cpc"), "Paid Other", id="paid, of unknown kind"),
        pytest.param(tagged(ASSISTANT, "cpc"), "Paid Other", id="paid assistant"),
        pytest.param(tagged(SHOP), "Organic Shopping", id="shop"),
        pytest.param(tagged(PARTNER, "", "shop"), "Organic Shopping", id="campaign for a shop"),
        pytest.param(tagged(SOCIAL), "Organic Social", id="social network"),
        pytest.param(tagged(PARTNER, "social"), "Organic Social", id="social medium"),
        pytest.param(tagged(PARTNER, "sm"), "Organic Social", id="sm"),
        pytest.param(tagged(PARTNER, "social media"), "Organic Social", id="with a space"),
        pytest.param(tagged(VIDEO), "Organic Video", id="video site"),
        pytest.param(tagged(PARTNER, "promo-video"), "Organic Video", id="video in the medium"),
        pytest.param(tagged(ASSISTANT), "AI Assistant", id="assistant"),
        pytest.param(tagged(PARTNER, "ai-assistant"), "AI Assistant", id="assistant's medium"),
        pytest.param(tagged(SEARCH), "Organic Search", id="search engine"),
        pytest.param(tagged(PARTNER, "organic"), "Organic Search", id="organic"),
        pytest.param(tagged(PARTNER, "referral"), "Referral", id="referral"),
        pytest.param(tagged(PARTNER, "app"), "Referral", id="app"),
        pytest.param(tagged(PARTNER, "link"), "Referral", id="link"),
        pytest.param(tagged(PARTNER, "email"), "Email", id="email"),
        pytest.param(tagged(PARTNER, "e mail"), "Email", id="e mail"),
        pytest.param(TrafficSource("e-mail", None, "e-mail"), "Email", id="email as source"),
        pytest.param(tagged(PARTNER, "newsletter"), "Email", id="newsletter"),
        pytest.param(TrafficSource("Gmail", "mail"), "Email", id="mail service"),
        pytest.param(tagged(PARTNER, "affiliate"), "Affiliates", id="affiliate"),
        pytest.param(tagged(PARTNER, "audio"), "Audio", id="audio"),
        pytest.param(tagged(PARTNER, "sms"), "SMS", id="sms as medium"),
        pytest.param(TrafficSource("sms", None, "sms"), "SMS", id="sms as source"),
        pytest.param(tagged(PARTNER, "webpush"), "Mobile Push Notifications", id="push"),
        pytest.param(tagged(PARTNER, "mobile_app"), "Mobile Push Notifications", id="mobile"),
        pytest.param(
            tagged(PARTNER, "notification"), "Mobile Push Notifications", id="notification"
        ),
        pytest.param(
            TrafficSource("firebase", None, "firebase"),
            "Mobile Push Notifications",
            id="firebase",
        ),
        pytest.param(tagged(PARTNER), "Referral", id="source alone"),
        pytest.param(TrafficSource("example.org"), "Referral", id="referrer alone"),
        pytest.param(TrafficSource(), "Direct", id="nothing"),
        pytest.param(tagged(PARTNER, "banana"), "Unassigned", id="medium nobody knows"),
        pytest.param(
            TrafficSource(utm_medium="banana"), "Unassigned", id="such a medium alone"
        ),
    ],
)
def test_channel(arrival, channel):
    assert channel_for(arrival) == channel


def test_paid_click_needs_no_medium():
    assert channel_for(TrafficSource("Google", "search", has_paid_click=True)) == "Paid Search"
    assert channel_for(TrafficSource("TikTok", "social", has_paid_click=True)) == "Paid Social"
    assert channel_for(TrafficSource("partner", None, has_paid_click=True)) == "Paid Other"


def test_channel_order_matches_google_analytics():
    order = list(dict.fromkeys(channel for channel, _ in RULES))

    assert order == [
        *("Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video"),
        *("Display", "Paid Other", "Organic Shopping", "Organic Social", "Organic Video"),
        *("AI Assistant", "Organic Search", "Referral", "Email", "Affiliates", "Audio", "SMS"),
        *("Mobile Push Notifications", "Direct"),
    ]


words = st.sampled_from(
    ["", "cpc", "display", "social", "video", "organic", "email", "sms", "shop", "x"]
)


@given(
    st.none() | st.text(min_size=1),
    st.sampled_from(["search", "social", "video", "shopping", "ai", "mail", None]),
    words,
    words,
    words | st.text(),
    st.booleans(),
)
def test_every_traffic_source_has_one_channel(
    name, kind, tag, medium, campaign, has_paid_click
):
    channel = channel_for(TrafficSource(name, kind, tag, medium, campaign, has_paid_click))

    assert channel in {channel for channel, _ in RULES} | {UNASSIGNED}
    assert (channel == "Direct") <= (name is None and not medium)
