from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.urls.hostname import hostname_in_url
from chalicelib.domain.urls.parent_domains import (
    MAX_HOSTNAME_CHARACTERS,
    extract_hostname,
    is_android_app,
    parent_domains,
)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        pytest.param("https://example.com/a?b=c#d", "example.com", id="URL"),
        pytest.param("HTTP://Example.COM", "example.com", id="capitals"),
        pytest.param("https://example.com:8443/", "example.com", id="port"),
        pytest.param("https://ann:pw@example.com/", "example.com", id="user and password"),
        pytest.param("https://example.com./", "example.com", id="dot at the end"),
        pytest.param("//example.com/a", "example.com", id="no scheme"),
        pytest.param("example.com", "example.com", id="host alone"),
        pytest.param("example.com/a?b", "example.com", id="host and path"),
        pytest.param("example.com:80", "example.com", id="host and port"),
        pytest.param("https://münchen.example/", "xn--mnchen-3ya.example", id="Unicode"),
        pytest.param(
            "https://xn--mnchen-3ya.example/", "xn--mnchen-3ya.example", id="Punycode"
        ),
        pytest.param("http://localhost:3000/", "localhost", id="one label"),
        pytest.param("http://192.0.2.1/", "192.0.2.1", id="address"),
        pytest.param("https://my_site.example/", "my_site.example", id="underscore"),
        pytest.param("android-app://com.Slack/", "com.slack", id="Android app"),
        pytest.param(" https://example.com", "example.com", id="space before"),
        pytest.param("https://[2001:DB8:0::1]:8080/a", "2001:db8::1", id="IPv6 address"),
        pytest.param("http://ann@[::1]", "::1", id="IPv6 address with a user"),
        pytest.param("http://[fe80::1%25en0]/", "fe80::1", id="IPv6 address with a zone"),
        pytest.param("http://[::ffff:192.0.2.1]/", "::ffff:c000:201", id="IPv4 in IPv6"),
        pytest.param("http://[1:2:3]/", None, id="half an IPv6 address"),
        pytest.param("http://2130706433/", "127.0.0.1", id="address as one number"),
        pytest.param("https://ex%61mple.com/", "example.com", id="encoded"),
        pytest.param("newsletter", None, id="a word"),
        pytest.param("/relative/path", None, id="path"),
        pytest.param("about:blank", None, id="about"),
        pytest.param("file:///C:/a.html", None, id="file"),
        pytest.param("javascript:alert(1)", None, id="script"),
        pytest.param("chrome-extension://abcdef/x.html", None, id="extension"),
        pytest.param("https://", None, id="no host"),
        pytest.param("https://exa mple.com", None, id="space within"),
        pytest.param("https://<b>.example/", None, id="signs"),
        pytest.param("https://..example/", None, id="empty labels"),
        pytest.param("https://" + "a" * 300 + ".com/", None, id="too long"),
        pytest.param("\ud800.com", None, id="lone surrogate"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_hostname_of_a_url(text, host):
    assert extract_hostname(text) == host


def test_app_is_distinguished_from_a_site():
    assert is_android_app("android-app://com.google.android.gm/")
    assert not is_android_app("https://android-app.example/")
    assert not is_android_app(None)


def test_parent_domains_go_from_the_whole_name_to_the_last_label():
    assert list(parent_domains("a.b.c")) == ["a.b.c", "b.c", "c"]


@given(st.text() | st.text("htps:/.@[]\\xn-é ", max_size=40))
def test_any_text_gives_a_normalized_host_or_none(text):
    host = extract_hostname(text)

    assert host is None or (
        host.isascii() and host == host.lower() and len(host) <= MAX_HOSTNAME_CHARACTERS
    )
    assert host is None or extract_hostname(f"https://{hostname_in_url(host)}/") == host
