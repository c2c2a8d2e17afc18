from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attributes.source import MAX_NAME_CHARACTERS, Source, classify_source
from chalicelib.domain.urls.page_url import CLICK_ID_PARAMETERS

GOOGLE = "https://www.google.com/"
FACEBOOK = "https://l.facebook.com/"


@pytest.mark.parametrize(
    ("referrer", "name", "channel"),
    [
        pytest.param(None, None, "Direct", id="no referrer"),
        pytest.param("", None, "Direct", id="empty"),
        pytest.param("about:blank", None, "Direct", id="not from the web"),
        pytest.param(GOOGLE, "Google", "Organic Search", id="search"),
        pytest.param(FACEBOOK, "Facebook", "Organic Social", id="social"),
        pytest.param(
            "https://news.ycombinator.com/", "Hacker News", "Organic Social", id="news"
        ),
        pytest.param(
            "https://www.youtube.com/watch?v=1", "YouTube", "Organic Video", id="video"
        ),
        pytest.param("https://www.etsy.com/", "Etsy", "Organic Shopping", id="shopping"),
        pytest.param("https://chatgpt.com/", "ChatGPT", "AI Assistant", id="assistant"),
        pytest.param("https://mail.google.com/", "Gmail", "Email", id="mail service"),
        pytest.param(
            "https://webmail.uni.example/", "webmail.uni.example", "Email", id="webmail"
        ),
        pytest.param(
            "https://mail.example/", "mail.example", "Referral", id="a site named mail"
        ),
        pytest.param("https://github.com/a/b", "GitHub", "Referral", id="code"),
        pytest.param(
            "https://www.example.org/a?b", "example.org", "Referral", id="unknown host"
        ),
        pytest.param(
            "https://Blog.Example.org", "blog.example.org", "Referral", id="subdomain"
        ),
        pytest.param("http://localhost:3000/", "localhost", "Referral", id="local"),
        pytest.param("example.org/a", "example.org", "Referral", id="no scheme"),
        pytest.param("android-app://com.google.android.gm/", "Gmail", "Email", id="mail app"),
        pytest.param(
            "android-app://com.google.android.googlequicksearchbox/https/www.google.com",
            "Google",
            "Organic Search",
            id="search app",
        ),
        pytest.param("android-app://com.Slack/", "Slack", "Organic Social", id="chat app"),
        pytest.param(
            "android-app://org.example.reader/",
            "org.example.reader",
            "Referral",
            id="unknown app",
        ),
        pytest.param(
            "android-app://org.app.t.co/", "org.app.t.co", "Referral", id="odd package"
        ),
    ],
)
def test_source_from_a_referrer(referrer, name, channel):
    assert classify_source(referrer, site="example.com") == Source(name, channel)


@pytest.mark.parametrize(
    "host",
    ["email.ionos.de", "lightmailer.gmx.fr", "deref-gmx.de", "webmail1m.orange.fr",
     "mailbusiness.ionos.es", "upcmail.hispeed.ch", "mail.example.co.uk", "mail01.example.org",
     "e-mail.example.org", "owa.example.com", "zimbra.univ.example.fr", "webmail-2.example.org",
     "eu1.webmail.example.net", "cmail.example.cn", "poczta.firma.example.pl",
     "deref-1und1.de", "smartermail.example.net", "mailbox.example.org"],
)  # fmt: skip
def test_mail_hosts_are_recognized_by_name(host):
    assert classify_source(f"https://{host}/", site="example.com") == Source(host, "Email")


@pytest.mark.parametrize(
    "host",
    ["mailchimp.com", "blog.mailchimp.com", "emailtooltester.com", "www.emailtooltester.com",
     "www.dailymail.co.uk", "mail.co.uk", "nzmail.co.nz", "mail.example", "gmail-tips.example",
     "gmail-tips.example.org", "mailinglist.example.org", "mailman.example.org",
     "dailymail.example.org", "voicemail.example.org", "email-marketing.example.com",
     "www.mail-archive.com", "snailmail.example.org", "mailto.example.org", "127.0.0.1",
     "webmaster.example.org", "deref-tips.example"],
)  # fmt: skip
def test_host_name_that_contains_mail_is_not_always_a_mail_service(host):
    result = classify_source(f"https://{host}/", site="example.com")

    assert result == Source(host.removeprefix("www."), "Referral")


@pytest.mark.parametrize(
    ("tag", "name", "channel"),
    [
        ("producthunt", "Product Hunt", "Organic Social"),
        ("newsletter", "newsletter", "Email"),
        ("https://www.blog.example/post", "blog.example", "Referral"),
        ("//blog.example", "blog.example", "Referral"),
        ("https://news.ycombinator.com/item", "Hacker News", "Organic Social"),
        ("http://", "http://", "Referral"),
    ],
)
def test_utm_source_can_be_a_url(tag, name, channel):
    assert classify_source(None, utm_source=tag) == Source(name, channel)


@pytest.mark.parametrize(
    "referrer",
    [
        pytest.param("https://example.com/a", id="site"),
        pytest.param("https://www.example.com/", id="with www"),
        pytest.param("https://example.com:8443/", id="another port"),
        pytest.param("HTTPS://EXAMPLE.COM/", id="capitals"),
    ],
)
def test_own_site_is_not_a_source(referrer):
    assert classify_source(referrer, site="example.com") == Source(None, "Direct")


def test_another_host_of_the_same_owner_is_a_source():
    assert (
        classify_source("https://blog.example.com/", site="example.com").name
        == "blog.example.com"
    )


