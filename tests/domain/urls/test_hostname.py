"""Hostnames have one form, the one that browsers send."""

from __future__ import annotations

import re
import sys
import unicodedata

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.urls.hostname import clean_hostname, hostname_in_url


@pytest.mark.parametrize(
    ("written", "name"),
    [
        pytest.param("Example.COM", "example.com", id="capitals"),
        pytest.param("example.com.", "example.com", id="dot at the end"),
        pytest.param("my_site.example", "my_site.example", id="underscore"),
        pytest.param("ex%61mple.com", "example.com", id="encoded"),
        pytest.param("b%C3%BCcher.example", "xn--bcher-kva.example", id="encoded Unicode"),
        pytest.param("bücher.example", "xn--bcher-kva.example", id="Unicode"),
        pytest.param("XN--BCHER-KVA.example", "xn--bcher-kva.example", id="Punycode"),
        pytest.param("faß.example", "xn--fa-hia.example", id="sharp s"),
        pytest.param("FAẞ.example", "xn--fa-hia.example", id="capital sharp s"),
        pytest.param("βόλος.example", "xn--nxasmm1c.example", id="final sigma"),
        pytest.param("نامه‌ای.example", "xn--mgba3gch31f060k.example", id="joiner"),
        pytest.param("日本語。ＪＰ", "xn--wgv71a119e.jp", id="full-width dot and letters"),
        pytest.param("☃.example", "xn--n3h.example", id="sign"),
        pytest.param("한국.example", "xn--3e0b707e.example", id="Hangul"),
        pytest.param(
            unicodedata.normalize("NFD", "한국.example"), "xn--3e0b707e.example", id="jamo"
        ),
        pytest.param("192.0.2.1", "192.0.2.1", id="IPv4"),
        pytest.param("2130706433", "127.0.0.1", id="IPv4 as a number"),
        pytest.param("0x7f.1", "127.0.0.1", id="IPv4 in hexadecimal"),
        pytest.param("0X7F000001", "127.0.0.1", id="IPv4 in capital hexadecimal"),
        pytest.param("0300.0.2.1", "192.0.2.1", id="IPv4 in octal"),
        pytest.param("127.1.", "127.0.0.1", id="IPv4 with a dot at the end"),
        pytest.param("１２７.1", "127.0.0.1", id="IPv4 in full-width digits"),
        pytest.param("256.0.0.1", "256.0.0.1", id="no address"),
        pytest.param("1.2.3.4.5", "1.2.3.4.5", id="too many parts for an address"),
        pytest.param("4294967296", "4294967296", id="too large for an address"),
        pytest.param("09.example.0xg", "09.example.0xg", id="nearly a number"),
        pytest.param("1_0.1", "1_0.1", id="underscore in a number"),
        pytest.param("1.0x-1", "1.0x-1", id="sign in a number"),
        pytest.param("2001:db8::7", "2001:db8::7", id="IPv6"),
        pytest.param("[2001:DB8:0:0::7]", "2001:db8::7", id="IPv6 in brackets"),
        pytest.param("2001:0db8:0000::0007", "2001:db8::7", id="IPv6 with zeros"),
        pytest.param("::FFFF:192.0.2.1", "::ffff:c000:201", id="IPv4 in IPv6"),
        pytest.param("fe80::1%25eth0", "fe80::1", id="IPv6 with an encoded zone"),
        pytest.param("[fe80::1%eth0]", "fe80::1", id="IPv6 with a zone"),
    ],
)
def test_each_host_name_has_one_normal_form(written: str, name: str):
    assert clean_hostname(written) == name
    assert clean_hostname(name) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "a b", "a/b", "a:80", "[::1", "::1::2", "1:2:3", "[v1.a:b]", "a%20b", "a%00",
     "<b>", "a" * 254, "\ufffd.example", "a\u0085b", "a\u3000b"],
)  # fmt: skip
def test_invalid_host_name_is_rejected(text: str):
    with pytest.raises(ValueError, match="not a host name"):
        clean_hostname(text)


def test_characters_are_normalized_as_in_browsers():
    """Compare with the tables of UTS #46 in the idna package. Characters that this Python does
    not know are skipped."""
    different = [
        f"U+{ord(character):04X}"
        for character in map(chr, range(0x80, sys.maxunicode + 1))
        if unicodedata.category(character) not in ("Cn", "Cs", "Co")
        and (wanted := _remapped(character)) is not None
        and _cleaned(f"a{character}a") != wanted
    ]

    assert not different


def _remapped(character: str) -> str | None:
    """Return None if UTS #46 rejects the character, maps it to a dot, or to one that no
    hostname contains."""
    try:
        mapped = idna.uts46_remap(f"a{character}a", std3_rules=False, transitional=False)
    except idna.IDNAError:
        return None
    label = mapped if mapped.isascii() else f"xn--{mapped.encode('punycode').decode()}"
    return label if re.fullmatch(r"[a-z0-9_-]+", label) else None


def _cleaned(text: str) -> str | None:
    try:
        return clean_hostname(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("example.com", "example.com"),
        ("example.com:8080", "example.com:8080"),
        ("192.0.2.1", "192.0.2.1"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
    ],
)
def test_addresses_are_in_brackets_in_a_url(name: str, written: str):
    assert hostname_in_url(name) == written


@given(st.text() | st.text("0123456789abcdefx:.%[]", max_size=30))
def test_normalizing_twice_changes_nothing(text: str):
    cleaned = _cleaned(text)

    assert cleaned is None or clean_hostname(cleaned) == cleaned
