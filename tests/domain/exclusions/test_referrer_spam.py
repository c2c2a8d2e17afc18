from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.exclusions.referrer_spam import is_referrer_spam
from chalicelib.domain.exclusions.spam_hosts import SPAM_HOSTS


@pytest.mark.parametrize(
    "referrer",
    [
        pytest.param("https://darodar.com/", id="known"),
        pytest.param("http://forum.topic12345.darodar.com/", id="below a known one"),
        pytest.param("HTTP://DARODAR.COM:80/a", id="capitals and port"),
        pytest.param("darodar.com", id="host alone"),
        pytest.param("https://semalt.semalt.com/crawler.php?u=http://example.com", id="semalt"),
        pytest.param("https://buttons-for-website.com", id="buttons"),
        pytest.param("https://7-best-seo.com/", id="number in a series"),
        pytest.param("https://42-best-seo.com/", id="next of the series"),
        pytest.param("https://cookie-law-enforcement-qq.xyz/", id="letters of a series"),
        pytest.param("https://compliance-donald.xyz/", id="names of a series"),
        pytest.param("https://social-traffic-9.xyz/", id="social traffic"),
        pytest.param("https://free-social-buttons7.xyz/", id="social buttons"),
        pytest.param("https://bottraffic329.xyz/", id="bot traffic"),
        pytest.param("https://www.1xslots-casino.site/", id="casino"),
        pytest.param("https://hydraruzxpnew4af.com.co/", id="market"),
        pytest.param("https://kabinet-gosuslugi.ru/", id="fake bank"),
        pytest.param("https://ilovevitaly.xyz/", id="any ending"),
    ],
)
def test_referrer_spam_is_detected(referrer):
    assert is_referrer_spam(referrer)


@pytest.mark.parametrize(
    "referrer",
    [
        pytest.param(None, id="no referrer"),
        pytest.param("", id="empty"),
        pytest.param("https://www.google.com/", id="search"),
        pytest.param("https://example.com/darodar.com", id="in the path"),
        pytest.param("https://example.com/?u=https://semalt.com", id="in the query"),
        pytest.param("https://notdarodar.com/", id="longer name"),
        pytest.param("https://notsemalt.com/", id="longer name than that of a series"),
        pytest.param("https://darodar.com.example.org/", id="as the beginning of a host"),
        pytest.param("https://com/", id="ending alone"),
        pytest.param("https://hol.es/", id="hosting below which a spammer lies"),
        pytest.param("https://best-seo.com/", id="series without its number"),
        pytest.param("https://hydra.cc/", id="software"),
        pytest.param("https://hydra-shop.de/", id="plumber"),
        pytest.param("https://kabinet-vracha.ru/", id="doctor"),
        pytest.param("https://traffic24.de/", id="road news"),
        pytest.param("https://socialtraffic.example/", id="words of a series"),
        pytest.param("https://traffic.example/", id="word"),
        pytest.param("android-app://com.google.android.gm/", id="app"),
        pytest.param("not a url", id="no URL"),
    ],
)
def test_honest_referrers_are_not_spam(referrer):
    assert not is_referrer_spam(referrer)


def test_spam_hosts_are_unique_and_sorted():
    hosts = SPAM_HOSTS.split()

    assert hosts == sorted(set(hosts))
    assert all(is_referrer_spam(f"https://www.{host}/") for host in hosts)
    assert all("." in host and host == host.lower() for host in hosts)


def test_known_sources_are_not_in_the_spam_list():
    honest = (
        "google bing facebook twitter reddit wikipedia github youtube linkedin amazon yandex"
    )
    for name in honest.split():
        for ending in ("com", "org", "ru", "de", "co.uk"):
            assert not is_referrer_spam(f"https://www.{name}.{ending}/")


@given(st.text() | st.text("htps:/.-0123456789abcdexyz", max_size=60))
def test_any_text_gives_an_answer(text):
    assert is_referrer_spam(text) in (True, False)