@pytest.mark.parametrize(
    ("utm_source", "utm_medium", "name", "channel"),
    [
        pytest.param("google", "cpc", "Google", "Paid Search", id="paid search"),
        pytest.param("FB", "Paid_Social", "Facebook", "Paid Social", id="capitals"),
        pytest.param("ig", None, "Instagram", "Organic Social", id="no medium"),
        pytest.param("fb-ads", None, "Facebook", "Paid Social", id="ads in the source"),
        pytest.param("adwords", None, "Google", "Paid Search", id="advertisements alone"),
        pytest.param("chatgpt.com", None, "ChatGPT", "AI Assistant", id="assistant"),
        pytest.param("hn", "social", "Hacker News", "Organic Social", id="initials"),
        pytest.param("Spring Letter", "email", "Spring Letter", "Email", id="own name"),
        pytest.param("newsletter", None, "newsletter", "Email", id="newsletter"),
        pytest.param("partner", None, "partner", "Referral", id="own name, no medium"),
        pytest.param("partner", "banana", "partner", "Unassigned", id="own medium"),
        pytest.param("amazon", "cpc", "Amazon", "Paid Shopping", id="shop"),
        pytest.param("youtube", "video", "YouTube", "Organic Video", id="not paid"),
        pytest.param(" google ", " cpc ", "Google", "Paid Search", id="spaces"),
        pytest.param(
            "(direct)", "(none)", "Facebook", "Organic Social", id="words for nothing"
        ),
        pytest.param("", "", "Facebook", "Organic Social", id="empty"),
        pytest.param(None, "email", "Facebook", "Organic Social", id="medium alone"),
        pytest.param(None, "cpc", "Facebook", "Paid Social", id="paid medium alone"),
    ],
)
def test_utm_source_wins_over_the_referrer(utm_source, utm_medium, name, channel):
    result = classify_source(FACEBOOK, utm_source=utm_source, utm_medium=utm_medium)

    assert result == Source(name, channel)


@pytest.mark.parametrize(
    ("referrer", "click_id", "name", "channel"),
    [
        pytest.param(None, "gclid", "Google", "Paid Search", id="Google"),
        pytest.param(None, "gbraid", "Google", "Paid Search", id="Google, app"),
        pytest.param(None, "wbraid", "Google", "Paid Search", id="Google, web to app"),
        pytest.param(None, "dclid", "Google", "Display", id="display"),
        pytest.param(None, "msclkid", "Bing", "Paid Search", id="Microsoft"),
        pytest.param(None, "yclid", "Yandex", "Paid Search", id="Yandex"),
        pytest.param(None, "fbclid", "Facebook", "Organic Social", id="Facebook marks all"),
        pytest.param(None, "epik", "Pinterest", "Organic Social", id="so does Pinterest"),
        pytest.param(None, "ttclid", "TikTok", "Paid Social", id="TikTok"),
        pytest.param(None, "twclid", "X (Twitter)", "Paid Social", id="X"),
        pytest.param(None, "li_fat_id", "LinkedIn", "Paid Social", id="LinkedIn"),
        pytest.param(None, "rdt_cid", "Reddit", "Paid Social", id="Reddit"),
        pytest.param(None, "ScCid", "Snapchat", "Paid Social", id="Snapchat, as it writes it"),
        pytest.param(GOOGLE, "gclid", "Google", "Paid Search", id="both agree"),
        pytest.param(
            "https://www.example.org/", "gclid", "Google", "Paid Search", id="partner"
        ),
        pytest.param("https://m.youtube.com/", "gclid", "YouTube", "Paid Video", id="YouTube"),
        pytest.param(
            "https://duckduckgo.com/", "msclkid", "DuckDuckGo", "Paid Search", id="DDG"
        ),
        pytest.param(
            "https://l.instagram.com/", "fbclid", "Instagram", "Organic Social", id="Instagram"
        ),
        pytest.param(None, "unknown", None, "Direct", id="unknown"),
    ],
)
def test_click_id_identifies_the_network(referrer, click_id, name, channel):
    assert classify_source(referrer, click_id=click_id) == Source(name, channel)


def test_utm_source_names_the_source_of_a_paid_click():
    result = classify_source(None, utm_source="facebook", utm_medium="social", click_id="gclid")

    assert result == Source("Facebook", "Paid Social")


def test_campaign_name_can_decide_the_channel():
    assert classify_source(GOOGLE, utm_campaign="Cross-Network").channel == "Cross-network"
    assert (
        classify_source(None, utm_source="x", utm_campaign="shop").channel == "Organic Shopping"
    )


def test_every_supported_click_id_has_a_network():
    for name in CLICK_ID_PARAMETERS:
        assert classify_source(None, click_id=name).name is not None


def test_source_name_has_a_maximum_length():
    assert classify_source(None, utm_source="x" * 5000).name == "x" * MAX_NAME_CHARACTERS


texts = (
    st.none() | st.text() | st.sampled_from(["google", "fbads", "https://t.co/", "(direct)"])
)


@given(texts, texts, texts, texts, texts, st.text())
def test_any_text_gives_a_source_and_a_channel(referrer, tag, medium, campaign, click_id, site):
    result = classify_source(
        referrer,
        utm_source=tag,
        utm_medium=medium,
        utm_campaign=campaign,
        click_id=click_id,
        site=site,
    )

    assert result.channel
    assert result.name is None or 0 < len(result.name) <= MAX_NAME_CHARACTERS
    assert result.name is not None or result.channel != "Referral" or medium
