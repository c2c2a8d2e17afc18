from __future__ import annotations

import pytest

from chalicelib.domain.urls.page_url import (
    InvalidUrl,
    is_same_site,
    parse_page_url,
    site_for_hostname,
)


@pytest.mark.parametrize(
    ("url", "hostname", "path"),
    [
        pytest.param("https://example.com", "example.com", "/", id="no path"),
        pytest.param(
            "https://Example.COM/Home/", "example.com", "/Home/", id="case of the path kept"
        ),
        pytest.param(
            "https://example.com/a?b=1#c", "example.com", "/a", id="query and fragment cut"
        ),
        pytest.param("http://example.com:8080/a", "example.com", "/a", id="port"),
        pytest.param("https://example.com./a", "example.com", "/a", id="dot at the end"),
        pytest.param(
            "https://bücher.example/", "xn--bcher-kva.example", "/", id="international"
        ),
        pytest.param("http://[::1]/a", "::1", "/a", id="IPv6 address"),
        pytest.param("http://[2001:DB8::7]:8080/a", "2001:db8::7", "/a", id="IPv6 and port"),
        pytest.param("http://[fe80::1%25eth0]/a", "fe80::1", "/a", id="IPv6 with a zone"),
        pytest.param("http://u:p@[::1]:8/a", "::1", "/a", id="IPv6 with userinfo"),
        pytest.param("http://2130706433/a", "127.0.0.1", "/a", id="address as a number"),
        pytest.param("http://0x7f.1/a", "127.0.0.1", "/a", id="address in parts"),
        pytest.param("https://my_site.example:443/a", "my_site.example", "/a", id="underscore"),
        pytest.param("https://user:secret@example.com/a", "example.com", "/a", id="userinfo"),
    ],
)
def test_page(url: str, hostname: str, path: str):
    page = parse_page_url(url)

    assert (page.hostname, page.path) == (hostname, path)


@pytest.mark.parametrize(
    "url",
    ["", "/a", "example.com", "ftp://example.com/", "javascript:alert(1)", "data:text/html,x",
     "https://", "https:///a", "https://a b/", "https://a.example:99999/", "https://[::1/",
     "https://<script>/", "http://[v1.a:b]/", "http://[1:2:3]/",
     "https://" + "a" * 254],
)  # fmt: skip
def test_invalid_page_url_is_rejected(url: str):
    with pytest.raises(InvalidUrl):
        parse_page_url(url)


def test_first_nonempty_utm_parameter_wins():
    page = parse_page_url(
        "https://a.example/?UTM_Source=%20News%20&utm_source=x&utm_term=&utm_medium=a+b"
    )

    assert page.utm_parameters == {"utm_source": "News", "utm_medium": "a b"}


@pytest.mark.parametrize(
    ("query", "campaign"),
    [
        ("?ref=producthunt", {"utm_source": "producthunt"}),
        ("?source=newsletter", {"utm_source": "newsletter"}),
        ("?source=b&ref=a", {"utm_source": "a"}),
        ("?ref=&source=b", {"utm_source": "b"}),
        ("?REF=Hacker%20News", {"utm_source": "Hacker News"}),
        ("?ref=a&ref=b", {"utm_source": "a"}),
        ("?ref=a&utm_source=c", {"utm_source": "c"}),
        ("?ref=a&utm_source=", {"utm_source": "a"}),
        ("?ref=%20&source=%20", {}),
        ("?ref=a&utm_medium=email", {"utm_source": "a", "utm_medium": "email"}),
        ("?href=a&resource=b&ref_id=c", {}),
        ("#utm_source=a&utm_medium=b", {"utm_source": "a", "utm_medium": "b"}),
        ("#/shop?x=1&utm_source=a", {"utm_source": "a"}),
        ("?utm_source=a#utm_source=b&utm_term=c", {"utm_source": "a", "utm_term": "c"}),
        ("?ref=a#utm_source=b", {"utm_source": "b"}),
        ("#ref=a", {}),
        ("#!/a?UTM_Source=a+b", {"utm_source": "a b"}),
    ],
)
def test_parameters_that_identify_the_source(query: str, campaign: dict[str, str]):
    assert parse_page_url(f"https://a.example/{query}").utm_parameters == campaign


def test_click_id_is_recognized_by_its_name():
    assert parse_page_url("https://a.example/?x=1&fbclid=secret").click_id == "fbclid"
    assert parse_page_url("https://a.example/?fbclid=").click_id is None


def test_www_is_ignored():
    assert (
        site_for_hostname("www.example.com")
        == site_for_hostname("example.com")
        == "example.com"
    )
    assert site_for_hostname(site_for_hostname("www.www.example.com")) == site_for_hostname(
        "www.www.example.com"
    )
    assert site_for_hostname("www2.example.com") == "www2.example.com"


@pytest.mark.parametrize(
    ("url", "is_internal"),
    [
        ("https://www.example.com/a", True),
        ("https://example.com/", True),
        ("https://blog.example.com/", False),
        ("https://notexample.com/", False),
        ("android-app://com.example/", False),
        (None, False),
        ("", False),
    ],
)
def test_internal_referrer(url: str | None, is_internal: bool):
    assert is_same_site(url, "example.com") is is_internal
