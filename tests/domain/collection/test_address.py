"""Every notation of an address is normalized to one form."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.collection.address import clean_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.1", "203.0.113.1"),
        (" 203.0.113.1 ", "203.0.113.1"),
        ("203.0.113.1:5001", "203.0.113.1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("::FFFF:cb00:7101", "203.0.113.1"),
        ("[::ffff:203.0.113.1]:5001", "203.0.113.1"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:0DB8:0000:0000:0000:0000:0000:0007", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ('"[2001:DB8:0:0::7]:443"', "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
    ],
)
def test_every_notation_gives_the_same_address(text: str, address: str):
    assert clean_address(text) == address


@pytest.mark.parametrize(
    "text", ["", "unknown", "_hidden", "203.0.113", "203.0.113.1.5", "[2001:db8::7", "a:b",
             ":80", "010.0.0.1", "203.0.113.1:port", "2001:db8::7::1", "<script>", "\0", "%",
             "[]:80"]
)  # fmt: skip
def test_invalid_address_gives_none(text: str):
    assert clean_address(text) is None


@given(st.ip_addresses(), st.integers(0, 65535))
def test_port_and_case_are_ignored(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
):
    own = clean_address(str(address))
    exploded = address.exploded.upper()
    with_port = f"[{exploded}]:{port}" if address.version == 6 else f"{address}:{port}"

    assert own is not None
    assert clean_address(exploded) == clean_address(with_port) == clean_address(own) == own


@given(st.text())
def test_any_text_gives_an_address_or_none(text: str):
    result = clean_address(text)

    assert result is None or ipaddress.ip_address(result)
