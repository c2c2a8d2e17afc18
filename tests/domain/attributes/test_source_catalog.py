from __future__ import annotations

import re

import pytest

from chalicelib.domain.attributes import source_names
from chalicelib.domain.attributes.source_catalog import (
    KnownSource,
    source_for_app,
    source_for_host,
    source_for_tag,
)
from chalicelib.domain.urls.parent_domains import extract_hostname

TABLES = ("SEARCH", "AI", "SOCIAL", "VIDEO", "SHOPPING", "EMAIL", "OTHER")


def lines() -> list[tuple[str, list[str]]]:
    text = "".join(getattr(source_names, table) for table in TABLES).replace("\n  ", " ")
    pairs = [line.partition(": ") for line in text.split("\n") if line]
    return [(name, words.split()) for name, _, words in pairs]


@pytest.mark.parametrize(
    ("host", "name", "kind"),
    [
        pytest.param("google.com", "Google", "search", id="host itself"),
        pytest.param("www.google.com", "Google", "search", id="below it"),
        pytest.param("www.google.de", "Google", "search", id="of a country"),
        pytest.param("www.google.co.uk", "Google", "search", id="of a country with co"),
        pytest.param("www.google.com.br", "Google", "search", id="of a country with com"),
        pytest.param("news.google.co.jp", "Google News", "search", id="service in a country"),
        pytest.param("mail.google.com", "Gmail", "mail", id="the most exact entry counts"),
        pytest.param("docs.google.com", "Google Docs", None, id="not everything is search"),
        pytest.param("accounts.google.com", "Google Account", None, id="signing in"),
        pytest.param("gemini.google.com", "Gemini", "ai", id="assistant below a search engine"),
        pytest.param("search.yahoo.co.jp", "Yahoo", "search", id="Yahoo in Japan"),
        pytest.param("de.search.yahoo.com", "Yahoo", "search", id="country as a subdomain"),
        pytest.param("websearch.rakuten.co.jp", "Rakuten Search", "search", id="exact country"),
        pytest.param("www.rakuten.co.jp", "Rakuten", "shopping", id="shop of that brand"),
        pytest.param("yandex.com.tr", "Yandex", "search", id="Yandex in Turkey"),
        pytest.param("ya.ru", "Yandex", "search", id="Yandex, short"),
        pytest.param("www.amazon.co.jp", "Amazon", "shopping", id="Amazon in Japan"),
        pytest.param("www.ebay.com.au", "eBay", "shopping", id="eBay in Australia"),
        pytest.param("at.pinterest.com", "Pinterest", "social", id="Pinterest subdomain"),
        pytest.param("www.pinterest.co.kr", "Pinterest", "social", id="Pinterest in Korea"),
        pytest.param("l.facebook.com", "Facebook", "social", id="redirect of Facebook"),
        pytest.param("lm.facebook.com", "Facebook", "social", id="redirect on a phone"),
        pytest.param("l.instagram.com", "Instagram", "social", id="redirect of Instagram"),
        pytest.param("t.co", "X (Twitter)", "social", id="shortener"),
        pytest.param("x.com", "X (Twitter)", "social", id="one letter"),
        pytest.param("news.ycombinator.com", "Hacker News", "social", id="aggregator"),
        pytest.param("out.reddit.com", "Reddit", "social", id="redirect of Reddit"),
        pytest.param("go.bsky.app", "Bluesky", "social", id="Bluesky"),
        pytest.param("web.telegram.org", "Telegram", "social", id="chat"),
        pytest.param("statics.teams.cdn.office.net", "Microsoft Teams", "social", id="Teams"),
        pytest.param("m.youtube.com", "YouTube", "video", id="video"),
        pytest.param("v.qq.com", "Tencent Video", "video", id="video of a chat's company"),
        pytest.param("chatgpt.com", "ChatGPT", "ai", id="ChatGPT"),
        pytest.param("www.perplexity.ai", "Perplexity", "ai", id="Perplexity"),
        pytest.param("copilot.microsoft.com", "Copilot", "ai", id="Copilot"),
        pytest.param("claude.ai", "Claude", "ai", id="Claude"),
        pytest.param("chat.deepseek.com", "DeepSeek", "ai", id="DeepSeek"),
        pytest.param("outlook.live.com", "Outlook", "mail", id="Outlook"),
        pytest.param("deref-gmx.net", "GMX", "mail", id="redirect of a mail service"),
        pytest.param("e.mail.ru", "Mail.ru", "mail", id="mail of a portal"),
        pytest.param("go.mail.ru", "Mail.ru Search", "search", id="search of that portal"),
        pytest.param("my.mail.ru", "Moi Mir", "social", id="network of that portal"),
        pytest.param("github.com", "GitHub", None, id="code"),
        pytest.param("de.m.wikipedia.org", "Wikipedia", None, id="encyclopedia"),
        pytest.param("checkout.stripe.com", "Stripe", "shopping", id="payment"),
    ],
)
def test_known_host(host, name, kind):
    assert source_for_host(host) == KnownSource(name, kind)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("example.com", id="unknown"),
        pytest.param("notgoogle.com", id="longer name"),
        pytest.param("google.com.evil.example", id="as a beginning"),
        pytest.param("netflix-x.com", id="ending without a dot"),
        pytest.param("google.shop", id="ending that is no country"),
        pytest.param("com", id="ending alone"),
        pytest.param("co.uk", id="two endings"),
        pytest.param("", id="empty"),
    ],
)
def test_unknown_host(host):
    assert source_for_host(host) is None


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        pytest.param("google", "Google", id="name"),
        pytest.param("Google", "Google", id="capital"),
        pytest.param("fb", "Facebook", id="short form"),
        pytest.param("ig", "Instagram", id="another"),
        pytest.param("hn", "Hacker News", id="initials"),
        pytest.param("hacker-news", "Hacker News", id="dash"),
        pytest.param("Hacker News", "Hacker News", id="space"),
        pytest.param("HACKER_NEWS", "Hacker News", id="underscore"),
        pytest.param("news.ycombinator.com", "Hacker News", id="host"),
        pytest.param("https://chatgpt.com/", "ChatGPT", id="URL"),
        pytest.param("chatgpt.com", "ChatGPT", id="what ChatGPT writes itself"),
        pytest.param("twitter", "X (Twitter)", id="old name"),
        pytest.param("duckduckgo", "DuckDuckGo", id="one word"),
        pytest.param("product hunt", "Product Hunt", id="two words"),
    ],
)
def test_known_tag(tag, name):
    sender = source_for_tag(tag)

    assert sender is not None
    assert sender.name == name
    assert not sender.is_advertiser


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        pytest.param("fb-ads", "Facebook", id="dash"),
        pytest.param("facebook_ads", "Facebook", id="underscore"),
        pytest.param("GoogleAds", "Google", id="one word"),
        pytest.param("bing ads", "Bing", id="space"),
        pytest.param("linkedin_paid", "LinkedIn", id="paid"),
        pytest.param("tiktok-ad", "TikTok", id="singular"),
        pytest.param("adwords", "Google", id="old name"),
        pytest.param("google_adwords", "Google", id="old name in full"),
        pytest.param("microsoft ads", "Bing", id="not what it is called without ads"),
    ],
)
def test_tag_for_paid_traffic(tag, name):
    sender = source_for_tag(tag)

    assert sender is not None
    assert (sender.name, sender.is_advertiser) == (name, True)


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param("partner", id="own word"),
        pytest.param("newsletter", id="own kind"),
        pytest.param("target", id="common word that is a shop"),
        pytest.param("lead", id="ends like advertising"),
        pytest.param("ads", id="advertising by nobody"),
        pytest.param("---", id="no letter"),
        pytest.param("", id="empty"),
    ],
)
def test_unknown_tag(tag):
    assert source_for_tag(tag) is None


def test_threads_is_not_paid_traffic():
    assert source_for_tag("threads") == KnownSource("Threads", "social")


def test_apps_are_matched_by_the_full_package_name():
    assert source_for_app("com.google.android.gm") == KnownSource("Gmail", "mail")
    assert source_for_app("com.google.android") is None
    assert source_for_app("com.google.android.gm.other") is None


def test_every_host_is_normalized_and_listed_once():
    hosts = [word for _, words in lines() for word in words if "." in word]

    assert len(hosts) == len(set(hosts))
    assert all(extract_hostname(f"https://{host}/") == host for host in hosts)


def test_every_tag_is_a_word_and_listed_once():
    tags = [word for _, words in lines() for word in words if "." not in word]

    assert len(tags) == len(set(tags))
    assert all(re.fullmatch(r"[a-z0-9]+\$?", tag) for tag in tags)


def test_every_source_is_listed_once_with_its_hosts():
    names = [name for name, _ in lines()]

    assert len(names) == len(set(names))
    for name, words in lines():
        assert words, name
        for word in words:
            known = source_for_host(word) if "." in word else source_for_tag(word.rstrip("$"))
            assert known is not None
            assert known.name == name
